"""What reported English letters say, by topic; see `db.demo.newsletters.wordings_ru`."""

from __future__ import annotations

from db.demo.newsletters.wording import Wording

TICKET = Wording(
    openings=(
        "Dear {full},",
        "Hello {full},",
    ),
    sentences=(
        (
            "Your booking {number} is confirmed for {day}, and your boarding pass is attached to "
            "this message as a file that works offline."
        ),
        (
            "The amount of {amount} EUR was charged to card {card}, and a receipt for your "
            "employer can be downloaded within thirty days."
        ),
        (
            "Check-in opens twenty four hours before departure, and seats beside {other} are held "
            "for you until the gate closes."
        ),
        (
            "The departure of your connecting train has moved by {number} minutes, your "
            "reservation stays valid on any later service that day."
        ),
        (
            "Travellers with a wheelchair or a pram should call {phone} so that staff can meet "
            "them on the platform before boarding starts."
        ),
        (
            "Your refund of {amount} EUR for the cancelled leg has been approved and reaches your "
            "bank account in about ten working days."
        ),
    ),
    closings=(
        "Have a pleasant journey.",
        "Questions about luggage go to {email}.",
    ),
)
INVOICE = Wording(
    openings=(
        "Hello {full},",
        "Dear {full},",
    ),
    sentences=(
        (
            "Invoice {number} of {day} for {amount} USD is due within fourteen days, late payments "
            "suspend the servers listed below."
        ),
        (
            "Please pay to {iban} and mention the number of the invoice, so that our bookkeeping "
            "can match your transfer without delay."
        ),
        (
            "Your plan renews automatically at the end of the month, {other} is named as the "
            "contact for everything about money."
        ),
        (
            "A credit note over {amount} USD was issued for the outage last week and will be taken "
            "off your next bill."
        ),
        (
            "The tax number on your account could not be verified, correct it before {day} or we "
            "have to add value added tax."
        ),
        (
            "Storage above your quota was measured on {day} and is billed per gigabyte, delete old "
            "snapshots to avoid the surcharge."
        ),
    ),
    closings=(
        "Accounts receivable, {email}.",
        "Call {other} on {phone} about {item}.",
    ),
)
SECURITY = Wording(
    openings=(
        "Hi {full},",
        "Dear {full},",
    ),
    sentences=(
        (
            "There was a new sign-in to your account on {day} from {ip}, using a browser that we "
            "have not seen before on any of your devices."
        ),
        (
            "If this was you there is nothing to do, otherwise change your password now and quote "
            "case {number} when you write to us."
        ),
        (
            "Someone asked for a code to reset your password, enter {number} on the page that is "
            "still open or simply let it expire."
        ),
        (
            "The recovery address {email} was removed from your profile this morning, undo the "
            "change within three days if it surprises you."
        ),
        (
            "An application called sync helper may now read your calendar and contacts, revoke its "
            "access under connected applications at any time."
        ),
        (
            "Two step verification was switched off from a phone called {other}, switch it on "
            "again if that was not your own decision."
        ),
    ),
    closings=(
        "We never ask for your password.",
        "Account protection desk, case {number}.",
    ),
)
WANTED = Wording(
    openings=(
        "Good morning {full},",
        "Hello {full},",
    ),
    sentences=(
        (
            "The editors picked {number} stories about {item} for you this week, from a long read "
            "on harbours to a short one on bread."
        ),
        (
            "Our columnist {other} explains why interest rates may fall sooner than markets "
            "believe, and what that means for savers."
        ),
        (
            "Members can join the evening debate on {day} free of charge, tickets for guests cost "
            "{amount} GBP at the door."
        ),
        (
            "The crossword is harder than usual, the chess problem is a draw in seven, and last "
            "week's winner comes from Leeds."
        ),
        (
            "Photographs from the spring competition hang in the reading room until {day}, vote "
            "for your favourite on the way out."
        ),
        (
            "Our podcast visits the last lighthouse keeper of the north, a conversation of "
            "{number} minutes about storms and solitude."
        ),
    ),
    closings=(
        "Read on, or forward this to a friend.",
        "The newsroom.",
    ),
)
WEEKLY_DIGEST = Wording(
    openings=(
        "Hi {full},",
        "{first}, here is your week.",
    ),
    sentences=(
        (
            "Since {day} there were {number} new posts about {item}, and the most read one earned "
            "its author {amount} USD in tips."
        ),
        (
            "People you follow saved an essay by {other} on quitting meetings, a list of quiet "
            "cafes and a recipe for lentil soup."
        ),
        (
            "Trending in your network are small gardens, old synthesizers and a heated thread on "
            "whether tabs belong in spreadsheets."
        ),
        (
            "You have {number} unread highlights, catch up in four minutes or mark everything as "
            "read and start with a clean page."
        ),
        (
            "Upgrade before {day} to read without limits, pay {amount} USD a year and support the "
            "writers you come back to."
        ),
        (
            "Three writers joined your reading list, their newest pieces cover night trains, "
            "fermented tea and the history of maps."
        ),
    ),
    closings=(
        "See you next week.",
        "Forward this to somebody who would enjoy it.",
    ),
)
SURVEY = Wording(
    openings=(
        "Dear {full},",
        "Hello {first},",
    ),
    sentences=(
        (
            "You are one of {number} customers we chose to ask about {item}, five minutes of your "
            "time until {day} win a voucher of {amount} EUR."
        ),
        (
            "How likely are you to recommend us to colleagues on a scale from zero to ten, click a "
            "number and tell us the reason."
        ),
        (
            "Our researcher {other} would love a short call about your habits, choose any slot "
            "that suits you on the booking page."
        ),
        (
            "Every finished questionnaire plants one tree in the mountains, last year answers like "
            "yours made a forest of {number} hectares."
        ),
        (
            "Your opinion on packaging, prices and delivery shapes the next season, nobody outside "
            "the panel sees individual replies."
        ),
        (
            "Last chance to shape the roadmap, rank twelve planned features by drag and drop and "
            "skip whatever bores you."
        ),
    ),
    closings=(
        "Your answers stay anonymous.",
        "Thank you, {other}, {email}.",
    ),
)
COMMITTEE = Wording(
    openings=(
        "Dear {full},",
        "Hi all, and {full} in particular,",
    ),
    sentences=(
        (
            "The minutes of {day} are attached, {other} takes over the roof repairs and will "
            "report what the second quote says."
        ),
        (
            "I have put your deposit of {amount} GBP down against flat {number}, the landlord "
            "counts the keys on Friday morning."
        ),
        (
            "Could you let me know whether the piano can stay with you over the summer, {other} "
            "has no space until the move is done."
        ),
        (
            "Call me on {phone} when you reach the station, the car is small but two suitcases and "
            "a cello should just fit."
        ),
        (
            "Thank you for the figures on {item}, two of the totals do not agree with mine, so I "
            "have marked them in yellow."
        ),
        (
            "The surveyor comes on {day} to look at the damp in the cellar, please leave the side "
            "gate unlocked for him."
        ),
    ),
    closings=(
        "All the best, {other}",
        "Yours, {other}, {email}",
    ),
)

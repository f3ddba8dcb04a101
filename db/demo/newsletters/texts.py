"""What reported letters are about: topics, how often each is reported, and what stands around them.

Every topic is a kind of letter that one wrong decision hits again and again, in mailings of one
wording each; letters of a mailing are near duplicates: the same wording with other names, amounts,
dates and footers.
"""

from __future__ import annotations

from dataclasses import dataclass

from db.demo.newsletters import wordings_en, wordings_ru
from db.demo.newsletters.wording import Wording


@dataclass(frozen=True, slots=True)
class Topic:
    """Letters that are reported for the same reason.

    Attributes:
        false_positive: true when such letters were moved to the folder and are said to be no
            newsletters.
        sender_domain: whose letters these are; no two topics share one.
        weight: how often, under bert-3 and bert-4; 1 is `reports.LETTERS_A_DAY` letters.
        mistaken: the decision was right, and those who report it are wrong.
    """

    name: str
    language: str
    false_positive: bool
    sender_domain: str
    weight: tuple[float, float]
    wording: Wording
    mistaken: bool = False


TOPICS = (
    Topic("bank statement", "ru", True, "bank.example", (0.9, 0.15), wordings_ru.BANK_STATEMENT),
    Topic("delivery", "ru", True, "parcel.example", (0.7, 0.6), wordings_ru.DELIVERY),
    Topic("school", "ru", True, "school.example", (0.5, 0.45), wordings_ru.SCHOOL),
    Topic("clinic", "ru", True, "clinic.example", (0.35, 0.3), wordings_ru.CLINIC),
    Topic("ticket", "en", True, "airline.example", (0.5, 0.4), wordings_en.TICKET),
    Topic("invoice", "en", True, "hosting.example", (0.4, 0.1), wordings_en.INVOICE),
    Topic("security notice", "en", True, "accounts.example", (0.25, 0.2), wordings_en.SECURITY),
    Topic("shop sale", "ru", False, "shop.example", (0.8, 0.7), wordings_ru.SHOP_SALE),
    Topic("webinar", "ru", False, "courses.example", (0.6, 0.2), wordings_ru.WEBINAR),
    Topic(
        "digest as a personal letter", "ru", False, "friends.example", (0.5, 0.55),
        wordings_ru.FRIENDLY_DIGEST,
    ),
    Topic("weekly digest", "en", False, "digest.example", (0.5, 0.5), wordings_en.WEEKLY_DIGEST),
    Topic("survey", "en", False, "research.example", (0.3, 0.08), wordings_en.SURVEY),
    Topic("loyalty programme", "ru", True, "club.example", (0.4, 0.4), wordings_ru.LOYALTY, True),
    Topic("news that is wanted", "en", True, "paper.example", (0.2, 0.2), wordings_en.WANTED, True),
    Topic(
        "letters among colleagues", "ru", False, "works.example", (0.25, 0.25),
        wordings_ru.COLLEAGUES, True,
    ),
    Topic(
        "letters of a committee", "en", False, "house.example", (0.15, 0.15),
        wordings_en.COMMITTEE, True,
    ),
)  # fmt: skip
#: Topics of the retraining set that bert-4 was trained on; their weights tell what it was good for.
LEARNT = frozenset({"bank statement", "invoice", "webinar", "survey"})
#: What is left of a topic's reports once a later model was trained on letters of it.
LEFT_AFTER_TRAINING = 0.1

ITEMS = {
    "ru": (
        "зимние ботинки", "товары для дома", "итоги четверти", "книги о данных", "настольные игры",
    ),
    "en": ("your plan", "home office", "machine learning", "travel", "our support"),
}  # fmt: skip
#: Footers differ between letters of one topic and say nothing about it.
FOOTERS = {
    "ru": (
        "",
        "\n\nЭто письмо отправлено автоматически, отвечать на него не нужно.",
        (
            "\n\nВы получили это письмо, потому что зарегистрированы на https://www.site.example/?u="
            "{email}. Отписаться: https://www.site.example/off."
        ),
        "\n\nС уважением, команда поддержки. support@site.example",
    ),
    "en": (
        "",
        "\n\nThis message was sent automatically, please do not reply.",
        (
            "\n\nYou receive this because you signed up at https://www.site.example/?u={email}. "
            "Unsubscribe: https://www.site.example/off."
        ),
        "\n\nKind regards, the customer care team, care@site.example",
    ),
}
#: Deliberate: what some letters hold so that whatever shows or exports them has to take text for
#: text. None of it does anything where it stands: markup, a script, spreadsheet formulas, links in
#: markdown, marks that turn the direction of writing around.
HOSTILE = (
    "{text}\n<b>Важно!</b> <script>alert('simulated')</script>",
    "<div style='color:white'>{text}</div><img src=x onerror=alert(1)>",
    '=HYPERLINK("https://trap.example","{day}") {text}',
    "+1+cmd|' /C calc'!A0 {text}",
    "{text} [Подробнее](javascript:alert(1)) **{number}** $\\frac{{1}}{{0}}$",
    "{text} \u202egnp.eciovni\u202c \u200f{number}\u200e",
)
#: What tells a letter that holds one of them.
HOSTILE_MARKS = r"<script>|onerror|^=HYPERLINK|^\+1\+cmd|javascript:|\u202e"

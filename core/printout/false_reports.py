"""The false-reports report as the terminal prints it."""

from __future__ import annotations

import math

from core import wording
from core.false_reports import FalseReportsReport, sentences
from core.false_reports.after_release import AfterRelease, Compared
from core.false_reports.words import Unit, rate_words, topic_name, unit_of
from core.printout.listing import UNKNOWN, Listing, share, whole
from core.status import Estimate

#: So many groups of a release are printed; JSON has all of them.
MOST_GROUPS = 20
_TOPIC = ("topic", "groups", "reports", "waiting", "confirmed", "rejected")
_REVIEWER = ("reviewer", "votes", "confirmed", "rejected", "unsure", "undone", "today")
_FATES = ("group", "fate", "before", "after", "rate before", "after", "ratio", "settled by")


def false_reports(found: FalseReportsReport) -> tuple[Listing, ...]:
    """What waits, topics, reviewers, what became of reports after releases, and notices."""
    through = found.freshness.data_through
    known = "no reports yet" if through is None else f"data through {wording.clock(through)}"
    headline = f"{found.service}: {sentences.headline(found)}"
    listings = [Listing(headline, f"{known}.", ("", found.service), _facts(found))]
    if found.topics:
        listings.append(Listing(sentences.topics_title(found), "", _TOPIC, _topics(found)))
    if found.standings.progress:
        title = sentences.reviewers_title(found)
        listings.append(Listing(title, "", _REVIEWER, _reviewers(found)))
    for one in found.after:
        listings.append(_release(found, one))
    if found.notices:
        said = tuple((sentence,) for sentence in found.notices)
        listings.append(Listing("Before you trust these numbers", "", ("notice",), said))
    return tuple(listings)


def _facts(found: FalseReportsReport) -> tuple[tuple[str, str], ...]:
    intake, every = found.intake, found.agreement.every
    masked = ", ".join(f"{kind} {whole(count)}" for kind, count in intake.masked.items())
    states = ", ".join(
        f"{state.value} {whole(count)}" for state, count in found.standings.counts.items() if count
    )
    alpha = UNKNOWN if every.alpha is None else f"{every.alpha:.3f}"
    return (
        ("reports", f"{whole(intake.reports)}, taken {whole(intake.taken)}"),
        ("letters", whole(intake.letters)),
        ("groups", whole(intake.groups)),
        ("states", states or "none"),
        ("masked here", masked or "nothing"),
        ("likely left", _left(found)),
        ("reports that are right", _estimate(found.precision.by_group)),
        ("agreement", f"{share(every.raw, 1)}, alpha {alpha}, groups {whole(every.n)}"),
        ("retraining sets", ", ".join(one.set_id for one in found.sets) or "none"),
    )


def _topics(found: FalseReportsReport) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            topic_name(topic.topic_id, topic.words),
            *map(
                whole,
                (topic.groups, topic.reports, topic.waiting, topic.confirmed, topic.rejected),
            ),
        )
        for topic in found.topics
    )


def _reviewers(found: FalseReportsReport) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            one.reviewer,
            *map(
                whole,
                (one.votes, one.confirmed, one.rejected, one.unsure, one.undone, one.today),
            ),
        )
        for one in found.standings.progress
    )


def _release(found: FalseReportsReport, one: AfterRelease) -> Listing:
    title = sentences.after_sentence(one)
    about = "" if one.missing else " ".join(sentences.after_notes(found, one))
    rows: list[tuple[str, ...]] = []
    shown = (one.whole, one.whole_others)
    per = unit_of(
        *(float(side.value[0]) for whole in shown for side in (whole.before, whole.after))
    )
    if not one.missing:
        about += f" Rates are reports per {per.name} letters."
        ids = one.known.ids.tolist()
        rows = [_fate(str(group), one.known, at, per) for at, group in enumerate(ids[:MOST_GROUPS])]
        if len(ids) > MOST_GROUPS:
            rows.append((f"{whole(len(ids) - MOST_GROUPS)} more", *[""] * (len(_FATES) - 1)))
        if ids:
            rows.append(_fate("all of the set", one.whole, 0, per))
        rows.append(_fate("groups outside it" if ids else "all groups", one.whole_others, 0, per))
    return Listing(title, about, _FATES, tuple(rows))


def _fate(name: str, compared: Compared, at: int, per: Unit) -> tuple[str, ...]:
    sides, fates = compared.sides, compared.fates
    ratio, more = fates.ratio, float(fates.more_letters[at])
    low, high = float(ratio.low[at]), float(ratio.high[at])
    known = not math.isnan(float(ratio.value[at]))
    said = (
        f"{rate_words(float(ratio.value[at]))} ({rate_words(low, up=False)} to {rate_words(high)})"
    )
    return (
        name,
        fates.of(at).word,
        whole(int(sides.before[at])),
        whole(int(sides.after[at])),
        rate_words(float(compared.before.value[at]) * per.factor, up=False),
        rate_words(float(compared.after.value[at]) * per.factor),
        said if known else UNKNOWN,
        "" if math.isnan(more) else f"{wording.about(more)} letters",
    )


def _left(found: FalseReportsReport) -> str:
    if found.residual is None:
        return f"{UNKNOWN}: nothing was found to tell it from"
    return f"about {rate_words(found.residual.per_thousand)} in 1,000 reports"


def _estimate(estimate: Estimate | None) -> str:
    if estimate is None:
        return f"{UNKNOWN}: none that was drawn at random is decided"
    return f"{sentences.estimate_words(estimate)}, groups {whole(estimate.n)}"

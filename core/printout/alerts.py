"""The report of alerts as the terminal prints it."""

from __future__ import annotations

from core import wording
from core.alerts import sentences
from core.alerts.report import AlertsReport
from core.printout.listing import Listing, share


def alerts(found: AlertsReport) -> tuple[Listing, ...]:
    """What stands now, what is wrong with the rules, and how it went."""
    listings = [_open(found)]
    if found.errors:
        rows = tuple((one.rule_id, one.sentence) for one in found.errors)
        listings.append(Listing("Configuration errors", "", ("rule", "what to mend"), rows))
    listings.append(Listing("Evaluation and history", _span(found), ("", ""), _history(found)))
    if found.history.noise:
        listings.append(Listing("Noise", "Episodes that nobody acted on.", _NOISE, _noise(found)))
    if found.history.proposals:
        why = tuple((one.sentence,) for one in found.history.proposals)
        listings.append(Listing("Rules that may be retired", "", ("rule",), why))
    return tuple(listings)


_NOISE = ("rule", "alerts", "ignored", "share", "fired again")


def _open(found: AlertsReport) -> Listing:
    rows = tuple(
        (
            one.episode.severity,
            sentences.state(one, found),
            sentences.sentence(one, found),
            sentences.in_hand(one, found) or "nobody yet",
            "" if one.rule is None else one.rule.runbook_id,
        )
        for one in found.open
    )
    about = f"At {wording.clock(found.as_of)}."
    headers = ("severity", "state", "what is the matter", "in hand", "runbook")
    return Listing(sentences.headline(found), about, headers, rows)


def _span(found: AlertsReport) -> str:
    return f"Since {wording.clock(found.span.start)}."


def _history(found: AlertsReport) -> tuple[tuple[str, str], ...]:
    health, past = found.health, found.history
    last = "never" if health.last is None else wording.clock(health.last.at, found.as_of)
    took = "" if health.last is None else f", took {health.last.seconds:.2g} s"
    rows = [
        ("last evaluation", f"{last}{took}{' (late)' if health.late else ''}"),
        *(("error", said) for said in health.errors),
        ("alerts that fired", wording.whole(past.fired)),
        ("drills", wording.whole(past.drills)),
        ("time to acknowledge", sentences.times(past.acknowledged)),
        ("time to resolve", sentences.times(past.resolved)),
    ]
    return tuple(rows)


def _noise(found: AlertsReport) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            one.rule_id,
            wording.whole(one.episodes),
            wording.whole(one.ignored),
            share(one.share, 0),
            wording.whole(one.flaps),
        )
        for one in found.history.noise
    )

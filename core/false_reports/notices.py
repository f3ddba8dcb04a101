"""What a reader must know before trusting the area's numbers, as sentences."""

from __future__ import annotations

from collections.abc import Sequence

from core import wording
from core.false_reports.after_release import AfterRelease
from core.false_reports.agreement import ReviewAgreement
from core.false_reports.release_counts import Known
from core.false_reports.words import counted
from core.ports import FeedbackPulse, Intake
from core.timeframe import Freshness

#: Raw agreement from here on looks good by itself; alpha below DOUBTFUL says that it is not.
#: Krippendorff (2004, Content Analysis, section 11.4) draws conclusions from .667 on.
LOOKS_GOOD, DOUBTFUL = 0.8, 0.667


def notices(
    known: Known,
    *,
    intake: Intake,
    pulse: FeedbackPulse,
    freshness: Freshness,
    after: Sequence[AfterRelease],
    agreement: ReviewAgreement,
) -> tuple[str, ...]:
    """Sentences, the gravest first."""
    found = [
        _stale(freshness, pulse, known),
        _untaken(pulse, known),
        *_sets(known, after),
        _unscored(known, after),
        _chance(agreement),
        _no_heartbeat(intake, pulse),
    ]
    return tuple(said for said in found if said)


def _stale(freshness: Freshness, pulse: FeedbackPulse, known: Known) -> str:
    if not freshness.stale or freshness.data_through is None:
        return ""
    since = wording.clock(freshness.data_through, known.as_of)
    if pulse.beat_at is not None and not pulse.stopped:
        return f"Who collects reports has been silent since {since}: reports may be missing."
    return f"The newest report is of {since}: reports may be missing, or nobody reports."


def _untaken(pulse: FeedbackPulse, known: Known) -> str:
    since = pulse.waiting_since
    if since is None or known.as_of - since <= known.settings.untaken_after:
        return ""
    verb = "waits" if pulse.waiting == 1 else "wait"
    return (
        f"{counted(pulse.waiting, 'report').capitalize()} {verb} for the worker, the oldest since "
        f"{wording.clock(since, known.as_of)}: until it takes them they are in no group."
    )


def _sets(known: Known, after: Sequence[AfterRelease]) -> list[str]:
    """Sets that models were trained on and that are not what they were, or not known."""
    by_name = {one.set_id: one for one in known.sets}
    found = []
    for one in after:
        used = by_name.get(one.set_id)
        if one.set_id and used is None:
            found.append(
                f"{one.version} was trained on a retraining set that is not known here: "
                f"'{one.set_id}'."
            )
        elif used is not None and used.withdrawn:
            found.append(
                f"{counted(used.withdrawn, 'letter').capitalize()} of {used.set_id} "
                f"{'was' if used.withdrawn == 1 else 'were'} withdrawn after {one.version} had "
                "been trained on it."
            )
    return found


def _unscored(known: Known, after: Sequence[AfterRelease]) -> str:
    """Reports that no counted letters stand behind."""
    if not after:
        return ""
    if known.scored_from is None:
        return "No letters are counted (score_hour is empty): rates of reports cannot be told."
    return ""


def _chance(agreement: ReviewAgreement) -> str:
    found = agreement.every
    if found.raw is None or found.alpha is None:
        return ""
    if found.raw < LOOKS_GOOD or found.alpha >= DOUBTFUL:
        return ""
    return (
        f"Reviewers say the same of {wording.percent(found.raw, 0)} of the groups, and yet agree "
        f"little beyond chance (alpha {found.alpha:.2f}): nearly all verdicts are alike."
    )


def _no_heartbeat(intake: Intake, pulse: FeedbackPulse) -> str:
    if not intake.reports or pulse.beat_at is not None:
        return ""
    return (
        "Nobody's heartbeat tells that reports are being collected (component 'feedback'): a day "
        "without reports may be a good day, or a broken collector."
    )

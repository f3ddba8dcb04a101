"""What the training report says in words. None of it names a run or a model: those are data."""

from __future__ import annotations

from core import wording
from core.status import Operator
from core.training.forecast import Pace
from core.training.report import Reach, TrainingReport

#: Shorter stretches are told in days.
_TWO_WEEKS = 14


def headline(found: TrainingReport) -> str:
    """How far the target that counts now is, as a sentence without a full stop."""
    if found.letters is None:
        return "No training run is known"
    if found.newest is None:
        return "No training run has succeeded yet"
    letters, nearest = wording.count(found.letters), found.nearest
    if nearest is None:
        return f"The newest model is trained on {letters} letters; no target is set"
    of = wording.count(nearest.missing + found.letters)
    if not nearest.missing:
        words = "at least" if nearest.target.operator is Operator.AT_LEAST else "at most"
        promised = f"{words} {wording.count(int(nearest.target.value))}"
        return f"The newest model is trained on {letters} letters, {promised} were promised"
    coming = _coming(nearest, found)
    return f"The newest model is trained on {letters} of {of} letters: {coming}"


def verdict_sentence(found: TrainingReport) -> str:
    """What counts, as a criterion's card says it."""
    if found.newest is None:
        return f"{headline(found)}."
    letters = wording.count(found.letters or 0)
    sentence = f"The newest model is trained on {letters} deduplicated, anonymised letters."
    largest = max(one.letters for one in found.models)
    if largest > (found.letters or 0):
        sentence += f" An older one had {wording.count(largest)}, but it is the newest that counts."
    running = [one.run.letters_anonymised for one in found.running]
    if running:
        runs = "A run" if len(running) == 1 else f"{len(running)} runs"
        sentence += f" {runs} of up to {wording.count(max(running))} under way: not counted yet."
    return sentence


def settles(found: TrainingReport, reach: Reach) -> str:
    """When a target that is not reached will be, and at which pace; '' where it is reached."""
    if not reach.missing or found.letters is None:
        return ""
    missing = f"{wording.count(reach.missing, good='low')} letters to go"
    if found.pace is None or reach.arrival is None:
        return f"{missing}; no date can be told: {found.no_pace}."
    on, pace = reach.arrival.on, pace_words(found.pace)
    if on is None:
        years = found.settings.horizon.days // 365
        return f"{missing}: more than {years} years at {pace}."
    return f"{missing}: about {wording.long_date(on)}, {_due(reach)}, at {pace}."


def bounds(reach: Reach) -> str:
    """Between which dates a target is reached, as far as the pace has been uneven; '' otherwise."""
    coming = reach.arrival
    if coming is None or coming.earliest is None or coming.earliest == coming.latest:
        return ""
    latest = "out of sight" if coming.latest is None else wording.long_date(coming.latest)
    return (
        f"{wording.long_date(coming.earliest)} at the fastest of these increases, {latest} at the "
        "slowest: what has been seen, not a confidence interval."
    )


def pace_words(pace: Pace) -> str:
    """The present pace and what it is taken from.

    An increase is from one succeeded run to the next that counts more letters than any before.
    """
    number = len(pace.increases)
    over = "increase" if number == 1 else f"{wording.number_word(number)} increases"
    stalled = " and the silence since" if pace.stalled else ""
    return f"{wording.count(pace.monthly, 1)} a month over the last {over}{stalled}"


def losses(found: TrainingReport) -> str:
    """From raw letters to those trained on, of the newest model, with the share each step keeps."""
    newest = found.newest
    if newest is None:
        return ""
    run = newest.run
    parts = [f"{wording.count(run.letters_raw)} raw"]
    for word, letters, share in (
        ("deduplicated", run.letters_deduplicated, newest.deduplicated_share),
        ("anonymised", run.letters_anonymised, newest.anonymised_share),
        ("trained on", run.letters_trained, newest.trained_share),
    ):
        kept = "" if share is None else f" ({wording.percent(share, 1)})"
        parts.append(f"{wording.count(letters)} {word}{kept}")
    return " → ".join(parts)


def _coming(reach: Reach, found: TrainingReport) -> str:
    late = reach.late_days
    if late is None:
        return "no date can be told" if found.pace is None else "out of sight at the present pace"
    return f"reached {_due(reach)} at the present pace"


def _due(reach: Reach) -> str:
    late = reach.late_days or 0
    if not late:
        return "on the day it is due"
    number, after = abs(late), late > 0
    # Whole weeks, cut toward the side that flatters less: more of them late, fewer early.
    weeks = -(-number // 7) if after else number // 7
    length = f"{weeks} weeks" if number >= _TWO_WEEKS else _days(number)
    return f"{length} {'late' if after else 'early'}"


def _days(number: int) -> str:
    return "one day" if number == 1 else f"{wording.number_word(number)} days"

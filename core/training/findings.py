"""What a reader must know before trusting the counts of training runs."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from statistics import median

from core import wording
from core.training.runs import SeenRun

#: What is usual is the median of up to so many runs before, and nothing is with fewer than so many.
MOST_BEFORE, LEAST_BEFORE = 5, 3
#: Among fewer letters than this, shares say little and duplicates may be none.
LEAST = 1_000


def findings(
    runs: Sequence[SeenRun], models: Sequence[SeenRun], unusual: Fraction
) -> tuple[str, ...]:
    """Every finding as a sentence; runs are named in them, so that they are text of others.

    Args:
        runs: every run, oldest first.
        models: those that succeeded, in the order in which they ended.
        unusual: a share that is further than this from what is usual is a finding.
    """
    found = []
    if models:
        newest = models[-1]
        largest = max(models, key=lambda one: one.letters)
        if newest.letters < largest.letters:
            found.append(
                f"The newest model (run {newest.run.run_id}) is trained on "
                f"{wording.count(newest.letters)} letters, run {largest.run.run_id} before it on "
                f"{wording.count(largest.letters)}: the newest model counts."
            )
    for at, one in enumerate(runs):
        said = [*odd_preparation(one, runs[:at], unusual), *_odd_training(one, unusual)]
        if one.status != "running" and one.run.finished_at is None:
            said.append("has ended and nobody wrote when (finished_at): its start stands for it")
        found += [f"Run {one.run.run_id}: {sentence}." for sentence in said]
    return tuple(found)


def odd_preparation(one: SeenRun, before: Sequence[SeenRun], unusual: Fraction) -> tuple[str, ...]:
    """What is odd about how a run's letters were deduplicated and anonymised; no names in it."""
    if one.run.letters_raw < LEAST:
        return ()
    said = []
    kept = one.deduplicated_share
    if kept == 1:
        said.append("not one duplicate was found among its raw letters")
    else:
        # Data that were never deduplicated say nothing about what deduplication leaves.
        earlier = [run.deduplicated_share for run in before]
        usual = _usual([share for share in earlier if share != 1])
        if kept is not None and usual is not None and abs(kept - usual) > unusual:
            said.append(
                f"deduplication left {_percent(kept)} of its raw letters, {_percent(usual)} is "
                "usual"
            )
    usual = _usual([run.anonymised_share for run in before])
    kept = one.anonymised_share
    if kept is not None and usual is not None and usual - kept > unusual:
        said.append(
            f"only {_percent(kept)} of its deduplicated letters were anonymised, "
            f"{_percent(usual)} is usual"
        )
    return tuple(said)


def _odd_training(one: SeenRun, unusual: Fraction) -> tuple[str, ...]:
    trained, ready = one.run.letters_trained, one.run.letters_anonymised
    if trained > ready:
        sentence = (
            f"it trained on {wording.count(trained)} letters and {wording.count(ready)} were "
            "anonymised: the rest were raw, or seen more than once, and do not count"
        )
        return (sentence,)
    share = one.trained_share
    if one.status == "succeeded" and share is not None and 1 - share > unusual:
        return (f"{wording.count(ready - trained)} anonymised letters were left out of training",)
    return ()


def _usual(shares: Sequence[Fraction | None]) -> Fraction | None:
    known = [share for share in shares if share is not None][-MOST_BEFORE:]
    return median(known) if len(known) >= LEAST_BEFORE else None


def _percent(share: Fraction) -> str:
    return wording.percent(share, 1)

"""The loop closed live: a model is trained on every new retraining set, and released.

What there is to do is read from the store: the sets that people made, and the simulated training
runs that name them. So a restart goes on where the last process was.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Engine, text

from db.demo.newsletters.columns import Columns
from db.demo.newsletters.population import Population
from db.demo.newsletters.retrained import Retrained
from db.demo.newsletters.story import BERT_4, DATACENTERS, SERVICE
from db.demo.newsletters.texts import TOPICS

#: How long the simulated training takes: long enough to be seen.
TRAINING = timedelta(minutes=1)
#: The first model after bert-4 is this number.
_FIRST_NUMBER = 5
#: Letters that bert-4 was trained on: raw, deduplicated, anonymised.
_LETTERS = (38_900_000, 31_700_000, 31_200_000)

# A corrected set takes the place of one that a model was trained on, and trains no other.
_SETS = text("""
    select made.set_id, made.letters, run.started_at, run.finished_at,
        array(
            select distinct letter.sender_domain from team.retraining_set_letter as frozen
            join team.report_letter as letter
                on letter.service = frozen.service and letter.report_id = frozen.report_id
            where frozen.service = :service and frozen.set_id = made.set_id) as senders
    from team.retraining_set as made
    left join metrics.training_run as run
        on run.service = :service and run.run_id = 'retraining-' || made.set_id
    where made.service = :service and made.correction = 0 and made.created_at >= :since
    order by made.number""")


def models(
    engine: Engine, since: datetime, at: datetime, training: timedelta = TRAINING
) -> tuple[Retrained, ...]:
    """Every model that was or is being trained on a set, in the order of the sets.

    Training on a set that no run names begins now.

    Args:
        engine: the store, as greenlight_app.
        since: sets that were made before are part of the story.
        at: now.
        training: how long a training takes that has not ended.
    """
    with engine.connect() as connection:
        rows = connection.execute(_SETS, {"service": SERVICE, "since": since}).all()
    names = {topic.sender_domain: topic.name for topic in TOPICS}
    found: list[Retrained] = []
    for number, row in enumerate(rows):
        begun = (row.started_at or at).astimezone(UTC)
        ended = row.finished_at.astimezone(UTC) if row.finished_at else begun + training
        # One model is trained after the other, so that they are released in their order.
        if found and not row.started_at:
            begun = max(begun, found[-1].finished_at)
            ended = begun + training
        if begun > at:
            break
        found.append(
            Retrained(
                version=f"bert-{_FIRST_NUMBER + number}",
                parent=found[-1].version if found else BERT_4,
                set_id=row.set_id,
                letters=row.letters,
                topics=frozenset(names[sender] for sender in row.senders),
                started_at=begun,
                finished_at=ended,
            )
        )
    return tuple(found)


def state(trained: Sequence[Retrained], at: datetime) -> tuple[tuple[str, int], ...]:
    """What has happened to each model by a moment: rows are written again only where it changes."""
    return tuple(
        (one.version, sum(moment <= at for moment in (one.finished_at, *one.released)))
        for one in trained
    )


def training_runs(trained: Sequence[Retrained], at: datetime) -> Columns | None:
    """Rows of metrics.training_run at a moment; None without a model."""
    if not trained:
        return None
    done = [one.finished_at <= at for one in trained]
    # Each set adds to what the models before it were trained on.
    added = np.cumsum([one.letters for one in trained])
    raw, deduplicated, anonymised = (letters + added for letters in _LETTERS)
    finished = [
        _naive(one.finished_at) if over else None for one, over in zip(trained, done, strict=True)
    ]
    return {
        "service": SERVICE,
        "run_id": _column(f"retraining-{one.set_id}" for one in trained),
        "started_at": _times(_naive(one.started_at) for one in trained),
        "finished_at": _times(finished),
        "status": _column("succeeded" if over else "running" for over in done),
        "model_version": _column(one.version for one in trained),
        "parent_version": _column(one.parent for one in trained),
        "letters_raw": raw,
        "letters_deduplicated": deduplicated,
        "letters_anonymised": anonymised,
        "letters_trained": np.where(done, anonymised, 0),
        "retraining_set": _column(one.set_id for one in trained),
        "note": _column(
            f"simulated: {one.parent} trained on with the {one.letters:,} letters of {one.set_id}"
            for one in trained
        ),
    }


def deployments(
    trained: Sequence[Retrained], population: Population, at: datetime
) -> Columns | None:
    """Rows of metrics.deployment of what is released by a moment; None where nothing is."""
    made = [
        (one, datacenter, moment)
        for one in trained
        for datacenter, moment in zip(DATACENTERS, one.released, strict=True)
        if moment <= at
    ]
    if not made:
        return None
    return {
        "service": SERVICE,
        "deployment_id": _column(f"{one.version}-{datacenter}" for one, datacenter, _ in made),
        "deployed_at": _times(_naive(moment) for _, _, moment in made),
        "model_version": _column(one.version for one, _, _ in made),
        "datacenter": _column(datacenter for _, datacenter, _ in made),
        "stage": "production",
        "threshold": np.full(len(made), population.threshold),
        "note": _column(
            f"simulated: {one.version}, trained on {one.set_id}, released in {datacenter}"
            for one, datacenter, _ in made
        ),
    }


def _column(values: Any) -> Any:
    return np.array(list(values), dtype=object)


def _times(values: Any) -> Any:
    return np.array(list(values), dtype="datetime64[us]")


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)

"""What the service tells the metric tables, row by row."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import date, datetime
from functools import partial

from db.demo.classifier import Trained
from db.demo.spambase.counts import HourCounts, MinuteCounts
from db.demo.spambase.labels import Label
from db.writer import MetricWriter

DATACENTER = "local"
COMPONENTS = ("inference", "labelling")
LABELLER = "Spambase's own label"


class Reports:
    """Rows of one instance on their way to its writer.

    A method queues; `send` hands over a few at a time. An hour's 200 rows at once would hold the
    letters up that come meanwhile.
    """

    def __init__(self, writer: MetricWriter, instance: str, model_version: str) -> None:
        self._writer = writer
        self._instance = instance
        self._model_version = model_version
        self._queue: deque[Callable[[], None]] = deque()

    def send(self, at_most: int | None = None) -> None:
        """Hand the oldest rows to the writer, all of them unless a number is given."""
        count = len(self._queue)
        for _ in range(count if at_most is None else min(at_most, count)):
            self._queue.popleft()()

    def introduce(self, trained: Trained, began: datetime, ended: datetime) -> None:
        """The training run and the deployment: once a store, later starts train the same again."""
        self._add(
            self._writer.training_run,
            run_id=trained.model_version,
            started_at=began,
            finished_at=ended,
            status="succeeded",
            model_version=trained.model_version,
            letters_raw=len(trained.training_rows),
            letters_deduplicated=trained.letters_trained,
            letters_anonymised=trained.letters_trained,
            letters_trained=trained.letters_trained,
            note="Half of Spambase, which holds word frequencies and no text. "
            "Every start of the demo trains the same model again.",
        )
        self._add(
            self._writer.deployment,
            deployment_id=f"{trained.model_version} production",
            deployed_at=ended,
            model_version=trained.model_version,
            datacenter=DATACENTER,
            stage="production",
            threshold=trained.threshold,
            note="Extremely randomised trees; serves the other half of Spambase in a loop.",
        )

    def beat(self, moment: datetime, started_at: datetime) -> None:
        """Every component is alive; the writer says when they stop in order."""
        for component in COMPONENTS:
            self._add(
                self._writer.heartbeat,
                component=component,
                instance=self._instance,
                datacenter=DATACENTER,
                started_at=started_at,
                beat_at=moment,
            )

    def minute(self, counts: MinuteCounts) -> None:
        """A minute as it is counted now."""
        self._add(
            self._writer.serving_minute,
            minute=counts.minute,
            datacenter=DATACENTER,
            instance=self._instance,
            model_version=self._model_version,
            letters=counts.letters,
            errors=counts.errors,
            slow=counts.slow,
            latency=counts.cells.copy(),
        )

    def hour(self, hour: datetime, counts: HourCounts) -> None:
        """An hour's scores as they are counted now."""
        for row in counts.rows():
            self._add(
                self._writer.score_hour,
                hour=hour,
                model_version=self._model_version,
                segment=row.segment,
                decision=row.decision,
                bin=row.bin,
                letters=row.letters,
            )

    def day(self, day: date, letters: int) -> None:
        """A day's letters as they are counted now."""
        self._add(self._writer.product_day, day=day, metric="letters", value=float(letters))

    def label(self, label: Label) -> None:
        """A label that has come."""
        self._add(
            self._writer.labelled_letter,
            model_version=self._model_version,
            letter_id=label.letter_id,
            predicted_at=label.predicted_at,
            labelled_at=label.labelled_at,
            segment=label.segment,
            score=label.score,
            decision=label.decision,
            label=label.label,
            inclusion_probability=label.inclusion_probability,
            labeller=LABELLER,
        )

    def _add(self, method: Callable[..., None], **row: object) -> None:
        self._queue.append(partial(method, **row))

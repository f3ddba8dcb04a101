"""One method a metric table, with the columns as keyword arguments."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from core.stats.histogram import latency_cells
from db.writer.validation import ContractError


class MetricTables(ABC):
    """The rows of one service, by table; columns mean what docs and migration 0001 say of them.

    Every method checks the row and queues it. Two rows with the same key are a row and its
    correction: the one queued later stands.

    Raises:
        ContractError: (every method) the row breaks the contract; it is kept in refused.jsonl.
        RuntimeError: (every method) the writer is closed, or belongs to the parent of this process.
    """

    @abstractmethod
    def _put(self, table: str, row: dict[str, Any]) -> None:
        """Check the row of the writer's service and queue it."""

    @abstractmethod
    def _refuse(self, table: str, row: Mapping[str, Any], field: str, reason: str) -> ContractError:
        """Keep a row that breaks the contract and give the error to raise."""

    def serving_minute(
        self,
        *,
        minute: datetime,
        datacenter: str,
        instance: str,
        model_version: str,
        errors: int = 0,
        letters: int | None = None,
        slow: int | None = None,
        latency: ArrayLike | None = None,
        milliseconds: ArrayLike | None = None,
        target_ms: float = 20.0,
    ) -> None:
        """One minute of one instance: either counted by the caller, or from its latencies.

        Args:
            minute: start of the minute.
            datacenter: where the instance runs.
            instance: its name, unique in the service.
            model_version: what answered.
            errors: letters that got no answer in the minute.
            letters: letters received, errors included.
            slow: answered letters over the latency target.
            latency: the answered letters in 162 cells (see `latency_cells`), shape (162,).
            milliseconds: instead of letters, slow and latency: the latency of each answered letter,
                ms.
            target_ms: the latency target that `slow` is counted by, from milliseconds.
        """
        row: dict[str, Any] = {
            "minute": minute,
            "datacenter": datacenter,
            "instance": instance,
            "model_version": model_version,
            "errors": errors,
        }
        if milliseconds is None:
            self._put(
                "serving_minute", {**row, "letters": letters, "slow": slow, "latency": latency}
            )
            return
        if not (letters is None and slow is None and latency is None):
            raise TypeError("give milliseconds, or letters, slow and latency, but not both")
        try:
            cells = latency_cells(milliseconds)
        except (ValueError, TypeError) as error:
            reason = f"milliseconds must be finite and not negative: {error}"
            raise self._refuse("serving_minute", row, "milliseconds", reason) from None
        answered = int(cells.sum())
        row |= {
            "letters": answered + errors if isinstance(errors, int | np.integer) else answered,
            "slow": int((np.asarray(milliseconds, dtype=np.float64) > target_ms).sum()),
            "latency": cells,
        }
        self._put("serving_minute", row)

    def score_hour(
        self,
        *,
        hour: datetime,
        model_version: str,
        segment: str,
        decision: bool,
        bin: int,  # noqa: A002 - the column's name
        letters: int,
    ) -> None:
        """How many letters of an hour scored in one bin of a tenth of a logit, -100..99."""
        self._put(
            "score_hour",
            {
                "hour": hour,
                "model_version": model_version,
                "segment": segment,
                "decision": decision,
                "bin": bin,
                "letters": letters,
            },
        )

    def labelled_letter(
        self,
        *,
        model_version: str,
        letter_id: str,
        predicted_at: datetime,
        labelled_at: datetime,
        segment: str,
        score: float,
        decision: bool,
        label: bool,
        inclusion_probability: float,
        labeller: str = "",
    ) -> None:
        """One letter of the sample that assessors judged, with its probability of being sampled."""
        self._put(
            "labelled_letter",
            {
                "model_version": model_version,
                "letter_id": letter_id,
                "predicted_at": predicted_at,
                "labelled_at": labelled_at,
                "segment": segment,
                "score": score,
                "decision": decision,
                "label": label,
                "inclusion_probability": inclusion_probability,
                "labeller": labeller,
            },
        )

    def false_report(
        self,
        *,
        report_id: str,
        reported_at: datetime,
        predicted_at: datetime,
        kind: str,
        source: str,
        letter_key: str,
        reporter_key: str,
        model_version: str,
        score: float,
        threshold: float,
        text: str,
        anonymiser: str = "",
        sender_domain: str = "",
        language: str = "",
        segment: str = "",
    ) -> None:
        """One report of a false decision. Its text may be raw: it is anonymised here, at once.

        Args:
            report_id: the caller's own idempotency key.
            reported_at: when somebody reported it.
            predicted_at: when it was decided.
            kind: 'false_positive' or 'false_negative'.
            source: 'user', 'assessor' or 'shadow'.
            letter_key: a keyed hash (HMAC-SHA-256) of the message id; an address is refused.
            reporter_key: the same of the mailbox, '' where nobody reported.
            model_version: what decided.
            score: of the letter, 0 to 1.
            threshold: which the score was held against.
            text: of the letter. Only what the anonymiser makes of it is queued, kept or sent.
            anonymiser: what the text went through before, with its version, if anything: stored
                as "theirs 2, then greenlight 1", and without it as "greenlight 1".
            sender_domain: of the sender's address, what follows the @.
            language: of the letter.
            segment: the slice of letters that it belongs to.
        """
        self._put(
            "false_report",
            {
                "report_id": report_id,
                "reported_at": reported_at,
                "predicted_at": predicted_at,
                "kind": kind,
                "source": source,
                "letter_key": letter_key,
                "reporter_key": reporter_key,
                "sender_domain": sender_domain,
                "language": language,
                "segment": segment,
                "model_version": model_version,
                "score": score,
                "threshold": threshold,
                "text": text,
                "anonymiser": anonymiser,
            },
        )

    def experiment_bucket_day(
        self,
        *,
        experiment: str,
        variant: str,
        day: date,
        bucket: int,
        new_users: int,
        active_users: int,
        letters: int,
        complaints: int,
        sessions: int,
        session_seconds: float,
        revenue: float,
        dimension: str = "all",
        value: str = "all",
    ) -> None:
        """The sums of one hash bucket of a variant's users on one day."""
        self._put(
            "experiment_bucket_day",
            {
                "experiment": experiment,
                "variant": variant,
                "dimension": dimension,
                "value": value,
                "day": day,
                "bucket": bucket,
                "new_users": new_users,
                "active_users": active_users,
                "letters": letters,
                "complaints": complaints,
                "sessions": sessions,
                "session_seconds": session_seconds,
                "revenue": revenue,
            },
        )

    def experiment_bucket_before(
        self,
        *,
        experiment: str,
        variant: str,
        bucket: int,
        users: int,
        active_users: int,
        letters: int,
        complaints: int,
        sessions: int,
        session_seconds: float,
        revenue: float,
    ) -> None:
        """The sums of the same users in the 28 days before the test."""
        self._put(
            "experiment_bucket_before",
            {
                "experiment": experiment,
                "variant": variant,
                "bucket": bucket,
                "users": users,
                "active_users": active_users,
                "letters": letters,
                "complaints": complaints,
                "sessions": sessions,
                "session_seconds": session_seconds,
                "revenue": revenue,
            },
        )

    def product_day(self, *, day: date, metric: str, value: float, segment: str = "all") -> None:
        """One product metric of one day."""
        self._put("product_day", {"day": day, "metric": metric, "segment": segment, "value": value})

    def deployment(
        self,
        *,
        deployment_id: str,
        deployed_at: datetime,
        model_version: str,
        stage: str,
        datacenter: str = "",
        threshold: float | None = None,
        note: str = "",
    ) -> None:
        """A release of a model, or what became of it."""
        self._put(
            "deployment",
            {
                "deployment_id": deployment_id,
                "deployed_at": deployed_at,
                "model_version": model_version,
                "datacenter": datacenter,
                "stage": stage,
                "threshold": threshold,
                "note": note,
            },
        )

    def shadow_hour(
        self,
        *,
        hour: datetime,
        production_version: str,
        candidate_version: str,
        both_positive: int,
        production_only: int,
        candidate_only: int,
        both_negative: int,
        candidate_errors: int,
        candidate_slow: int,
        user_visible: int = 0,
        segment: str = "all",
    ) -> None:
        """An hour of a shadow run: the candidate's decisions beside production's."""
        self._put(
            "shadow_hour",
            {
                "hour": hour,
                "production_version": production_version,
                "candidate_version": candidate_version,
                "segment": segment,
                "both_positive": both_positive,
                "production_only": production_only,
                "candidate_only": candidate_only,
                "both_negative": both_negative,
                "candidate_errors": candidate_errors,
                "candidate_slow": candidate_slow,
                "user_visible": user_visible,
            },
        )

    def training_run(
        self,
        *,
        run_id: str,
        started_at: datetime,
        status: str,
        model_version: str,
        letters_raw: int,
        letters_deduplicated: int,
        letters_anonymised: int,
        letters_trained: int,
        finished_at: datetime | None = None,
        parent_version: str = "",
        retraining_set: str = "",
        note: str = "",
    ) -> None:
        """A training run and the counts of the letters that went into it."""
        self._put(
            "training_run",
            {
                "run_id": run_id,
                "started_at": started_at,
                "finished_at": finished_at,
                "status": status,
                "model_version": model_version,
                "parent_version": parent_version,
                "letters_raw": letters_raw,
                "letters_deduplicated": letters_deduplicated,
                "letters_anonymised": letters_anonymised,
                "letters_trained": letters_trained,
                "retraining_set": retraining_set,
                "note": note,
            },
        )

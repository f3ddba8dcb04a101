"""Rules for score bins and labels."""

from __future__ import annotations

from core.contract_checks.check import Check, Severity
from core.timeframe import DAY

#: Scores and answered letters of an hour are counted by different code, and letters on the edge of
#: the hour may fall on either side of it.
_SCORES_TOLERANCE = {"share": 0.01, "letters": 10}

QUALITY: tuple[Check, ...] = (
    Check(
        "label_without_population",
        "labelled_letter",
        ("hour", "model_version", "decision", "bin"),
        "Labels: {labels}, one of them of letter '{letter_id}'. Letters in score_hour: none.",
        "Count every scored letter in score_hour, with the model version and the decision that its "
        "label carries: labels stand for letters that are counted.",
        back=7 * DAY,
    ),
    Check(
        "more_labels_than_letters",
        "labelled_letter",
        ("hour", "model_version", "decision", "bin"),
        "Labels: {labels}. Letters in score_hour: {letters}.",
        "Count every scored letter in score_hour, and compute its bin as "
        "clamp(floor(10 * ln(score / (1 - score))), -100, 99).",
        back=7 * DAY,
    ),
    Check(
        "label_in_unknown_segment",
        "labelled_letter",
        ("segment",),
        "Labels: {labels}. Letters of this segment in score_hour: none.",
        "Write the same segment into both tables.",
        severity=Severity.HINT,
        back=7 * DAY,
    ),
    Check(
        "scores_and_letters",
        "score_hour",
        ("hour", "model_version"),
        "Letters in score_hour: {scored}. In serving_minute: {letters}, answered {answered}.",
        "Count every answered letter once in score_hour (more than 1 % apart is reported), and "
        "write the same model version into both tables.",
        settings=_SCORES_TOLERANCE,
    ),
)

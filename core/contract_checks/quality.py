"""Rules for score bins and labels."""

from __future__ import annotations

from datetime import timedelta

from core.contract_checks.check import Check, Severity
from core.timeframe import DAY

#: Scores and answered letters of an hour are counted by different code, and letters on the edge of
#: the hour may fall on either side of it.
_SCORES_TOLERANCE = {"share": 0.01, "letters": 10}
#: The span that the pages show by default.
_MONTH = 30 * DAY
#: Fewer labels than this say little about how they were drawn or given.
_FEWEST_LABELS = 100
#: Labels that come later than this are the exception: they may be waited for, and days older than
#: this are judged as they are.
_LATE = 7 * DAY

_SCORES: tuple[Check, ...] = (
    Check(
        "missing_score_hours",
        "score_hour",
        ("model_version",),
        "Hours in which it answered letters without a row: {missing} of {served}, the first "
        "{first}, the newest {newest}.",
        "Write every hour's scores of every version that answers letters: letters that are not "
        "counted are as if they had never been, and precision and recall are those of the rest.",
        back=7 * DAY,
        settings={"letters": _SCORES_TOLERANCE["letters"]},
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
    Check(
        "decision_against_score",
        "score_hour",
        ("hour", "model_version", "segment"),
        "Letters decided positive from bin {lowest_positive} on, and letters decided negative up "
        "to bin {highest_negative}.",
        "Write the bin and the decision of the same letter into one row. If the threshold changed "
        "within the hour, or decisions do not follow the score alone, this is as it should be, and "
        "no threshold tells them apart.",
        severity=Severity.HINT,
        back=7 * DAY,
    ),
    Check(
        "unseen_score_correction",
        "score_hour",
        ("day",),
        "Cells whose letters in its rows are not those that were counted: {cells}. Letters in its "
        "rows: {letters}. Counted: {counted}.",
        "Set written_at = now() with every upsert: corrections are found by it.",
        back=7 * DAY,
    ),
    Check(
        "refused_score_day",
        "score_hour",
        ("day",),
        "{error}",
        "Correct the letters of this day: until then none of them count.",
        back=_MONTH,
    ),
)

_LABELS: tuple[Check, ...] = (
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
        "label_against_decision",
        "labelled_letter",
        ("hour", "model_version", "decision", "bin"),
        "Labels: {labels}, one of them of letter '{letter_id}'. Letters of this bin in score_hour, "
        "all with the other decision: {others}.",
        "Write into the label the decision that the letter got when it was scored, not one by "
        "today's threshold and not the assessor's answer.",
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
    # By chance alone the weights of labels that were drawn right add up to the letters within a few
    # standard errors; within a factor of two a stack that draws by the hour or by forecast does.
    Check(
        "weights_against_letters",
        "labelled_letter",
        ("day", "model_version", "decision"),
        "By their inclusion probabilities, {labels} labels stand for {weight} letters. Letters in "
        "score_hour: {letters}.",
        "Write the probability with which the letter was drawn for labelling: of a thousand "
        "letters with a probability of 0.01, about ten are drawn. Letters that were drawn and "
        "whose labels never came lower it.",
        severity=Severity.HINT,
        back=_MONTH,
        settings={"fewest": _FEWEST_LABELS, "late": _LATE, "factor": 2, "errors": 5},
    ),
    Check(
        "very_late_label",
        "labelled_letter",
        ("model_version", "letter_id"),
        "Scored at {predicted_at}, labelled at {labelled_at}.",
        "Write when the letter was scored and when the assessor judged it, both in UTC.",
        severity=Severity.HINT,
        back=7 * DAY,
        settings={"longest": timedelta(days=90)},
    ),
    Check(
        "labeller_with_one_answer",
        "labelled_letter",
        ("labeller",),
        "All {labels} answers are {answer}, though {positive} of the letters were decided positive "
        "and {negative} negative.",
        "Have some of these letters judged again by somebody else.",
        severity=Severity.HINT,
        back=_MONTH,
        settings={"fewest": _FEWEST_LABELS, "fewest_of_each": 20},
    ),
)

QUALITY: tuple[Check, ...] = _SCORES + _LABELS

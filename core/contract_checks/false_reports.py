"""Rules for reports of false decisions."""

from __future__ import annotations

from core.contract_checks.check import Check, Severity
from core.timeframe import DAY, HOUR

_WEEK = 7 * DAY

FALSE_REPORTS: tuple[Check, ...] = (
    Check(
        "report_keys_not_hashed",
        "false_report",
        ("report_id", "column"),
        "Its {column} holds an @ sign or white space, as an address does.",
        "Write a keyed hash (HMAC-SHA-256) of the message id and of the mailbox, and of the sender "
        "the domain alone; correct the rows that are there. The value is not shown here.",
        back=_WEEK,
    ),
    Check(
        "report_names_no_anonymiser",
        "false_report",
        ("day",),
        "Reports that name no anonymiser: {reports}, one of them '{report_id}'.",
        "Anonymise before you write, and name the anonymiser and its version: texts that nobody "
        "has anonymised must not be stored here.",
        back=_WEEK,
    ),
    # This house's pass may mask what is nobody's; where a producer leaves little, it is left alone.
    Check(
        "report_left_personal_details",
        "false_report",
        ("anonymiser", "detail"),
        "Reports in which Greenlight still found some: {reports} of {of}. Details: {details}.",
        "Improve this anonymiser for this kind of detail. People see only what Greenlight has "
        "masked once more, but the table holds the rest.",
        severity=Severity.HINT,
        back=_WEEK,
        settings={"share": 0.02, "fewest": 20},
    ),
    Check(
        "report_before_prediction",
        "false_report",
        ("report_id",),
        "Predicted at {predicted_at}, reported at {reported_at}.",
        "Write when the letter was scored and when somebody reported it, both in UTC, from clocks "
        "that agree.",
        back=_WEEK,
    ),
    Check(
        "report_against_score",
        "false_report",
        ("report_id",),
        "Reported as {kind}, but its score is {score} and the threshold {threshold}.",
        "Write the score and the threshold by which the letter was decided: a false positive was "
        "decided positive, a false negative negative. If decisions do not follow the score alone, "
        "this is as it should be.",
        severity=Severity.HINT,
        back=_WEEK,
    ),
    Check(
        "report_of_unknown_version",
        "false_report",
        ("model_version",),
        "Reports of its decisions: {reports}. Deployments and serving rows that name it: none.",
        "Write the very version that decided, and insert a row into deployment with every release: "
        "whether a release mended anything is told by the versions in reports.",
        severity=Severity.HINT,
        back=_WEEK,
    ),
    Check(
        "report_against_label",
        "false_report",
        ("report_id",),
        "Reported as {kind}, but an assessor labelled the letter {label}.",
        "Nothing, if user and assessor disagree. If it happens often, look whether label and "
        "report are about the same letter and the same version.",
        severity=Severity.HINT,
        back=_WEEK,
    ),
    Check(
        "report_not_taken",
        "false_report",
        ("day",),
        "Reports written more than an hour ago and in no group yet: {waiting}, the oldest written "
        "at {since}.",
        "Start the worker, which anonymises and groups reports: python cli.py worker",
        back=_WEEK,
        settings={"patience": HOUR},
    ),
    Check(
        "training_on_unknown_set",
        "training_run",
        ("run_id",),
        "It names the retraining set '{retraining_set}', and there is none of this name.",
        "Write the id of the exported set, as its manifest.json has it, or '' where none went in: "
        "what became of its groups cannot be told otherwise.",
        severity=Severity.HINT,
        back=400 * DAY,
    ),
)

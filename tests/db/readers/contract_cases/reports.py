"""What breaks the rules of reported letters."""

from tests.db.readers.contract_cases.case import Case

CASES = {
    "report_keys_not_hashed": Case(
        (
            (
                "update metrics.false_report set reporter_key = 'anna@shop.example', "
                "sender_domain = 'a b'"
            ),
        ),
        2,
        "report id r1, column reporter_key",
        "Its reporter_key holds an @ sign or white space, as an address does.",
    ),
    "report_names_no_anonymiser": Case(
        ("update metrics.false_report set anonymiser = ' '",),
        1,
        "day 2025-03-10",
        "Reports that name no anonymiser: 1, one of them 'r1'.",
    ),
    "report_left_personal_details": Case(
        (
            (
                "insert into metrics.false_report "
                "select 'mail', 'p' || number, :then, :then, 'false_positive', 'user', "
                "'k' || number, 'k', '', '', '', 'v1', 0.9, 0.5, 'text', 'none' "
                "from generate_series(1, 39) as number"
            ),
            (
                "insert into team.report_letter (service, report_id, group_id, text, anonymiser, "
                "masked, kind, source, letter_key, reporter_key, language, segment, "
                "sender_domain, model_version, score, threshold, predicted_at, reported_at, "
                "source_written_at, taken_at) "
                "select service, report_id, 1, text, 'greenlight 1', "
                "case when report_id < 'p3' then '{\"PHONE\": 2}'::jsonb else '{}'::jsonb end, "
                "kind, source, letter_key, reporter_key, language, segment, sender_domain, "
                "model_version, score, threshold, predicted_at, reported_at, written_at, now() "
                "from metrics.false_report"
            ),
        ),
        1,
        "anonymiser none, detail PHONE",
        "Reports in which Greenlight still found some: 22 of 40. Details: 44.",
    ),
    "report_before_prediction": Case(
        (
            (
                "update metrics.false_report "
                "set predicted_at = cast(:then as timestamptz) + interval '3 minutes'"
            ),
        ),
        1,
        "report id r1",
        "Predicted at 2025-03-10T22:03Z, reported at 2025-03-10T22:00Z.",
    ),
    "report_against_score": Case(
        ("update metrics.false_report set kind = 'false_negative'",),
        1,
        "report id r1",
        "Reported as false negative, but its score is 0.9 and the threshold 0.5.",
    ),
    "report_of_unknown_version": Case(
        ("update metrics.false_report set model_version = 'v7'",),
        1,
        "model version v7",
        "Reports of its decisions: 1. Deployments and serving rows that name it: none.",
    ),
    "report_against_label": Case(
        (
            "update metrics.false_report set letter_key = 'letter_33'",
            (
                "insert into metrics.labelled_letter select service, model_version, 'letter_33', "
                "predicted_at, labelled_at, segment, score, decision, label, inclusion_probability "
                "from metrics.labelled_letter where letter_id = 'letter 35'"
            ),
        ),
        1,
        "report id r1",
        "Reported as false positive, but an assessor labelled the letter positive.",
    ),
    "report_not_taken": Case(
        (
            (
                "update metrics.false_report "
                "set written_at = cast(:then as timestamptz) + interval '1 hour'"
            ),
        ),
        1,
        "day 2025-03-10",
        "Reports written more than an hour ago and in no group yet: 1, the oldest written at "
        "2025-03-10T23:00Z.",
    ),
    "training_on_unknown_set": Case(
        ("update metrics.training_run set retraining_set = 'mail-7'",),
        1,
        "run id t1",
        "It names the retraining set 'mail-7', and there is none of this name.",
    ),
}

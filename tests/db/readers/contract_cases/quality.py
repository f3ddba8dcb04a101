"""What breaks the rules of labels and scores."""

from tests.db.readers.contract_cases.case import Case

CASES = {
    "label_without_population": Case(
        ("update metrics.labelled_letter set score = 0.9 where letter_id = 'letter 33'",),
        1,
        "hour 2025-03-10T22:00Z, model version v1, decision true, bin 21",
        "Labels: 1, one of them of letter 'letter 33'. Letters in score_hour: none.",
    ),
    "label_against_decision": Case(
        ("update metrics.labelled_letter set decision = false where letter_id = 'letter 33'",),
        1,
        "hour 2025-03-10T22:00Z, model version v1, decision false, bin 3",
        "Labels: 1, one of them of letter 'letter 33'. Letters of this bin in score_hour, all with "
        "the other decision: 880.",
    ),
    "more_labels_than_letters": Case(
        (
            (
                "update metrics.score_hour set letters = case bin when 3 then 1 else 5879 end "
                "where hour = :then"
            ),
        ),
        1,
        "hour 2025-03-10T22:00Z, model version v1, decision true, bin 3",
        "Labels: 2. Letters in score_hour: 1.",
    ),
    "label_in_unknown_segment": Case(
        ("update metrics.labelled_letter set segment = 'RU' where letter_id = 'letter 33'",),
        1,
        "segment RU",
        "Labels: 1. Letters of this segment in score_hour: none.",
    ),
    "weights_against_letters": Case(
        (
            (
                "insert into rollup.score_day values ('mail', cast(:as_of as date) - 10, 'v1', "
                "'ru', true, 3, 6000), ('mail', cast(:as_of as date) - 10, 'v1', 'ru', false, -5, "
                "9000)"
            ),
            (
                "insert into metrics.labelled_letter "
                "select 'mail', 'v1', 'weighed ' || number || decision, day, day, 'ru', "
                "case when decision then 0.58 else 0.4 end, decision, number % 2 = 0, "
                "case when decision then 0.5 else 0.0125 end "
                "from generate_series(1, 120) as number, unnest(array[true, false]) as decision, "
                "lateral (select cast(:as_of as timestamptz) - interval '10 days') as at (day)"
            ),
        ),
        1,
        "day 2025-03-01, model version v1, decision true",
        "By their inclusion probabilities, 120 labels stand for 240 letters. Letters in "
        "score_hour: 6,000.",
    ),
    "very_late_label": Case(
        (
            (
                "update metrics.labelled_letter set predicted_at = labelled_at - interval "
                "'100 days' where letter_id = 'letter 33'"
            ),
        ),
        1,
        "model version v1, letter id letter 33",
        "Scored at 2024-11-30T23:00Z, labelled at 2025-03-10T23:00Z.",
    ),
    "labeller_with_one_answer": Case(
        (
            (
                "insert into metrics.labelled_letter "
                "select 'mail', 'v1', 'judged ' || number || decision, :then, :then, 'ru', "
                "case when decision then 0.58 else 0.4 end, decision, false, 0.01, 'Аня' "
                "from generate_series(1, 60) as number, unnest(array[true, false]) as decision"
            ),
        ),
        1,
        "labeller Аня",
        "All 120 answers are false, though 60 of the letters were decided positive and 60 "
        "negative.",
    ),
    "missing_score_hours": Case(
        (
            (
                "delete from metrics.score_hour where hour in "
                "(cast(:as_of as timestamptz) - interval '3 hours', "
                "cast(:as_of as timestamptz) - interval '5 hours')"
            ),
        ),
        1,
        "model version v1",
        "Hours in which it answered letters without a row: 2 of 23, the first 2025-03-11T03:00Z, "
        "the newest 2025-03-11T05:00Z.",
    ),
    "decision_against_score": Case(
        ("insert into metrics.score_hour values ('mail', :then, 'v1', 'ru', false, 4, 9)",),
        1,
        "hour 2025-03-10T22:00Z, model version v1, segment ru",
        "Letters decided positive from bin 3 on, and letters decided negative up to bin 4.",
    ),
    "unseen_score_correction": Case(
        (
            (
                "insert into rollup.score_day select service, hour::date, model_version, segment, "
                "decision, bin, sum(letters) from metrics.score_hour group by 1, 2, 3, 4, 5, 6"
            ),
            (
                "insert into rollup.score_day_state select service, hour::date, count(*), "
                "sum(rollup.written_microseconds(written_at)) from metrics.score_hour group by 1, 2"
            ),
            "update metrics.score_hour set letters = letters + 5 where hour = :then and bin = 3",
        ),
        1,
        "day 2025-03-10",
        "Cells whose letters in its rows are not those that were counted: 1. Letters in its rows: "
        "105,845. Counted: 105,840.",
    ),
    "refused_score_day": Case(
        (
            (
                "insert into rollup.score_day_state (service, day, source_rows, fingerprint, error)"
                " values ('mail', cast(:then as date), 1, 1, 'A number is too large.')"
            ),
        ),
        1,
        "day 2025-03-10",
        "A number is too large.",
    ),
    "scores_and_letters": Case(
        ("update metrics.score_hour set letters = letters + 300 where hour = :then",),
        1,
        "hour 2025-03-10T22:00Z, model version v1",
        "Letters in score_hour: 6,480. In serving_minute: 6,000, answered 5,880.",
    ),
}

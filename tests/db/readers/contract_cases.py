"""A service that keeps the metric contract, and for every rule of it the rows that break it."""

from dataclasses import dataclass
from datetime import timedelta

from tests.db.readers.serving import BEGIN, HOUR

DAY = timedelta(days=1)
#: The store holds 26 hours of rows and is looked at the moment they end.
AS_OF = BEGIN + 26 * HOUR
#: Ten hours ago, in the middle of what is looked at.
THEN = AS_OF - 10 * HOUR

#: Everything a service can write, without a contradiction, written an hour ago.
HEALTHY = (
    """insert into metrics.serving_minute
    select 'mail', minute, 'dc-a', 'i1', 'v1', 100, 2, 3, cells, now() - interval '1 hour'
    from generate_series(cast(:begin as timestamptz), cast(:as_of as timestamptz) - interval
            '1 minute', '1 minute') as minute,
        (select array_agg(case cell when 41 then 95 when 101 then 3 else 0 end order by cell)
         from generate_series(1, 162) as cell) as made (cells)""",
    """insert into metrics.heartbeat
    values ('mail', 'inference', 'i1', 'dc-a', :begin,
        cast(:as_of as timestamptz) - interval '9 seconds')""",
    """insert into metrics.score_hour
    select 'mail', hour, 'v1', 'ru', decision, bin, letters
    from generate_series(cast(:begin as timestamptz), cast(:as_of as timestamptz) - interval
            '1 hour', '1 hour') as hour,
        (values (true, 3, 880), (false, -5, 5000)) as scored (decision, bin, letters)""",
    """insert into metrics.labelled_letter
    select 'mail', 'v1', 'letter ' || number, hour + interval '7 minutes', hour + interval '1 hour',
        'ru', 0.58, true, true, 0.01
    from generate_series(1, 40) as number,
        lateral (select cast(:begin as timestamptz) + (number / 2) * interval '1 hour')
            as predicted (hour)""",
    "insert into metrics.deployment values ('mail', 'd1', :begin, 'v1', 'dc-a', 'production')",
    """insert into metrics.product_day
    select 'mail', day, metric, 'all', 5
    from generate_series(cast(:as_of as date) - 14, cast(:as_of as date) - 1, '1 day') as day,
        unnest(array['sessions', 'complaints']) as metric""",
    """insert into metrics.shadow_hour
    values ('mail', :then, 'v1', 'v2', 'all', 5, 1, 1, 5, 0, 0, 0)""",
    """insert into metrics.training_run
    values ('mail', 't1', :begin, :then, 'succeeded', 'v2', '', 9, 8, 7, 7)""",
    """insert into metrics.experiment_bucket_day
    select 'mail', 'folder', variant, dimension, value, day, bucket,
        users, users, 10 * users, users, 1, 1, 1
    from (values ('all', 'all', 5), ('platform', 'web', 2), ('platform', 'приложение', 3))
            as split (dimension, value, users),
        unnest(array['control', 'treatment']) as variant, generate_series(0, 4) as bucket,
        generate_series(cast(:as_of as date) - 3, cast(:as_of as date), '1 day') as day""",
    """insert into metrics.experiment_bucket_before
    select 'mail', 'folder', variant, bucket, 1, 1, 1, 1, 1, 1, 1, :begin
    from unnest(array['control', 'treatment']) as variant, generate_series(0, 4) as bucket""",
    """insert into metrics.false_report
    values ('mail', 'r1', :then, :then, 'false_positive', 'user', 'k', 'k', '', '', '', 'v1', 0.9,
        0.5, 'text', 'none')""",
)


@dataclass(frozen=True)
class Case:
    """What breaks a rule, how often it is then found, and what the newest example says."""

    breaks: tuple[str, ...]
    total: int
    key: str
    wrong: str


def _grown(times: str, where: str) -> str:
    """So many times the users, in every dimension alike."""
    names = ("new_users", "active_users", "letters", "complaints")
    return (
        f"update metrics.experiment_bucket_day set "
        f"{', '.join(f'{name} = {times} * {name}' for name in names)} where {where}"
    )


def _defined(*variants: str) -> str:
    """The experiment is defined, with these names and shares of its variants."""
    pairs = zip(variants[::2], variants[1::2], strict=True)
    written = ", ".join(
        f"jsonb_build_object('name', '{name}', 'share', {share})" for name, share in pairs
    )
    return (
        "insert into team.experiment (service, experiment, variants, control, starts_on, "
        "minimum_days, planned_days, primary_metric, primary_margin, primary_direction, "
        "created_by, created_at, changed_by, changed_at) "
        f"values ('mail', 'folder', jsonb_build_array({written}), 'control', '2025-03-05', "
        "14, 28, 'complaints_per_letter', -0.05, 'down', 'Анна', :begin, 'Анна', :begin)"
    )


CASES = {
    "latency_cells": Case(
        (
            (
                "update metrics.serving_minute set latency[41] = latency[41] + 7 where minute >= "
                "cast(:as_of as timestamptz) - interval '5 minutes'"
            ),
        ),
        5,
        "minute 2025-03-11T07:59Z, datacenter dc-a, instance i1, model version v1",
        "The latency cells add up to 105, but letters - errors is 98.",
    ),
    "slow_cells": Case(
        (
            (
                "update metrics.serving_minute set slow = 4, written_at = now() where minute = "
                "cast(:as_of as timestamptz) - interval '1 hour'"
            ),
        ),
        1,
        "minute 2025-03-11T07:00Z, datacenter dc-a, instance i1, model version v1",
        "slow is 4, but the cells above 20 ms (82 to 162) add up to 3.",
    ),
    "instance_without_heartbeat": Case(
        (
            (
                "insert into metrics.serving_minute select service, minute, datacenter, 'и2', "
                "model_version, letters, errors, slow, latency from metrics.serving_minute "
                "where minute <= :then "
                "and minute > cast(:then as timestamptz) - interval '9 minutes'"
            ),
        ),
        1,
        "datacenter dc-a, instance и2",
        "Rows in the last day: 9, the newest for 2025-03-10T22:00Z. Heartbeats: none.",
    ),
    "heartbeat_elsewhere": Case(
        ("update metrics.heartbeat set datacenter = 'Москва'",),
        1,
        "instance i1",
        "Its heartbeat says datacenter 'Москва', its rows say 'dc-a'.",
    ),
    "heartbeat_without_rows": Case(
        (
            (
                "insert into metrics.heartbeat "
                "(service, component, instance, datacenter, started_at, beat_at) "
                "values ('mail', 'inference', 'i9', 'dc-b', :then, :as_of)"
            ),
        ),
        1,
        "datacenter dc-b, instance i9",
        "Its heart beat at 2025-03-11T08:00Z, but it has written no row since 2025-03-10T22:00Z.",
    ),
    "missing_rows": Case(
        (
            (
                "delete from metrics.serving_minute where minute >= :then "
                "and minute < cast(:then as timestamptz) + interval '3 minutes'"
            ),
            (
                "delete from metrics.serving_minute where minute = "
                "cast(:as_of as timestamptz) - interval '20 minutes'"
            ),
        ),
        1,
        "instance i1",
        "Minutes written: 1,433 of 1,437. The first that is missing: 2025-03-10T22:00Z.",
    ),
    "not_rolled_up": Case(
        ("delete from rollup.hour_state where hour = :then",),
        1,
        "hour 2025-03-10T22:00Z",
        "Rows written more than 5 minutes ago and not counted yet: 60.",
    ),
    "refused_hour": Case(
        ("update rollup.hour_state set error = 'A number is too large.' where hour = :then",),
        1,
        "hour 2025-03-10T22:00Z",
        "A number is too large.",
    ),
    "unseen_correction": Case(
        (
            (
                "update metrics.serving_minute set letters = letters + 5, errors = errors + 5 "
                "where minute = :then"
            ),
        ),
        1,
        "hour 2025-03-10T22:00Z",
        "Letters, errors and slow in its rows: 6,005, 125 and 180. Counted: 6,000, 120 and 180.",
    ),
    "too_late": Case(
        ("update rollup.hour_state set final = true where hour = :begin",),
        1,
        "hour 2025-03-10T06:00Z",
        "Rows that came after the hour was final, and are not counted: 60.",
    ),
    "similar_names": Case(
        (
            (
                "insert into rollup.instance_hour "
                "select service, hour, datacenter, instance, 'V1 ', minutes, "
                "last_minute, letters, errors, slow, first_cell, latency "
                "from rollup.instance_hour where hour = :then"
            ),
        ),
        1,
        "field model_version",
        "These differ only in case or white space: 'V1 ', 'v1'.",
    ),
    "written_ahead": Case(
        (
            (
                "update metrics.product_day set written_at = '2100-01-01T00:00Z' "
                "where day = cast(:then as date) and metric = 'sessions'"
            ),
            "update metrics.score_hour set written_at = '2099-01-01T00:00Z' where hour = :then",
        ),
        3,
        "table product_day, time 2025-03-10T00:00Z",
        "written_at is 2100-01-01T00:00Z, ahead of the store's clock.",
    ),
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
    "deployed_but_silent": Case(
        ("insert into metrics.deployment values ('mail', 'd9', :then, 'v9', '', 'canary')",),
        1,
        "deployment id d9",
        "Version v9 went to canary at 2025-03-10T22:00Z, but no row carries it.",
    ),
    "version_without_deployment": Case(
        ("delete from metrics.deployment",),
        1,
        "model version v1",
        "Letters served since 2025-03-10T06:00Z: 156,000. Deployments that name it: none.",
    ),
    "shadow_was_visible": Case(
        ("update metrics.shadow_hour set user_visible = 1200",),
        1,
        "hour 2025-03-10T22:00Z, candidate version v2, segment all",
        "Letters whose handling the candidate changed: 1,200.",
    ),
    "training_ends_before_it_starts": Case(
        ("update metrics.training_run set started_at = finished_at, finished_at = started_at",),
        1,
        "run id t1",
        "It started at 2025-03-10T22:00Z and finished at 2025-03-10T06:00Z.",
    ),
    "negative_product_metric": Case(
        (
            (
                "update metrics.product_day set value = -0.5 "
                "where day = cast(:then as date) and metric = 'sessions'"
            ),
        ),
        1,
        "day 2025-03-10, metric sessions, segment all",
        "The value is -0.5.",
    ),
    "unknown_product_metric": Case(
        (
            (
                "insert into metrics.product_day "
                "values ('mail', cast(:then as date), 'жалобы', 'all', 5)"
            ),
        ),
        1,
        "metric жалобы",
        "The contract has no metric of this name. Days that carry it: 1.",
    ),
    "missing_product_days": Case(
        (
            (
                "delete from metrics.product_day where metric = 'sessions' and day in "
                "(cast(:as_of as date) - 3, cast(:as_of as date) - 6, cast(:as_of as date) - 7)"
            ),
        ),
        1,
        "metric sessions",
        "Days missing between 2025-02-25 and 2025-03-10: 3, the first 2025-03-04.",
    ),
    "experiment_totals": Case(
        (
            (
                "update metrics.experiment_bucket_day set complaints = complaints + 1 "
                "where value = 'web' and variant = 'control' and bucket = 0 "
                "and day = cast(:as_of as date)"
            ),
        ),
        1,
        "experiment folder, variant control, dimension platform, day 2025-03-11",
        "Letters, complaints and new users of its values: 250, 26 and 25. "
        "Of 'all': 250, 25 and 25.",
    ),
    "experiment_sums": Case(
        (
            (
                "update metrics.experiment_bucket_day set active_users = 0 "
                "where dimension = 'all' and variant = 'control' and bucket = 0 "
                "and day = cast(:as_of as date)"
            ),
            (
                "update metrics.experiment_bucket_day set revenue = 'NaN' "
                "where value = 'приложение' and variant = 'treatment' and bucket = 4 "
                "and day = cast(:as_of as date) - 1"
            ),
        ),
        2,
        "experiment folder, variant control, dimension all, value all, day 2025-03-11, bucket 0",
        "New users 5, active users 0, letters 50, complaints 5, sessions 1, session seconds 1.0, "
        "revenue 1.0.",
    ),
    "experiment_buckets": Case(
        (_grown("1000", "true"),),
        2,
        "experiment folder, variant control",
        "Buckets with rows: 5 of 500, the highest 4, though it has 100,000 new users.",
    ),
    "experiment_bucket_share": Case(
        (
            (
                "insert into metrics.experiment_bucket_day "
                "select service, experiment, variant, dimension, value, day, another, new_users, "
                "active_users, letters, complaints, sessions, session_seconds, revenue "
                "from metrics.experiment_bucket_day, generate_series(5, 499) as another "
                "where bucket = 0"
            ),
            _grown("6", "bucket = 7 and variant = 'treatment'"),
        ),
        1,
        "experiment folder, variant treatment, bucket 7",
        "New users of this bucket: 120. Of a bucket on average: 20.",
    ),
    "experiment_missing_days": Case(
        (
            (
                "delete from metrics.experiment_bucket_day "
                "where variant = 'control' and day = cast(:as_of as date) - 2"
            ),
        ),
        1,
        "experiment folder, variant control",
        "Days missing between 2025-03-08 and 2025-03-11: 1, the first 2025-03-09.",
    ),
    "experiment_arm_stopped": Case(
        (
            (
                "delete from metrics.experiment_bucket_day "
                "where variant = 'treatment' and day >= cast(:as_of as date) - 2"
            ),
        ),
        1,
        "experiment folder, variant treatment",
        "Its last day is 2025-03-08, while other variants go on to 2025-03-11.",
    ),
    "experiment_split_drift": Case(
        (
            (
                "insert into metrics.experiment_bucket_day "
                "select service, experiment, variant, dimension, value, day - ago, bucket, "
                "times * new_users, times * active_users, times * letters, times * complaints, "
                "sessions, session_seconds, revenue "
                "from metrics.experiment_bucket_day, generate_series(4, 24) as ago, "
                "lateral (select case when variant = 'control' and ago < 11 then 24 else 16 end) "
                "as grown (times) where day = cast(:as_of as date)"
            ),
        ),
        2,
        "experiment folder, variant control",
        "Its share of new users: 50.00 % in the first week, 59.80 % in the last.",
    ),
    "experiment_split": Case(
        (_defined("control", "0.9", "treatment", "0.1"),),
        1,
        "experiment folder",
        "Its 100 new users are split into control 50.00 %, treatment 50.00 %. "
        "Planned: control 90.00 %, treatment 10.00 %.",
    ),
    "experiment_variants": Case(
        (_defined("control", "0.9", "лечение", "0.1"),),
        1,
        "experiment folder",
        "Variants of its rows: control, treatment. Of its definition: control, лечение.",
    ),
    "experiment_before": Case(
        ("delete from metrics.experiment_bucket_before where variant = 'treatment'",),
        1,
        "experiment folder",
        "Variants in experiment_bucket_day: control, treatment. "
        "In experiment_bucket_before: control.",
    ),
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

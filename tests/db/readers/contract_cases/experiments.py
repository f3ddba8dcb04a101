"""What breaks the rules of experiments."""

from tests.db.readers.contract_cases.case import Case


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
}

"""What breaks the rules of deployments, shadow runs, training runs and product metrics."""

from tests.db.readers.contract_cases.case import Case

CASES = {
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
}

"""What breaks the rules of serving minutes and heartbeats."""

from tests.db.readers.contract_cases.case import Case

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
}

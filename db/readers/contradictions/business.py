"""Releases, training runs and product metrics that break a rule."""

from db.readers.contradictions.question import Question

RELEASES = {
    "deployed_but_silent": Question(
        """
        select deployment_id, model_version, stage, deployed_at from metrics.deployment
        where service = :service and deployed_at >= :start and deployed_at < :as_of - :grace
            and stage in ('canary', 'production')
            and model_version not in (
                select model_version from rollup.serving_hour
                where service = :service and hour >= :start and hour < :as_of)""",
        'deployed_at desc, deployment_id collate "C"',
    ),
    "version_without_deployment": Question(
        """
        select model_version, min(hour) as since, sum(letters)::bigint as letters
        from rollup.serving_hour
        where service = :service and hour >= :start and hour < :as_of
            and model_version not in (
                select model_version from metrics.deployment where service = :service)
        group by model_version""",
        'since, model_version collate "C"',
    ),
    "shadow_was_visible": Question(
        """
        select hour, candidate_version, segment, user_visible from metrics.shadow_hour
        where service = :service and hour >= :start and hour < :as_of and user_visible > 0""",
        'hour desc, candidate_version collate "C", segment collate "C"',
    ),
    "training_ends_before_it_starts": Question(
        """
        select run_id, started_at, finished_at from metrics.training_run
        where service = :service and started_at >= :start and started_at < :as_of
            and finished_at < started_at""",
        'started_at desc, run_id collate "C"',
    ),
}

_OF_PRODUCT = "where service = :service and day >= :start and day <= :as_of"

BUSINESS = {
    "negative_product_metric": Question(
        f"select day, metric, segment, value from metrics.product_day {_OF_PRODUCT} and value < 0",
        'day desc, metric collate "C", segment collate "C"',
    ),
    "unknown_product_metric": Question(
        f"""
        select metric, count(distinct day) as days from metrics.product_day
        {_OF_PRODUCT} and metric <> all (:known)
        group by metric""",
        'metric collate "C"',
    ),
    "missing_product_days": Question(
        f"""
        with days as (
            select metric, day, lag(day) over (partition by metric order by day) as before
            from metrics.product_day {_OF_PRODUCT} and segment = 'all')
        select metric, min(day) as first, max(day) as last,
            (sum(day - before - 1) filter (where day - before > 1))::bigint as missing,
            min(before + 1) filter (where day - before > 1) as gap
        from days group by metric having bool_or(day - before > 1)""",
        'missing desc, metric collate "C"',
    ),
}

"""Releases, training runs, product metrics and experiments that break a rule."""

from db.readers.contradictions.question import Question

#: From slice to slice of a service's experiments by the primary key, whose day comes late.
SLICES = """with recursive slices as (
            (select experiment, variant, dimension, value from metrics.experiment_bucket_day
             where service = :service order by experiment, variant, dimension, value limit 1)
            union all
            select next.* from slices cross join lateral (
                select experiment, variant, dimension, value from metrics.experiment_bucket_day
                where service = :service and (experiment, variant, dimension, value)
                    > (slices.experiment, slices.variant, slices.dimension, slices.value)
                order by experiment, variant, dimension, value limit 1) as next)"""

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
    # From slice to slice by the primary key, and of each only the last days.
    "experiment_totals": Question(
        f"""
        {SLICES},
        sums as (
            select experiment, variant, dimension, day, sum(letters)::bigint as letters,
                sum(complaints)::bigint as complaints, sum(new_users)::bigint as new_users
            from slices cross join lateral (
                select day, letters, complaints, new_users
                from metrics.experiment_bucket_day as rows
                where service = :service and rows.experiment = slices.experiment
                    and rows.variant = slices.variant and rows.dimension = slices.dimension
                    and rows.value = slices.value and day >= :start and day <= :as_of) as found
            group by experiment, variant, dimension, day)
        select part.experiment, part.variant, part.dimension, part.day, part.letters,
            part.complaints, part.new_users, coalesce(whole.letters, 0) as all_letters,
            coalesce(whole.complaints, 0) as all_complaints,
            coalesce(whole.new_users, 0) as all_new_users
        from sums as part left join sums as whole
            on whole.experiment = part.experiment and whole.variant = part.variant
            and whole.day = part.day and whole.dimension = 'all'
        where part.dimension <> 'all' and (part.letters, part.complaints, part.new_users)
            is distinct from (whole.letters, whole.complaints, whole.new_users)""",
        'day desc, experiment collate "C", variant collate "C", dimension collate "C"',
    ),
}

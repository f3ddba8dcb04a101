"""Bucket sums of A/B tests that break a rule."""

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
_OF_SLICE = """service = :service and rows.experiment = slices.experiment
                    and rows.variant = slices.variant and rows.dimension = slices.dimension
                    and rows.value = slices.value"""
# "offset 0" keeps the planner from reading whole experiments where it has no statistics.
_ROWS = f"""
            from slices cross join lateral (
                select day, bucket, new_users, active_users, letters, complaints, sessions,
                    session_seconds, revenue
                from metrics.experiment_bucket_day as rows
                where {_OF_SLICE} and day >= :start and day <= :as_of offset 0) as found"""
_ALL_USERS = "where dimension = 'all' and value = 'all'"

# Users by bucket over the days of a test.
_BUCKETS = f"""{SLICES},
        buckets as (
            select experiment, variant, bucket, sum(new_users)::bigint as users {_ROWS}
            {_ALL_USERS} group by experiment, variant, bucket)"""
# The first and the last day of every variant, by look-ups. A day counts once it is due: variants
# may be uploaded one after the other.
_ARMS = f"""{SLICES},
        arms as (
            select experiment, variant, first, last,
                min(first) over experiments as begun, max(last) over experiments as newest,
                (cast(:as_of as timestamptz) - cast(:due as interval))::date as due
            from slices cross join lateral (
                (select day as first from metrics.experiment_bucket_day as rows
                 where {_OF_SLICE} and day <= :as_of order by day limit 1)) as begins
            cross join lateral (
                (select day as last from metrics.experiment_bucket_day as rows
                 where {_OF_SLICE} and day <= :as_of order by day desc limit 1)) as ends
            {_ALL_USERS} window experiments as (partition by experiment))"""
# First-seen users by day, on days that are due and on which every variant has rows: a variant that
# is missing is another rule's business.
_DAYS = f"""{_ARMS},
        written as (
            select experiment, variant, day, sum(new_users) as users {_ROWS}
            {_ALL_USERS} group by experiment, variant, day),
        days as (
            select experiment, variant, day, users, begun
            from (select *, count(*) over (partition by experiment, day) as arms_of_day
                  from written) as counted
            join (select *, count(*) over (partition by experiment) as arms_of_test
                  from arms) as known using (experiment, variant)
            where arms_of_day = arms_of_test and day <= due)"""

EXPERIMENT = {
    # From slice to slice by the primary key, and of each only the last days.
    "experiment_totals": Question(
        f"""
        {SLICES},
        sums as (
            select experiment, variant, dimension, day, sum(letters)::bigint as letters,
                sum(complaints)::bigint as complaints, sum(new_users)::bigint as new_users {_ROWS}
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
    # PostgreSQL takes a NaN for more than infinity.
    "experiment_sums": Question(
        f"""
        {SLICES}
        select experiment, variant, dimension, value, day, bucket, new_users, active_users,
            letters, complaints, sessions, session_seconds, revenue {_ROWS}
        where new_users < 0 or active_users < new_users or complaints < 0 or letters < complaints
            or sessions < 0 or session_seconds < 0 or session_seconds >= 'infinity'
            or revenue = '-infinity' or revenue >= 'infinity'""",
        'day desc, experiment collate "C", variant collate "C", dimension collate "C", '
        'value collate "C", bucket',
    ),
    "experiment_buckets": Question(
        f"""
        {_BUCKETS}
        select experiment, variant, count(*) as buckets, max(bucket) as highest,
            sum(users)::bigint as users
        from buckets group by experiment, variant
        having count(*) < :buckets and sum(users) >= :users""",
        'experiment collate "C", variant collate "C"',
    ),
    "experiment_bucket_share": Question(
        f"""
        {_BUCKETS}
        select experiment, variant, bucket, users, mean::bigint as mean from (
            select *, avg(users) over arms as mean, sum(users) over arms as total from buckets
            window arms as (partition by experiment, variant)) as compared
        where total >= :users and users > :times * mean""",
        'users / mean desc, experiment collate "C", variant collate "C", bucket',
    ),
    "experiment_missing_days": Question(
        f"""
        {SLICES},
        days as (
            select experiment, variant, day,
                lag(day) over (partition by experiment, variant order by day) as before
            from (select distinct experiment, variant, day {_ROWS} {_ALL_USERS}) as written)
        select experiment, variant, min(day) as first, max(day) as last,
            (sum(day - before - 1) filter (where day - before > 1))::bigint as missing,
            min(before + 1) filter (where day - before > 1) as gap
        from days group by experiment, variant having bool_or(day - before > 1)""",
        'last desc, experiment collate "C", variant collate "C"',
    ),
    "experiment_arm_stopped": Question(
        f"""
        {_ARMS}
        select experiment, variant, last, newest from arms
        where last < newest and last < due and newest >= :start""",
        'newest desc, experiment collate "C", variant collate "C"',
    ),
    "experiment_split_drift": Question(
        f"""
        {_DAYS},
        weeks as (
            select experiment, variant,
                sum(users) filter (where day < begun + 7) as early,
                sum(users) filter (where day > newest - 7 and day >= begun + 7) as late
            from (select *, max(day) over (partition by experiment) as newest from days) as known
            group by experiment, variant),
        shares as (
            select experiment, variant, early_users, late_users,
                early / early_users as early_share, late / late_users as late_share,
                (early + late) / (early_users + late_users) as share
            from (select *, sum(early) over arms as early_users, sum(late) over arms as late_users
                  from weeks window arms as (partition by experiment)) as summed
            where early_users > 0 and late_users > 0)
        select experiment, variant, round(100 * early_share, 2) as early,
            round(100 * late_share, 2) as late
        from shares
        where share > 0 and share < 1 and abs(late_share - early_share) > :imbalance
            and (late_share - early_share) ^ 2
                > :critical * share * (1 - share) * (1 / early_users + 1 / late_users)""",
        'abs(late - early) desc, experiment collate "C", variant collate "C"',
    ),
    "experiment_split": Question(
        f"""
        {_DAYS},
        planned as (
            select experiment, variant ->> 'name' as variant,
                (variant ->> 'share')::numeric as share, starts_on,
                coalesce(stopped_on, 'infinity') as ends_on
            from team.experiment cross join jsonb_array_elements(variants) as variant
            where service = :service),
        split as (
            select planned.experiment, planned.variant, share, coalesce(sum(users), 0) as users
            from planned left join days
                on days.experiment = planned.experiment and days.variant = planned.variant
                and day between starts_on and ends_on
            group by planned.experiment, planned.variant, share),
        compared as (
            select experiment, variant, share, users,
                sum(users) over (partition by experiment) as total,
                bool_and(split.variant is not null and arms.variant is not null)
                    over (partition by experiment) as same
            from split full join (select experiment, variant from arms
                                  where experiment in (select experiment from planned)) as arms
                using (experiment, variant))
        select experiment,
            string_agg(variant || ' ' || round(100 * users / total, 2) || ' %', ', '
                order by variant collate "C") as found,
            string_agg(variant || ' ' || round(100 * share, 2) || ' %', ', '
                order by variant collate "C") as planned,
            max(total)::bigint as users
        from compared where same and total > 0
        group by experiment
        having max(abs(users / total - share)) > :imbalance
            and sum((users - total * share) ^ 2 / (total * share))
                > (cast(:critical as float8[]))[count(*) - 1]""",
        'users desc, experiment collate "C"',
    ),
    "experiment_variants": Question(
        f"""
        {_ARMS}
        select experiment, written, defined from (
            select experiment, string_agg(variant, ', ' order by variant collate "C") as written
            from arms where begun <= due and newest >= :start group by experiment) as found
        join (
            select experiment,
                string_agg(variant ->> 'name', ', ' order by variant ->> 'name' collate "C")
                    as defined
            from team.experiment cross join jsonb_array_elements(variants) as variant
            where service = :service group by experiment) as planned using (experiment)
        where written <> defined""",
        'experiment collate "C"',
    ),
    "experiment_before": Question(
        f"""
        {_ARMS}
        select experiment, written, coalesce(earlier, 'none') as earlier from (
            select experiment, string_agg(variant, ', ' order by variant collate "C") as written
            from arms where begun <= due and newest >= :start group by experiment) as found
        cross join lateral (
            select string_agg(variant, ', ' order by variant collate "C") as earlier
            from (select distinct variant from metrics.experiment_bucket_before
                  where service = :service and experiment = found.experiment) as known) as before
        where written is distinct from earlier""",
        'experiment collate "C"',
    ),
}

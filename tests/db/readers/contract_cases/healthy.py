"""A service that keeps the metric contract."""

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

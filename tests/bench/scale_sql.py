"""What the large store of bench_scale is made of, in SQL: the server makes every row."""

DATACENTERS = 4
# measured.
HISTOGRAMS = """
    create table public.bench_histogram as
    select nth, cells as latency, letters, slow
    from (
        select nth, array_agg(drawn order by cell) as cells, sum(drawn) as letters,
            coalesce(sum(drawn) filter (where cell > 81), 0) as slow
        from (
            select nth, cell, round(share * :letters * (0.9 + 0.2 * random()))::integer as drawn
            from generate_series(0, 99) as nth,
                unnest(cast(:shares as double precision[])) with ordinality as cells (share, cell)
        ) as noisy
        group by nth
    ) as summed"""
MINUTES = f"""
    insert into metrics.serving_minute
        (service, minute, datacenter, instance, model_version, letters, errors, slow, latency,
         written_at)
    select :service, minute, 'dc-' || instance % {DATACENTERS}, 'instance-' || instance, 'v7',
        letters + 1, 1, slow, latency,
        coalesce(minute + cast(:after as interval), now())
    from generate_series(cast(:first as timestamptz), :last, '1 minute') as minute
        cross join generate_series(1, :instances) as instance
        join public.bench_histogram on nth =
            (instance * 31 + (extract(epoch from minute) / 60)::bigint * 17) % 100"""
#: A correction of one instance's minutes, as its writer would send it.
CORRECTION = """
    update metrics.serving_minute set errors = 2, letters = letters + 1, written_at = now()
    where service = :service and minute >= :first and minute < :next and instance = 'instance-7'"""
#: Rollups without their rows: (service, datacenters, instances a datacenter) come as arrays.
_NAMED = """unnest(cast(:names as text[]), cast(:instances as integer[]))
    as named (service, instances),
    generate_series(0, case when named.instances < 4 then 0 else 3 end) as datacenter"""
_CELLS = "(select array_agg(90 + 7 * cell) from generate_series(1, 75) as cell)"
_SERIES = (
    "datacenter, case when named.instances < 4 then named.instances else named.instances / 4 end"
)
ROLLED = {
    "hours": f"""
        insert into rollup.serving_hour
        select named.service, hour, 'dc-' || datacenter, 'v7', 60, 60 * named.instances,
            1440000, 60, 900, 30, cells.latency
        from generate_series(cast(:first_hour as timestamptz), :last_hour, '1 hour') as hour,
            {_NAMED}, (select {_CELLS}::bigint[] as latency) as cells""",
    "states": """
        insert into rollup.hour_state (service, hour, source_rows, fingerprint, final)
        select service, hour, 60, 0, true
        from generate_series(cast(:first_hour as timestamptz), :last_hour, '1 hour') as hour,
            unnest(cast(:names as text[])) as named (service)""",
    "minutes": f"""
        insert into rollup.serving_minute
        select named.service, minute, 'dc-' || datacenter, 'v7',
            greatest(named.instances / 4, 1), 24000, 1, 15, 30, cells.latency
        from generate_series(cast(:first_minute as timestamptz), :last_hour, '1 minute') as minute,
            {_NAMED}, (select {_CELLS}::integer[] as latency) as cells
        where minute < :last_hour + interval '1 hour'""",
    "instance hours": f"""
        insert into rollup.instance_hour
        select named.service, hour, 'dc-' || datacenter,
            'instance-' || datacenter || '-' || instance, 'v7', 60,
            hour + interval '59 minutes', 360000, 60, 225, 30, cells.latency
        from generate_series(cast(:first_minute as timestamptz), :last_hour, '1 hour') as hour,
            {_NAMED}, generate_series(1, greatest(named.instances / 4, 1)) as instance,
            (select {_CELLS}::bigint[] as latency) as cells""",
}
#: Earlier days are a day that was rolled up, moved.
COPIES = {
    "serving_minute": """
        insert into rollup.serving_minute
        select service, minute - days * interval '1 day', datacenter, model_version, instances,
            letters, errors, slow, first_cell, latency
        from rollup.serving_minute, generate_series(1, :days) as days
        where service = :service and minute >= :first and minute < :next""",
    "serving_hour": """
        insert into rollup.serving_hour
        select service, hour - days * interval '1 day', datacenter, model_version, minutes,
            instance_minutes, letters, errors, slow, first_cell, latency
        from rollup.serving_hour, generate_series(1, :days) as days
        where service = :service and hour >= :first and hour < :next""",
    "instance_hour": """
        insert into rollup.instance_hour
        select service, hour - days * interval '1 day', datacenter, instance, model_version,
            minutes, last_minute - days * interval '1 day', letters, errors, slow, first_cell,
            latency
        from rollup.instance_hour, generate_series(1, :days) as days
        where service = :service and hour >= :first and hour < :next""",
    "hour_state": """
        insert into rollup.hour_state (service, hour, source_rows, fingerprint, final)
        select service, hour - days * interval '1 day', source_rows, fingerprint, true
        from rollup.hour_state, generate_series(1, :days) as days
        where service = :service and hour >= :first and hour < :next""",
}
HEARTBEATS = f"""
    insert into metrics.heartbeat (service, component, instance, datacenter, started_at, beat_at)
    select :service, 'inference', 'instance-' || instance, 'dc-' || instance % {DATACENTERS},
        :since, :at
    from generate_series(1, :instances) as instance
    on conflict (service, component, instance) do update set beat_at = excluded.beat_at"""

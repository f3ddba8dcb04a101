-- What the worker derives from metrics.serving_minute. Every column is a sum, so that a corrected hour
-- is computed again from its rows and simply replaces what stood there.
--
-- Histograms are stored without their empty ends: latency[1] is cell first_cell of the 162, so cell i is
-- latency[i + 1 - first_cell], or null (that is, nothing) outside. A minute's row is 400 bytes instead of
-- 1,400. The cells of a minute are integers (two billion letters a minute in one cell overflow loudly),
-- those of an hour bigints.

create schema rollup;

-- A minute of a datacenter and version, over its instances. Kept 90 days.
create table rollup.serving_minute (
    service        text        not null,
    minute         timestamptz not null,
    datacenter     text        not null,
    model_version  text        not null,
    instances      integer     not null,   -- that wrote it, each with the first of its versions
    letters        bigint      not null,
    errors         bigint      not null,
    slow           bigint      not null,
    first_cell     smallint    not null,
    latency        integer[]   not null,
    primary key (service, minute, datacenter, model_version)
);

-- An hour of a datacenter and version. Kept for ever.
create table rollup.serving_hour (
    service        text        not null,
    hour           timestamptz not null,
    datacenter     text        not null,
    model_version  text        not null,
    minutes        integer     not null,   -- minutes of the hour with at least one row
    instance_minutes integer   not null,   -- rows of the hour
    letters        bigint      not null,
    errors         bigint      not null,
    slow           bigint      not null,
    first_cell     smallint    not null,
    latency        bigint[]    not null,
    primary key (service, hour, datacenter, model_version)
);

-- An hour of one instance: where a fault sits, after the minutes of the instances are gone. Kept 90 days.
create table rollup.instance_hour (
    service        text        not null,
    hour           timestamptz not null,
    datacenter     text        not null,
    instance       text        not null,
    model_version  text        not null,
    minutes        integer     not null,
    last_minute    timestamptz not null,   -- the newest minute of this hour that it wrote
    letters        bigint      not null,
    errors         bigint      not null,
    slow           bigint      not null,
    first_cell     smallint    not null,
    latency        bigint[]    not null,
    primary key (service, hour, datacenter, instance, model_version)
);
-- Who ever wrote, and when last: two look-ups an instance, however many hours it has.
create index instance_hour_by_instance
    on rollup.instance_hour (service, datacenter, instance, hour);

-- What an hour looked like when it was last rolled up: an hour whose rows still look the same is left
-- alone, so that looking again costs little. Kept for ever, for what it says about final hours.
create table rollup.hour_state (
    service        text        not null,
    hour           timestamptz not null,
    source_rows    bigint      not null,
    fingerprint    numeric     not null,   -- sum of written_at in microseconds over the hour's rows
    rolled_at      timestamptz not null default now(),
    error          text        not null default '',   -- why these rows could not be rolled up
    final          boolean     not null default false, -- retention took its rows: never rolled up again
    primary key (service, hour)
);
-- What was rolled up last: what the web app's caches ask before every page.
create index hour_state_rolled_at on rollup.hour_state (service, rolled_at);
create index hour_state_failed on rollup.hour_state (service, hour) where error <> '';

-- One row's share of a fingerprint. A writer cannot delete, and a correction moves written_at forward, so
-- a count and this sum together tell every change.
create function rollup.written_microseconds(written_at timestamptz) returns bigint
language sql stable parallel safe
return (extract(epoch from written_at) * 1000000)::bigint;

-- Every life of a component, as heartbeats told it: a restart overwrites metrics.heartbeat, and with it
-- the knowledge that rows were expected in between. Kept 90 days after the last beat.
create table rollup.lifetime (
    service        text        not null,
    component      text        not null,
    datacenter     text        not null default '',
    instance       text        not null,
    started_at     timestamptz not null,
    beat_at        timestamptz not null,
    stopped_at     timestamptz,
    primary key (service, component, instance, started_at)
);

-- The worker's own pulse: who leads, what the last tick did, how long it took. One row.
create table rollup.worker (
    singleton      boolean     primary key default true check (singleton),
    leader         text        not null default '',
    ticked_at      timestamptz,
    seconds        double precision,
    hours_rolled   bigint      not null default 0,
    watermark      timestamptz,            -- rows written before this have been rolled up
    deep_checked_at timestamptz,           -- when the last 7 days were last compared in full
    error          text        not null default ''
);
insert into rollup.worker default values;

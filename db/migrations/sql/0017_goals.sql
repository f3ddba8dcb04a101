-- Goals, criteria and targets become things that people change on a page, one at a time: each row has a revision
-- and is logged in team.audit. What was written by SQL before counts as having stood always, and by nobody known.

alter table team.goal
    add column key_results text[]      not null default '{}',
    add column request_id  text        not null default '',
    add column removed_at  timestamptz,
    add column removed_by  text        not null default '',
    add column revision    integer     not null default 1 check (revision > 0),
    add column changed_by  text        not null default '',
    add column changed_at  timestamptz not null default '1970-01-01T00:00Z',
    add check ((removed_at is null) = (removed_by = ''));
create unique index goal_once on team.goal (service, request_id) where request_id <> '';

alter table team.criterion
    add column service     text        not null default '',     -- its goal's, see below
    add column window_said text        not null default '',     -- such as 30d; '' is the reader's
    add column request_id  text        not null default '',
    add column removed_at  timestamptz,
    add column removed_by  text        not null default '',
    add column revision    integer     not null default 1 check (revision > 0),
    add column changed_by  text        not null default '',
    add column changed_at  timestamptz not null default '1970-01-01T00:00Z',
    add check ((removed_at is null) = (removed_by = ''));
update team.criterion set service = goal.service from team.goal where goal.goal_id = criterion.goal_id;
alter table team.criterion drop constraint criterion_goal_id_position_key;
create unique index criterion_position on team.criterion (goal_id, position) where removed_at is null;
create unique index criterion_once on team.criterion (service, request_id) where request_id <> '';
create index criterion_of on team.criterion (service);

-- The log holds rows as JSON, whose readers make floats of numbers: the value is there as text, too.
alter table team.target
    drop constraint target_pkey,
    add column target_id   bigint      generated always as identity primary key,
    add column service     text        not null default '',
    add column exact_value text        generated always as (value::text) stored,
    add column request_id  text        not null default '',
    add column removed_at  timestamptz,
    add column removed_by  text        not null default '',
    add column revision    integer     not null default 1 check (revision > 0),
    add column changed_by  text        not null default '',
    add column changed_at  timestamptz not null default '1970-01-01T00:00Z',
    add check ((removed_at is null) = (removed_by = ''));
update team.target set service = goal.service
from team.criterion join team.goal using (goal_id)
where criterion.criterion_id = target.criterion_id;
create unique index target_once_a_milestone on team.target (criterion_id, milestone, measure)
    where removed_at is null;
create unique index target_once on team.target (service, request_id) where request_id <> '';
create index target_of on team.target (service);

-- A criterion or a target that names no service has that of its goal: whoever writes them by SQL need not say it.
create function team.service_of_goal() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if tg_table_name = 'criterion' then
        select goal.service into new.service from team.goal where goal.goal_id = new.goal_id;
    else
        select criterion.service into new.service
        from team.criterion where criterion.criterion_id = new.criterion_id;
    end if;
    new.service := coalesce(new.service, '');
    return new;
end $$;
create trigger criterion_service before insert on team.criterion
    for each row when (new.service = '') execute function team.service_of_goal();
create trigger target_service before insert on team.target
    for each row when (new.service = '') execute function team.service_of_goal();

-- The way down from a goal: product metrics, and below each the technical metrics that it rests on. A node
-- without a number is a gap, and is shown as one.
create table team.goal_node (
    node_id        bigint      generated always as identity primary key,
    service        text        not null check (service <> ''),
    goal_id        text        not null references team.goal on delete cascade,
    parent_id      bigint      references team.goal_node on delete cascade,   -- null: a product metric
    position       smallint    not null,
    name           text        not null check (name <> ''),
    operator       text        not null default '' check (operator in ('', '>=', '<=')),
    value          numeric,
    exact_value    text        generated always as (value::text) stored,
    unit           text        not null default '',
    note           text        not null default '',
    criterion_id   text        references team.criterion on delete set null,  -- what judges it
    request_id     text        not null check (request_id <> ''),
    removed_at     timestamptz,
    removed_by     text        not null default '',
    revision       integer     not null default 1 check (revision > 0),
    changed_by     text        not null check (changed_by <> ''),
    changed_at     timestamptz not null,
    check ((removed_at is null) = (removed_by = '')),
    check ((value is null) = (operator = '')),
    unique (service, request_id)
);

-- What all of it serves, and which way of each is good: less time in sessions may be.
create table team.business_metric (
    metric_id      bigint      generated always as identity primary key,
    service        text        not null check (service <> ''),
    kind           text        not null check (kind in ('money', 'time span', 'frequency')),
    name           text        not null check (name <> ''),
    source         text        not null check (source <> ''),   -- a metric of metrics.product_day
    direction      text        not null check (direction in ('up', 'down', 'neither')),
    why            text        not null check (why <> ''),
    request_id     text        not null check (request_id <> ''),
    removed_at     timestamptz,
    removed_by     text        not null default '',
    revision       integer     not null default 1 check (revision > 0),
    changed_by     text        not null check (changed_by <> ''),
    changed_at     timestamptz not null,
    check ((removed_at is null) = (removed_by = '')),
    unique (service, request_id)
);
create unique index business_metric_source on team.business_metric (service, source) where removed_at is null;

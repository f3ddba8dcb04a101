-- The plan: milestones, tasks, what is meant to hold nothing, baselines, planning decisions, iterations.
--
-- A milestone is known by its name, as in team.target: a row here adds how many hands it has, and the day
-- of one that no target names. What people edit has a revision and is logged in team.audit; rows stay, and
-- what is taken out carries removed_at. A request_id is one a click: its second arrival changes nothing.

-- The rows and columns of a service's scope matrix; without one, those of core.ports.plan.
create table team.plan_frame (
    service        text        primary key check (service <> ''),
    stages         text[]      not null check (cardinality(stages) > 0),
    directions     text[]      not null check (cardinality(directions) > 0),
    revision       integer     not null default 1 check (revision > 0),
    changed_by     text        not null check (changed_by <> ''),
    changed_at     timestamptz not null
);

create table team.milestone (
    milestone_id   bigint      generated always as identity primary key,
    service        text        not null check (service <> ''),
    name           text        not null check (name <> ''),
    due_on         date        not null,                -- a target's day counts before this one
    hands          smallint    not null default 1 check (hands between 1 and 100),
    note           text        not null default '',
    removed_at     timestamptz,
    removed_by     text        not null default '',
    request_id     text        not null check (request_id <> ''),
    revision       integer     not null default 1 check (revision > 0),
    changed_by     text        not null check (changed_by <> ''),
    changed_at     timestamptz not null,
    check ((removed_at is null) = (removed_by = '')),
    unique (service, request_id)
);
create unique index milestone_once on team.milestone (service, name) where removed_at is null;

create table team.task (
    task_id        bigint      generated always as identity primary key,
    service        text        not null check (service <> ''),
    title          text        not null check (title <> ''),
    stage          text        not null check (stage <> ''),
    direction      text        not null check (direction <> ''),
    milestone      text        not null default '',     -- '' is one that no milestone has taken yet
    owner          text        not null default '',
    ideal_days     numeric(6, 2) not null check (ideal_days > 0),   -- of one person, if all goes well
    planned_start  date,
    planned_end    date,
    started_on     date,
    done_on        date,
    priority       smallint    not null default 3 check (priority between 1 and 5),   -- 1 is first
    depends_on     bigint[]    not null default '{}',
    note           text        not null default '',
    removed_at     timestamptz,
    removed_by     text        not null default '',
    created_by     text        not null check (created_by <> ''),
    created_at     timestamptz not null,
    request_id     text        not null check (request_id <> ''),
    position       integer     not null default 0,      -- among the tasks of one click or file
    revision       integer     not null default 1 check (revision > 0),
    changed_by     text        not null check (changed_by <> ''),
    changed_at     timestamptz not null,
    check (num_nulls(planned_start, planned_end) in (0, 2)),
    check (planned_end >= planned_start),
    check (milestone = '' or planned_start is not null),
    check (done_on >= started_on),
    check (not depends_on @> array[task_id]),
    check ((removed_at is null) = (removed_by = '')),
    unique (service, request_id, position)
);
create index task_of on team.task (service, milestone);

-- A cell of the matrix that is meant to be empty, and why.
create table team.scope_cell (
    cell_id        bigint      generated always as identity primary key,
    service        text        not null check (service <> ''),
    stage          text        not null check (stage <> ''),
    direction      text        not null check (direction <> ''),
    reason         text        not null check (reason <> ''),
    removed_at     timestamptz,
    removed_by     text        not null default '',
    revision       integer     not null default 1 check (revision > 0),
    changed_by     text        not null check (changed_by <> ''),
    changed_at     timestamptz not null,
    check ((removed_at is null) = (removed_by = ''))
);
create unique index scope_cell_once on team.scope_cell (service, stage, direction) where removed_at is null;

-- The plan as it stood when somebody froze it: what slips are counted from. Never changed afterwards.
create table team.baseline (
    baseline_id    bigint      generated always as identity primary key,
    service        text        not null check (service <> ''),
    name           text        not null check (name <> ''),
    note           text        not null default '',
    frozen_by      text        not null check (frozen_by <> ''),
    frozen_at      timestamptz not null,
    request_id     text        not null check (request_id <> ''),
    revision       integer     not null default 1 check (revision > 0),
    changed_by     text        not null check (changed_by <> ''),
    changed_at     timestamptz not null,
    unique (service, request_id),
    unique (service, name)
);
create table team.baseline_task (
    baseline_id    bigint      not null references team.baseline,
    task_id        bigint      not null references team.task,
    title          text        not null,
    milestone      text        not null,
    ideal_days     numeric(6, 2) not null,
    planned_start  date        not null,
    planned_end    date        not null,
    primary key (baseline_id, task_id)
);

-- What was decided where a plan did not fit.
create table team.planning_decision (
    decision_id    bigint      generated always as identity primary key,
    service        text        not null check (service <> ''),
    milestone      text        not null check (milestone <> ''),
    kind           text        not null check (kind in ('simplify', 'extra_hands')),
    task_id        bigint      references team.task,    -- null: of the milestone as a whole
    what           text        not null check (what <> ''),
    who            text        not null check (who <> ''),
    decided_on     date        not null,
    removed_at     timestamptz,
    removed_by     text        not null default '',
    request_id     text        not null check (request_id <> ''),
    revision       integer     not null default 1 check (revision > 0),
    changed_by     text        not null check (changed_by <> ''),
    changed_at     timestamptz not null,
    check ((removed_at is null) = (removed_by = '')),
    unique (service, request_id)
);

-- One turn of an MVP: a slice of data, a model, a measured difference. Where labels of both models are in
-- the store it is taken from them; what was measured elsewhere is recorded with where.
create table team.iteration (
    iteration_id   bigint      generated always as identity primary key,
    service        text        not null check (service <> ''),
    title          text        not null check (title <> ''),
    data_slice     text        not null check (data_slice <> ''),
    letters        bigint      check (letters > 0),     -- how many letters the slice is to have
    letters_of     bigint      check (letters_of >= letters),
    model_version  text        not null check (model_version <> ''),
    against_version text       not null check (against_version <> ''),
    measure        text        not null check (measure in ('precision', 'recall')),
    wanted_delta   numeric     not null,                -- of 1, e.g. 0.01 for +1 %
    starts_on      date        not null,
    ends_on        date        not null check (ends_on > starts_on),
    note           text        not null default '',
    result_delta   numeric,                             -- of 1, as wanted_delta
    result_on      date,
    result_source  text        not null default '',     -- on what it was measured, and where that is kept
    removed_at     timestamptz,
    removed_by     text        not null default '',
    request_id     text        not null check (request_id <> ''),
    revision       integer     not null default 1 check (revision > 0),
    changed_by     text        not null check (changed_by <> ''),
    changed_at     timestamptz not null,
    check (against_version <> model_version),
    check (num_nulls(result_delta, result_on, nullif(result_source, '')) in (0, 3)),
    check ((removed_at is null) = (removed_by = '')),
    unique (service, request_id)
);

revoke update, delete on team.baseline, team.baseline_task from greenlight_app, greenlight_worker;
grant update (revision) on team.baseline to greenlight_app;   -- what a row lock takes; nobody uses it

-- What people decide: goals, their criteria and the targets of each milestone.

create schema team;

create table team.goal (
    goal_id        text        primary key,
    service        text        not null,
    title          text        not null check (title <> ''),
    problem        text        not null default '',
    for_whom       text        not null default '',
    gain_us        text        not null default '',
    gain_user      text        not null default '',
    starts_on      date        not null,
    due_on         date        not null,
    parent_goal_id text        references team.goal,
    created_at     timestamptz not null default now(),
    check (due_on > starts_on)
);

create table team.criterion (
    criterion_id   text        primary key,
    goal_id        text        not null references team.goal on delete cascade,
    position       smallint    not null,
    name           text        not null check (name <> ''),
    area           text        not null
        check (area in ('experiment', 'quality', 'reliability', 'training')),
    unique (goal_id, position)
);

-- One measure of a criterion at one milestone, e.g. precision >= 0.97 at the end of the first quarter.
-- value is numeric: it is compared exactly, never as a float.
create table team.target (
    criterion_id   text        not null references team.criterion on delete cascade,
    milestone      text        not null check (milestone <> ''),
    due_on         date        not null,
    measure        text        not null check (measure <> ''),
    operator       text        not null check (operator in ('>=', '<=')),
    value          numeric     not null,
    unit           text        not null default '',
    primary key (criterion_id, milestone, measure)
);

-- Verdicts as they were, one an hour and one at each change: the history of a criterion.
create table team.verdict (
    service        text        not null,
    criterion_id   text        not null,
    as_of          timestamptz not null,
    status         text        not null,
    sentence       text        not null,
    value          double precision,
    low            double precision,
    high           double precision,
    n              bigint,
    evidence       jsonb       not null default '{}',
    primary key (service, criterion_id, as_of)
);

-- Planned maintenance: annotated, and every month is shown with and without it.
create table team.maintenance (
    service        text        not null,
    starts_at      timestamptz not null,
    ends_at        timestamptz not null,
    datacenter     text        not null default '',
    note           text        not null default '',
    check (ends_at > starts_at),
    primary key (service, starts_at, datacenter)
);

-- How far the demo's first fill is: what the page shows while it runs, and where a fill that was cut
-- off goes on.
create table team.demo_fill (
    service        text        not null,
    step           text        not null,
    done           integer     not null default 0,
    total          integer     not null,
    started_at     timestamptz not null default now(),
    finished_at    timestamptz,
    primary key (service, step)
);

-- What a simulated service truly is: the precision, recall, lift, ... that its rows were drawn from, so
-- that anyone may ask whether an interval contains it. Empty for services that are not simulated.
create table team.simulated_truth (
    service        text        not null,
    quantity       text        not null,
    value          double precision not null,
    note           text        not null default '',
    primary key (service, quantity)
);

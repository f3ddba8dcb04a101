-- On-call: who watches, incidents and drills, retrospectives, and what is documented about a service.
--
-- What people edit has a revision (whoever saves second is told), and each change is written into
-- team.oncall_change as the whole row before and after: reports of an earlier time are read from there.
-- A request_id is one a click: its second arrival changes nothing.

create table team.rota (
    service        text        primary key check (service <> ''),
    zone           text        not null check (zone <> ''),
    handover_weekday smallint  not null check (handover_weekday between 0 and 6),   -- 0 is Monday
    handover_time  time        not null,                -- local to the zone
    starts_on      date        not null,                -- a day of the week that the first member has
    members        text[]      not null,                -- '' is a week that nobody has yet
    departed       text[]      not null default '{}',   -- who has left: what is theirs is nobody's
    escalate_after_minutes integer not null default 15 check (escalate_after_minutes > 0),
    escalate_to    text        not null default '',
    revision       integer     not null default 1 check (revision > 0),
    changed_by     text        not null check (changed_by <> ''),
    changed_at     timestamptz not null
);

-- Somebody else for a while; a swap is two of them. member '' is nobody, a gap that is meant.
create table team.rota_override (
    override_id    bigint      generated always as identity primary key,
    service        text        not null check (service <> ''),
    member         text        not null,
    starts_at      timestamptz not null,
    ends_at        timestamptz not null check (ends_at > starts_at),
    reason         text        not null default '',
    swap           text        not null default '',     -- what ties the two halves of a swap together
    created_by     text        not null check (created_by <> ''),
    created_at     timestamptz not null,
    cancelled_at   timestamptz,
    cancelled_by   text        not null default '',
    request_id     text        not null check (request_id <> ''),
    revision       integer     not null default 1 check (revision > 0),
    changed_by     text        not null check (changed_by <> ''),
    changed_at     timestamptz not null,
    check ((cancelled_at is null) = (cancelled_by = '')),
    unique (service, request_id, starts_at)
);
create index rota_override_of on team.rota_override (service, starts_at);

create table team.drill (
    drill_id       bigint      generated always as identity primary key,
    service        text        not null check (service <> ''),
    scenario       text        not null
        check (scenario in ('datacenter_lost', 'inference_off', 'bad_model', 'samples_lost')),
    title          text        not null check (title <> ''),
    due_on         date        not null,
    owner          text        not null check (owner <> ''),
    episode_id     bigint      references team.alert_episode,   -- the labelled test alert of its start
    started_at     timestamptz,
    detected_at    timestamptz,
    acknowledged_at timestamptz,
    recovered_at   timestamptz,
    ended_at       timestamptz,
    cancelled_at   timestamptz,
    result         text        not null default '',
    created_by     text        not null check (created_by <> ''),
    created_at     timestamptz not null,
    request_id     text        not null check (request_id <> ''),
    revision       integer     not null default 1 check (revision > 0),
    changed_by     text        not null check (changed_by <> ''),
    changed_at     timestamptz not null,
    check ((started_at is null) = (episode_id is null)),
    check (ended_at is null or ended_at >= started_at),
    check (started_at is not null or num_nulls(detected_at, acknowledged_at, recovered_at, ended_at) = 4),
    check (cancelled_at is null or started_at is null),
    unique (service, request_id)
);
create index drill_of on team.drill (service, due_on);

create table team.incident (
    incident_id    bigint      generated always as identity primary key,
    service        text        not null check (service <> ''),
    title          text        not null check (title <> ''),
    severity       text        not null check (severity in ('minor', 'major', 'critical')),
    began_at       timestamptz not null,
    detected_at    timestamptz,
    recovered_at   timestamptz,
    closed_at      timestamptz,
    drill_id       bigint      references team.drill,
    impact         jsonb       not null default '{}' check (jsonb_typeof(impact) = 'object'),
    opened_by      text        not null check (opened_by <> ''),
    opened_at      timestamptz not null,
    request_id     text        not null check (request_id <> ''),
    revision       integer     not null default 1 check (revision > 0),
    changed_by     text        not null check (changed_by <> ''),
    changed_at     timestamptz not null,
    check (detected_at >= began_at),
    check (recovered_at >= began_at),
    check (closed_at is null or recovered_at is not null),
    check (closed_at is not null or impact = '{}'),
    unique (service, request_id)
);
create index incident_of on team.incident (service, began_at);

-- A row says that an alert was added, and perhaps that it was taken out again: it is never deleted.
create table team.incident_alert (
    link_id        bigint      generated always as identity primary key,
    incident_id    bigint      not null references team.incident,
    episode_id     bigint      not null references team.alert_episode,
    added_by       text        not null check (added_by <> ''),
    added_at       timestamptz not null,
    removed_by     text        not null default '',
    removed_at     timestamptz,
    check ((removed_at is null) = (removed_by = ''))
);
create unique index incident_alert_once on team.incident_alert (incident_id, episode_id) where removed_at is null;
create index incident_alert_of on team.incident_alert (episode_id);

create table team.incident_note (
    note_id        bigint      generated always as identity primary key,
    incident_id    bigint      not null references team.incident,
    at             timestamptz not null,
    by             text        not null check (by <> ''),
    text           text        not null check (text <> ''),
    request_id     text        not null check (request_id <> ''),
    unique (incident_id, request_id)
);

create table team.retrospective (
    retrospective_id bigint    generated always as identity primary key,
    service        text        not null check (service <> ''),
    incident_id    bigint      unique references team.incident,   -- null: of a milestone or a period
    title          text        not null check (title <> ''),
    good           text        not null check (good <> ''),
    improve        text        not null check (improve <> ''),
    how            text        not null check (how <> ''),
    held_on        date        not null,
    request_id     text        not null check (request_id <> ''),
    revision       integer     not null default 1 check (revision > 0),
    changed_by     text        not null check (changed_by <> ''),
    changed_at     timestamptz not null,
    unique (service, request_id)
);

create table team.action (
    action_id      bigint      generated always as identity primary key,
    service        text        not null check (service <> ''),
    retrospective_id bigint    references team.retrospective,
    text           text        not null check (text <> ''),
    owner          text        not null check (owner <> ''),
    due_on         date        not null,
    done_at        timestamptz,
    done_by        text        not null default '',
    created_by     text        not null check (created_by <> ''),
    created_at     timestamptz not null,
    request_id     text        not null check (request_id <> ''),
    position       smallint    not null default 0,      -- among the actions of one click
    revision       integer     not null default 1 check (revision > 0),
    changed_by     text        not null check (changed_by <> ''),
    changed_at     timestamptz not null,
    check ((done_at is null) = (done_by = '')),
    unique (service, request_id, position)
);

create table team.service_card (
    service        text        primary key check (service <> ''),
    repository     text        not null default '',
    logs           text        not null default '',
    problems       text        not null default '',   -- typical problems and how to solve them
    knobs          text        not null default '',   -- config knobs
    revision       integer     not null default 1 check (revision > 0),
    changed_by     text        not null check (changed_by <> ''),
    changed_at     timestamptz not null
);

-- Every change of the tables above that have a revision: before is empty for a new row.
create table team.oncall_change (
    change_id      bigint      generated always as identity primary key,
    service        text        not null,
    subject        text        not null check (subject in
        ('rota', 'override', 'incident', 'retrospective', 'action', 'drill', 'card')),
    subject_id     text        not null,
    changed_by     text        not null check (changed_by <> ''),
    changed_at     timestamptz not null,
    before         jsonb       not null check (jsonb_typeof(before) = 'object'),
    after          jsonb       not null check (jsonb_typeof(after) = 'object')
);
create index oncall_change_of on team.oncall_change (service, subject, subject_id, change_id);

revoke update, delete on team.incident_note, team.incident_alert, team.oncall_change
    from greenlight_app, greenlight_worker;
grant update (removed_by, removed_at) on team.incident_alert to greenlight_app;

-- On-call: who watches, incidents and drills, retrospectives, and what is documented about a service.

create table team.rota (
    service        text        primary key check (service <> ''),
    zone           text        not null,
    handover_weekday smallint  not null check (handover_weekday between 0 and 6),   -- 0 is Monday
    handover_time  time        not null,                -- local to the zone
    starts_on      date        not null,                -- the week that the first member has
    members        text[]      not null,
    escalate_after_minutes integer not null default 15 check (escalate_after_minutes > 0),
    escalate_to    text        not null default '',
    revision       integer     not null default 1 check (revision > 0),
    changed_by     text        not null check (changed_by <> ''),
    changed_at     timestamptz not null
);

-- Somebody else for a while; a swap is two of them. member '' is nobody, a gap that is meant.
create table team.rota_override (
    override_id    bigint      generated always as identity primary key,
    service        text        not null,
    member         text        not null,
    starts_at      timestamptz not null,
    ends_at        timestamptz not null check (ends_at > starts_at),
    reason         text        not null default '',
    swap           text        not null default '',     -- what ties the two halves of a swap together
    created_by     text        not null check (created_by <> ''),
    created_at     timestamptz not null,
    cancelled_at   timestamptz,
    cancelled_by   text        not null default ''
);
create index rota_override_of on team.rota_override (service, starts_at);

create table team.incident (
    incident_id    bigint      generated always as identity primary key,
    service        text        not null check (service <> ''),
    title          text        not null check (title <> ''),
    severity       text        not null check (severity in ('minor', 'major', 'critical')),
    began_at       timestamptz not null,
    detected_at    timestamptz,
    recovered_at   timestamptz,
    closed_at      timestamptz,
    drill_id       bigint,
    impact         jsonb       not null default '{}',
    opened_by      text        not null check (opened_by <> ''),
    opened_at      timestamptz not null,
    revision       integer     not null default 1 check (revision > 0)
);

create table team.incident_alert (
    incident_id    bigint      not null references team.incident,
    episode_id     bigint      not null references team.alert_episode,
    added_by       text        not null check (added_by <> ''),
    added_at       timestamptz not null,
    primary key (incident_id, episode_id)
);

create table team.incident_note (
    note_id        bigint      generated always as identity primary key,
    incident_id    bigint      not null references team.incident,
    at             timestamptz not null,
    by             text        not null check (by <> ''),
    text           text        not null check (text <> '')
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
    revision       integer     not null default 1 check (revision > 0),
    changed_by     text        not null check (changed_by <> ''),
    changed_at     timestamptz not null
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
    created_at     timestamptz not null
);

create table team.drill (
    drill_id       bigint      generated always as identity primary key,
    service        text        not null check (service <> ''),
    scenario       text        not null
        check (scenario in ('datacenter_lost', 'inference_off', 'bad_model', 'samples_lost')),
    title          text        not null check (title <> ''),
    due_on         date        not null,
    owner          text        not null check (owner <> ''),
    started_at     timestamptz,
    detected_at    timestamptz,
    acknowledged_at timestamptz,
    recovered_at   timestamptz,
    ended_at       timestamptz,
    result         text        not null default '',
    created_by     text        not null check (created_by <> ''),
    created_at     timestamptz not null,
    revision       integer     not null default 1 check (revision > 0)
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

-- Every change of rota, incident, retrospective, action, drill and card: before is empty for a new one.
create table team.oncall_change (
    change_id      bigint      generated always as identity primary key,
    service        text        not null,
    subject        text        not null,
    subject_id     text        not null,
    changed_by     text        not null check (changed_by <> ''),
    changed_at     timestamptz not null,
    before         jsonb       not null check (jsonb_typeof(before) = 'object'),
    after          jsonb       not null check (jsonb_typeof(after) = 'object')
);

revoke update, delete on team.incident_note, team.incident_alert, team.oncall_change
    from greenlight_app, greenlight_worker;

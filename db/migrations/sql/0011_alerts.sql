-- Alerts: rules, episodes and their every transition, what people did about them, and what was sent.

create table team.runbook (
    service        text        not null check (service <> ''),
    runbook_id     text        not null check (runbook_id <> ''),
    title          text        not null check (title <> ''),
    body           text        not null,   -- markdown
    revision       integer     not null default 1 check (revision > 0),
    changed_by     text        not null check (changed_by <> ''),
    changed_at     timestamptz not null,
    primary key (service, runbook_id)
);

create table team.alert_rule (
    service        text        not null check (service <> ''),
    rule_id        text        not null check (rule_id <> ''),
    name           text        not null check (name <> ''),
    kind           text        not null
        check (kind in ('slo_burn', 'liveness', 'counter', 'quality', 'product', 'plan')),
    "check"        text        not null check ("check" <> ''),
    parameters     jsonb       not null default '{}' check (jsonb_typeof(parameters) = 'object'),
    severity       text        not null check (severity in ('page', 'ticket')),
    wait_seconds   integer     not null default 0 check (wait_seconds >= 0),
    owner          text        not null default '',        -- '' is shown as a configuration error
    runbook_id     text        not null default '',        -- so is ''
    enabled        boolean     not null default true,
    revision       integer     not null default 1 check (revision > 0),
    changed_by     text        not null check (changed_by <> ''),
    changed_at     timestamptz not null,
    primary key (service, rule_id)
);

-- Every change of a rule or a runbook: before is empty for a new one, after for one that was deleted.
create table team.alert_change (
    change_id      bigint      generated always as identity primary key,
    service        text        not null,
    subject        text        not null check (subject in ('rule', 'runbook', 'channel', 'silence')),
    subject_id     text        not null,
    changed_by     text        not null check (changed_by <> ''),
    changed_at     timestamptz not null,
    before         jsonb       not null check (jsonb_typeof(before) = 'object'),
    after          jsonb       not null check (jsonb_typeof(after) = 'object')
);
-- It also says which rules a service was given once: none of them is given twice.
create index alert_change_of on team.alert_change (service, subject, subject_id);

create table team.alert_episode (
    episode_id     bigint      generated always as identity primary key,
    service        text        not null,
    rule_id        text        not null,
    fingerprint    text        not null,
    labels         jsonb       not null,
    severity       text        not null check (severity in ('page', 'ticket')),
    state          text        not null check (state in ('pending', 'firing', 'unknown', 'resolved')),
    sentence       text        not null,
    began_at       timestamptz not null,
    fired_at       timestamptz,
    resolved_at    timestamptz,
    changed_at     timestamptz not null,
    seen_at        timestamptz not null,
    quiet_since    timestamptz,
    flaps          integer     not null default 0,
    inhibited_by   text        not null default '',
    drill          boolean     not null default false,
    resolved_by    text        not null default '',
    value          double precision,
    evidence       jsonb       not null default '{}',
    place          text[]      not null default '{}',   -- the narrower places that carry it
    check ((state = 'resolved') = (resolved_at is not null))
);
-- An alert runs once at a time.
create unique index alert_episode_open on team.alert_episode (service, fingerprint) where resolved_at is null;
create index alert_episode_of on team.alert_episode (service, began_at);
create index alert_episode_over on team.alert_episode (service, resolved_at) where resolved_at is not null;

create table team.alert_transition (
    transition_id  bigint      generated always as identity primary key,
    service        text        not null,
    episode_id     bigint      not null references team.alert_episode,
    at             timestamptz not null,
    before         text        not null,
    after          text        not null,
    sentence       text        not null,
    -- What the alert said then: an episode is updated in place. All null: as it says now.
    told           text,
    severity       text        check (severity in ('page', 'ticket')),
    value          double precision,
    evidence       jsonb,
    place          text[],
    check (num_nulls(told, severity, evidence, place) in (0, 4))
);
create index alert_transition_of on team.alert_transition (service, at);
create index alert_transition_episode on team.alert_transition (episode_id, transition_id);

create table team.alert_acknowledgement (
    acknowledgement_id bigint  generated always as identity primary key,
    service        text        not null,
    episode_id     bigint      not null references team.alert_episode,
    by             text        not null check (by <> ''),
    at             timestamptz not null,
    note           text        not null,
    until          timestamptz not null check (until > at),
    request_id     text        not null unique
);
create index alert_acknowledgement_of on team.alert_acknowledgement (service, episode_id);

-- What was said and done about an episode beside taking it in hand. An escalation that fell due is
-- nobody's ('by' is empty); request_id is one a click, or the name of its step.
create table team.alert_act (
    act_id         bigint      generated always as identity primary key,
    service        text        not null,
    episode_id     bigint      not null references team.alert_episode,
    kind           text        not null check (kind in ('note', 'escalated', 'resolved')),
    by             text        not null check (by <> '' or kind = 'escalated'),
    at             timestamptz not null,
    text           text        not null,
    escalate_to    text        not null default '',
    request_id     text        not null unique
);
create index alert_act_of on team.alert_act (service, at);

create table team.alert_silence (
    silence_id     bigint      generated always as identity primary key,
    matchers       jsonb       not null check (jsonb_typeof(matchers) = 'object' and matchers <> '{}'),
    reason         text        not null check (reason <> ''),
    author         text        not null check (author <> ''),
    created_at     timestamptz not null,
    starts_at      timestamptz not null,
    ends_at        timestamptz not null check (ends_at > starts_at),
    ended_at       timestamptz,
    ended_by       text        not null default '',
    request_id     text        unique                   -- one a click
);
create index alert_silence_until on team.alert_silence (ends_at);

-- What was evaluated, when, and how long it took; kept for as long as reports of alerts look back.
create table team.alert_evaluation (
    service        text        not null,
    at             timestamptz not null,
    seconds        double precision not null,
    rules          integer     not null,
    active         integer     not null,
    unknown        integer     not null,
    errors         text[]      not null default '{}',
    primary key (service, at)
);

-- Where notifications go. The address is a secret: pages and logs show it redacted, and 'env:NAME' keeps it out of the store.
create table team.channel (
    channel_id     text        primary key
        check (channel_id <> '' and channel_id <> 'alertmanager'),   -- that name stands for ALERTMANAGER_URL
    service        text        not null default '',     -- '' is every service
    name           text        not null check (name <> ''),
    address        text        not null check (address <> ''),
    severities     text[]      not null default '{page,ticket}'
        check (severities <> '{}' and severities <@ '{page,ticket}'),
    quiet_from     time,                                -- tickets wait between these, in the zone
    quiet_until    time,
    zone           text        not null default 'UTC' check (zone <> ''),
    drills         boolean     not null default true,   -- whether it hears of drills, labelled as such
    enabled        boolean     not null default true,
    revision       integer     not null default 1 check (revision > 0),
    changed_by     text        not null check (changed_by <> ''),
    changed_at     timestamptz not null,
    check ((quiet_from is null) = (quiet_until is null)),
    check (quiet_from <> quiet_until)
);

-- The outbox: written in the transaction of the transition that it tells of, delivered afterwards.
-- 'held' with a next_attempt_at is looked at again; without one it was dropped, and error says why.
create table team.notification (
    notification_id bigint     generated always as identity primary key,
    idempotency_key text       not null unique,         -- one a transition and channel; receivers see it
    service        text        not null,
    episode_id     bigint      references team.alert_episode,   -- null for a test notification
    channel_id     text        not null,
    event          text        not null check (event in
        ('firing', 'unknown', 'known', 'resolved', 'escalated', 'acknowledged', 'test')),
    escalate_to    text        not null default '',     -- the channel that an escalation names
    title          text        not null,
    body           text        not null,
    status         text        not null default 'waiting' check (status in ('waiting', 'sent', 'failed', 'held')),
    attempts       integer     not null default 0 check (attempts >= 0),
    created_at     timestamptz not null,
    first_attempt_at timestamptz,                       -- a day after it, the notification is given up
    next_attempt_at timestamptz,                        -- while an attempt runs: when it counts as lost
    sent_at        timestamptz,
    error          text        not null default '',     -- never holds a secret
    check ((episode_id is null) = (event = 'test')),
    check ((status = 'sent') = (sent_at is not null)),
    check (status not in ('sent', 'failed') or next_attempt_at is null),
    check (status <> 'waiting' or channel_id = 'alertmanager' or next_attempt_at is not null)
);
create index notification_due on team.notification (next_attempt_at) where status in ('waiting', 'held');
create index notification_of on team.notification (service, created_at);
create index notification_episode on team.notification (episode_id, channel_id);

-- What Alertmanager was told last about an episode, and what was agreed upon with it about a silence.
create table team.mirrored_alert (
    episode_id     bigint      primary key references team.alert_episode,
    state          text        not null check (state in ('firing', 'unknown', 'resolved')),
    told_at        timestamptz not null
);
create table team.mirrored_silence (
    silence_id     bigint      primary key references team.alert_silence,
    remote_id      text        not null unique check (remote_id <> ''),   -- Alertmanager's own name for it
    ends_at        timestamptz not null,
    expired        boolean     not null default false,
    told_at        timestamptz not null
);

revoke update, delete on team.alert_change, team.alert_transition, team.alert_acknowledgement, team.alert_act
    from greenlight_app, greenlight_worker;

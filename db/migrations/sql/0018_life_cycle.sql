-- The life cycle of a service: what is saved and where, and who let it through which gate.
--
-- Rows have a revision and stand in team.audit whole, before and after. None is deleted: what is taken back is marked.

-- What people say is there, with where: data at the launch, what has to outlive the service at its end.
create table team.life_cycle_item (
    item_id        bigint      generated always as identity primary key,
    service        text        not null check (service <> ''),
    item           text        not null check (item in
        ('data', 'successor', 'samples', 'raw_data', 'score_distributions')),
    place          text        not null check (place <> ''),      -- where it lies
    note           text        not null default '',
    removed_at     timestamptz,
    removed_by     text        not null default '',
    revision       integer     not null default 1 check (revision > 0),
    changed_by     text        not null check (changed_by <> ''),
    changed_at     timestamptz not null,
    check ((removed_at is null) = (removed_by = ''))
);
create unique index life_cycle_item_once on team.life_cycle_item (service, item) where removed_at is null;

-- A gate that was passed; the last one is the switch-off. model_version '' is the service as a whole.
create table team.life_cycle_gate (
    gate_id        bigint      generated always as identity primary key,
    service        text        not null check (service <> ''),
    gate           text        not null check (gate in
        ('data', 'research', 'shadow_run', 'decommissioning', 'switching_off')),
    model_version  text        not null default '',
    reason         text        not null default '',
    waiver         text        not null default '',     -- why it was passed without all that it requires
    waived         text[]      not null default '{}',   -- what was not there
    evidence       jsonb       not null check (jsonb_typeof(evidence) = 'array'),   -- what was, as measured then
    passed_by      text        not null check (passed_by <> ''),
    passed_at      timestamptz not null,
    withdrawn_at   timestamptz,
    withdrawn_by   text        not null default '',
    withdrawn_why  text        not null default '',
    request_id     text        not null check (request_id <> ''),
    revision       integer     not null default 1 check (revision > 0),
    changed_by     text        not null check (changed_by <> ''),
    changed_at     timestamptz not null,
    check ((waived = '{}') = (waiver = '')),
    check (gate <> 'switching_off' or waived = '{}'),
    check ((withdrawn_at is null) = (withdrawn_by = '')),
    check ((withdrawn_at is null) = (withdrawn_why = '')),
    unique (service, request_id)
);
create unique index life_cycle_gate_once on team.life_cycle_gate (service, gate, model_version)
    where withdrawn_at is null;

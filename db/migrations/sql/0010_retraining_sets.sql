-- Retraining sets: what was exported for training, frozen letter by letter so that it can be made again byte by byte.

create table team.retraining_set (
    service        text        not null check (service <> ''),
    set_id         text        not null check (set_id <> ''),
    number         integer     not null check (number > 0),
    correction     integer     not null default 0 check (correction >= 0),   -- counts withdrawals from it
    parent         text        not null default '',
    created_at     timestamptz not null,
    created_by     text        not null check (created_by <> ''),
    letters        bigint      not null check (letters >= 0),
    manifest       jsonb       not null check (jsonb_typeof(manifest) = 'object'),
    unique (service, number, correction),
    primary key (service, set_id)
);

create table team.retraining_set_letter (
    service        text        not null,
    set_id         text        not null,
    position       integer     not null,   -- its place in the files
    split          text        not null check (split in ('train', 'test')),
    group_id       bigint      not null,
    report_id      text        not null,
    letter_key     text        not null,
    row            jsonb,                  -- the exported row; null once the letter was withdrawn
    primary key (service, set_id, position),
    foreign key (service, set_id) references team.retraining_set
);
create index retraining_set_letter_of_letter on team.retraining_set_letter (service, letter_key);

-- Letters whose sender or receiver asked for erasure.
create table team.withdrawal (
    service        text        not null check (service <> ''),
    letter_key     text        not null check (letter_key <> ''),
    withdrawn_at   timestamptz not null,
    withdrawn_by   text        not null check (withdrawn_by <> ''),
    reason         text        not null check (reason <> ''),
    primary key (service, letter_key)
);

revoke update, delete on team.retraining_set, team.withdrawal from greenlight_app, greenlight_worker;

-- Reviews that were kept, as their readers saw them, and the decisions that were taken.
--
-- A kept review never changes, whatever its data do later: its rows are added to and nothing else. It is kept as
-- values, from which the next review tells what has changed, and as the very bytes that were handed out.

create table team.review_pack (
    review_id      bigint      generated always as identity primary key,
    service        text        not null check (service <> ''),
    as_of          timestamptz not null,                -- what it shows is as it was seen then
    title          text        not null check (title <> ''),
    headline       text        not null check (headline <> ''),
    request_id     text        not null check (request_id <> ''),   -- one a click
    revision       integer     not null default 1 check (revision = 1),
    changed_by     text        not null check (changed_by <> ''),   -- who kept it
    changed_at     timestamptz not null check (changed_at >= as_of),
    unique (service, request_id)
);
create index review_pack_of on team.review_pack (service, as_of);

create table team.review_file (
    review_id      bigint      not null references team.review_pack,
    kind           text        not null check (kind in ('values', 'pictures', 'html', 'pdf')),
    content        bytea       not null,
    primary key (review_id, kind)
);

create table team.decision (
    decision_id    bigint      generated always as identity primary key,
    service        text        not null check (service <> ''),
    text           text        not null check (text <> ''),
    why            text        not null default '',
    decided_by     text        not null check (decided_by <> ''),
    decided_on     date        not null,
    removed_at     timestamptz,
    removed_by     text        not null default '',
    created_by     text        not null check (created_by <> ''),
    created_at     timestamptz not null,                -- the first review after this tells of it
    request_id     text        not null check (request_id <> ''),
    revision       integer     not null default 1 check (revision > 0),
    changed_by     text        not null check (changed_by <> ''),
    changed_at     timestamptz not null,
    check ((removed_at is null) = (removed_by = '')),
    unique (service, request_id)
);
create index decision_of on team.decision (service, created_at);

-- Default privileges of the schema give more: a kept review is not changed, and not taken back.
revoke update, delete on team.review_pack, team.review_file from greenlight_app, greenlight_worker;

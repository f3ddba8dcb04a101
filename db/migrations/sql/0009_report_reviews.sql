-- What reviewers say of groups of reports: a log that only grows, and leases so that two never look at once.

create table team.report_review (
    review_id      bigint      generated always as identity primary key,
    service        text        not null check (service <> ''),
    group_id       bigint      not null,
    reviewer       text        not null check (char_length(reviewer) between 1 and 80),
    verdict        text        not null check (verdict in ('confirm', 'reject', 'unsure')),
    reason         text        not null default '',
    note           text        not null default '',
    stage          text        not null check (stage in ('first', 'second', 'adjudication')),
    blind          boolean     not null,
    drawn          text        not null check (drawn in ('order', 'random')),
    group_version  bigint      not null,   -- of the group that the reviewer saw
    exemplar       text        not null,   -- the report whose text the reviewer judged: another text is asked about again
    reports        bigint      not null check (reports >= 0),   -- in the group at the time: later ones reopen nothing
    request_id     text        not null check (request_id <> ''),   -- one a click: its second arrival changes nothing
    decided_at     timestamptz not null,
    check ((verdict = 'reject') = (reason <> '')),
    unique (service, request_id, group_id),
    foreign key (service, group_id) references team.report_group
);
create index report_review_of_group on team.report_review (service, group_id, review_id);

create table team.report_review_undo (
    review_id      bigint      primary key references team.report_review,
    service        text        not null,
    undone_by      text        not null check (undone_by <> ''),
    undone_at      timestamptz not null
);
create index report_review_undo_of_service on team.report_review_undo (service);

-- Who wants somebody else to look at a group, too.
create table team.report_second_opinion (
    ask_id         bigint      generated always as identity primary key,
    service        text        not null check (service <> ''),
    group_id       bigint      not null,
    asked_by       text        not null check (char_length(asked_by) between 1 and 80),
    reason         text        not null check (reason <> ''),
    asked_at       timestamptz not null,
    foreign key (service, group_id) references team.report_group
);
create index report_second_opinion_of_group on team.report_second_opinion (service, group_id);

create table team.report_claim (
    service        text        not null,
    group_id       bigint      not null,
    reviewer       text        not null check (char_length(reviewer) between 1 and 80),
    claimed_at     timestamptz not null,
    leased_until   timestamptz not null check (leased_until > claimed_at),
    drawn          text        not null check (drawn in ('order', 'random')),
    stage          text        not null check (stage in ('first', 'second', 'adjudication')),
    exemplar       text        not null,   -- what the reviewer is shown
    group_version  bigint      not null,
    primary key (service, group_id),
    foreign key (service, group_id) references team.report_group
);
create index report_claim_of_reviewer on team.report_claim (service, reviewer);

-- Numbers the draws of the queue: each number seeds one draw. A sequence and no counter in a row, so that no
-- reviewer waits for another; numbers may be left out.
create sequence team.report_draw;

revoke update, delete on team.report_review, team.report_review_undo, team.report_second_opinion
    from greenlight_app, greenlight_worker;

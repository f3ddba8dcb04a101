-- What reviewers say of groups of reports: a log that only grows, and leases so that two never look at once.

create table team.report_review (
    review_id      bigint      generated always as identity primary key,
    service        text        not null check (service <> ''),
    group_id       bigint      not null,
    reviewer       text        not null check (reviewer <> ''),
    verdict        text        not null check (verdict in ('confirm', 'reject', 'unsure')),
    reason         text        not null default '',
    stage          text        not null check (stage in ('first', 'second', 'adjudication')),
    blind          boolean     not null,
    drawn          text        not null check (drawn in ('order', 'random')),
    group_version  bigint      not null,   -- of the group that the reviewer saw
    request_id     text        not null,   -- one a click: a second arrival of the same click changes nothing
    decided_at     timestamptz not null,
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

create table team.report_claim (
    service        text        not null,
    group_id       bigint      not null,
    reviewer       text        not null check (reviewer <> ''),
    claimed_at     timestamptz not null,
    leased_until   timestamptz not null check (leased_until > claimed_at),
    drawn          text        not null check (drawn in ('order', 'random')),
    primary key (service, group_id),
    foreign key (service, group_id) references team.report_group
);

revoke update, delete on team.report_review, team.report_review_undo from greenlight_app, greenlight_worker;

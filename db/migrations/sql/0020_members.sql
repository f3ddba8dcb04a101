-- Who may use the dashboard, as what, and of which services.
-- A membership ends by revoked_at: its row stays, and with it who did what. The column service is the log's
-- (team.audit): a member belongs to none.

create table team.member (
    email          text        primary key check (email <> '' and email = lower(email)),
    service        text        not null default '' check (service = ''),
    name           text        not null unique check (name <> ''),
    role           text        not null check (role in ('viewer', 'on-call', 'manager', 'admin')),
    services       text[]      not null default '{}',    -- which may be seen and changed; none is all of them
    revoked_at     timestamptz,
    revoked_by     text        not null default '',
    revision       integer     not null default 1 check (revision > 0),
    changed_by     text        not null check (changed_by <> ''),
    changed_at     timestamptz not null,
    check ((revoked_at is null) = (revoked_by = '')),
    check (role <> 'admin' or services = '{}')
);

-- When somebody signed out last: sign-ins that are older are over, in every browser and with every copied cookie.
create table team.sign_out (
    email          text        primary key check (email <> ''),
    signed_out_at  timestamptz not null
);

revoke delete on team.member, team.sign_out from greenlight_app;
revoke insert, update, delete on team.member, team.sign_out from greenlight_worker;

-- The page of the log reads it by time, whatever the service.
create index audit_by_time on team.audit (changed_at, change_id);
create index audit_of_subject on team.audit (subject collate "C");

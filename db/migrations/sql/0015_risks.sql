-- Risks: what may go wrong, and what is done about it before it does.
--
-- The rank is the product of probability and consequence, and nobody types it. Both are numeric, because a
-- smallint would round 2.5 instead of refusing it. A red line is a day or a measure's value; its crossing opens
-- plan B once, with the value and the time, until somebody ends plan B or draws another line.
-- Rows stay: a risk that is no risk any more is closed. Milestone and task are named loosely, on purpose.

create table team.risk (
    risk_id        bigint      generated always as identity primary key,
    service        text        not null check (service <> ''),
    title          text        not null check (title <> ''),
    task           text        not null default '',     -- what is to go well
    statement      text        not null default '',     -- what must or must not happen: the risk is its negation
    milestone_id   text        not null default '',
    task_id        text        not null default '',
    probability    numeric     not null check (probability in (1, 2, 3)),
    consequence    numeric     not null check (consequence in (1, 2, 3)),
    rank           integer     not null generated always as (probability * consequence) stored,
    owner          text        not null check (owner <> ''),
    prevention     text        not null default '',
    mitigation     text        not null default '',
    plan_b         text        not null default '',
    line_due_on    date,                                -- the last day that is in time
    line_path      text        not null default '',     -- area.path of a report's evidence
    line_operator  text        not null default '' check (line_operator in ('', '>', '>=', '<', '<=')),
    line_value     double precision check (line_value > '-Infinity' and line_value < 'Infinity'),
    line_window    text        not null default '',
    plan_b_opened_at timestamptz,
    plan_b_value   double precision,                    -- of the measure that crossed; null for a day
    plan_b_why     text        not null default '',
    plan_b_ended_at timestamptz,
    plan_b_result  text        not null default '',
    review_on      date        not null,
    reviewed_at    timestamptz,
    reviewed_by    text        not null default '',
    accepted       boolean     not null default false,
    approver       text        not null default '',
    accepted_on    date,
    closed_at      timestamptz,
    closed_why     text        not null default '',
    created_by     text        not null check (created_by <> ''),
    created_at     timestamptz not null,
    request_id     text        not null check (request_id <> ''),
    position       smallint    not null default 0,      -- among the risks of one click
    revision       integer     not null default 1 check (revision > 0),
    changed_by     text        not null check (changed_by <> ''),
    changed_at     timestamptz not null,
    check (line_due_on is null or line_path = ''),
    check ((line_path = '') = (line_operator = '')),
    check ((line_path = '') = (line_value is null)),
    check ((line_path = '') = (line_window = '')),
    check ((plan_b_opened_at is null) = (plan_b_why = '')),
    check (plan_b_ended_at is null or plan_b_ended_at >= plan_b_opened_at),
    check ((plan_b_ended_at is null) = (plan_b_result = '')),
    check ((reviewed_at is null) = (reviewed_by = '')),
    check (accepted or (approver = '' and accepted_on is null)),
    check (not accepted or probability * consequence < 4 or (approver <> '' and accepted_on is not null)),
    check ((closed_at is null) = (closed_why = '')),
    unique (service, request_id, position)
);
create index risk_of on team.risk (service);

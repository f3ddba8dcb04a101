-- A/B experiments: how each is meant to be read, fixed before its start; what was changed in it after
-- that, and what was decided. What it measured is in metrics.experiment_bucket_day, which the serving
-- stack may fill before anybody has defined anything: nothing here refers to it.

create table team.experiment (
    service           text        not null check (service <> ''),
    experiment        text        not null check (experiment <> ''),
    variants          jsonb       not null   -- [{"name": "control", "share": 0.5}, ...]
        check (jsonb_typeof(variants) = 'array' and jsonb_array_length(variants) >= 2),
    control           text        not null,
    starts_on         date        not null,
    minimum_days      integer     not null check (minimum_days > 0),
    planned_days      integer     not null check (planned_days >= minimum_days),
    primary_metric    text        not null check (primary_metric <> ''),
    primary_margin    double precision not null check (primary_margin > -1 and primary_margin < 'Infinity'),
    primary_direction text        not null check (primary_direction in ('down', 'up')),
    guardrails        jsonb       not null default '[]'   -- [{"metric": .., "margin": .., "direction": ..}, ...]
        check (jsonb_typeof(guardrails) = 'array'),
    -- Standard error of the log lift expected at the planned end, the assumption it came from, and who froze it.
    s_plan            double precision check (s_plan > 0 and s_plan < 'Infinity'),
    assumption        text        not null default '',
    frozen_by         text        not null default '',
    frozen_at         timestamptz,
    stopped_on        date        check (stopped_on >= starts_on),
    note              text        not null default '',
    revision          integer     not null default 1 check (revision > 0),
    created_by        text        not null check (created_by <> ''),
    created_at        timestamptz not null,
    changed_by        text        not null check (changed_by <> ''),
    changed_at        timestamptz not null,
    constraint control_is_a_variant
        check (jsonb_path_exists(variants, '$[*] ? (@.name == $control)', jsonb_build_object('control', control))),
    constraint frozen_with_its_assumption
        check ((s_plan is null and assumption = '' and frozen_by = '' and frozen_at is null)
            or (s_plan is not null and assumption <> '' and frozen_by <> '' and frozen_at is not null)),
    primary key (service, experiment)
);

-- Changes after the start; before and after hold the fields that changed, and before is empty where the
-- experiment was not defined until after its start.
create table team.experiment_amendment (
    amendment_id   bigint      generated always as identity primary key,
    service        text        not null,
    experiment     text        not null,
    amended_at     timestamptz not null,
    amended_by     text        not null check (amended_by <> ''),
    reason         text        not null check (reason <> ''),
    before         jsonb       not null check (jsonb_typeof(before) = 'object'),
    after          jsonb       not null check (jsonb_typeof(after) = 'object'),
    foreign key (service, experiment) references team.experiment
);
create index experiment_amendment_of on team.experiment_amendment (service, experiment, amendment_id);

-- Decisions, with the evidence as it was. An experiment that nobody defined can be decided about as well.
create table team.experiment_decision (
    decision_id    bigint      generated always as identity primary key,
    service        text        not null check (service <> ''),
    experiment     text        not null check (experiment <> ''),
    decided_at     timestamptz not null,
    decided_by     text        not null check (decided_by <> ''),
    decision       text        not null check (decision in ('ship', 'stop', 'extend', 'note')),
    note           text        not null default '',
    as_of          timestamptz not null,
    evidence       jsonb       not null check (jsonb_typeof(evidence) = 'object')
);
create index experiment_decision_of on team.experiment_decision (service, experiment, decision_id);

-- What has been amended and decided stays as it was written.
revoke update, delete on team.experiment_amendment, team.experiment_decision
    from greenlight_app, greenlight_worker;

-- Sums come late and are corrected: a cache asks for the newest writing of a service.
create index experiment_bucket_day_written_at on metrics.experiment_bucket_day (service, written_at);
create index experiment_bucket_before_written_at
    on metrics.experiment_bucket_before (service, written_at);

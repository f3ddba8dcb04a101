-- The metric contract: what a serving stack, in whatever language, writes and Greenlight reads.
-- Names, types and keys are fixed. Later revisions may add indexes, checks, partitions, columns with
-- defaults and further tables; they never rename or drop what stands here.
--
-- Every primary key is an idempotency key: a writer sends
--   insert ... on conflict (<primary key>) do update set ... = excluded...., written_at = now()
-- so that a retry changes nothing and a correction replaces the earlier row. Rows may come late and out
-- of order. Counters are totals of the row's own minute, hour or day, never running totals.
-- Times are UTC; minutes, hours and days are floored. written_at is the store's clock: rollups find
-- new, late and corrected rows by it, so no table here needs a trigger.

create schema metrics;

-- 1. Serving: one row a minute for each running instance.
--
-- latency is a histogram of the answered letters in 162 cells. With b = 2^(1/16):
--   cell 1:                     at most 0.625 ms
--   cell 2+k, k = 0..159:       (0.625*b^k, 0.625*b^(k+1)] ms
--   cell 162:                   more than 640 ms
-- The upper edge of cell 2+k is 20 * 2^((k-79)/16), which makes 20 ms the exact edge between cells 81
-- and 82. All cells together are letters - errors; with a target of 20 ms, cells 82..162 are slow.
create table metrics.serving_minute (
    service        text        not null,
    minute         timestamptz not null,
    datacenter     text        not null,
    instance       text        not null,
    model_version  text        not null,
    letters        bigint      not null check (letters >= 0),   -- received, failed ones included
    errors         bigint      not null check (errors >= 0),    -- no answer: time-out, 5xx, refused
    slow           bigint      not null check (slow >= 0),      -- answered, but over the latency target
    latency        integer[]   not null,
    written_at     timestamptz not null default now(),
    constraint serving_minute_errors_and_slow_are_among_letters check (errors + slow <= letters),
    constraint serving_minute_has_162_cells check
        (cardinality(latency) = 162 and array_ndims(latency) = 1 and array_lower(latency, 1) = 1),
    constraint serving_minute_cells_are_counts check ((0 <= all (latency)) is true),
    constraint serving_minute_is_a_date_of_this_century check (minute >= '2000-01-01 00:00:00+00'),
    constraint serving_minute_is_floored check (minute = date_trunc('minute', minute, 'UTC')),
    constraint serving_minute_not_in_the_future check (minute <= written_at + interval '5 minutes'),
    primary key (service, minute, datacenter, instance, model_version)
) partition by range (minute);

-- The catch-all: no row is refused because nobody has made its day's partition yet.
create table metrics.serving_minute_default partition of metrics.serving_minute default;

-- Small and always current: the rows written in the last minutes are found without a scan.
create index serving_minute_written_at on metrics.serving_minute
    using brin (written_at) with (pages_per_range = 16, autosummarize = on);

-- 2. Liveness: who should be writing. One row for each running component; upsert the beat.
create table metrics.heartbeat (
    service        text        not null,
    component      text        not null,   -- 'inference', 'labelling', 'experiment', 'feedback', ...
    instance       text        not null,
    datacenter     text        not null default '',
    started_at     timestamptz not null,
    beat_at        timestamptz not null,
    stopped_at     timestamptz,            -- set on an orderly stop: no rows are expected from then on
    constraint heartbeat_not_in_the_future check (beat_at <= now() + interval '5 minutes'),
    primary key (service, component, instance)
);

-- 3. Scores of all letters: full-population counts by score bin.
-- bin = clamp(floor(10 * ln(score / (1 - score))), -100, 99); score 0 is bin -100, score 1 is bin 99.
create table metrics.score_hour (
    service        text        not null,
    hour           timestamptz not null,
    model_version  text        not null,
    segment        text        not null,   -- known before the decision, e.g. the letter's language
    decision       boolean     not null,   -- true: the letter went to the newsletters folder
    bin            smallint    not null check (bin between -100 and 99),
    letters        bigint      not null check (letters >= 0),
    written_at     timestamptz not null default now(),
    constraint score_hour_is_floored check (hour = date_trunc('hour', hour, 'UTC')),
    constraint score_hour_not_in_the_future check (hour <= written_at + interval '5 minutes'),
    primary key (service, hour, model_version, segment, decision, bin)
);

-- 4. Labelled letters: the sample that assessors judged.
create table metrics.labelled_letter (
    service        text             not null,
    model_version  text             not null,
    letter_id      text             not null,
    predicted_at   timestamptz      not null,
    labelled_at    timestamptz      not null,
    segment        text             not null,
    score          double precision not null check (score between 0 and 1),
    decision       boolean          not null,
    label          boolean          not null,   -- true: the letter is a newsletter
    inclusion_probability double precision not null
        check (inclusion_probability > 0 and inclusion_probability <= 1),
    labeller       text             not null default '',
    written_at     timestamptz not null default now(),
    constraint labelled_letter_labelled_after_prediction check (labelled_at >= predicted_at),
    constraint labelled_letter_not_in_the_future
        check (labelled_at <= written_at + interval '5 minutes'),
    primary key (service, model_version, letter_id)
);
create index labelled_letter_predicted_at on metrics.labelled_letter (service, predicted_at);
create index labelled_letter_labelled_at on metrics.labelled_letter (service, labelled_at);

-- 5. Reports of false decisions. The text is already anonymised; no raw text or address is stored.
create table metrics.false_report (
    service        text        not null,
    report_id      text        not null,   -- the producer's own idempotency key
    reported_at    timestamptz not null,
    predicted_at   timestamptz not null,
    kind           text        not null check (kind in ('false_positive', 'false_negative')),
    source         text        not null check (source in ('user', 'assessor', 'shadow')),
    letter_key     text        not null,   -- keyed hash (HMAC-SHA-256) of the message id
    reporter_key   text        not null,   -- keyed hash of the mailbox; '' where nobody reported
    sender_domain  text        not null default '',
    language       text        not null default '',
    segment        text        not null default '',
    model_version  text        not null,
    score          double precision not null check (score between 0 and 1),
    threshold      double precision not null,
    text           text        not null,
    anonymiser     text        not null,   -- name and version of the anonymiser it went through
    written_at     timestamptz not null default now(),
    constraint false_report_not_in_the_future
        check (reported_at <= written_at + interval '5 minutes'),
    primary key (service, report_id)
);
create index false_report_reported_at on metrics.false_report (service, reported_at);

-- 6. A/B test: sums by hash bucket of users, so that days add up and variances come from the buckets.
-- bucket = hash(user, a salt of its own) mod 500, independent of the assignment to variants.
-- Dimension 'all' with value 'all' holds every user; other dimensions split them.
create table metrics.experiment_bucket_day (
    service        text     not null,
    experiment     text     not null,
    variant        text     not null,
    dimension      text     not null default 'all',
    value          text     not null default 'all',
    day            date     not null,
    bucket         smallint not null check (bucket between 0 and 499),
    new_users      bigint   not null,      -- first exposed on this day: adds up over days
    active_users   bigint   not null,      -- user-days
    letters        bigint   not null,
    complaints     bigint   not null,      -- "this is spam", capped per user before summing
    sessions       bigint   not null,
    session_seconds double precision not null,
    revenue        double precision not null,
    written_at     timestamptz not null default now(),
    primary key (service, experiment, variant, dimension, value, day, bucket)
);

-- The same users in the 28 days before the test (the covariate of CUPED).
create table metrics.experiment_bucket_before (
    service        text     not null,
    experiment     text     not null,
    variant        text     not null,
    bucket         smallint not null check (bucket between 0 and 499),
    users          bigint   not null,
    active_users   bigint   not null,
    letters        bigint   not null,
    complaints     bigint   not null,
    sessions       bigint   not null,
    session_seconds double precision not null,
    revenue        double precision not null,
    written_at     timestamptz not null default now(),
    primary key (service, experiment, variant, bucket)
);

-- 7. Product metrics of the business, a number a day: 'complaints', 'letters', 'active_users_day',
-- 'active_users_week', 'active_users_month', 'sessions', 'session_seconds', 'revenue_ads',
-- 'revenue_subscriptions'.
create table metrics.product_day (
    service        text not null,
    day            date not null,
    metric         text not null,
    segment        text not null default 'all',
    value          double precision not null,
    written_at     timestamptz not null default now(),
    primary key (service, day, metric, segment)
);

-- 8. Releases of models and what became of them.
create table metrics.deployment (
    service        text        not null,
    deployment_id  text        not null,
    deployed_at    timestamptz not null,
    model_version  text        not null,
    datacenter     text        not null default '',
    stage          text        not null
        check (stage in ('shadow', 'canary', 'production', 'rolled_back', 'retired')),
    threshold      double precision,
    note           text        not null default '',
    written_at     timestamptz not null default now(),
    primary key (service, deployment_id)
);

-- 9. Shadow run: the candidate's decisions beside production's, on the same letters.
create table metrics.shadow_hour (
    service            text        not null,
    hour               timestamptz not null,
    production_version text        not null,
    candidate_version  text        not null,
    segment            text        not null default 'all',
    both_positive      bigint      not null,
    production_only    bigint      not null,
    candidate_only     bigint      not null,
    both_negative      bigint      not null,
    candidate_errors   bigint      not null,
    candidate_slow     bigint      not null,
    user_visible       bigint      not null default 0,   -- letters the candidate handled: must stay 0
    written_at         timestamptz not null default now(),
    constraint shadow_hour_is_floored check (hour = date_trunc('hour', hour, 'UTC')),
    primary key (service, hour, production_version, candidate_version, segment)
);

-- 10. Training runs and the data that went into them.
create table metrics.training_run (
    service              text        not null,
    run_id               text        not null,
    started_at           timestamptz not null,
    finished_at          timestamptz,
    status               text        not null check (status in ('running', 'succeeded', 'failed')),
    model_version        text        not null,
    parent_version       text        not null default '',
    letters_raw          bigint      not null,
    letters_deduplicated bigint      not null,
    letters_anonymised   bigint      not null,   -- deduplicated and anonymised: what a criterion counts
    letters_trained      bigint      not null,
    retraining_set       text        not null default '',   -- id of the exported set, if any
    note                 text        not null default '',
    written_at           timestamptz not null default now(),
    constraint training_run_letters_only_shrink check
        (letters_raw >= letters_deduplicated and letters_deduplicated >= letters_anonymised),
    primary key (service, run_id)
);

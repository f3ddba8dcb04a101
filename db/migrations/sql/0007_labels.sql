-- Labels by score bin and day: what the quality report reads instead of a million rows. A day is computed
-- again from its rows whenever they change, and replaced. Kept for ever.
--
-- The weight of a label is 1 / its inclusion probability: it stands for that many letters.
--
-- "sent" is what a reader takes of a row, in the binary form that PostgreSQL sends: a year is then one
-- concatenation of 80,000 values instead of six. It begins with the number of the cell,
-- ((days since 2000) * 200 + bins above -100) * 2 + decision.

create table rollup.label_day (
    service         text        not null,
    day             date        not null,   -- of predicted_at, UTC
    model_version   text        not null,
    segment         text        not null,
    decision        boolean     not null,
    bin             smallint    not null,   -- of the score, as in metrics.score_hour
    labels          bigint      not null check (labels > 0),   -- a bin without labels has no row
    positives       bigint      not null check (positives between 0 and labels),
    weight          double precision not null,
    weight_squared  double precision not null,   -- sum of the squares of the weights
    weight_positive double precision not null,   -- sum of the weights of the positive ones
    sent            bytea       not null generated always as (
        int4send(((day - date '2000-01-01') * 200 + bin + 100) * 2 + decision::integer)
        || int8send(labels) || int8send(positives)
        || float8send(weight) || float8send(weight_squared) || float8send(weight_positive)) stored,
    primary key (service, day, model_version, segment, decision, bin)
);

-- What a day of metrics.labelled_letter looked like when it was last rolled up: a day whose rows still
-- look the same is left alone. Kept for ever.
create table rollup.label_day_state (
    service        text        not null,
    day            date        not null,
    source_rows    bigint      not null,
    fingerprint    numeric     not null,   -- sum of written_at in microseconds over the day's rows
    -- When the newest of these labels was given: whoever asks for what was known before reads the rows.
    newest_labelled_at timestamptz not null,
    rolled_at      timestamptz not null default now(),
    error          text        not null default '',   -- why these rows could not be rolled up
    primary key (service, day)
);
-- What was rolled up last: what the web app's caches ask before every page.
create index label_day_state_rolled_at on rollup.label_day_state (service, rolled_at);

-- What the worker saw last of the newest rows of a service, when every day of it was rolled up: as long as
-- they look the same, nothing was written since. A letter's predicted_at is no part of its key, so that a
-- correction may take a label out of a day in which nothing was written; days then have to be counted.
create table rollup.label_look (
    service        text        primary key,
    since          timestamptz not null,   -- rows written after this are the newest
    newest_rows    bigint      not null,
    fingerprint    numeric     not null    -- sum of their written_at in microseconds
);

-- The same of letters.
alter table rollup.score_day
    add column sent bytea not null generated always as (
        int4send(((day - date '2000-01-01') * 200 + bin + 100) * 2 + decision::integer)
        || int8send(letters)) stored;

-- How far the rollup of labels is; it looks by itself, as that of scores does.
alter table rollup.worker
    add column labels_watermark timestamptz,      -- labels written before this have been rolled up
    add column labels_compared_at timestamptz;    -- when the last 7 days were last compared in full

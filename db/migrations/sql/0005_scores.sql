-- All letters by score bin and day: what the quality report reads instead of 24 times as many hours.
-- A day is computed again from its hours whenever they change, and replaced. Kept for ever.

create table rollup.score_day (
    service        text        not null,
    day            date        not null,   -- UTC
    model_version  text        not null,
    segment        text        not null,
    decision       boolean     not null,
    bin            smallint    not null,
    letters        bigint      not null check (letters > 0),   -- a bin without letters has no row
    primary key (service, day, model_version, segment, decision, bin)
);

-- What a day of metrics.score_hour looked like when it was last rolled up: a day whose rows still look
-- the same is left alone. Kept for ever.
create table rollup.score_day_state (
    service        text        not null,
    day            date        not null,
    source_rows    bigint      not null,
    fingerprint    numeric     not null,   -- sum of written_at in microseconds over the day's rows
    rolled_at      timestamptz not null default now(),
    error          text        not null default '',   -- why these rows could not be rolled up
    primary key (service, day)
);
-- What was rolled up last: what the web app's caches ask before every page.
create index score_day_state_rolled_at on rollup.score_day_state (service, rolled_at);

-- How far the rollup of scores is; it looks by itself, since its rows come by the hour.
alter table rollup.worker
    add column scores_watermark timestamptz,      -- scores written before this have been rolled up
    add column scores_compared_at timestamptz;    -- when the last 7 days were last compared in full

-- Rows that were just written, and the hours they are of. A transaction writes many rows at one time, and
-- equal keys are stored once, so that this takes an eighth of the table's own key.
create index score_hour_written_at on metrics.score_hour (service, written_at, hour);

-- The newest labels and corrections: a corrected label makes every report that it is in a new one.
create index labelled_letter_written_at on metrics.labelled_letter (service, written_at);

-- A time before this century is a clock that was never set, and infinity no day at all: as with serving
-- minutes, no such row is taken. Rows that are there already are left alone.
alter table metrics.score_hour add constraint score_hour_is_a_date_of_this_century
    check (hour >= '2000-01-01 00:00:00+00') not valid;
alter table metrics.labelled_letter add constraint labelled_letter_is_a_date_of_this_century
    check (predicted_at >= '2000-01-01 00:00:00+00') not valid;

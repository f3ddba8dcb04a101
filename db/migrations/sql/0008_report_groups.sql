-- Reports of false decisions as they may be shown, and the groups of near-identical ones.
--
-- metrics.false_report is what the serving stack wrote. The worker passes every text through this house's
-- anonymiser once more before anybody sees it; only what stands here is ever shown.

-- The unit of review: reports of one kind whose texts are nearly the same.
create table team.report_group (
    service        text        not null check (service <> ''),
    group_id       bigint      generated always as identity,
    kind           text        not null check (kind in ('false_positive', 'false_negative')),
    exemplar       text        not null,   -- report_id of the report whose text stands for the group; '' in an empty one
    -- Sorted 64-bit hashes, to verify a candidate by Jaccard. Empty where no text may stand for the group (it was
    -- withdrawn, or could not be anonymised): such a group has no bands either, and nothing joins it by its text.
    shingles       bytea       not null,
    shingles_of    text        not null default '',   -- report_id of the report that they were made from; '' without
    topic_id       integer     not null default 0,
    version        bigint      not null default 1,   -- grows whenever a report joins or leaves
    created_at     timestamptz not null,
    primary key (service, group_id)
);
-- Groups whose hashes are to be made anew, or cannot be made.
create index report_group_unhashed on team.report_group (service, group_id) where shingles_of <> exemplar;

-- A look-up by band of the exemplar's MinHash signature: 25 rows a group, whatever its size.
create table team.report_group_band (
    service        text        not null,
    kind           text        not null,
    band           smallint    not null,
    hash           bigint      not null,
    group_id       bigint      not null,
    primary key (hash, band, service, kind, group_id)   -- the hash first: numbers compare quicker than texts
);
create index report_group_band_of_group on team.report_group_band (service, group_id);

create table team.report_letter (
    service        text        not null,
    report_id      text        not null,
    group_id       bigint      not null,
    text           text        not null,   -- anonymised here; '' once withdrawn
    anonymiser     text        not null,   -- name and version of the pass that it went through here
    masked         jsonb       not null default '{}',   -- personal details that this pass masked, by kind
    trouble        text        not null default '',   -- why the text could not be anonymised, as a sentence; it is '' then
    kind           text        not null,
    source         text        not null,
    letter_key     text        not null,
    reporter_key   text        not null,
    language       text        not null,
    segment        text        not null,
    sender_domain  text        not null,
    model_version  text        not null,
    score          double precision not null,
    threshold      double precision not null,
    predicted_at   timestamptz not null,
    reported_at    timestamptz not null,
    source_written_at timestamptz not null,   -- written_at of the row that this was taken from
    taken_at       timestamptz not null,
    withdrawn_at   timestamptz,
    primary key (service, report_id)
);
create index report_letter_of_group on team.report_letter (service, group_id, reported_at);
create index report_letter_of_letter on team.report_letter (service, letter_key);
create index report_letter_by_anonymiser on team.report_letter (service, anonymiser);
create index report_letter_in_trouble on team.report_letter (service, taken_at) where trouble <> '';
create index report_letter_withdrawn on team.report_letter (service, group_id) where withdrawn_at is not null;

create table team.report_topic (
    service        text        not null,
    topic_id       integer     not null check (topic_id > 0),
    words          text[]      not null,
    refreshed_at   timestamptz not null,
    primary key (service, topic_id)
);

-- For SQL users: which report is in which group.
create view team.false_report_group as
    select service, report_id, group_id from team.report_letter;

-- How far the worker has come: one row a service.
create table team.report_intake (
    service        text        primary key,
    looked_from    timestamptz not null,   -- every report written before this has been taken
    compared_at    timestamptz not null,   -- when those of the last days were last compared in full
    topics_at      timestamptz,            -- when topics were last refreshed, and what the groups were then
    topic_groups   bigint      not null default 0,
    topic_versions numeric     not null default 0,   -- sum of the groups' versions
    last_topic     integer     not null default 0    -- the highest topic_id ever given: none is given twice
);

create index false_report_written_at on metrics.false_report (service, written_at, report_id collate "C");

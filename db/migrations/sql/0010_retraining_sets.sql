-- Retraining sets: what was exported for training, frozen letter by letter so that it can be made again byte by byte.

create table team.retraining_set (
    service        text        not null check (service <> ''),
    set_id         text        not null check (set_id <> ''),
    number         integer     not null check (number > 0),
    correction     integer     not null default 0 check (correction >= 0),   -- counts withdrawals from it
    parent         text        not null default '',
    created_at     timestamptz not null,
    created_by     text        not null check (created_by <> ''),
    letters        bigint      not null check (letters >= 0),
    groups         bigint[]    not null,   -- in it, ascending
    manifest       jsonb       not null check (jsonb_typeof(manifest) = 'object'),
    request_id     text        not null default '',   -- one a click: a second arrival makes no second set
    unique (service, number, correction),
    primary key (service, set_id)
);
create unique index retraining_set_of_request on team.retraining_set (service, request_id)
    where request_id <> '';

create table team.retraining_set_letter (
    service        text        not null,
    set_id         text        not null,
    position       integer     not null check (position > 0),   -- its place in the files
    split          text        not null check (split in ('train', 'test')),
    group_id       bigint      not null,
    report_id      text        not null,
    letter_key     text        not null,
    row            jsonb       check (jsonb_typeof(row) = 'object'),   -- the exported row; null once the letter was
                                                                       -- withdrawn or a corrected set took its place
    primary key (service, set_id, position),
    -- The set is written after its letters: what its manifest says of them is counted from them.
    foreign key (service, set_id) references team.retraining_set deferrable initially deferred
);
create index retraining_set_letter_of_letter on team.retraining_set_letter (service, letter_key);
create index retraining_set_letter_of_group on team.retraining_set_letter (service, group_id, split);

-- Letters whose sender or receiver asked for erasure.
create table team.withdrawal (
    service        text        not null check (service <> ''),
    letter_key     text        not null check (letter_key <> ''),
    withdrawn_at   timestamptz not null,
    withdrawn_by   text        not null check (withdrawn_by <> ''),
    reason         text        not null check (reason <> ''),
    primary key (service, letter_key)
);

-- What was exported is never rewritten; its text can only be erased.
revoke update, delete on team.retraining_set, team.retraining_set_letter, team.withdrawal
    from greenlight_app, greenlight_worker;
grant update (row) on team.retraining_set_letter to greenlight_app, greenlight_worker;

create function team.refuse_another_row() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if new.row is not null then
        raise insufficient_privilege using message = 'A frozen letter can be erased, and never changed.';
    end if;
    return new;
end $$;
create trigger retraining_set_letter_is_frozen before update on team.retraining_set_letter
    for each row when (new.row is distinct from old.row) execute function team.refuse_another_row();

-- Three roles, each with what its process needs and no more. They can log in but have no password: on a
-- server of one's own, an administrator sets one, or lets one login take the role (set role).

do $$
declare wanted text;
begin
    foreach wanted in array array['greenlight_serving', 'greenlight_app', 'greenlight_worker'] loop
        if not exists (select from pg_roles where rolname = wanted) then
            begin
                execute format('create role %I login', wanted);
            exception when duplicate_object or unique_violation then
                null;   -- another database of this server is being migrated at the same moment
            end;
        end if;
        if not pg_has_role(current_user, wanted, 'member') then
            execute format('grant %I to current_user', wanted);
        end if;
    end loop;
end $$;

-- The serving stack writes metrics. PostgreSQL asks for SELECT on every column that an upsert sets from
-- "excluded", so a role that may upsert must be able to read what it writes; it may not delete.
grant usage on schema metrics to greenlight_serving, greenlight_app, greenlight_worker;
grant select, insert, update on all tables in schema metrics to greenlight_serving;

-- The web app reads what was measured and writes what the team decides.
grant select on all tables in schema metrics to greenlight_app, greenlight_worker;
alter default privileges in schema metrics grant select on tables to greenlight_app, greenlight_worker;
grant usage on schema rollup, team to greenlight_app, greenlight_worker;
grant select on all tables in schema rollup to greenlight_app;
alter default privileges in schema rollup grant select on tables to greenlight_app;
grant select, insert, update, delete on all tables in schema team to greenlight_app, greenlight_worker;
alter default privileges in schema team
    grant select, insert, update, delete on tables to greenlight_app, greenlight_worker;
alter default privileges in schema team
    grant usage on sequences to greenlight_app, greenlight_worker;

-- The worker rolls up.
grant select, insert, update, delete on all tables in schema rollup to greenlight_worker;
alter default privileges in schema rollup
    grant select, insert, update, delete on tables to greenlight_worker;

-- Everyone may ask which revision the store is at.
grant select on alembic_version to greenlight_serving, greenlight_app, greenlight_worker;

-- Days of metrics.serving_minute: the worker may add and drop them, without owning the table.
--
-- Whoever moves or drops rows holds the parent exclusively for that moment. Readers and writers choose
-- their partitions after they have locked the parent: so none of them can miss rows that were just moved,
-- or be refused because its day left the catch-all under its feet.
create function rollup.create_day(day date) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC' as $$
declare
    partition text := 'serving_minute_' || to_char(day, 'YYYYMMDD');
    first timestamptz := day::timestamptz;
    next timestamptz := (day + 1)::timestamptz;
    -- Rows may be at most 5 minutes ahead of the clock: nobody is writing to later days.
    busy boolean := first < clock_timestamp() + interval '10 minutes';
begin
    set local lock_timeout = '10s';
    perform pg_advisory_xact_lock(x'677265656E04'::bigint);   -- two at once: one makes the day
    if to_regclass('metrics.' || partition) is not null then
        return false;
    end if;
    set local lock_timeout = '1s';   -- everyone who comes after us waits behind us
    if busy or exists (
        select from metrics.serving_minute_default where minute >= first and minute < next
    ) then
        lock table only metrics.serving_minute in access exclusive mode;
        busy := true;
    end if;
    lock table metrics.serving_minute_default in access exclusive mode;
    execute format('create table metrics.%I (like metrics.serving_minute including defaults '
                   'including constraints)', partition);
    if exists (select from metrics.serving_minute_default where minute >= first and minute < next) then
        if not busy then
            raise lock_not_available using message = 'rows of ' || day || ' are just arriving';
        end if;
        execute format('insert into metrics.%I select * from metrics.serving_minute_default '
                       'where minute >= $1 and minute < $2', partition) using first, next;
        delete from metrics.serving_minute_default where minute >= first and minute < next;
    end if;
    execute format('alter table metrics.serving_minute attach partition metrics.%I '
                   'for values from (%L) to (%L)', partition, first, next);
    return true;
end $$;

-- Drops a day whose rows have all been rolled up, and makes its hours final. A row committed at the last
-- moment is seen here, behind the lock that keeps out the next one. Says 'dropped', 'absent', or 'unrolled'
-- when some hour has changed since it was rolled up, or never could be.
create function rollup.drop_day(day date) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC' as $$
declare
    partition text := 'serving_minute_' || to_char(day, 'YYYYMMDD');
    unrolled boolean;
begin
    perform rollup.begin_settling();
    if to_regclass('metrics.' || partition) is null then
        return 'absent';
    end if;
    set local lock_timeout = '1s';   -- everyone who comes after us waits behind us
    lock table only metrics.serving_minute in access exclusive mode;
    execute format('lock table metrics.%I in access exclusive mode', partition);
    execute format($query$
        select exists (
            select from (
                select service, date_trunc('hour', minute, 'UTC') as hour, count(*) as source_rows,
                       sum(rollup.written_microseconds(written_at)) as fingerprint
                from metrics.%I group by 1, 2
            ) found left join rollup.hour_state rolled using (service, hour)
            where rolled.final is not true
              and (rolled.source_rows, rolled.fingerprint, rolled.error)
                  is distinct from (found.source_rows, found.fingerprint, '')
        )$query$, partition) into unrolled;
    if unrolled then
        return 'unrolled';
    end if;
    execute format($query$
        update rollup.hour_state set final = true
        where not final and (service, hour) in
            (select service, date_trunc('hour', minute, 'UTC') from metrics.%I)$query$, partition);
    execute format('drop table metrics.%I', partition);
    return 'dropped';
end $$;

-- Clears old rows out of the catch-all, whole hours before a time: strays of hours that are final, and
-- hours that were rolled up in full from the catch-all, which thereby become final. Rows written since
-- written_before stay, to be found and corrected.
create function rollup.clear_strays(before timestamptz, written_before timestamptz) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC' as $$
declare cleared bigint;
begin
    before := date_trunc('hour', before, 'UTC');
    if not exists (
        select from metrics.serving_minute_default where minute < before and written_at < written_before
    ) then
        return 0;
    end if;
    perform rollup.begin_settling();
    set local lock_timeout = '1s';
    lock table metrics.serving_minute_default in share row exclusive mode;   -- no writer in between
    with found as (
        select service, date_trunc('hour', minute, 'UTC') as hour, count(*) as source_rows,
               sum(rollup.written_microseconds(written_at)) as fingerprint, max(written_at) as newest
        from metrics.serving_minute_default where minute < before group by 1, 2
    ), settled as (
        select service, hour from found join rollup.hour_state rolled using (service, hour)
        where rolled.final or (
            found.newest < written_before
            and (rolled.source_rows, rolled.fingerprint, rolled.error)
                is not distinct from (found.source_rows, found.fingerprint, ''))
    ), made_final as (
        update rollup.hour_state rolled set final = true from settled
        where not rolled.final and rolled.service = settled.service and rolled.hour = settled.hour
    )
    delete from metrics.serving_minute_default stray using settled
    where stray.service = settled.service and date_trunc('hour', stray.minute, 'UTC') = settled.hour
      and stray.written_at < written_before;
    get diagnostics cleared = row_count;
    return cleared;
end $$;

-- Settling (rolling up, dropping, clearing) happens one transaction at a time, and each looks only after
-- it has its turn: an hour cannot become final between a worker's look at its rows and its rollup.
create function rollup.begin_settling() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise 'Settling works on what is committed now: use isolation level read committed.';
    end if;
    set local lock_timeout = '10s';
    perform pg_advisory_xact_lock(x'677265656E03'::bigint);
end $$;

revoke all on function rollup.create_day(date), rollup.drop_day(date),
    rollup.clear_strays(timestamptz, timestamptz), rollup.begin_settling() from public;
grant execute on function rollup.create_day(date), rollup.drop_day(date),
    rollup.clear_strays(timestamptz, timestamptz), rollup.begin_settling() to greenlight_worker;

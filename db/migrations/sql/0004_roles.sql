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
create function rollup.create_day(day date) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC' as $$
declare
    partition text := 'serving_minute_' || to_char(day, 'YYYYMMDD');
    first timestamptz := day::timestamptz;
    next timestamptz := (day + 1)::timestamptz;
begin
    if to_regclass('metrics.' || partition) is not null then
        return false;
    end if;
    set local lock_timeout = '5s';
    execute format('create table metrics.%I (like metrics.serving_minute including defaults '
                   'including constraints)', partition);
    if exists (select from metrics.serving_minute_default where minute >= first and minute < next) then
        -- Rows came before their day was made: no writer may slip one in between copy and delete.
        lock table metrics.serving_minute_default in access exclusive mode;
        execute format('insert into metrics.%I select * from metrics.serving_minute_default '
                       'where minute >= $1 and minute < $2', partition) using first, next;
        delete from metrics.serving_minute_default where minute >= first and minute < next;
    end if;
    execute format('alter table metrics.serving_minute attach partition metrics.%I '
                   'for values from (%L) to (%L)', partition, first, next);
    return true;
end $$;

create function rollup.drop_day(day date) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare partition text := 'serving_minute_' || to_char(day, 'YYYYMMDD');
begin
    if to_regclass('metrics.' || partition) is null then
        return false;
    end if;
    set local lock_timeout = '5s';
    execute format('drop table metrics.%I', partition);
    return true;
end $$;

-- Strays of a day that is gone, out of the catch-all, once they are as old as the day they belong to.
create function rollup.clear_strays(before timestamptz, written_before timestamptz) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare cleared bigint;
begin
    delete from metrics.serving_minute_default
    where minute < before and written_at < written_before;
    get diagnostics cleared = row_count;
    return cleared;
end $$;

revoke all on function rollup.create_day(date), rollup.drop_day(date),
    rollup.clear_strays(timestamptz, timestamptz) from public;
grant execute on function rollup.create_day(date), rollup.drop_day(date),
    rollup.clear_strays(timestamptz, timestamptz) to greenlight_worker;

-- Which services have rows in a metric table, from one to the next by the table's key. On one server that is
-- one recursive statement, planned once however many days the table has. A distributed table takes no such
-- statement: there every step is a minimum, which each shard answers from its own key.

create function rollup.services_of(source regclass) returns setof text
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare found text;
begin
    if not exists (select from pg_extension where extname = 'citus') then
        return query execute format($query$
            with recursive found (service) as (
                (select service from %1$s order by service limit 1)
                union all
                select (select service from %1$s
                        where service > found.service order by service limit 1)
                from found where found.service is not null)
            select service from found where service is not null$query$, source);
        return;
    end if;
    execute format('select min(service) from %s', source) into found;
    while found is not null loop
        return next found;
        execute format('select min(service) from %s where service > $1', source) into found using found;
    end loop;
end $$;

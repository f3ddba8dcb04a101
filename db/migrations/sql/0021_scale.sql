-- Which services have rows in a metric table, from one to the next by the table's key: each look-up is a
-- minimum, which a distributed table answers from every shard's own key. A recursive statement, which is
-- how it is done over tables that stay in one place, no distributed table takes.

create function rollup.services_of(source regclass) returns setof text
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare found text;
begin
    execute format('select min(service) from %s', source) into found;
    while found is not null loop
        return next found;
        execute format('select min(service) from %s where service > $1', source) into found using found;
    end loop;
end $$;

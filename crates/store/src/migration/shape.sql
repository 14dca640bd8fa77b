-- What a schema is made of, a line for each thing; the same on every version of PostgreSQL.
with relations as (
    select c.oid, c.relname, c.relkind, c.relpersistence, c.relrowsecurity
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = $1 and c.relname not like 'schema\_migrations%'
)
select line collate "C"
from (
    -- Not how they are stored and vacuumed: that is tuned where they run.
    select format('%s %s %s%s%s', $1,
        case relkind when 'r' then 'table' when 'v' then 'view' when 'S' then 'sequence' end, relname,
        case when relpersistence = 'u' then ' unlogged: a crash of the server empties it' end,
        case when relrowsecurity then ' with row level security' end)
    from relations where relkind in ('r', 'v', 'S')
    union all
    select format('%s column %s.%s %s%s%s', $1, r.relname, a.attname, format_type(a.atttypid, a.atttypmod),
        case when a.attnotnull then ' not null' else '' end, ' default ' || pg_get_expr(d.adbin, d.adrelid))
    from relations r
    join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where r.relkind = 'r'
    union all
    select format('%s constraint %s.%s %s', $1, r.relname, c.conname, c.contype)
    from relations r
    join pg_constraint c on c.conrelid = r.oid and c.contype in ('c', 'f', 'p', 'u')
    where c.convalidated
    union all
    select format('%s index %s', $1, pg_get_indexdef(i.indexrelid))
    from relations r
    join pg_index i on i.indrelid = r.oid and i.indisvalid
    union all
    -- Not only that it is there: one was granted to others because of what it does.
    select format('%s function %s(%s)%s %s%s', $1, p.proname, pg_get_function_identity_arguments(p.oid),
        case when p.prosecdef then ' security definer' else '' end, md5(p.prosrc), ' set ' || array_to_string(p.proconfig, ', '))
    from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = $1
    union all
    select format('%s trigger %s.%s', $1, r.relname, t.tgname)
    from relations r
    join pg_trigger t on t.tgrelid = r.oid and not t.tgisinternal
    union all
    -- Those of foreign keys as well.
    select distinct format('%s table %s has triggers that are disabled', $1, r.relname)
    from relations r
    join pg_trigger t on t.tgrelid = r.oid and t.tgenabled = 'D'
    union all
    select format('%s rule %s.%s', $1, r.relname, w.rulename)
    from relations r
    join pg_rewrite w on w.ev_class = r.oid and w.rulename <> '_RETURN'
    union all
    select format('%s type %s', $1, t.typname)
    from pg_type t
    join pg_namespace n on n.oid = t.typnamespace
    where n.nspname = $1 and t.typtype in ('e', 'd', 'r')
) things (line)
order by 1

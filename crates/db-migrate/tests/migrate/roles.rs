//! `roles`: each program's role has what is granted here and nothing else, however often it is called.

use crate::command::{finish, run, start};
use crate::database::Database;

/// Every right of the three roles, from the catalog: whole tables, single columns, sequences, functions and schemas.
const MATRIX: &str = "
with roles (role) as (values ('mailroom_gateway'), ('mailroom_worker'), ('mailroom_reader')),
relations as (
    select c.oid, n.nspname || '.' || c.relname as name, c.relkind from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('messaging', 'directory', 'mailbox') and c.relkind in ('r', 'v', 'S'))
select line from (
    select format('%s %s: %s', substr(role, 10), name, string_agg(verb, ' ' order by at)) as line
    from roles cross join relations
    cross join unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'])
        with ordinality as verbs (verb, at)
    where relkind <> 'S' and has_table_privilege(role, oid, verb) group by role, name
    union all
    select format('%s %s: %s (%s)', substr(role, 10), name, verb, string_agg(attname, ' ' order by attname))
    from roles cross join relations r
    join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
    cross join unnest(array['SELECT', 'INSERT', 'UPDATE']) as verbs (verb)
    where relkind <> 'S' and has_column_privilege(role, r.oid, attnum, verb)
        and not has_table_privilege(role, r.oid, verb)
    group by role, name, verb
    union all
    select format('%s %s: %s', substr(role, 10), name, string_agg(verb, ' ' order by at))
    from roles cross join relations
    cross join unnest(array['SELECT', 'USAGE', 'UPDATE']) with ordinality as verbs (verb, at)
    where relkind = 'S' and has_sequence_privilege(role, oid, verb) group by role, name
    union all
    select format('%s %s: EXECUTE', substr(role, 10), p.oid::regprocedure) from roles cross join pg_proc p
    join pg_namespace n on n.oid = p.pronamespace
    where n.nspname in ('messaging', 'directory', 'mailbox') and has_function_privilege(role, p.oid, 'EXECUTE')
    union all
    select format('%s %s: %s', substr(role, 10), nspname, string_agg(verb, ' ' order by verb))
    from roles cross join pg_namespace cross join unnest(array['USAGE', 'CREATE']) as verbs (verb)
    where nspname in ('messaging', 'directory', 'mailbox') and has_schema_privilege(role, nspname, verb)
    group by role, nspname
) lines order by line collate \"C\"";

const EXPECTED: &str = include_str!("roles.txt");

#[tokio::test]
async fn each_has_what_is_written_down_and_nothing_else() {
    let database = Database::empty().await;
    // Before there is a schema: only the roles are made.
    let said = run(&database.url(), &["roles", "--output", "json"])
        .exits(0)
        .json();
    assert_eq!(said["roles"].as_array().unwrap().len(), 4, "{said}");
    assert_eq!(database.ask(MATRIX).await, [""; 0]);
    run(&database.url(), &["up"]).exits(0);
    assert_eq!(
        database.ask(MATRIX).await,
        [""; 0],
        "a schema is nobody's but its owner's"
    );
    run(&database.url(), &["roles"]).exits(0);
    let matrix = database.ask(MATRIX).await;
    assert_eq!(matrix.join("\n") + "\n", EXPECTED, "{}", matrix.join("\n"));

    // What somebody granted by hand goes.
    database
        .execute(
            "grant all on all tables in schema mailbox, directory, messaging to mailroom_gateway, public;
             grant usage on schema mailbox to mailroom_reader",
        )
        .await;
    run(&database.url(), &["roles"]).exits(0);
    assert_eq!(database.ask(MATRIX).await, matrix);
}

#[tokio::test]
async fn many_at_once_are_as_good_as_one() {
    let database = Database::empty().await;
    run(&database.url(), &["up"]).exits(0);
    let started: Vec<_> = (0..5).map(|_| start(&database.url(), &["roles"])).collect();
    for child in started {
        finish(child).exits(0);
    }
}

#[tokio::test]
async fn who_may_not_is_told_who_may() {
    let database = Database::empty().await;
    run(&database.url(), &["up"]).exits(0);
    run(&database.url(), &["roles"]).exits(0);
    let url = format!("{}?options=-c%20role%3Dmailroom_reader", database.url());
    let said = run(&url, &["roles", "--output", "json"]).exits(1);
    assert_eq!(said.json()["error"]["code"], "may_not", "{said:?}");
    assert!(said.stderr.contains("mailroom_owner"), "{said:?}");
}

#[tokio::test]
async fn who_can_make_roles_and_does_not_own_the_database_is_told() {
    let database = Database::empty().await;
    run(&database.url(), &["roles"]).exits(0);
    database
        .execute(&format!(
            "revoke create on database {} from mailroom_owner",
            database.name()
        ))
        .await;
    let owner = format!("{}?options=-c%20role%3Dmailroom_owner", database.url());
    let said = run(&owner, &["roles", "--output", "json"]).exits(1);
    assert_eq!(said.json()["error"]["code"], "may_not", "{said:?}");
    assert!(
        said.stderr.contains("may make no schema in this database"),
        "{said:?}"
    );
}

#[tokio::test]
async fn the_owner_migrates_and_grants_with_no_right_beyond_its_database() {
    let database = Database::empty().await;
    run(&database.url(), &["roles"]).exits(0);
    let owner = format!("{}?options=-c%20role%3Dmailroom_owner", database.url());
    run(&owner, &["up"]).exits(0);
    run(&owner, &["roles"]).exits(0);
    run(&owner, &["verify"]).exits(0);
    let matrix = database.ask(MATRIX).await;
    assert_eq!(matrix.join("\n") + "\n", EXPECTED);
}

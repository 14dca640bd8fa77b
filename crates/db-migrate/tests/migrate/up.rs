//! `up` alone: on an empty database, again, one set only.

use serde_json::json;

use crate::command::run;
use crate::database::Database;

#[tokio::test]
async fn an_empty_database_gets_everything_in_order() {
    let database = Database::empty().await;
    let said = run(&database.url(), &["up"]).exits(0);
    let progress: Vec<_> = said
        .stderr
        .lines()
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert!(progress.is_sorted_by_key(|set| {
        ["messaging", "directory", "mailbox"]
            .iter()
            .position(|s| s == set)
    }));
    assert!(
        said.stderr.contains("messaging 20261121000001 spine applied in "),
        "{said:?}"
    );
    assert!(said.stdout.contains("messaging: "), "{said:?}");
    for set in ["messaging", "directory", "mailbox"] {
        let book =
            format!("select version::text from {set}.schema_migrations where success and execution_time > 0");
        assert!(!database.ask(&book).await.is_empty(), "{set}");
    }
    let tables =
        database.ask("select 'x' from messaging.inbound_events, directory.users, mailbox.message_mailboxes");
    assert_eq!(tables.await.len(), 0);
}

#[tokio::test]
async fn a_second_run_applies_nothing() {
    let database = Database::empty().await;
    let first = run(&database.url(), &["up", "--output", "json"]).exits(0).json();
    assert_eq!(first["command"], "up");
    let step = &first["sets"][0]["applied"][0];
    assert_eq!(
        (&step["version"], &step["name"]),
        (&json!(20_261_121_000_001_i64), &json!("spine"))
    );
    assert!(step["milliseconds"].is_u64());
    let schema = database.schema().await;

    let second = run(&database.url(), &["up", "--output", "json"]).exits(0);
    assert_eq!(second.stderr, "");
    for (set, before) in second.json()["sets"]
        .as_array()
        .unwrap()
        .iter()
        .zip(first["sets"].as_array().unwrap())
    {
        assert_eq!(set["applied"], json!([]));
        assert_eq!(set["before"], before["applied"].as_array().unwrap().len());
        assert_eq!(set["newer"], json!([]));
    }
    assert_eq!(database.schema().await, schema);
}

#[tokio::test]
async fn one_set_can_live_alone() {
    let database = Database::empty().await;
    run(&database.url(), &["up", "--set", "mailbox"]).exits(0);
    let schemas =
        "select nspname::text from pg_namespace where nspname in ('messaging', 'directory', 'mailbox')";
    assert_eq!(database.ask(schemas).await, ["mailbox"]);
    run(&database.url(), &["status", "--check", "--set", "mailbox"]).exits(0);
    run(&database.url(), &["status", "--check"]).exits(3);
}

#[tokio::test]
async fn a_migration_that_fails_leaves_nothing_of_itself() {
    let database = Database::empty().await;
    // The last table of the set is in the way, so the ones before it are made and taken back.
    database
        .execute("create schema directory; create table directory.audit_logs (in_the_way int)")
        .await;
    let said = run(&database.url(), &["up", "--output", "json"]).exits(1);
    let error = &said.json()["error"];
    assert_eq!((&error["code"], &error["exit"]), (&json!("failed"), &json!(1)));
    assert!(
        said.stderr.contains("directory 20261121000001 failed"),
        "{said:?}"
    );
    let tables =
        "select relname::text from pg_class where relnamespace = 'directory'::regnamespace and relkind = 'r'";
    assert_eq!(
        database.ask(&format!("{tables} order by 1")).await,
        ["audit_logs", "schema_migrations"]
    );

    database.execute("drop table directory.audit_logs").await;
    run(&database.url(), &["up"]).exits(0);
    run(&database.url(), &["status", "--check"]).exits(0);
}

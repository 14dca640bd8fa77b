//! A migration that is killed: the next one finds the lock free and goes on.

use std::time::Duration;

use crate::command::{run, start};
use crate::database::{Database, execute};

const AT_WORK: &str = "select pid::text from pg_stat_activity \
    where datname = current_database() and application_name like 'db-migrate%'";

#[tokio::test]
async fn killed_in_the_middle_of_a_migration_the_next_run_converges() {
    let fresh = Database::empty().await;
    run(&fresh.url(), &["up"]).exits(0);

    let database = Database::empty().await;
    let mut reader = database.session().await;
    execute(
        &mut reader,
        "create schema directory; begin; create table directory.audit_logs (x int)",
    )
    .await;
    let mut child = start(&database.url(), &["up", "--table-lock-timeout", "10m"]);
    database
        .until(&format!("{AT_WORK} and wait_event_type = 'Lock'"))
        .await;
    child.kill().unwrap();
    child.wait().unwrap();
    let finished = database
        .ask("select version::text from messaging.schema_migrations")
        .await;
    assert_eq!(finished.len(), mailroom_store::migration::sets()[0].known().len());
    // Its statement still waits for the table, for ten minutes, unless the server sees that nobody listens.
    database
        .until(&format!("select 'gone' where not exists ({AT_WORK})"))
        .await;

    execute(&mut reader, "rollback").await;
    run(&database.url(), &["up"]).exits(0);
    run(&database.url(), &["status", "--check"]).exits(0);
    assert_eq!(database.schema().await, fresh.schema().await);
}

#[tokio::test]
async fn killed_at_any_moment_the_next_run_converges() {
    let database = Database::empty().await;
    for millis in [5, 10, 15, 20, 25, 30, 40, 50, 60, 80] {
        let mut child = start(&database.url(), &["up"]);
        tokio::time::sleep(Duration::from_millis(millis)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        run(&database.url(), &["up"]).exits(0);
        run(&database.url(), &["status", "--check"]).exits(0);
        for set in ["messaging", "directory", "mailbox"] {
            run(&database.url(), &["down", "--set", set, "--to", "0", "--yes"]).exits(0);
        }
    }
}

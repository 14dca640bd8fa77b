//! Others in the way: another migration, or somebody who keeps a table.

use std::io::{BufRead, BufReader, Read};
use std::process::Child;
use std::time::Duration;

use crate::command::{Said, finish, run, start};
use crate::database::{Database, execute};

/// The word `mailroom` as a number. Every release must use the same, or two releases migrate at once.
const HOLD: &str = "set application_name = 'somebody-else'; select pg_advisory_lock(7881696737372368749)";
/// A table that the directory set makes last; whoever makes it first keeps the set waiting half-way.
const OCCUPY: &str = "set application_name = 'long-report'; begin; create table directory.audit_logs (x int)";

#[tokio::test]
async fn a_lock_that_is_not_released_is_5_and_names_the_holder() {
    let database = Database::empty().await;
    let mut other = database.session().await;
    execute(&mut other, HOLD).await;
    let pid: i32 = sqlx::query_scalar("select pg_backend_pid()")
        .fetch_one(&mut other)
        .await
        .unwrap();

    let said = run(
        &database.url(),
        &["up", "--lock-timeout", "300ms", "--output", "json"],
    )
    .exits(5);
    let error = &said.json()["error"];
    assert_eq!(error["code"], "lock_timeout");
    assert_eq!(error["holder"]["pid"], pid);
    assert_eq!(error["holder"]["application_name"], "somebody-else");
    assert!(error["holder"]["since"].as_str().unwrap().ends_with('Z'));
    assert!(
        said.stderr
            .contains(&format!("it is held by pid {pid} (somebody-else) since ")),
        "{said:?}"
    );
    assert!(database.schema().await.is_empty());
}

#[tokio::test]
async fn a_lock_that_is_released_is_taken() {
    let database = Database::empty().await;
    let mut other = database.session().await;
    execute(&mut other, HOLD).await;
    let mut waiting = start(&database.url(), &["up", "--lock-timeout", "30s"]);
    let line = first_line(&mut waiting);
    assert!(line.starts_with("waiting for another migration: pid "), "{line}");
    execute(&mut other, "select pg_advisory_unlock_all()").await;
    finish(waiting).exits(0);
    run(&database.url(), &["status", "--check"]).exits(0);
}

#[tokio::test]
async fn a_table_that_is_kept_for_a_while_is_tried_again() {
    let database = Database::empty().await;
    let mut reader = database.session().await;
    execute(&mut reader, "create schema directory").await;
    execute(&mut reader, OCCUPY).await;
    let mut waiting = start(
        &database.url(),
        &["up", "--set", "directory", "--table-lock-timeout", "100ms"],
    );
    let line = first_line(&mut waiting);
    assert_eq!(
        line.trim_end(),
        "directory 20261121000001 could not lock what it changes (attempt 1), trying again"
    );
    execute(&mut reader, "rollback").await;
    finish(waiting).exits(0);
    run(&database.url(), &["status", "--check", "--set", "directory"]).exits(0);
}

#[tokio::test]
async fn a_table_that_is_kept_for_ever_is_5_and_names_the_suspect() {
    let database = Database::empty().await;
    let mut reader = database.session().await;
    execute(&mut reader, "create schema directory").await;
    execute(&mut reader, OCCUPY).await;
    let args = [
        "up",
        "--set",
        "directory",
        "--table-lock-timeout",
        "50ms",
        "--output",
        "json",
    ];
    let said = run(&database.url(), &args).exits(5);
    let error = &said.json()["error"];
    assert_eq!(error["code"], "table_lock_timeout");
    assert_eq!(error["oldest_transactions"][0]["application_name"], "long-report");
    let Said { stderr, .. } = said;
    assert!(
        stderr.contains("in 5 attempts") && stderr.contains("(long-report) since "),
        "{stderr}"
    );
}

#[tokio::test]
async fn the_lock_names_the_pod_that_holds_it() {
    let database = Database::empty().await;
    let mut reader = database.session().await;
    execute(&mut reader, "create schema directory").await;
    execute(&mut reader, OCCUPY).await;
    let holding = start(
        &database.url(),
        &["up", "--set", "directory", "--table-lock-timeout", "30s"],
    );
    database.until("select pid::text from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()").await;
    let said = run(&database.url(), &["up", "--lock-timeout", "0"]).exits(5);
    assert!(said.stderr.contains("(db-migrate@pod-1)"), "{said:?}");
    execute(&mut reader, "rollback").await;
    finish(holding).exits(0);
}

/// The first line of its progress; the rest is read and forgotten, so that it can go on writing.
fn first_line(child: &mut Child) -> String {
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    std::thread::spawn(move || stderr.read_to_end(&mut Vec::new()));
    line
}

#[tokio::test]
async fn a_concurrent_build_waits_for_who_reads_and_holds_nobody_up() {
    let database = Database::empty().await;
    let before = "20261124000007";
    run(&database.url(), &["up", "--set", "messaging", "--to", before]).exits(0);
    let mut reader = database.session().await;
    execute(
        &mut reader,
        "begin isolation level repeatable read; select count(*) from messaging.inbound_events",
    )
    .await;
    let mut migrating = start(&database.url(), &["up"]);
    database
        .until("select 'x' from pg_stat_activity where query ilike 'create index concurrently%' or wait_event = 'virtualxid'")
        .await;
    // Longer than a migration in a transaction would wait for a table.
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(migrating.try_wait().unwrap().is_none(), "it gave up");
    database
        .execute("set lock_timeout = '1s'; update messaging.inbound_events set updated_at = now()")
        .await;
    execute(&mut reader, "commit").await;
    finish(migrating).exits(0);
    run(&database.url(), &["verify"]).exits(0);
}

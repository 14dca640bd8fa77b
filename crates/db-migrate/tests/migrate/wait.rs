//! `wait`: for another that migrates.

use std::time::Duration;

use crate::command::{finish, run, start};
use crate::database::Database;

#[tokio::test]
async fn returns_once_another_has_migrated() {
    let database = Database::empty().await;
    let mut waiting = start(&database.url(), &["wait", "--timeout", "30s", "--output", "json"]);
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert!(waiting.try_wait().unwrap().is_none(), "it did not wait");
    run(&database.url(), &["up"]).exits(0);
    let said = finish(waiting).exits(0);
    assert_eq!(said.json()["command"], "wait");
    assert_eq!(
        said.stderr
            .lines()
            .next()
            .map(|line| line.starts_with("waiting: pending: messaging")),
        Some(true)
    );
}

#[tokio::test]
async fn gives_up_and_says_what_is_pending() {
    let database = Database::empty().await;
    run(&database.url(), &["up", "--set", "messaging"]).exits(0);
    run(&database.url(), &["wait", "--set", "messaging", "--timeout", "0"]).exits(0);
    let said = run(
        &database.url(),
        &["wait", "--timeout", "300ms", "--output", "json"],
    )
    .exits(5);
    assert_eq!(said.json()["error"]["code"], "wait_timeout");
    assert!(
        said.stderr.contains("mailbox 20261121000001") && !said.stderr.contains("messaging"),
        "{said:?}"
    );
}

#[tokio::test]
async fn a_program_waits_for_its_rights_too() {
    let database = Database::empty().await;
    run(&database.url(), &["up"]).exits(0);
    let gateway = format!("{}?options=-c%20role%3Dmailroom_gateway", database.url());
    let wait = ["wait", "--set", "messaging", "--timeout", "20s"];
    run(&database.url(), &["roles"]).exits(0);
    run(&gateway, &wait).exits(0);
    database
        .execute("revoke all on schema messaging from mailroom_gateway")
        .await;
    let mut waiting = start(&gateway, &wait);
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert!(waiting.try_wait().unwrap().is_none(), "it did not wait");
    run(&database.url(), &["roles"]).exits(0);
    let said = finish(waiting).exits(0);
    assert!(said.stderr.contains("permission denied"), "{said:?}");
}

//! There, back, and there again.

use serde_json::json;

use crate::command::run;
use crate::database::Database;

const SETS: [&str; 3] = ["messaging", "directory", "mailbox"];

#[tokio::test]
async fn what_is_undone_is_gone_and_comes_back_the_same() {
    let database = Database::empty().await;
    run(&database.url(), &["up"]).exits(0);
    let there = database.schema().await;
    assert!(
        there.iter().any(|line| line.contains("messaging.inbound_events")),
        "the dump sees nothing"
    );

    for set in SETS {
        run(&database.url(), &["down", "--set", set, "--to", "0", "--yes"]).exits(0);
    }
    let back = database.schema().await;
    let left: Vec<_> = back
        .iter()
        .filter(|line| !line.starts_with("schema ") && !line.contains("schema_migrations"))
        .collect();
    assert!(left.is_empty(), "{left:#?}");

    run(&database.url(), &["up"]).exits(0);
    assert_eq!(database.schema().await, there);
}

#[tokio::test]
async fn without_yes_it_only_says_what_it_would_undo() {
    let database = Database::empty().await;
    run(&database.url(), &["down", "--set", "mailbox", "--to", "0"]).exits(0);
    run(&database.url(), &["up"]).exits(0);

    let said = run(
        &database.url(),
        &["down", "--set", "mailbox", "--to", "0", "--output", "json"],
    )
    .exits(2);
    let step = json!({ "version": 20_261_121_000_001_i64, "name": "message mailboxes" });
    assert_eq!(said.json()["would_undo"], json!([step]));
    let text = run(&database.url(), &["down", "--set", "mailbox", "--to", "0"])
        .exits(2)
        .stdout;
    assert!(
        text.contains("--yes") && text.contains("20261121000001 message mailboxes"),
        "{text}"
    );
    run(&database.url(), &["status", "--check"]).exits(0);

    let done = run(
        &database.url(),
        &[
            "down", "--set", "mailbox", "--to", "0", "--yes", "--output", "json",
        ],
    )
    .exits(0);
    assert_eq!(done.json()["undone"][0]["version"], 20_261_121_000_001_i64);
    run(&database.url(), &["status", "--check"]).exits(3);
}

#[tokio::test]
async fn only_what_came_after_the_version_is_undone() {
    let database = Database::empty().await;
    run(&database.url(), &["up"]).exits(0);
    let newest = mailroom_store::migration::sets()[2]
        .known()
        .last()
        .unwrap()
        .version
        .to_string();
    let to_the_newest = ["down", "--set", "mailbox", "--to", &newest, "--yes"];
    let said = run(&database.url(), &to_the_newest).exits(0);
    assert!(said.stdout.contains("0 undone"), "{said:?}");
    let nowhere = run(
        &database.url(),
        &["down", "--set", "mailbox", "--to", "7", "--yes"],
    )
    .exits(2);
    assert!(
        nowhere.stderr.contains("20261121000001"),
        "the choices are not said: {nowhere:?}"
    );
    run(&database.url(), &["status", "--check"]).exits(0);
}

//! `status`, and a database that differs from the release in every way.

use serde_json::json;

use crate::command::run;
use crate::database::Database;

const CHECK: [&str; 4] = ["status", "--check", "--output", "json"];

#[tokio::test]
async fn pending_is_3_and_current_is_0() {
    let database = Database::empty().await;
    let before = run(&database.url(), &CHECK).exits(3).json();
    assert_eq!(
        (&before["command"], &before["state"]),
        (&json!("status"), &json!("behind"))
    );
    assert_eq!(before["sets"][0]["migrations"][0]["state"], "pending");
    run(&database.url(), &["status"]).exits(0);
    assert!(database.schema().await.is_empty(), "asking has changed something");

    run(&database.url(), &["up"]).exits(0);
    let after = run(&database.url(), &CHECK).exits(0).json();
    assert_eq!(after["state"], "current");
    let mailbox = json!({
        "set": "mailbox",
        "state": "current",
        "migrations": [{ "version": 20_261_121_000_001_i64, "name": "message mailboxes", "state": "applied" }],
    });
    assert_eq!(after["sets"][2], mailbox);
}

#[tokio::test]
async fn an_edited_migration_is_4_and_stops_everything() {
    let database = Database::empty().await;
    run(&database.url(), &["up", "--set", "directory"]).exits(0);
    database
        .execute("update directory.schema_migrations set checksum = '\\x00'")
        .await;
    let found = run(&database.url(), &CHECK).exits(4).json();
    assert_eq!(found["state"], "damaged");
    assert_eq!(found["sets"][1]["migrations"][0]["state"], "changed");

    let said = run(&database.url(), &["up"]).exits(4);
    assert!(
        said.stderr
            .contains("directory is damaged: 20261121000001 people and keys is changed"),
        "{said:?}"
    );
    assert_eq!(
        run(&database.url(), &["up", "--output", "json"]).json()["error"]["code"],
        "damaged"
    );
    let messaging = database
        .ask("select nspname::text from pg_namespace where nspname = 'messaging'")
        .await;
    assert!(
        messaging.is_empty(),
        "a sound set was moved while another is damaged"
    );
    run(&database.url(), &["wait", "--timeout", "30s"]).exits(4);
    run(
        &database.url(),
        &["down", "--set", "directory", "--to", "0", "--yes"],
    )
    .exits(4);
}

#[tokio::test]
async fn unfinished_and_missing_are_4_as_well() {
    let database = Database::empty().await;
    run(&database.url(), &["up"]).exits(0);
    database
        .execute("update mailbox.schema_migrations set success = false")
        .await;
    run(&database.url(), &CHECK).exits(4);
    database
        .execute("update mailbox.schema_migrations set success = true")
        .await;
    run(&database.url(), &CHECK).exits(0);

    let older =
        "insert into mailbox.schema_migrations values (20200101000000, 'vanished', now(), true, '\\x01', 1)";
    database.execute(older).await;
    let found = run(&database.url(), &CHECK).exits(4).json();
    assert_eq!(found["sets"][2]["migrations"][0]["state"], "missing");
}

#[tokio::test]
async fn a_newer_database_is_in_order() {
    let database = Database::empty().await;
    run(&database.url(), &["up"]).exits(0);
    let newer =
        "insert into mailbox.schema_migrations values (29990101000000, 'later', now(), true, '\\x01', 1)";
    database.execute(newer).await;
    let found = run(&database.url(), &CHECK).exits(0).json();
    assert_eq!(found["state"], "ahead");
    assert_eq!(found["sets"][2]["migrations"][1]["state"], "newer");
    run(&database.url(), &["wait", "--timeout", "0"]).exits(0);
    let up = run(&database.url(), &["up", "--output", "json"]).exits(0).json();
    assert_eq!(up["sets"][2]["newer"], json!([29_990_101_000_000_i64]));
    let down = run(
        &database.url(),
        &["down", "--set", "mailbox", "--to", "0", "--yes"],
    )
    .exits(4);
    assert!(down.stderr.contains("the release that applied it"), "{down:?}");
    run(&database.url(), &CHECK).exits(0);
}

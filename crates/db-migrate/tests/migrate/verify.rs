//! `verify`: whatever was done to a database by hand, or left half done, is named.

use crate::command::{Said, run};
use crate::database::Database;

async fn verified_after(sql: &str, code: i32) -> Said {
    let database = Database::empty().await;
    run(&database.url(), &["up"]).exits(0);
    database.execute(sql).await;
    run(&database.url(), &["verify"]).exits(code)
}

#[tokio::test]
async fn what_the_migrations_made_is_sound() {
    let database = Database::empty().await;
    run(&database.url(), &["verify"]).exits(3);
    run(&database.url(), &["up"]).exits(0);
    let said = run(&database.url(), &["verify", "--output", "json"])
        .exits(0)
        .json();
    for set in said["sets"].as_array().unwrap() {
        assert_eq!(set["sound"], true, "{set}");
    }
    assert!(said["durability"][0]["meaning"].is_string());
}

#[tokio::test]
async fn what_was_changed_by_hand_is_named() {
    for (sql, named) in [
        (
            "alter table messaging.messages drop column snippet",
            "missing: messaging column messages.snippet",
        ),
        (
            "alter table messaging.lanes add column note text",
            "made by no migration: messaging column lanes.note text",
        ),
        (
            "drop index messaging.inbound_events_provider_message",
            "missing: messaging index CREATE UNIQUE INDEX inbound_events_provider_message",
        ),
        (
            "create function messaging.f() returns trigger language plpgsql as 'begin return new; end';
             create trigger spy before insert on messaging.messages for each row execute function messaging.f()",
            "made by no migration: messaging trigger messages.spy",
        ),
        (
            "alter table messaging.messages alter column created_at drop default",
            "missing: messaging column messages.created_at timestamp with time zone not null default now()",
        ),
        (
            "create or replace function messaging.work_waiting() returns bigint language sql stable security definer
             set search_path = '' as 'select 0'",
            "missing: messaging function work_waiting() security definer",
        ),
        (
            "alter table messaging.conflicting_duplicates set unlogged",
            "made by no migration: messaging table conflicting_duplicates unlogged",
        ),
        (
            "create rule nope as on insert to messaging.messages do instead nothing",
            "made by no migration: messaging rule messages.nope",
        ),
        (
            "alter table messaging.messages enable row level security",
            "made by no migration: messaging table messages with row level security",
        ),
        (
            "alter table messaging.messages disable trigger all",
            "made by no migration: messaging table messages has triggers that are disabled",
        ),
        (
            "create type messaging.mood as enum ('good')",
            "made by no migration: messaging type mood",
        ),
        (
            "update pg_index set indisvalid = false
             where indexrelid = 'messaging.inbound_events_provider_message'::regclass",
            "index messaging.inbound_events_provider_message is invalid",
        ),
        (
            "update messaging.schema_migrations set checksum = '\\x00' where version = 20261121000001",
            "20261121000001 spine is changed",
        ),
        (
            "delete from messaging.schema_migrations where version = 20261122000001;
             insert into messaging.schema_migrations (version, description, success, checksum, execution_time)
             values (20261122999999, 'of another', true, '\\x00', 0)",
            "20261122999999 of another is missing",
        ),
    ] {
        let said = verified_after(sql, 4).await;
        assert!(said.stdout.contains(named), "{sql}: {said:?}");
    }
}

#[tokio::test]
async fn a_newer_database_is_not_held_against_an_older_release() {
    let said = verified_after(
        "insert into messaging.schema_migrations (version, description, success, checksum, execution_time)
         values (29990101000000, 'of the future', true, '\\x00', 0);
         alter table messaging.lanes add column note text",
        0,
    )
    .await;
    assert!(said.stdout.contains("messaging: sound, ahead"), "{said:?}");
}

/// An index that was built without a transaction, and not to its end, is in the way of the next attempt.
#[tokio::test]
async fn what_an_interrupted_build_left_is_hinted_at() {
    let database = Database::empty().await;
    run(
        &database.url(),
        &["up", "--set", "messaging", "--to", "20261124000007"],
    )
    .exits(0);
    database
        .execute("create index inbound_events_processing on messaging.inbound_events (lane)")
        .await;
    let said = run(&database.url(), &["up"]).exits(1).stderr;
    assert!(
        said.contains("already exists; it runs without a transaction"),
        "{said}"
    );
    assert!(said.contains("`db-migrate verify` names what is left"), "{said}");
    assert!(!said.contains("at line"), "{said}");
}

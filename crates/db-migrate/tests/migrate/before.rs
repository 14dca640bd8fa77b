//! What `up` may be told: how far, only to say, and what must succeed first.

use serde_json::json;

use crate::command::{program, run};
use crate::database::Database;

const SPINE: &str = "20261121000001";

#[tokio::test]
async fn it_goes_as_far_as_it_is_told() {
    let database = Database::empty().await;
    let to = ["up", "--set", "messaging", "--to", SPINE];
    run(&database.url(), &to).exits(0);
    let applied = database
        .ask("select version::text from messaging.schema_migrations")
        .await;
    assert_eq!(applied, [SPINE]);
    run(
        &database.url(),
        &[
            "wait",
            "--set",
            "messaging",
            "--at-least",
            SPINE,
            "--timeout",
            "0",
        ],
    )
    .exits(0);
    run(&database.url(), &["wait", "--set", "messaging", "--timeout", "0"]).exits(5);
    run(&database.url(), &["up", "--set", "messaging", "--to", "7"]).exits(2);
    run(
        &database.url(),
        &["wait", "--set", "messaging", "--at-least", "7"],
    )
    .exits(2);
    run(&database.url(), &["up", "--to", SPINE]).exits(2);
}

#[tokio::test]
async fn a_dry_run_only_says() {
    let database = Database::empty().await;
    let said = run(&database.url(), &["up", "--dry-run", "--output", "json"]).exits(0);
    let sets = said.json();
    assert_eq!(sets["dry_run"], true);
    assert_eq!(
        sets["sets"][0]["would_apply"][0],
        json!({ "version": 20_261_121_000_001_i64, "name": "spine" })
    );
    assert!(database.schema().await.is_empty());
    run(&database.url(), &["up"]).exits(0);
    let said = run(&database.url(), &["up", "--dry-run"]).exits(0);
    assert!(said.stdout.contains("messaging: 0 would be applied"), "{said:?}");
}

#[tokio::test]
async fn what_must_succeed_first_is_run_when_there_is_something_to_apply() {
    let database = Database::empty().await;
    let folder = tempfile::tempdir().unwrap();
    let (told, kept) = (folder.path().join("told"), folder.path().join("kept"));
    let before = |command: &str| run(&database.url(), &["up", "--before", command, "--output", "json"]);
    let said = before("echo no space left; exit 7").exits(1);
    assert_eq!(said.json()["error"]["code"], "hook_failed", "{said:?}");
    assert!(
        said.stderr.contains("no space left") && said.stderr.contains('7'),
        "{said:?}"
    );
    assert!(database.schema().await.is_empty(), "it went on");

    let snapshot = format!("printf %s \"$DATABASE_URL\" > {}", told.display());
    let secret = folder.path().join("url");
    std::fs::write(&secret, database.url()).unwrap();
    let mut command = program(&[
        "up",
        "--before",
        &format!("{snapshot}; ! env | grep DATABASE_URL_FILE"),
    ]);
    command.env("MAILROOM_DIRECT_DATABASE_URL_FILE", &secret);
    crate::command::Said::from(command.output().unwrap()).exits(0);
    assert_eq!(std::fs::read_to_string(&told).unwrap(), database.url());
    before(&format!("touch {}", kept.display())).exits(0);
    assert!(!kept.exists(), "nothing was pending");
}

#[tokio::test]
async fn a_set_may_have_a_database_of_its_own() {
    let (one, other) = (Database::empty().await, Database::empty().await);
    let split = |args: &[&str]| {
        let mut command = program(args);
        command
            .env("DATABASE_URL", one.url())
            .env("MAILROOM_MAILBOX_DATABASE_URL", other.url());
        crate::command::Said::from(command.output().unwrap())
    };
    split(&["up"]).exits(0);
    split(&["status", "--check"]).exits(0);
    split(&["verify"]).exits(0);
    split(&["wait", "--timeout", "0"]).exits(0);
    let there = "select schema_name::text from information_schema.schemata
                 where schema_name in ('messaging', 'directory', 'mailbox') order by 1";
    assert_eq!(one.ask(there).await, ["directory", "messaging"]);
    assert_eq!(other.ask(there).await, ["mailbox"]);
    run(&one.url(), &["status", "--check"]).exits(3);
}

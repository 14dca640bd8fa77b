//! `baseline`: a schema without its bookkeeping is taken over, and only such a one.

use crate::command::run;
use crate::database::Database;

#[tokio::test]
async fn a_schema_that_lost_its_bookkeeping_is_taken_over() {
    let database = Database::empty().await;
    run(&database.url(), &["up"]).exits(0);
    let newest = database
        .ask("select max(version)::text from messaging.schema_migrations")
        .await
        .remove(0);
    let baseline = ["baseline", "--set", "messaging", "--to", &newest];
    let said = run(&database.url(), &baseline).exits(2);
    assert!(said.stderr.contains("has bookkeeping already"), "{said:?}");

    database.execute("drop table messaging.schema_migrations").await;
    run(&database.url(), &["up"]).exits(1);
    run(&database.url(), &baseline).exits(0);
    run(&database.url(), &["status", "--check"]).exits(0);
    run(&database.url(), &["verify"]).exits(0);
    run(&database.url(), &["up"]).exits(0);
}

#[tokio::test]
async fn what_is_only_claimed_is_found_out() {
    let database = Database::empty().await;
    run(
        &database.url(),
        &["baseline", "--set", "mailbox", "--to", "20261121000001"],
    )
    .exits(0);
    let said = run(&database.url(), &["verify", "--set", "mailbox"]).exits(4);
    assert!(
        said.stdout.contains("missing: mailbox table message_mailboxes"),
        "{said:?}"
    );
    run(&database.url(), &["baseline", "--set", "mailbox", "--to", "1"]).exits(2);
}

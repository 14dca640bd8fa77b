//! Through a real `PgBouncer` in transaction mode, where one is installed.

use mailroom_test_support::{Pooler, Prepared};

use crate::command::run;
use crate::database::Database;

fn start(database: &Database, settings: &str) -> Option<Pooler> {
    Pooler::start(&database.url(), Prepared::Unknown, None, settings)
}

#[tokio::test]
async fn lent_sessions_are_refused_and_the_remedy_is_said() {
    let database = Database::empty().await;
    for pool_size in [1, 2, 20] {
        let settings =
            format!("ignore_startup_parameters = extra_float_digits\ndefault_pool_size = {pool_size}");
        let Some(pooler) = start(&database, &settings) else {
            return;
        };
        let said = run(&pooler.url(database.name()), &["up", "--output", "json"]).exits(6);
        assert_eq!(said.json()["error"]["code"], "pooled_connection", "{said:?}");
        assert!(said.stderr.contains("MAILROOM_DIRECT_DATABASE_URL"), "{said:?}");
        assert!(database.schema().await.is_empty(), "it migrated through a pooler");
        // Only asking works through it.
        run(&pooler.url(database.name()), &["status", "--check"]).exits(3);
        run(&database.url(), &["up"]).exits(0);
        run(&pooler.url(database.name()), &["wait", "--timeout", "0"]).exits(0);
        for set in ["messaging", "directory", "mailbox"] {
            run(&database.url(), &["down", "--set", set, "--to", "0", "--yes"]).exits(0);
        }
        database
            .execute(
                "drop schema messaging cascade; drop schema directory cascade; drop schema mailbox cascade",
            )
            .await;
    }
}

#[tokio::test]
async fn a_pooler_that_refuses_the_driver_is_known_by_it() {
    let database = Database::empty().await;
    let Some(pooler) = start(&database, "") else {
        return;
    };
    let said = run(&pooler.url(database.name()), &["up", "--output", "json"]).exits(6);
    assert_eq!(said.json()["error"]["code"], "pooled_connection", "{said:?}");
}

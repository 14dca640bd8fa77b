//! What a gateway or a worker learns before it says that it is ready.

use mailroom_store::migration::{SchemaState, state};
use sqlx::PgPool;

use crate::command::run;
use crate::database::Database;

#[tokio::test]
async fn follows_the_messaging_set_and_no_other() {
    let database = Database::empty().await;
    let connections = PgPool::connect(&database.url()).await.unwrap();
    let pool = connections.clone().into();
    let SchemaState::Behind { missing } = state(&pool).await.unwrap() else {
        panic!("not behind")
    };
    assert_eq!(missing.first(), Some(&20_261_121_000_001));

    run(&database.url(), &["up", "--set", "messaging"]).exits(0);
    assert_eq!(state(&pool).await.unwrap(), SchemaState::Current);

    let later =
        "insert into messaging.schema_migrations values (29990101000000, 'later', now(), true, '\\x01', 1)";
    database.execute(later).await;
    assert_eq!(
        state(&pool).await.unwrap(),
        SchemaState::Ahead {
            unknown: vec![29_990_101_000_000]
        }
    );

    database
        .execute("update messaging.schema_migrations set checksum = '\\x00'")
        .await;
    assert!(!state(&pool).await.unwrap().is_usable());
    connections.close().await;
}

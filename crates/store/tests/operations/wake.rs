//! Wake-ups: what a gateway announces reaches a worker that listens.

use std::time::Duration;

use mailroom_domain::Lane;
use mailroom_store::wake::{Hint, Wakes, notify};
use tokio::time::timeout;

use crate::stage::Stage;

async fn next(wakes: &mut Wakes) -> Hint {
    timeout(Duration::from_secs(10), wakes.next())
        .await
        .expect("no hint came")
        .unwrap()
}

#[tokio::test]
async fn a_hint_names_the_lanes() {
    let stage = Stage::new().await;
    let mut wakes = stage.wakes().await;
    let lanes: Vec<_> = [3, 255, 0].map(Lane::from_index).into();
    notify(&stage.pool, &lanes).await.unwrap();
    assert_eq!(next(&mut wakes).await, Hint::Lanes(lanes));
    let all: Vec<_> = Lane::all().collect();
    notify(&stage.pool, &all).await.unwrap();
    assert_eq!(next(&mut wakes).await, Hint::Lanes(all));
    notify(&stage.pool, &[]).await.unwrap();
    assert_eq!(next(&mut wakes).await, Hint::Anywhere);
}

#[tokio::test]
async fn after_a_lost_connection_something_may_wait_anywhere() {
    let stage = Stage::new().await;
    let mut wakes = stage.wakes().await;
    stage
        .execute(
            "select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid()",
        )
        .await;
    // Either it is told that hints were missed, or it has to listen anew, which tells it the same.
    match timeout(Duration::from_secs(10), wakes.next())
        .await
        .expect("silence")
    {
        Ok(hint) => assert_eq!(hint, Hint::Anywhere),
        Err(error) => assert!(error.is_transient(), "{error}"),
    }
}

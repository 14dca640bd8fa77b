//! Tokens: taken once, and again with the same content.

use std::time::Duration;

use mailroom_store::StoreError;
use mailroom_store::token::{Use, claim_once, forget};
use tokio::task::JoinSet;

use crate::stage::Stage;

#[tokio::test]
async fn a_token_is_taken_once_a_retry_is_known_and_so_is_a_replay() {
    let stage = Stage::new().await;
    let (token, other_token, content, other) = ([200; 32], [7; 32], [1; 32], [2; 32]);
    for (provider, token, content, expected) in [
        ("mailgun", token, content, Use::First),
        ("mailgun", token, content, Use::Same),
        ("mailgun", token, other, Use::Other),
        ("mailgun", token, other, Use::Other),
        ("mailgun", token, content, Use::Same),
        ("mailgun", other_token, other, Use::First),
        ("slack", token, other, Use::First),
        ("slack", token, other, Use::Same),
    ] {
        let found = claim_once(&stage.pool, provider, &token, &content).await.unwrap();
        assert_eq!(found, expected, "{provider} {} {}", token[0], content[0]);
    }
    let kept = "select count(*) from messaging.request_tokens";
    assert_eq!(stage.number(kept).await, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_several_at_once_one_is_the_first() {
    let stage = Stage::new().await;
    for token in 0..30 {
        let mut claims = JoinSet::new();
        for claim in 0..6 {
            let pool = stage.pool.clone();
            claims.spawn(async move { claim_once(&pool, "mailgun", &[token; 32], &[claim % 2; 32]).await });
        }
        let uses: Vec<_> = claims.join_all().await.into_iter().map(Result::unwrap).collect();
        let count = |which| uses.iter().filter(|&&found| found == which).count();
        assert_eq!(
            (count(Use::First), count(Use::Same), count(Use::Other)),
            (1, 2, 3)
        );
    }
}

#[tokio::test]
async fn a_database_that_can_not_tell_is_trouble_of_ours() {
    let stage = Stage::new().await;
    stage.execute("drop table messaging.request_tokens").await;
    let trouble = claim_once(&stage.pool, "mailgun", &[1; 32], &[1; 32])
        .await
        .unwrap_err();
    assert!(matches!(trouble, StoreError::Unwell { .. }), "{trouble:?}");
}

#[tokio::test]
async fn what_was_not_seen_for_long_is_forgotten_and_nothing_else() {
    let stage = Stage::new().await;
    for token in [1, 2, 3] {
        claim_once(&stage.pool, "mailgun", &[token; 32], &[9; 32])
            .await
            .unwrap();
    }
    stage
        .execute("update messaging.request_tokens set seen_at = now() - interval '3 hours' where lane < 3")
        .await;
    let hours = Duration::from_hours;
    assert_eq!(forget(&stage.pool, hours(4)).await.unwrap(), 0);
    assert_eq!(forget(&stage.pool, hours(2)).await.unwrap(), 2);
    assert_eq!(
        stage
            .number("select count(*) from messaging.request_tokens")
            .await,
        1
    );
}

//! The database answers, but cannot: nothing is given up, and all goes on by itself when it can again.

use std::time::Duration;

use tokio::time::sleep;

use crate::letters::letters;
use crate::mailroom::Mailroom;

#[tokio::test]
async fn what_cannot_be_written_for_a_while_is_not_buried() {
    let mut mailroom = Mailroom::new().await;
    let letters = letters(&mut mailroom.chance, 40, 40);
    // What a full disk or a lost right does: some tables can be written, and others not.
    mailroom
        .execute("alter table messaging.messages rename to messages_away")
        .await;
    mailroom.record(&letters).await;
    let _worker = mailroom
        .worker()
        .env("MAILROOM__RETRY__BASE_MS", "5")
        .start()
        .await;
    // All of their attempts would be spent several times over.
    let tried = "select count(*) = 40 from messaging.inbound_events where error_code = 'unavailable'";
    mailroom.until(tried, Duration::from_secs(20)).await;
    sleep(Duration::from_secs(3)).await;
    assert_eq!(mailroom.events("dead_letter").await, 0);
    let spent = "select coalesce(max(attempt_count), 0)::bigint from messaging.inbound_events";
    assert!(mailroom.number(spent).await <= 2);
    mailroom
        .execute("alter table messaging.messages_away rename to messages")
        .await;
    mailroom.until_done(Duration::from_secs(20)).await;
    mailroom.assert_all_processed(40).await;
}

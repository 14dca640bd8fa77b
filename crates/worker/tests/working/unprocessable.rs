//! What cannot be processed goes to the dead letters, and nothing else with it.

use std::time::Duration;

use mailroom_domain::Payload;

use crate::letters::{letters, status};
use crate::mailroom::{Mailroom, metric};

#[tokio::test]
async fn unreadable_events_and_statuses_are_buried_alone() {
    let mut mailroom = Mailroom::new().await;
    let mut letters = letters(&mut mailroom.chance, 2, 100);
    // First, in the middle and last of one conversation.
    for at in [0, 50, 98] {
        letters[at].payload = Payload::new(b"{\"from\": 7");
    }
    // Reads well, but as of another conversation than it was recorded for.
    let stray = letters[1].payload.clone();
    letters[60].payload = stray;
    letters.push(status(&mut mailroom.chance, 1_000));
    let mut unknown = status(&mut mailroom.chance, 1_001);
    unknown.kind = mailroom_domain::EventKind::Message;
    unknown.provider = "pigeon".to_owned();
    letters.push(unknown);
    mailroom.record(&letters).await;
    let worker = mailroom.worker().start().await;
    mailroom.until_done(Duration::from_secs(20)).await;
    mailroom.assert_all_processed(96).await;
    let codes: Vec<(String, i64)> = mailroom
        .rows(
            "select error_code, count(*) from messaging.inbound_events
             where status = 'dead_letter' and attempt_count = 1 and error_message <> '' group by 1 order by 1",
        )
        .await;
    assert_eq!(
        codes,
        [("unreadable".to_owned(), 4), ("unsupported".to_owned(), 2)]
    );
    for (code, count) in [("unreadable", 4.0), ("unsupported", 2.0)] {
        let series = format!("mailroom_events_dead_lettered_total{{code=\"{code}\"}}");
        assert!((metric(&worker, &series).await - count).abs() < 0.5, "{code}");
    }
}

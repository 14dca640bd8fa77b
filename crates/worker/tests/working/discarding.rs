//! `dead-letters discard`: kept, no longer listed or counted, and still to be had.

use std::time::Duration;

use crate::letters::letters;
use crate::mailroom::Mailroom;
use crate::tool::{ask, call};

async fn listed(mailroom: &Mailroom, arguments: &[&str]) -> usize {
    let list = ask(mailroom, &[&["dead-letters", "list"], arguments].concat()).await;
    list["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn what_is_discarded_stays_and_can_still_be_replayed() {
    let mut mailroom = Mailroom::new().await;
    let letters = letters(&mut mailroom.chance, 3, 9);
    mailroom.record(&letters).await;
    mailroom
        .execute("update messaging.inbound_events set status = 'dead_letter', error_code = 'unavailable'")
        .await;
    let ids: Vec<String> = letters.iter().map(|letter| letter.id.to_string()).collect();
    let because = ["--reason", "a test of ours", "--actor", "anna", "--yes"];
    let one = [&["dead-letters", "discard", &ids[0]], because.as_slice()].concat();
    let called = call(&mailroom, &one[..one.len() - 1]).await;
    assert_eq!(
        (called.code, listed(&mailroom, &[]).await),
        (Some(2), 9),
        "{called:?}"
    );
    let done = ask(&mailroom, &one).await;
    assert_eq!(done["discarded"], serde_json::json!([ids[0]]));
    assert_eq!(
        call(&mailroom, &one).await.code,
        Some(3),
        "it is discarded already"
    );
    let rest = [
        &["dead-letters", "discard", "--provider", "direct"],
        because.as_slice(),
    ]
    .concat();
    assert_eq!(ask(&mailroom, &rest).await["discarded"], 8);
    assert_eq!(
        (
            listed(&mailroom, &[]).await,
            listed(&mailroom, &["--discarded"]).await
        ),
        (0, 9)
    );
    let why = ask(&mailroom, &["why", "--event", &ids[0]]).await;
    let said = why["explanation"][0].as_str().unwrap();
    assert!(said.ends_with("(a test of ours): it waits for nobody."), "{said}");
    let misspelt = call(&mailroom, &["dead-letters", "list", "--provider", "twillio"]).await;
    assert_eq!(misspelt.code, Some(2), "{misspelt:?}");
    let known = call(&mailroom, &["dead-letters", "list", "--provider", "twilio"]).await;
    assert_eq!(known.code, Some(0), "{known:?}");
    let shown = ask(&mailroom, &["dead-letters", "show", &ids[0]]).await;
    assert_eq!(shown["discarded_reason"], "a test of ours");
    let depth = mailroom_store::queue::depth(&mailroom.pool, 100).await.unwrap();
    assert_eq!(depth.dead_letter, 0, "nobody is to look at them any more");

    let _worker = mailroom.worker().start().await;
    assert_eq!(
        call(&mailroom, &["dead-letters", "replay", "--all"]).await.code,
        Some(3)
    );
    ask(&mailroom, &["dead-letters", "replay", &ids[4]]).await;
    mailroom
        .until(
            "select count(*) = 1 from messaging.inbound_events where status = 'processed' and discarded_at is null",
            Duration::from_secs(20),
        )
        .await;
    let back = ask(&mailroom, &["dead-letters", "replay", "--all", "--discarded"]).await;
    assert_eq!(back["replayed"], 8);
    mailroom.until_done(Duration::from_secs(20)).await;
    mailroom.assert_once().await;
}

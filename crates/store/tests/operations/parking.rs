//! Parked events: what a pause sets aside holds its conversation and nothing else, and comes back untried.

use mailroom_domain::{EventId, Lane, NewEvent};
use mailroom_store::event;

use crate::stage::{Stage, ids};
use crate::talk::Talk;

fn of(provider: &str, talk: &Talk, stage: &Stage, id: &str) -> NewEvent {
    let mut event = talk.says(stage, id);
    provider.clone_into(&mut event.provider);
    event
}

/// Two events of one conversation, the first of a paused provider, and one of another conversation in the same lane;
/// the first is parked and the second given back.
async fn parked() -> (Stage, mailroom_domain::WorkerId, Vec<EventId>, Lane) {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    let talks = Talk::in_one_lane(2);
    let given = stage
        .record(&[
            of("slack", &talks[0], &stage, "a"),
            of("direct", &talks[0], &stage, "b"),
            of("direct", &talks[1], &stage, "c"),
        ])
        .await;
    let (token, events) = stage.claim(worker, 9).await;
    assert_eq!(ids(&events), given);
    assert_eq!(
        event::park(&mut stage.connection().await, token, &given[..1])
            .await
            .unwrap(),
        given[..1]
    );
    assert_eq!(
        event::release(&mut stage.connection().await, token, &given[1..2])
            .await
            .unwrap(),
        given[1..2]
    );
    stage.finish(token, &events[2..]).await;
    (stage, worker, given, talks[0].lane())
}

#[tokio::test]
async fn a_parked_event_never_falls_due_and_holds_what_is_behind_it() {
    let (stage, worker, given, _) = parked().await;
    let status = stage
        .number(&format!(
            "select count(*) from messaging.inbound_events where id = '{}' and status = 'error' and attempt_count = 1
               and next_attempt_at = 'infinity' and error_code = 'paused'",
            given[0]
        ))
        .await;
    assert_eq!(status, 1);
    assert!(stage.lying(given[1]).await.is("received", 0));
    assert!(stage.claim(worker, 9).await.1.is_empty(), "the second waits");
    assert!(
        stage.claim_due(worker, 9).await.1.is_empty(),
        "the first is not due"
    );
    let depth = mailroom_store::queue::depth(&stage.pool, 100).await.unwrap();
    assert_eq!((depth.parked, depth.error), (1, 0));
    // Whoever lost the claim parks nothing.
    let nobody = mailroom_domain::ClaimToken::new(stage.random());
    assert!(
        event::park(&mut stage.connection().await, nobody, &given)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn it_comes_back_untried_at_its_own_place_when_its_provider_goes_on() {
    let (stage, worker, given, lane) = parked().await;
    let all: Vec<Lane> = Lane::all().collect();
    let still = ["slack".to_owned()];
    assert!(event::parked(&stage.pool, &all, &still).await.unwrap().is_empty());
    assert_eq!(
        event::unpark(&stage.pool, worker, lane, &still, 9).await.unwrap(),
        0
    );
    assert_eq!(event::parked(&stage.pool, &all, &[]).await.unwrap(), [lane]);
    let stranger = mailroom_domain::WorkerId::new(stage.random());
    assert_eq!(
        event::unpark(&stage.pool, stranger, lane, &[], 9).await.unwrap(),
        0,
        "only whoever tends the lane can know its place"
    );
    assert_eq!(event::unpark(&stage.pool, worker, lane, &[], 9).await.unwrap(), 1);
    let lying = stage.lying(given[0]).await;
    assert!(lying.is("received", 0) && lying.error_code.is_none(), "{lying:?}");
    assert_eq!(ids(&stage.claim(worker, 9).await.1), given[..2]);
    assert!(event::parked(&stage.pool, &all, &[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn due_retries_of_a_paused_provider_are_left_alone() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    let talks: Vec<_> = (0..2).map(Talk::number).collect();
    let given = stage
        .record(&[
            of("slack", &talks[0], &stage, "a"),
            of("direct", &talks[1], &stage, "b"),
        ])
        .await;
    stage
        .execute(
            "update messaging.inbound_events set status = 'error', attempt_count = 1, error_code = 'unavailable',
                 next_attempt_at = now()",
        )
        .await;
    let lanes: Vec<_> = Lane::all().collect();
    let token = mailroom_domain::ClaimToken::new(stage.random());
    let paused = ["slack".to_owned()];
    let events = event::claim_due(&mut stage.connection().await, worker, &lanes, &paused, 9, token)
        .await
        .unwrap();
    assert_eq!(ids(&events), given[1..]);
    stage.finish(token, &events).await;
    assert_eq!(ids(&stage.claim_due(worker, 9).await.1), given[..1]);
}

#[tokio::test]
async fn nothing_comes_back_in_a_lane_whose_lease_ended() {
    let (stage, worker, _, lane) = parked().await;
    stage.all_leases_end().await;
    assert_eq!(
        event::unpark(&stage.pool, worker, lane, &[], 9).await.unwrap(),
        0,
        "a lane whose lease ended is not ours"
    );
    assert_eq!(event::parked(&stage.pool, &[lane], &[]).await.unwrap(), [lane]);
}

//! Claim: what is taken, from where, and what is held back.

use mailroom_domain::{ClaimToken, Lane, WorkerId};
use mailroom_store::event::{self, Claim, Reach};

use crate::history::assert_exactly_once;
use crate::stage::{Stage, ids};
use crate::talk::{Talk, in_turn};

/// Claims in the lane of the first conversation, after a place.
async fn claim(stage: &Stage, worker: WorkerId, after: i64, depth: u32) -> Claim {
    let lane = Talk::number(0).lane();
    let token = ClaimToken::new(stage.random());
    event::claim(
        &mut stage.connection().await,
        worker,
        &[(lane, after)],
        depth,
        token,
        &[],
    )
    .await
    .unwrap()
}

#[tokio::test]
async fn a_claim_takes_the_first_in_line_and_tells_how_far_it_saw() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    let given = stage.record(&in_turn(&stage, &Talk::in_one_lane(6), 6)).await;
    let first = claim(&stage, worker, 0, 4).await;
    assert_eq!(ids(&first.events), given[..4]);
    let lane = Talk::number(0).lane();
    let up_to = first.events[3].arrival;
    assert_eq!(first.reached, [Reach { lane, up_to, seen: 4 }]);
    let second = claim(&stage, worker, up_to, 4).await;
    assert_eq!(ids(&second.events), given[4..]);
    assert_eq!(
        second.reached[0].seen, 2,
        "fewer than asked for: nothing more waits"
    );
    let third = claim(&stage, worker, second.reached[0].up_to, 4).await;
    assert!(third.events.is_empty() && third.reached.is_empty());
}

#[tokio::test]
async fn each_lane_gives_as_many() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    let (one, other) = (Talk::number(0), Talk::number(1));
    assert_ne!(one.lane(), other.lane());
    let given = stage.record(&in_turn(&stage, &[one, other], 8)).await;
    let (_, events) = stage.claim(worker, 2).await;
    assert_eq!(ids(&events), given[..4]);
}

#[tokio::test]
async fn a_claim_starts_after_its_place() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    let given = stage.record(&in_turn(&stage, &Talk::in_one_lane(4), 4)).await;
    let places: Vec<(i64,)> = stage
        .rows("select arrival from messaging.inbound_events order by arrival")
        .await;
    let claimed = claim(&stage, worker, places[1].0, 9).await;
    assert_eq!(ids(&claimed.events), given[2..]);
    stage.finish(claimed.events[0].token, &claimed.events).await;
    assert_eq!(
        ids(&claim(&stage, worker, 0, 9).await.events),
        given[..2],
        "it can look back"
    );
}

#[tokio::test]
async fn a_claim_leaves_its_mark_and_counts_as_an_attempt() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    let given = stage.record(&[Talk::number(0).says(&stage, "a")]).await;
    let (token, events) = stage.claim(worker, 1).await;
    assert_eq!((events[0].token, events[0].attempt), (token, 1));
    let lying = stage.lying(given[0]).await;
    assert!(lying.is("processing", 1), "{lying:?}");
    assert_eq!(lying.token, Some(token.uuid()));
    assert_eq!(lying.worker, Some(worker.uuid()));
}

/// It takes two that break the rule of not claiming where something is in work, and even so the effect is there once.
#[tokio::test]
async fn what_is_claimed_twice_is_finished_once() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    stage.record(&in_turn(&stage, &Talk::in_one_lane(1), 3)).await;
    let (first, events) = stage.claim(worker, 9).await;
    let (second, again) = stage.claim(worker, 2).await;
    assert_eq!(ids(&again), ids(&events[..2]));
    assert_eq!(stage.finish(second, &again).await, ids(&again));
    assert_eq!(stage.finish(first, &events).await, ids(&events[2..]));
    assert_exactly_once(&stage).await;
}

#[tokio::test]
async fn an_event_waits_behind_an_earlier_one_that_failed_and_others_do_not() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    let talks = Talk::in_one_lane(2);
    let given = stage.record(&in_turn(&stage, &talks, 6)).await;
    stage
        .execute(
            "update messaging.inbound_events set status = 'error', attempt_count = 1, error_code = 'unavailable',
                next_attempt_at = now() + interval '1 hour' where provider_message_id = 'in turn 2'",
        )
        .await;
    let claimed = claim(&stage, worker, 0, 9).await;
    // 0, 2, 4 are of one conversation: 0 stands before the failed one, 4 behind it.
    assert_eq!(ids(&claimed.events), [given[0], given[1], given[3], given[5]]);
    assert_eq!(claimed.reached[0].seen, 5);
    let last = claimed.events.last().unwrap().arrival;
    assert_eq!(claimed.reached[0].up_to, last, "it passes what is held back");
}

#[tokio::test]
async fn an_event_waits_behind_one_that_a_worker_of_an_earlier_release_has_in_work() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    let given = stage.record(&in_turn(&stage, &Talk::in_one_lane(2), 6)).await;
    stage
        .execute(
            "update messaging.inbound_events set status = 'processing', attempt_count = 1, claimed_at = now(),
                processor_id = gen_random_uuid(), claim_token = gen_random_uuid()
             where provider_message_id = 'in turn 3'",
        )
        .await;
    let (token, events) = stage.claim(worker, 9).await;
    assert_eq!(ids(&events), [given[0], given[1], given[2], given[4]], "5 waits");
    stage.finish(token, &events).await;
    let lanes: Vec<_> = mailroom_domain::Lane::all().collect();
    let reaped = event::reap(&stage.pool, worker, &lanes, &[], &[std::time::Duration::ZERO]).await;
    assert_eq!(reaped.unwrap().retried, 1);
    let (token, events) = stage.claim_due(worker, 9).await;
    assert_eq!((ids(&events), events[0].attempt), (vec![given[3]], 2));
    stage.finish(token, &events).await;
    assert_eq!(ids(&stage.claim(worker, 9).await.1), given[5..]);
}

#[tokio::test]
async fn only_the_holder_of_a_living_lease_is_given_anything() {
    let stage = Stage::new().await;
    let stranger = WorkerId::new(stage.random());
    stage.record(&in_turn(&stage, &Talk::in_one_lane(1), 3)).await;
    let nothing = |claim: &Claim| claim.events.is_empty() && claim.reached.is_empty();
    assert!(
        nothing(&claim(&stage, stranger, 0, 9).await),
        "nobody holds the lane"
    );
    let owner = stage.owner().await;
    assert!(nothing(&claim(&stage, stranger, 0, 9).await), "another holds it");
    stage.all_leases_end().await;
    assert!(nothing(&claim(&stage, owner, 0, 9).await), "the lease has ended");
    assert_eq!(
        stage
            .number("select sum(attempt_count) from messaging.inbound_events")
            .await,
        0
    );
    let heir = stage.owner().await;
    assert!(nothing(&claim(&stage, owner, 0, 9).await), "it was taken over");
    assert_eq!(claim(&stage, heir, 0, 9).await.events.len(), 3);
    let elsewhere = Lane::from_index(Talk::number(0).lane().index().wrapping_add(1));
    let token = ClaimToken::new(stage.random());
    assert!(nothing(
        &event::claim(
            &mut stage.connection().await,
            heir,
            &[(elsewhere, 0)],
            9,
            token,
            &[]
        )
        .await
        .unwrap()
    ));
}

/// While releases run side by side a worker meets events that only the other has words for.
#[tokio::test]
async fn an_event_of_another_release_is_left_to_it_and_holds_up_its_own_conversation_only() {
    let stage = Stage::new().await;
    let (talk, other) = (Talk::number(1), Talk::number(2));
    let events = [
        talk.says(&stage, "1"),
        talk.says(&stage, "2"),
        other.says(&stage, "3"),
    ];
    let ids = stage.record(&events).await;
    stage
        .execute(
            "alter table messaging.inbound_events drop constraint inbound_events_channel_check;
             update messaging.inbound_events set channel = 'pigeon' where provider_message_id = '1'",
        )
        .await;
    let worker = stage.owner().await;
    let (token, claimed) = stage.claim(worker, 9).await;
    assert_eq!(claimed.iter().map(|event| event.id).collect::<Vec<_>>(), [ids[2]]);
    stage.finish(token, &claimed).await;
    for _ in 0..9 {
        stage.all_fall_due().await;
        assert!(stage.claim_due(worker, 9).await.1.is_empty());
        assert!(
            stage.claim(worker, 9).await.1.is_empty(),
            "the one behind it waits"
        );
    }
    // The other release comes.
    stage
        .execute("update messaging.inbound_events set channel = 'sms' where provider_message_id = '1'")
        .await;
    stage.all_fall_due().await;
    let (token, due) = stage.claim_due(worker, 9).await;
    assert_eq!(due.iter().map(|event| event.id).collect::<Vec<_>>(), [ids[0]]);
    assert_eq!(due[0].attempt, 2, "it cost no attempt to be left to another");
    stage.finish(token, &due).await;
    assert_eq!(stage.claim(worker, 9).await.1.len(), 1);
}

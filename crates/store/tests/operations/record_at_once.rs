//! Record: writers of the same events at the same time.

use std::collections::HashSet;

use mailroom_domain::SnippetLength;
use mailroom_store::event::{self, Recorded};
use tokio::task::JoinSet;

use crate::stage::Stage;
use crate::talk::{Talk, in_turn};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_in_opposite_orders_never_deadlock_and_store_each_event_once() {
    let stage = Stage::new().await;
    let talks: Vec<_> = (0..20).map(Talk::number).collect();
    for round in 0..10_i64 {
        let mut writers = JoinSet::new();
        for writer in 0..6 {
            let mut events = in_turn(&stage, &talks, 200);
            for event in &mut events {
                event.provider_message_id = format!("{} round {round}", event.provider_message_id);
            }
            if writer % 2 == 1 {
                events.reverse();
            }
            let pool = stage.pool.clone();
            writers.spawn(async move { event::record(&mut pool.acquire().await.unwrap(), &events).await });
        }
        let (mut firsts, mut all) = (0, HashSet::new());
        while let Some(recording) = writers.join_next().await {
            for recorded in recording.unwrap().expect("a deadlock") {
                match recorded.unwrap() {
                    Recorded::Recorded(id) => {
                        firsts += 1;
                        all.insert(id);
                    }
                    Recorded::AlreadyRecorded(id) => drop(all.insert(id)),
                    Recorded::Conflicting(id) => panic!("{id} does not conflict"),
                }
            }
        }
        assert_eq!((firsts, all.len()), (200, 200), "round {round}");
        let rows = stage
            .number("select count(*) from messaging.inbound_events")
            .await;
        assert_eq!(rows, 200 * (round + 1));
    }
    let redelivered = "select sum(duplicates) from messaging.inbound_events";
    assert_eq!(stage.number(redelivered).await, 10 * 5 * 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_delivered_again_while_it_is_finished_fails_neither() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    let talks: Vec<_> = (0..200).map(Talk::number).collect();
    for round in 0..6 {
        let mut said = in_turn(&stage, &talks, 200);
        for event in &mut said {
            event.provider_message_id = format!("{} round {round}", event.provider_message_id);
        }
        stage.record(&said).await;
        let (token, events) = stage.claim(worker, 9).await;
        assert_eq!(events.len(), 200);
        // They lock the same rows, each in an order of its own.
        let set: Vec<_> = events
            .iter()
            .rev()
            .map(|event| stage.finishing(event, event.arrival))
            .collect();
        let pool = stage.pool.clone();
        let again =
            tokio::spawn(async move { event::record(&mut pool.acquire().await.unwrap(), &said).await });
        let pool = stage.pool.clone();
        let finish = event::finish(
            &mut pool.acquire().await.unwrap(),
            token,
            SnippetLength::default(),
            &set,
        )
        .await;
        assert_eq!(finish.expect("a deadlock").finished.len(), 200);
        for recorded in again.await.unwrap().expect("a deadlock") {
            recorded.unwrap();
        }
    }
}

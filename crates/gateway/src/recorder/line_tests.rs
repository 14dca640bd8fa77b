//! When a writer is given a set, and when it is called for one.

use std::{sync::Arc, time::Duration};

use mailroom_domain::{Channel, ConversationKey, EventId, EventKind, Headers, Lane, NewEvent, Payload};
use tokio::{
    sync::oneshot,
    time::{Instant, sleep, timeout},
};

use super::{line::Line, order::Order, set::Set};
use crate::{config::RecordingConfig, in_flight::InFlight};

const LONGEST_WAIT: Duration = Duration::from_millis(25);
const MOST_EVENTS: usize = 20;

fn line() -> Arc<Line> {
    let config = RecordingConfig {
        max_events: MOST_EVENTS,
        ..RecordingConfig::default()
    };
    Arc::new(Line::new(&config, Instant::now()))
}

fn order(events: usize) -> Order {
    let key = ConversationKey::between(Channel::Sms, "+1", "+2");
    let event = NewEvent {
        id: EventId::new(Lane::of(&key), [1; 16]),
        channel: Channel::Sms,
        provider: "direct".to_owned(),
        endpoint: "sms".to_owned(),
        kind: EventKind::Message,
        sender: "+1".to_owned(),
        recipient: "+2".to_owned(),
        conversation_key: key,
        provider_message_id: "1".to_owned(),
        payload: Payload::new(b"{}"),
        headers: Headers::new(),
        body_hash: [0; 32],
        quarantine: None,
        trace_context: None,
    };
    Order {
        events: vec![event; events],
        answer: oneshot::channel().0,
        held: Arc::new(InFlight::new(1_000, 1_000).hold()),
        joined: Instant::now(),
    }
}

fn join(line: &Line, events: usize) {
    assert!(line.join(order(events)));
}

async fn next(line: &Arc<Line>) -> Set {
    line.next().await.unwrap()
}

/// A writer that waits, and how long it waited for how many events.
fn waiting(line: &Arc<Line>) -> tokio::task::JoinHandle<(usize, Duration)> {
    let (line, since) = (Arc::clone(line), Instant::now());
    tokio::spawn(async move { (next(&line).await.events.len(), since.elapsed()) })
}

#[tokio::test(start_paused = true)]
async fn a_set_that_comes_alone_is_handed_out_at_once() {
    let line = line();
    let writers = [waiting(&line), waiting(&line)];
    sleep(Duration::from_hours(1)).await;
    let begun = Instant::now();
    join(&line, 3);
    let [one, other] = writers;
    let (events, _) = tokio::select! { first = one => first, first = other => first }.unwrap();
    assert_eq!(events, 3);
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_set_beside_a_larger_one_grows_but_does_not_wait_for_long() {
    let line = line();
    join(&line, 2);
    let being_written = next(&line).await;
    join(&line, 1);
    assert_eq!(waiting(&line).await.unwrap(), (1, LONGEST_WAIT), "beside two");

    let other = waiting(&line);
    sleep(LONGEST_WAIT / 5).await;
    join(&line, 1);
    sleep(LONGEST_WAIT / 5).await;
    join(&line, 1);
    assert_eq!(other.await.unwrap(), (2, LONGEST_WAIT / 5 * 2), "as large");
    drop(being_written);
}

#[tokio::test(start_paused = true)]
async fn one_that_waited_for_nothing_bounds_the_wait_beside_another_as_well() {
    let line = line();
    let [mut one, mut other] = [Arc::clone(&line), Arc::clone(&line)]
        .map(|line| tokio::spawn(async move { (next(&line).await, Instant::now()) }));
    sleep(Duration::from_hours(1)).await;
    join(&line, 2);
    let ((being_written, _), idle) = tokio::select! {
        first = &mut one => (first.unwrap(), other),
        first = &mut other => (first.unwrap(), one),
    };
    let joined = Instant::now();
    join(&line, 1);
    let (set, at) = timeout(2 * LONGEST_WAIT, idle)
        .await
        .expect("somebody looks")
        .unwrap();
    assert_eq!((set.events.len(), at - joined), (1, LONGEST_WAIT));
    drop(being_written);
}

#[tokio::test(start_paused = true)]
async fn a_small_set_after_a_shared_one_is_handed_out_when_the_rest_is_over() {
    const TOOK: Duration = Duration::from_millis(3);
    let line = line();
    join(&line, 1);
    join(&line, 1);
    let shared = next(&line).await;
    sleep(TOOK).await;
    drop(shared);
    join(&line, 1);
    assert_eq!(waiting(&line).await.unwrap(), (1, TOOK));
}

#[tokio::test(start_paused = true)]
async fn a_full_set_waits_for_nothing_and_leaves_the_rest() {
    let line = line();
    join(&line, MOST_EVENTS);
    let full = next(&line).await;
    for _ in 0..=MOST_EVENTS {
        join(&line, 1);
    }
    let begun = Instant::now();
    assert_eq!(next(&line).await.waiting.len(), MOST_EVENTS);
    assert_eq!(begun.elapsed(), Duration::ZERO);
    drop(full);
}

#[tokio::test(start_paused = true)]
async fn what_stands_in_a_closed_line_is_written_and_then_every_writer_ends() {
    let line = line();
    join(&line, 2);
    let being_written = next(&line).await;
    let [one, other] = [Arc::clone(&line), Arc::clone(&line)].map(|line| {
        tokio::spawn(async move {
            let mut events = 0;
            while let Some(set) = line.next().await {
                events += set.events.len();
            }
            events
        })
    });
    sleep(LONGEST_WAIT / 5).await;
    join(&line, 1);
    line.close();
    let ended = timeout(LONGEST_WAIT / 5, async {
        one.await.unwrap() + other.await.unwrap()
    });
    assert_eq!(ended.await.expect("nobody waits for another"), 1);
    drop(being_written);
}

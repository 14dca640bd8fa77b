//! Three workers at once at one database, each failing in every way, and what must be true after each history.
//!
//! What they do one after the other is compared with a machine (`machine`); this is of what they do at the same time.

use std::fmt::Write;
use std::sync::Arc;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::task::JoinSet;

use crate::crew::{Crew, Member};
use crate::history::{assert_exactly_once, assert_in_order};
use crate::stage::Stage;
use crate::talk::Talk;

const WORKERS: u64 = 3;
const HISTORIES: u64 = 30;
const STEPS: usize = 40;

/// What happened, told when the test fails.
struct Told(String);

impl Drop for Told {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.0);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn whatever_happens_every_event_has_its_effect_once_and_in_line() {
    let stage = Arc::new(Stage::new().await);
    for history in 0..HISTORIES {
        live(&stage, history * 1_000).await;
        clear(&stage).await;
    }
}

async fn clear(stage: &Stage) {
    stage
        .execute(
            "truncate messaging.inbound_events, messaging.messages, messaging.conversations, messaging.workers,
                messaging.message_status_history, messaging.files, messaging.conflicting_duplicates,
                messaging.conversation_counts;
             update messaging.lanes set owner = null, token = null, lease_until = null where owner is not null",
        )
        .await;
}

/// One history of all workers at once, its end, and what must be true then.
async fn live(stage: &Arc<Stage>, seed: u64) {
    let mut workers = JoinSet::new();
    for worker in 0..WORKERS {
        let stage = Arc::clone(stage);
        workers.spawn(async move { work(&stage, seed + worker).await });
    }
    let mut finished: i64 = workers.join_all().await.into_iter().sum();
    let mut last = Crew::new(stage, Vec::new());
    last.drain(&mut StdRng::seed_from_u64(seed)).await;
    finished += last.finished();
    assert_in_order(stage).await;
    assert_exactly_once(stage).await;
    let left =
        "select count(*) from messaging.inbound_events where status not in ('processed', 'dead_letter')";
    assert_eq!(stage.number(left).await, 0, "not everything ended");
    let processed = "select count(*) from messaging.inbound_events where status = 'processed'";
    assert_eq!(
        stage.number(processed).await,
        finished,
        "an effect that nobody was told of, or doubled"
    );
}

/// The steps of one worker. Gives back how many effects it applied.
async fn work(stage: &Stage, seed: u64) -> i64 {
    let mut chance = StdRng::seed_from_u64(seed);
    let mut told = Told(format!("history {seed}:"));
    // Two of the six share a lane.
    let mut talks = Talk::in_one_lane(2);
    talks.extend((1..5).map(Talk::number));
    let mut crew = Crew::new(stage, talks);
    for _ in 0..STEPS {
        let what = step(&mut crew, 0, &mut chance).await;
        write!(told.0, "\n  {what}").unwrap();
    }
    crew.settle_all_late(&mut chance).await;
    crew.assert_in_order();
    crew.finished()
}

async fn step(crew: &mut Crew<'_>, at: usize, chance: &mut StdRng) -> String {
    let busy = crew.members[at].claim.is_some();
    match chance.random_range(0..32) {
        0..6 => crew.record(chance).await,
        6..8 => crew.all_fall_due().await,
        8..10 => crew.heartbeat(at).await,
        10..12 => crew.late_settlement(chance).await,
        12 => crew.die(at).await,
        13 => crew.stall(at).await,
        14 => crew.reap(at).await,
        15..32 if busy => crew.settle(at, chance).await,
        15 => crew.give_back(at, chance).await,
        16..20 => crew.take(at, chance).await,
        20..24 => crew.claim_due(at, chance).await,
        _ => crew.claim(at, chance).await,
    }
}

/// That the model can fail: a member that keeps what it claims settles it in the wrong order.
#[tokio::test]
#[should_panic(expected = "passed")]
async fn the_model_sees_an_event_that_passed_another() {
    let stage = Stage::new().await;
    let mut crew = Crew::new(&stage, vec![Talk::number(1)]);
    let mut chance = StdRng::seed_from_u64(1);
    while stage
        .number("select count(*) from messaging.inbound_events")
        .await
        < 2
    {
        crew.record(&mut chance).await;
    }
    let worker = stage.owner().await;
    let (token, mut events) = stage.claim(worker, 9).await;
    events.truncate(2);
    for event in events.into_iter().rev() {
        crew.finish(token, &[event]).await;
    }
    crew.members.push(Member::new(&stage));
    crew.assert_in_order();
}

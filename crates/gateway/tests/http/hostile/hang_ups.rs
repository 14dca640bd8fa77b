//! Clients that go away at any byte, many at a time: no transaction is left open, and what was sent again is there once.

use std::cell::Cell;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use mailroom_providers::signing::{Outgoing, signer_named};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::json;
use tokio::time::sleep;

use super::case::JSON;
use super::signatures::wire;
use crate::accounts::{self, PUBLIC, signed_once};
use crate::house::House;
use crate::socket::{head, request};
use crate::talk::{CONVERSATIONS, EMAIL, SMS, email, sms};

const SEED: u64 = 20_261_121;
const AT_ONCE: usize = 40;

/// How a client goes away, and after what.
struct HangUp {
    bytes: Vec<u8>,
    cut: usize,
    /// How long it looks on after its last byte.
    pause: Duration,
    resets: bool,
}

/// The request of this number: one of each kind that does something different with the database.
fn whole(n: usize) -> Vec<u8> {
    let id = format!("hang-up {n}");
    match n % 4 {
        0 => request("POST", SMS, &[JSON], sms(&id).to_string().as_bytes()),
        1 => request("POST", EMAIL, &[JSON], email(&id).to_string().as_bytes()),
        // Its token is noted in a statement of its own, before the event.
        2 => {
            let mut outgoing = Outgoing {
                url: format!("{PUBLIC}/webhooks/mailgun/mailgun"),
                body: json!({"event-data": {"id": id, "event": "hung-up"}})
                    .to_string()
                    .into_bytes(),
                ..Outgoing::default()
            };
            outgoing.set(JSON.0, JSON.1.to_owned());
            let nonce = (n as u128).to_be_bytes();
            wire(&signed_once(signer_named("mailgun").unwrap(), outgoing, nonce))
        }
        _ => head("GET", CONVERSATIONS, &[]),
    }
}

fn hang_up(n: usize, randomness: &mut StdRng) -> HangUp {
    let bytes = whole(n);
    // Half of them hear nothing though they sent everything.
    let cut = if randomness.random() {
        bytes.len()
    } else {
        randomness.random_range(0..bytes.len())
    };
    HangUp {
        bytes,
        cut,
        pause: Duration::from_micros(randomness.random_range(0..4_000)),
        resets: randomness.random(),
    }
}

impl HangUp {
    async fn play(&self, house: &House) {
        let mut socket = house.socket().await;
        socket.send(&self.bytes[..self.cut]).await;
        sleep(self.pause).await;
        if self.resets {
            socket.reset();
        } else {
            socket.hang_up();
        }
    }
}

async fn none_is_left_open(times: usize) {
    let house = accounts::house().await;
    let mut randomness = StdRng::seed_from_u64(SEED);
    let hang_ups: Vec<_> = (0..times).map(|n| hang_up(n, &mut randomness)).collect();
    let began = Instant::now();
    let playing = stream::iter(&hang_ups).for_each_concurrent(AT_ONCE, |hang_up| hang_up.play(&house));
    let longest = tokio::select! {
        longest = watch(&house) => longest,
        () = async { playing.await; sleep(Duration::from_millis(1_500)).await } => 0.0,
    };
    assert!(
        longest <= 1.0,
        "seed {SEED}: a session idled in a transaction for {longest} s"
    );
    println!("{times} hang-ups in {:?}", began.elapsed());

    let idle = "select count(*) from pg_stat_activity \
                where datname = current_database() and state like 'idle in transaction%'";
    house.until(idle, 0).await;
    let refused = Cell::new(0);
    let again = stream::iter(0..times).for_each_concurrent(AT_ONCE, |n| {
        let (house, refused) = (&house, &refused);
        async move {
            let began = Instant::now();
            loop {
                let mut socket = house.socket().await;
                socket.send(&whole(n)).await;
                match socket.answer().await.unwrap().status {
                    200..300 => return,
                    // As a provider does: all of them at once can be too much for a small machine.
                    503 if began.elapsed() < Duration::from_secs(20) => refused.set(refused.get() + 1),
                    status => panic!("seed {SEED}, {n}: {status}"),
                }
            }
        }
    });
    again.await;
    println!("sent again, with {} refusals between", refused.get());
    let events = i64::try_from(times - times / 4).unwrap();
    assert_eq!(house.events().await, events, "seed {SEED}");
    let metrics = house.get_admin("/metrics").await.body;
    assert!(
        metrics.lines().any(|line| line == "mailroom_bytes_in_flight 0"),
        "{metrics}"
    );
    assert!(metrics.contains("panics_total 0"), "{metrics}");
}

/// Ends when a session has idled in a transaction for longer than a second.
async fn watch(house: &House) -> f64 {
    const LONGEST: &str = "select coalesce(max(extract(epoch from clock_timestamp() - state_change)), 0)::float8 \
                           from pg_stat_activity \
                           where datname = current_database() and state like 'idle in transaction%'";
    loop {
        let longest: f64 = sqlx::query_scalar(LONGEST).fetch_one(&house.pool).await.unwrap();
        if longest > 1.0 {
            return longest;
        }
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn two_thousand_leave_no_transaction_open() {
    none_is_left_open(2_000).await;
}

#[tokio::test]
#[ignore = "takes minutes"]
async fn twenty_thousand_leave_no_transaction_open() {
    none_is_left_open(20_000).await;
}

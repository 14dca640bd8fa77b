//! Latency: from a provider's request to its 202, and from the 202 to the message in the API, at a steady rate.
//!
//! Open loop: each event is sent at its own time whatever became of those before it, and its time counts from when
//! it should have been sent, so that a stall is felt by every event that met it.

use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use chrono::Utc;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::task::{JoinSet, LocalSet};
use tokio::time::{Instant, sleep, sleep_until};

use crate::error::BenchError;
use crate::figures::Quantiles;
use crate::wire::Wire;

/// Conversations written to in turn.
const CONVERSATIONS: usize = 50;
/// No message may take longer.
const PATIENCE: Duration = Duration::from_secs(30);
/// For so long a reader asks again at once; then after a tenth of what it has waited and up to a millisecond, and is as exact as
/// that. Readers who never rest are many when messages are late, and then it is they whom the machine is busy with.
const EAGER: Duration = Duration::from_millis(8);
/// A gateway ends connections that nobody uses for five seconds.
const KEPT_FOR: Duration = Duration::from_secs(2);
const RECIPIENT: &str = "+15550199000";

/// What to measure.
#[derive(Debug, Clone)]
pub struct Latency {
    /// The gateway.
    pub to: SocketAddr,
    /// Events a second.
    pub rate: f64,
    /// For so many seconds.
    pub seconds: u32,
    /// Tells these events from those of other runs.
    pub run: String,
}

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// From when an event should have been sent to its 202.
    pub answered: Quantiles,
    /// From the 202 to the first answer of the API that counts the message, by a reader who asks again at once; after 8 ms exact
    /// to a tenth and a millisecond.
    pub visible: Quantiles,
}

/// A conversation, and how many messages it had.
type Known = (String, u64);

/// The client: connections that nobody uses at the moment.
#[derive(Debug)]
struct Client {
    latency: Latency,
    idle: RefCell<Vec<(Wire, Instant)>>,
}

impl Latency {
    /// Sends, and watches for each message.
    ///
    /// # Errors
    /// [`BenchError::Io`] when an event was refused, or never became visible.
    pub async fn measure(self) -> Result<Measured, BenchError> {
        let client = Rc::new(Client {
            latency: self,
            idle: RefCell::default(),
        });
        LocalSet::new().run_until(client.measure()).await
    }
}

impl Client {
    async fn measure(self: &Rc<Self>) -> Result<Measured, BenchError> {
        let known = Rc::new(self.prepare().await?);
        let (begin, mut samples) = (Instant::now() + Duration::from_millis(200), JoinSet::new());
        let step = Duration::from_secs_f64(1.0 / self.latency.rate);
        let span = Duration::from_secs(self.latency.seconds.into());
        let (mut event, mut due) = (0, begin);
        while due < begin + span {
            let (client, known) = (Rc::clone(self), Rc::clone(&known));
            samples.spawn_local(async move { client.sample(event, due, &known).await });
            event += 1;
            due += step;
        }
        let (mut answered, mut visible) = (Vec::new(), Vec::new());
        while let Some(sample) = samples.join_next().await {
            let (to_answer, to_visible) = sample??;
            answered.push(to_answer);
            visible.push(to_visible);
        }
        Ok(Measured {
            answered: Quantiles::of(answered),
            visible: Quantiles::of(visible),
        })
    }

    async fn sample(
        &self,
        event: usize,
        due: Instant,
        known: &[Known],
    ) -> Result<(Duration, Duration), BenchError> {
        sleep_until(due).await;
        let mut wire = self.wire();
        let conversation = event % CONVERSATIONS;
        self.send(&mut wire, conversation, event).await?;
        let answered = Instant::now();
        let (id, before) = &known[conversation];
        // Its conversation is in order, so with it there are so many.
        let with_it = before + (event / CONVERSATIONS) as u64 + 1;
        while count(&mut wire, id).await? < with_it {
            let waited = answered.elapsed();
            if waited > PATIENCE {
                return Err(trouble("a message never became visible"));
            }
            if waited > EAGER {
                sleep(waited / 10).await;
            }
        }
        let visible = answered.elapsed();
        self.idle.borrow_mut().push((wire, Instant::now()));
        Ok((answered - due, visible))
    }

    /// Makes sure each conversation exists.
    async fn prepare(&self) -> Result<Vec<Known>, BenchError> {
        let mut wire = self.wire();
        for conversation in 0..CONVERSATIONS {
            self.send(&mut wire, conversation, usize::MAX - conversation)
                .await?;
        }
        let until = Instant::now() + PATIENCE;
        loop {
            let (status, page) = get(&mut wire, "/api/conversations?pageSize=200").await?;
            let items: Vec<&Value> = page["items"].as_array().into_iter().flatten().collect();
            let found = |number| {
                let key = format!("sms:{}<->{RECIPIENT}", self.sender(number));
                let item = items.iter().find(|item| item["key"] == key.as_str())?;
                item["id"].as_str().map(str::to_owned)
            };
            let ids: Option<Vec<String>> = (0..CONVERSATIONS).map(found).collect();
            if let (200, Some(ids)) = (status, ids) {
                sleep(Duration::from_millis(500)).await; // until the last of the first messages are counted
                let mut known = Vec::new();
                for id in ids {
                    let count = count(&mut wire, &id).await?;
                    known.push((id, count));
                }
                return Ok(known);
            }
            if Instant::now() > until {
                return Err(trouble("the first messages never became visible"));
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a client's clock: its messages are the latest"
    )]
    async fn send(&self, wire: &mut Wire, conversation: usize, event: usize) -> Result<(), BenchError> {
        let sender = self.sender(conversation);
        let body = format!(
            r#"{{"from":"{sender}","to":"{RECIPIENT}","type":"sms","attachments":null,"timestamp":"{}","messaging_provider_id":"{}-{event}","body":"{}"}}"#,
            Utc::now().to_rfc3339(),
            self.latency.run,
            "Your parcel is at the door. ".repeat(20),
        );
        match wire.post("/api/webhooks/sms", &body).await?.status {
            202 => Ok(()),
            status => Err(trouble(&format!("an event was answered with {status}"))),
        }
    }

    /// Conversations of this run alone: what others left is not counted. They come before the recipient, and so in the key.
    fn sender(&self, conversation: usize) -> String {
        let run: String = self
            .latency
            .run
            .bytes()
            .map(|byte| char::from(b'0' + byte % 10))
            .take(5)
            .collect();
        format!("+12{run}{conversation:04}")
    }

    fn wire(&self) -> Wire {
        let mut idle = self.idle.borrow_mut();
        idle.retain(|(_, since)| since.elapsed() < KEPT_FOR);
        let latest = idle.pop().map(|(wire, _)| wire);
        latest.unwrap_or_else(|| Wire::new(self.latency.to, PATIENCE))
    }
}

/// How many messages a conversation has. A page of one message is asked for: whoever looks again and again should not be
/// most of what the machine is busy with.
async fn count(wire: &mut Wire, conversation: &str) -> Result<u64, BenchError> {
    let path = format!("/api/conversations/{conversation}/messages?pageSize=1");
    let (status, page) = get(wire, &path).await?;
    match (status, page["meta"]["total"].as_u64()) {
        (200, Some(total)) => Ok(total),
        _ => Err(trouble(&format!("a page was answered with {status}"))),
    }
}

async fn get(wire: &mut Wire, path: &str) -> Result<(u16, Value), BenchError> {
    let (status, body) = wire.get(path).await?;
    Ok((status, serde_json::from_slice(body).map_err(io::Error::from)?))
}

fn trouble(what: &str) -> BenchError {
    io::Error::other(what.to_owned()).into()
}

//! The provider's side: many senders that repeat what is not known to be stored, and remember what is.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::event::Event;
use crate::cli::Chaos;
use crate::error::DevError;
use mailroom_bench::wire::Wire;

/// How long a sender waits for an answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// No event may be sent for longer until it is taken.
const TAKEN_WITHIN: Duration = Duration::from_mins(3);
/// Nothing may take longer to work again.
const RECOVERS_WITHIN: Duration = Duration::from_mins(1);

/// What all senders share.
#[derive(Debug)]
pub(super) struct Shared {
    ports: Vec<u16>,
    begun: Instant,
    /// Events that were answered with 2xx.
    pub(super) acknowledged: AtomicU64,
    /// Requests by what became of them.
    pub(super) ok: AtomicU64,
    pub(super) failed: AtomicU64,
    pub(super) unknown: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) hung_up: AtomicU64,
    /// Whether senders hang up now.
    pub(super) hang_up: AtomicBool,
    /// By gateway: when the latest request began that it answered with 2xx, in microseconds since the beginning.
    latest_ok: Vec<AtomicU64>,
    over: AtomicBool,
}

/// What became of a request.
enum Outcome {
    /// It is stored.
    Ok,
    /// It is not stored: nobody was there.
    Failed,
    /// It may be stored.
    Unknown,
    /// It was answered as if something was wrong with it.
    Refused,
}

/// The senders under way.
pub(super) struct Senders {
    pub(super) shared: Arc<Shared>,
    tasks: JoinSet<Result<Vec<(u32, u32)>, DevError>>,
}

impl Senders {
    /// Starts them.
    pub(super) fn start(ports: Vec<u16>, wishes: &Chaos, seed: u64) -> Self {
        let latest_ok = ports.iter().map(|_| AtomicU64::new(0)).collect();
        let shared = Arc::new(Shared {
            ports,
            begun: Instant::now(),
            acknowledged: AtomicU64::new(0),
            ok: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            unknown: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            hung_up: AtomicU64::new(0),
            hang_up: AtomicBool::new(false),
            latest_ok,
            over: AtomicBool::new(false),
        });
        let mut tasks = JoinSet::new();
        for sender in 0..wishes.senders {
            let conversations: Vec<u32> = (sender..wishes.conversations)
                .step_by(wishes.senders as usize)
                .collect();
            if conversations.is_empty() {
                continue;
            }
            let shared = Arc::clone(&shared);
            let chance = StdRng::seed_from_u64(seed ^ (u64::from(sender) << 32));
            let between = Duration::from_secs_f64(f64::from(wishes.senders) / f64::from(wishes.rate.max(1)));
            tasks.spawn(shared.send(conversations, chance, between));
        }
        Self { shared, tasks }
    }

    /// Lets every sender end with what it is at; how many events of each conversation are stored.
    pub(super) async fn finish(mut self) -> Result<Vec<(u32, u32)>, DevError> {
        self.shared.over.store(true, Relaxed);
        let mut stored = Vec::new();
        while let Some(sender) = self.tasks.join_next().await {
            let sender = sender.map_err(|_| DevError::Failed("a sender panicked".into()))?;
            stored.extend(sender?);
        }
        Ok(stored)
    }
}

impl Shared {
    /// Waits until every gateway has answered a request with 2xx that began after now; how long that took.
    ///
    /// # Errors
    /// One has not within [`RECOVERS_WITHIN`].
    pub(super) async fn recovery(&self) -> Result<Duration, DevError> {
        let from = Instant::now();
        let since = self.elapsed();
        while self.latest_ok.iter().any(|latest| latest.load(Relaxed) <= since) {
            if from.elapsed() > RECOVERS_WITHIN {
                return Err(DevError::Failed(format!(
                    "a gateway acknowledges nothing for {} s although nothing is broken any more",
                    RECOVERS_WITHIN.as_secs()
                )));
            }
            sleep(Duration::from_millis(2)).await;
        }
        Ok(from.elapsed())
    }

    fn elapsed(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// One sender: of each of its conversations, one event after the other.
    async fn send(
        self: Arc<Self>,
        conversations: Vec<u32>,
        mut chance: StdRng,
        between: Duration,
    ) -> Result<Vec<(u32, u32)>, DevError> {
        let address = |port: &u16| SocketAddr::from((Ipv4Addr::LOCALHOST, *port));
        let mut wires: Vec<Wire> = self
            .ports
            .iter()
            .map(|port| Wire::new(address(port), PATIENCE))
            .collect();
        let mut stored: Vec<(u32, u32)> = conversations.into_iter().map(|number| (number, 0)).collect();
        let mut due = Instant::now();
        while !self.over.load(Relaxed) {
            let place = chance.random_range(0..stored.len());
            let (conversation, number) = stored[place];
            let event = Event::new(conversation, number);
            let begun = Instant::now();
            while !self.deliver(&mut wires, &event, &mut chance).await {
                if begun.elapsed() > TAKEN_WITHIN {
                    return Err(DevError::Failed(format!(
                        "an event was sent for {} s and never taken",
                        TAKEN_WITHIN.as_secs()
                    )));
                }
                sleep(Duration::from_millis(chance.random_range(10..200))).await;
            }
            stored[place].1 += 1;
            self.acknowledged.fetch_add(1, Relaxed);
            if chance.random_ratio(1, 32) {
                // Providers send again what they have been told is stored.
                let again = Event::new(conversation, chance.random_range(0..=number));
                self.deliver(&mut wires, &again, &mut chance).await;
            }
            due = (due + between).max(Instant::now() - between * 10);
            tokio::time::sleep_until(due).await;
        }
        Ok(stored)
    }

    /// Sends an event once; whether it is known to be stored.
    async fn deliver(&self, wires: &mut [Wire], event: &Event, chance: &mut StdRng) -> bool {
        let gateway = chance.random_range(0..self.ports.len());
        let port = self.ports[gateway];
        if self.hang_up.load(Relaxed) && chance.random_ratio(1, 2) {
            self.hang_up(port, event, chance).await;
        }
        let began = self.elapsed();
        let outcome = match wires[gateway].post(Event::PATH, &event.body()).await {
            Ok(reply) if reply.status == 202 => Outcome::Ok,
            Ok(reply) if reply.status == 408 || (reply.status == 503 && reply.says_when) => Outcome::Unknown,
            Ok(_) => Outcome::Refused,
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Outcome::Failed,
            Err(_) => Outcome::Unknown,
        };
        match outcome {
            Outcome::Ok => {
                self.ok.fetch_add(1, Relaxed);
                self.latest_ok[gateway].fetch_max(began, Relaxed);
                return true;
            }
            Outcome::Failed => self.failed.fetch_add(1, Relaxed),
            Outcome::Unknown => self.unknown.fetch_add(1, Relaxed),
            Outcome::Refused => self.refused.fetch_add(1, Relaxed),
        };
        false
    }

    /// Sends a part of a request, or all of it, and waits for no answer.
    async fn hang_up(&self, port: u16, event: &Event, chance: &mut StdRng) {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)).await else {
            return;
        };
        let body = event.body();
        let request = format!(
            "POST {} HTTP/1.1\r\nhost: mailroom\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            Event::PATH,
            body.len()
        );
        // Half of them are whole.
        let end = chance.random_range(1..=request.len() * 2).min(request.len());
        let _ = stream.write_all(&request.as_bytes()[..end]).await;
        if chance.random() {
            let _ = stream.set_zero_linger();
        } else {
            sleep(Duration::from_millis(chance.random_range(0..5))).await;
        }
        self.hung_up.fetch_add(1, Relaxed);
    }
}

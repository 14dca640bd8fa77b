//! PostgreSQL with the lanes and conversations of the machine, given the same statements.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use mailroom_domain::{ClaimToken, ClaimedEvent, EventId, Lane, WorkerId};
use mailroom_store::event::{self, Recorded};

use super::call::{Call, Outcome};
use super::state::{LANES, TALKS, lane_of};
use crate::stage::Stage;
use crate::talk::Talk;

/// A database with the lanes and conversations of the machine.
pub(super) struct Database {
    pub(super) stage: Stage,
    pub(super) talks: Vec<Talk>,
    lanes: Vec<Lane>,
    /// What was claimed last of each event; its content never changes.
    pub(super) claimed: HashMap<usize, ClaimedEvent>,
    deliveries: u32,
}

impl Database {
    pub(super) async fn new() -> Self {
        let stage = Stage::new().await;
        let mut by_lane: BTreeMap<Lane, Vec<Talk>> = BTreeMap::new();
        for talk in (0..2_000).map(Talk::number) {
            by_lane.entry(talk.lane()).or_default().push(talk);
        }
        let (lanes, mut theirs): (Vec<_>, Vec<_>) = by_lane
            .into_iter()
            .filter(|(_, talks)| talks.len() >= 3)
            .take(LANES)
            .unzip();
        let talks = (0..TALKS)
            .map(|talk| theirs[lane_of(talk)].pop().unwrap())
            .collect();
        let numbers: Vec<_> = lanes.iter().map(|lane| lane.index().to_string()).collect();
        stage
            .execute(&format!(
                "delete from messaging.lanes where lane not in ({})",
                numbers.join(", ")
            ))
            .await;
        Self {
            stage,
            talks,
            lanes,
            claimed: HashMap::new(),
            deliveries: 0,
        }
    }

    /// Makes it as it was in the beginning.
    pub(super) async fn clear(&mut self) {
        self.claimed.clear();
        self.stage
            .execute(
                "delete from messaging.claims; delete from messaging.messages; delete from messaging.conversations;
                 delete from messaging.inbound_events; delete from messaging.workers;
                 update messaging.lanes set owner = null, token = null, lease_until = null where owner is not null;
                 alter sequence messaging.arrivals restart",
            )
            .await;
    }

    /// Sweeps deleted rows out.
    pub(super) async fn sweep(&self) {
        for table in [
            "inbound_events",
            "claims",
            "messages",
            "conversations",
            "workers",
            "lanes",
        ] {
            self.stage.execute(&format!("vacuum messaging.{table}")).await;
        }
    }

    pub(super) fn lane(&self, lane: usize) -> Lane {
        self.lanes[lane]
    }

    pub(super) fn number_of(&self, lane: Lane) -> usize {
        self.lanes.iter().position(|known| *known == lane).unwrap()
    }

    pub(super) fn lanes(&self, lanes: &[usize]) -> Vec<Lane> {
        lanes.iter().map(|lane| self.lane(*lane)).collect()
    }

    /// One statement, or time passes.
    pub(super) async fn apply(&mut self, call: &Call) -> Outcome {
        match call {
            Call::Record { said } => self.record(said).await,
            Call::Heartbeat { .. } | Call::Take { .. } | Call::GiveBack { .. } | Call::Leave { .. } => {
                self.lane_call(call).await
            }
            Call::Claim { .. } | Call::ClaimDue { .. } | Call::Reap { .. } => self.claim_call(call).await,
            Call::Finish { .. } | Call::Retry { .. } | Call::Bury { .. } | Call::Release { .. } => {
                self.settling_call(call).await
            }
            Call::Wait { hours } => self.wait(*hours).await,
        }
    }

    /// Whatever lies in the future comes nearer.
    async fn wait(&self, hours: i64) -> Outcome {
        self.stage
            .execute(&format!(
                "update messaging.lanes set lease_until = lease_until - interval '{hours} hours'
                 where owner is not null;
                 update messaging.workers set lease_until = lease_until - interval '{hours} hours';
                 update messaging.inbound_events set next_attempt_at = next_attempt_at - interval '{hours} hours'
                 where status = 'error'"
            ))
            .await;
        Outcome::Done
    }

    async fn record(&mut self, said: &[(usize, usize)]) -> Outcome {
        let mut events = Vec::new();
        for &(number, talk) in said {
            let mut event = self.talks[talk].says(&self.stage, &number.to_string());
            self.deliveries += 1;
            let mut random = bytes(u32::try_from(number).unwrap());
            random[8..12].copy_from_slice(&self.deliveries.to_be_bytes());
            event.id = EventId::new(event.id.lane(), random);
            events.push(event);
        }
        let recording = event::record(&mut self.stage.connection().await, &events)
            .await
            .unwrap();
        let told = recording.into_iter().map(|recorded| match recorded.unwrap() {
            Recorded::Recorded(id) => (number_of_event(id), true),
            Recorded::AlreadyRecorded(id) => (number_of_event(id), false),
            Recorded::Conflicting(id) => panic!("{id} has another content"),
        });
        Outcome::Recorded(told.collect())
    }
}

pub(super) fn hours(hours: i64) -> Duration {
    Duration::from_hours(hours.unsigned_abs())
}

/// An id's random bytes, which tell its number.
pub(super) fn bytes(number: u32) -> [u8; 16] {
    u128::from(number).to_be_bytes()
}

/// The number of which an id was made.
pub(super) fn number(id: uuid::Uuid) -> u32 {
    u32::try_from(id.as_u128() & u128::from(u32::MAX)).unwrap()
}

pub(super) fn number_of_event(id: EventId) -> usize {
    number(id.uuid()) as usize
}

pub(super) fn worker_of(number: u32) -> WorkerId {
    WorkerId::new(bytes(number))
}

pub(super) fn token_of(number: u32) -> ClaimToken {
    ClaimToken::new(bytes(number))
}

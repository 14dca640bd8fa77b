//! Simulated workers: each does what a worker does, a step at a time, and may die, stall or come too late.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use mailroom_domain::{
    ClaimToken, ClaimedEvent, ConversationKey, LANES, Lane, LaneToken, MessageStatus, Place, WorkerId,
};
use mailroom_store::{event, lane};
use rand::RngExt;
use rand::rngs::StdRng;

use crate::stage::{LEASE, Stage};
use crate::talk::{Talk, told};

/// Waits that no history lives through; [`Crew::all_fall_due`] ends them.
pub(crate) const DELAYS: [Duration; 4] = [Duration::from_hours(1); 4];

/// What is in somebody's hands.
pub(crate) struct InHand {
    pub(crate) token: ClaimToken,
    pub(crate) events: Vec<ClaimedEvent>,
}

/// A worker as it knows itself.
pub(crate) struct Member {
    id: WorkerId,
    /// The lanes it believes to hold, with the tenure and its place in each.
    held: BTreeMap<Lane, (LaneToken, Place)>,
    pub(crate) claim: Option<InHand>,
}

impl Member {
    pub(crate) fn new(stage: &Stage) -> Self {
        Self {
            id: WorkerId::new(stage.random()),
            held: BTreeMap::new(),
            claim: None,
        }
    }

    /// What stood at or behind this arrival may be claimable again.
    pub(crate) fn rewind(&mut self, lane: Lane, arrival: i64) {
        if let Some((_, place)) = self.held.get_mut(&lane) {
            place.rewind(arrival);
        }
    }
}

/// Three workers at one database.
pub(crate) struct Crew<'a> {
    pub(crate) stage: &'a Stage,
    talks: Vec<Talk>,
    recorded: u32,
    pub(crate) members: Vec<Member>,
    /// Claims of workers that died; their last statement may yet arrive.
    pub(crate) late: Vec<InHand>,
    /// Each conversation's finished events, in the order in which their effects were applied.
    pub(crate) applied: HashMap<ConversationKey, Vec<i64>>,
}

impl<'a> Crew<'a> {
    pub(crate) fn new(stage: &'a Stage, talks: Vec<Talk>) -> Self {
        Self {
            stage,
            talks,
            recorded: 0,
            members: (0..3).map(|_| Member::new(stage)).collect(),
            late: Vec::new(),
            applied: HashMap::new(),
        }
    }

    pub(crate) async fn record(&mut self, chance: &mut StdRng) -> String {
        let mut events = Vec::new();
        for _ in 0..chance.random_range(1..5) {
            // One in eight is delivered again.
            let said = if self.recorded > 0 && chance.random_ratio(1, 8) {
                chance.random_range(0..self.recorded)
            } else {
                self.recorded += 1;
                self.recorded - 1
            };
            let talk = &self.talks[said as usize % self.talks.len()];
            // One in four tells of an earlier or a later message.
            events.push(if said % 4 == 3 {
                let status = MessageStatus::ALL[said as usize / 4 % 5];
                told(self.stage, &(said / 8).to_string(), status, said as usize)
            } else {
                talk.says(self.stage, &said.to_string())
            });
        }
        for recorded in event::record(&mut self.stage.connection().await, &events)
            .await
            .unwrap()
        {
            recorded.unwrap();
        }
        format!("{} events are recorded", events.len())
    }

    pub(crate) async fn all_fall_due(&self) -> String {
        self.stage.all_fall_due().await;
        "all retries fall due".to_owned()
    }

    pub(crate) async fn heartbeat(&mut self, at: usize) -> String {
        let member = &mut self.members[at];
        let pulse = lane::heartbeat(&self.stage.pool, member.id, LEASE).await.unwrap();
        let mut before = std::mem::take(&mut member.held);
        let had = before.len();
        for (lane, token) in pulse.held {
            let place = before.remove(&lane).filter(|(known, _)| *known == token);
            member
                .held
                .insert(lane, (token, place.map(|(_, place)| place).unwrap_or_default()));
        }
        format!("heartbeat, {} lanes held of {}", member.held.len(), had)
    }

    /// Takes lanes and reaps in them before anything else, as a worker does.
    pub(crate) async fn take(&mut self, at: usize, chance: &mut StdRng) -> String {
        self.heartbeat(at).await;
        let most = chance.random_range(1..=LANES);
        let member = &mut self.members[at];
        let token = LaneToken::new(self.stage.random());
        let tenure = lane::take(&self.stage.pool, member.id, token, most, LEASE)
            .await
            .unwrap();
        for lane in &tenure.lanes {
            member.held.insert(*lane, (token, Place::default()));
        }
        format!("took {} lanes; {}", tenure.lanes.len(), self.reap(at).await)
    }

    pub(crate) async fn reap(&mut self, at: usize) -> String {
        let member = &self.members[at];
        let lanes: Vec<_> = member.held.keys().copied().collect();
        let in_flight: Vec<_> = member.claim.iter().map(|claim| claim.token).collect();
        let reaped = event::reap(&self.stage.pool, member.id, &lanes, &in_flight, &DELAYS)
            .await
            .unwrap();
        format!("{reaped:?}")
    }

    pub(crate) async fn give_back(&mut self, at: usize, chance: &mut StdRng) -> String {
        let member = &mut self.members[at];
        let lanes: Vec<_> = member.held.keys().copied().filter(|_| chance.random()).collect();
        member.held.retain(|lane, _| !lanes.contains(lane));
        lane::give_back(&self.stage.pool, member.id, &lanes)
            .await
            .unwrap();
        format!("gave {} lanes back", lanes.len())
    }

    pub(crate) async fn claim(&mut self, at: usize, chance: &mut StdRng) -> String {
        let member = &mut self.members[at];
        if chance.random_ratio(1, 5) {
            member
                .held
                .values_mut()
                .for_each(|(_, place)| *place = Place::default());
        }
        let places: Vec<_> = member
            .held
            .iter()
            .map(|(lane, (_, place))| (*lane, place.after()))
            .collect();
        let token = ClaimToken::new(self.stage.random());
        let depth = chance.random_range(1..5);
        let claim = event::claim(
            &mut self.stage.connection().await,
            member.id,
            &places,
            depth,
            token,
            &[],
        )
        .await
        .unwrap();
        for reach in claim.reached {
            let place = member.held.get_mut(&reach.lane).unwrap();
            place.1.saw(reach.up_to, claim.horizon);
        }
        self.take_in_hand(at, token, claim.events)
    }

    pub(crate) async fn claim_due(&mut self, at: usize, chance: &mut StdRng) -> String {
        let member = &self.members[at];
        let lanes: Vec<_> = member.held.keys().copied().collect();
        let token = ClaimToken::new(self.stage.random());
        let limit = chance.random_range(1..9);
        let events = event::claim_due(
            &mut self.stage.connection().await,
            member.id,
            &lanes,
            &[],
            limit,
            token,
        )
        .await
        .unwrap();
        format!("due: {}", self.take_in_hand(at, token, events))
    }

    fn take_in_hand(&mut self, at: usize, token: ClaimToken, events: Vec<ClaimedEvent>) -> String {
        let arrivals: Vec<_> = events.iter().map(|event| event.arrival).collect();
        self.members[at].claim = (!events.is_empty()).then_some(InHand { token, events });
        format!("claimed {arrivals:?}")
    }

    /// Dies with what it has in hand. Its successor starts with nothing.
    pub(crate) async fn die(&mut self, at: usize) -> String {
        self.end_lease(at).await;
        let dead = std::mem::replace(&mut self.members[at], Member::new(self.stage));
        self.late.extend(dead.claim);
        "died".to_owned()
    }

    /// Its lease ends without its knowing.
    pub(crate) async fn stall(&mut self, at: usize) -> String {
        self.end_lease(at).await;
        "stalled past its lease".to_owned()
    }

    async fn end_lease(&self, at: usize) {
        let id = self.members[at].id.uuid();
        self.stage
            .execute(&format!(
                "update messaging.lanes set lease_until = now() - interval '1 second' where owner = '{id}'"
            ))
            .await;
    }

    /// How many effects were applied.
    pub(crate) fn finished(&self) -> i64 {
        i64::try_from(self.applied.values().map(Vec::len).sum::<usize>()).unwrap()
    }

    pub(crate) fn assert_in_order(&self) {
        for (key, arrivals) in &self.applied {
            assert!(
                arrivals.is_sorted(),
                "in {} one passed another: {arrivals:?}",
                key.as_str()
            );
        }
    }
}

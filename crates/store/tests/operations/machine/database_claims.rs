//! Lanes and claims in PostgreSQL.

use std::collections::BTreeMap;

use mailroom_domain::{ClaimedEvent, LaneToken};
use mailroom_store::{event, lane};

use super::call::{Call, Outcome};
use super::database::{Database, bytes, hours, number, number_of_event, token_of, worker_of};
use super::state::{DELAY_HOURS, LEASE_HOURS};

impl Database {
    pub(super) async fn lane_call(&self, call: &Call) -> Outcome {
        let pool = &self.stage.pool;
        let lease = hours(LEASE_HOURS);
        match *call {
            Call::Heartbeat { worker } => {
                let pulse = lane::heartbeat(pool, worker_of(worker), lease).await.unwrap();
                let held = pulse.held.iter();
                Outcome::Pulse {
                    held: held
                        .map(|(lane, tenure)| (self.number_of(*lane), number(tenure.uuid())))
                        .collect(),
                    workers: pulse.workers,
                }
            }
            Call::Take { worker, tenure, most } => {
                let token = LaneToken::new(bytes(tenure));
                let tenure = lane::take(pool, worker_of(worker), token, most, lease).await;
                let lanes = tenure.unwrap().lanes;
                Outcome::Taken(lanes.into_iter().map(|lane| self.number_of(lane)).collect())
            }
            Call::GiveBack { worker, ref lanes } => {
                let lanes = self.lanes(lanes);
                lane::give_back(pool, worker_of(worker), &lanes).await.unwrap();
                Outcome::Done
            }
            Call::Leave { worker } => {
                lane::leave(pool, worker_of(worker)).await.unwrap();
                Outcome::Done
            }
            ref other => panic!("{other:?} is not of lanes"),
        }
    }

    pub(super) async fn claim_call(&mut self, call: &Call) -> Outcome {
        let pool = self.stage.pool.clone();
        match *call {
            Call::Claim {
                worker,
                ref places,
                depth,
                token,
                ref over,
            } => {
                let over: Vec<_> = over.iter().copied().map(token_of).collect();
                let places: Vec<_> = places
                    .iter()
                    .map(|(lane, after)| (self.lane(*lane), *after))
                    .collect();
                let claim = event::claim(
                    &mut pool.acquire().await.unwrap(),
                    worker_of(worker),
                    &places,
                    depth,
                    token_of(token),
                    &over,
                )
                .await;
                let claim = claim.unwrap();
                let reached = claim.reached.iter();
                let reached = reached.map(|reach| (self.number_of(reach.lane), (reach.up_to, reach.seen)));
                self.claimed(reached.collect(), claim.events)
            }
            Call::ClaimDue {
                worker,
                ref lanes,
                limit,
                token,
            } => {
                let lanes = self.lanes(lanes);
                let due = event::claim_due(
                    &mut pool.acquire().await.unwrap(),
                    worker_of(worker),
                    &lanes,
                    &[],
                    limit,
                    token_of(token),
                )
                .await;
                self.claimed([].into(), due.unwrap())
            }
            Call::Reap {
                worker,
                ref lanes,
                ref in_flight,
            } => {
                let in_flight: Vec<_> = in_flight.iter().copied().map(token_of).collect();
                let (lanes, delays) = (self.lanes(lanes), DELAY_HOURS.map(hours));
                let reaped = event::reap(&pool, worker_of(worker), &lanes, &in_flight, &delays).await;
                let reaped = reaped.unwrap();
                Outcome::Reaped {
                    retried: reaped.retried,
                    buried: reaped.buried,
                    lanes: reaped.lanes.iter().map(|lane| self.number_of(*lane)).collect(),
                }
            }
            ref other => panic!("{other:?} is not of claims"),
        }
    }

    fn claimed(&mut self, reached: BTreeMap<usize, (i64, i64)>, events: Vec<ClaimedEvent>) -> Outcome {
        let told = events
            .iter()
            .map(|event| (number_of_event(event.id), event.attempt))
            .collect();
        for event in events {
            self.claimed.insert(number_of_event(event.id), event);
        }
        Outcome::Claimed {
            events: told,
            reached,
        }
    }
}

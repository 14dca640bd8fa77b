//! The whole state at the end of a history, of the machine and of the database, in the same words.

use std::collections::{BTreeMap, BTreeSet};

use mailroom_domain::Lane;
use uuid::Uuid;

use super::database::{Database, number};
use super::state::{HOUR, Machine, Status, Time};

/// An event: its arrival, lane, status, attempts, error, duplicates, hours until it is due.
type EventImage = (i64, usize, String, i32, Option<String>, i32, Option<i64>);

/// The same as a row.
type EventRow = (i64, i16, String, i32, Option<String>, i32, Option<f64>);

/// A claim's worker, lanes, and arrivals of its events.
type ClaimImage = (u32, BTreeSet<usize>, BTreeSet<i64>);

/// Times are hours from now.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Image {
    events: Vec<EventImage>,
    claims: BTreeMap<u32, ClaimImage>,
    /// Of each lane that somebody owns: owner, tenure, lease.
    lanes: BTreeMap<usize, (u32, u32, i64)>,
    workers: BTreeMap<u32, i64>,
    /// Arrivals of messages, and how many each conversation counts.
    messages: Vec<i64>,
    counts: BTreeMap<usize, i64>,
}

impl Image {
    pub(super) fn of_machine(machine: &Machine) -> Self {
        let hours = |time: Time| (time - machine.now + HOUR / 2).div_euclid(HOUR);
        let events = machine.events.iter().map(|event| {
            let due = match event.status {
                Status::Error { due } => Some(hours(due)),
                _ => None,
            };
            (
                event.arrival,
                event.lane(),
                event.status.as_str().to_owned(),
                i32::try_from(event.attempts).unwrap(),
                event.error.map(|code| code.as_str().to_owned()),
                i32::try_from(event.duplicates).unwrap(),
                due,
            )
        });
        let arrivals = |events: &BTreeSet<usize>| {
            events
                .iter()
                .map(|&event| machine.events[event].arrival)
                .collect()
        };
        let claims = machine
            .claims
            .iter()
            .map(|(token, noted)| {
                (
                    *token,
                    (noted.worker, noted.lanes.clone(), arrivals(&noted.events)),
                )
            })
            .collect();
        let mut counts = BTreeMap::new();
        for &event in &machine.effects {
            *counts.entry(machine.events[event].talk).or_default() += 1;
        }
        let mut messages: Vec<i64> = machine
            .effects
            .iter()
            .map(|&event| machine.events[event].arrival)
            .collect();
        messages.sort_unstable();
        Self {
            events: events.collect(),
            claims,
            lanes: (0..)
                .zip(&machine.lanes)
                .filter_map(|(lane, lease)| lease.map(|l| (lane, (l.owner, l.tenure, hours(l.until)))))
                .collect(),
            workers: machine
                .workers
                .iter()
                .map(|(worker, until)| (*worker, hours(*until)))
                .collect(),
            messages,
            counts,
        }
    }

    pub(super) async fn of_database(database: &Database) -> Self {
        let stage = &database.stage;
        let lane = |lane: i16| database.number_of(Lane::from_index(u8::try_from(lane).unwrap()));
        let events: Vec<EventRow> = stage
            .rows(
                "select arrival, lane, status, attempt_count, error_code, duplicates,
                        (extract(epoch from next_attempt_at - now()) / 3600)::float8
                 from messaging.inbound_events order by arrival",
            )
            .await;
        let claims: Vec<(Uuid, Uuid, Vec<i16>, Vec<i64>)> = stage
            .rows(
                "select token, worker, lanes, array(select arrival from messaging.inbound_events where id = any(events))
                 from messaging.claims",
            )
            .await;
        let lanes: Vec<(i16, Uuid, Uuid, f64)> = stage
            .rows(
                "select lane, owner, token, (extract(epoch from lease_until - now()) / 3600)::float8
                 from messaging.lanes where owner is not null",
            )
            .await;
        let workers: Vec<(Uuid, f64)> = stage
            .rows(
                "select id, (extract(epoch from lease_until - now()) / 3600)::float8 from messaging.workers",
            )
            .await;
        let messages: Vec<(i64,)> = stage
            .rows("select arrival from messaging.messages order by arrival")
            .await;
        let counts: Vec<(String, i64)> = stage
            .rows("select key, message_count from messaging.conversations")
            .await;
        let talk = |key: &str| database.talks.iter().position(|talk| talk.key.as_str() == key);
        Self {
            events: events
                .into_iter()
                .map(|(arrival, at, status, attempts, error, duplicates, due)| {
                    (
                        arrival,
                        lane(at),
                        status,
                        attempts,
                        error,
                        duplicates,
                        due.map(hours),
                    )
                })
                .collect(),
            claims: claims
                .into_iter()
                .map(|(token, worker, lanes, arrivals)| {
                    let lanes = lanes.into_iter().map(lane).collect();
                    (
                        number(token),
                        (number(worker), lanes, arrivals.into_iter().collect()),
                    )
                })
                .collect(),
            lanes: lanes
                .into_iter()
                .map(|(at, owner, tenure, until)| (lane(at), (number(owner), number(tenure), hours(until))))
                .collect(),
            workers: workers
                .into_iter()
                .map(|(worker, until)| (number(worker), hours(until)))
                .collect(),
            messages: messages.into_iter().map(|(arrival,)| arrival).collect(),
            counts: counts
                .into_iter()
                .map(|(key, count)| (talk(&key).unwrap(), count))
                .collect(),
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a few hours")]
fn hours(hours: f64) -> i64 {
    hours.round() as i64
}

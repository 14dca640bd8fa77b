//! Mutants: mailroom with one known bug each. A checker that lets one pass proves nothing about the real one.

use clap::ValueEnum;

use super::fault::Fault;
use super::verdict::Verdict;

/// A known bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mutant {
    /// The gateway answers before it has written down what it was sent
    AckBeforeCommit,
    /// The gateway takes what it was sent before for written down
    DuplicateFromMemory,
    /// A worker claims events although an earlier one of their conversation is unfinished
    OrderUnchecked,
    /// A worker finishes what it claimed once, whoever holds it now, and no constraint stands behind that
    SettleWithoutToken,
    /// Nobody brings back what a dead worker held
    ReapNothing,
    /// A recording draws its places in line before its transaction has a number, so that a worker may go past it
    PlaceUnnumbered,
    /// Commits do not wait for the standby
    AsynchronousStandby,
}

/// What stands in a file, and what stands there instead.
pub(super) struct Edit {
    pub(super) file: &'static str,
    pub(super) from: &'static str,
    pub(super) to: &'static str,
}

const WRITE: &str = "let recording = self.write(&mut database, &events).await;";
const TELL: &str = "let mut answers = self.tell(events, recording).into_iter();";

impl Mutant {
    /// How it differs from the real one; nothing where it is a setting of the world.
    pub(super) const fn edits(self) -> &'static [Edit] {
        match self {
            Self::AckBeforeCommit => &[Edit {
                file: "crates/gateway/src/recorder/writer.rs",
                from: WRITE,
                to: "let recording: Option<Recording> =
                        Some(events.iter().map(|event| Ok(Recorded::Recorded(event.id))).collect());
                    static FEW: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(4);
                    let few = FEW.acquire().await.unwrap();
                    let (pool, late) = (self.pool.clone(), events.clone());
                    tokio::spawn(async move {
                        let mut connection = pool.acquire().await.unwrap();
                        drop(event::record(&mut connection, &late).await);
                        drop(few);
                    });",
            }],
            Self::DuplicateFromMemory => &[Edit {
                file: "crates/gateway/src/recorder/writer.rs",
                from: TELL,
                to: "static SEEN: std::sync::Mutex<std::collections::BTreeSet<String>> =
                        std::sync::Mutex::new(std::collections::BTreeSet::new());
                    let known: Vec<_> = events.iter()
                        .map(|event| (event.id, !SEEN.lock().unwrap().insert(event.provider_message_id.clone())))
                        .collect();
                    let mut answers = self.tell(events, recording);
                    for (answer, (id, known)) in answers.iter_mut().zip(known) {
                        if known { *answer = Ok(Recorded::AlreadyRecorded(id)); }
                    }
                    let mut answers = answers.into_iter();",
            }],
            Self::OrderUnchecked => &[Edit {
                file: "crates/store/src/event/claim.rs",
                from: "and b.arrival < e.arrival) as is_held",
                to: "and b.status = 'none') as is_held",
            }],
            Self::SettleWithoutToken => &[
                Edit {
                    file: "crates/store/src/event/finish.rs",
                    from: "where coalesce(is_held, false) and coalesce(g.lane, -1) >= 0",
                    to: "where coalesce(g.lane, -1) >= 0",
                },
                Edit {
                    file: "crates/store/src/event/finish.rs",
                    from: " join held on held.worker = l.owner",
                    to: "",
                },
                Edit {
                    file: "crates/store/src/event/finish.rs",
                    from: " and e.status || '' in ('received', 'error')\n            returning",
                    to: "\n            returning",
                },
                Edit {
                    file: "crates/store/src/event/finish.rs",
                    from: " lane, event_id, t.id,",
                    to: " lane, overlay(gen_random_uuid()::text placing left(event_id::text, 2) from 1)::uuid, t.id,",
                },
                Edit {
                    file: "migrations/messaging/20261124000005_fewer_checks_per_message.up.sql",
                    from: "    add constraint messages_are_named_by_their_event check (id = event_id),\n",
                    to: "",
                },
            ],
            Self::ReapNothing => &[Edit {
                file: "crates/store/src/event/reap.rs",
                from: "for update of c skip locked",
                to: "limit 0",
            }],
            Self::PlaceUnnumbered => &[Edit {
                file: "crates/store/src/event/record.rs",
                from: "case when pg_current_xact_id() is not null then nextval('messaging.arrivals') end as arrival",
                to: "nextval('messaging.arrivals') as arrival",
            }],
            Self::AsynchronousStandby => &[],
        }
    }

    /// The finding that it must cause.
    pub(super) const fn finding(self, verdict: &Verdict) -> u64 {
        match self {
            Self::AckBeforeCommit | Self::DuplicateFromMemory | Self::AsynchronousStandby => verdict.lost,
            Self::OrderUnchecked | Self::PlaceUnnumbered => verdict.disordered,
            Self::SettleWithoutToken => verdict.doubled,
            Self::ReapNothing => verdict.stuck,
        }
    }

    /// Whether a fault can bring it to light. Drawn among all, most would say nothing about it.
    pub(super) const fn is_met_by(self, fault: Fault) -> bool {
        use Fault::{
            Cut, Deafen, FailOver, KillGateway, KillPrimary, KillWorker, Partition, StallSession,
            StallWorker, SwallowAnswers,
        };
        match self {
            Self::AckBeforeCommit => matches!(fault, KillGateway | KillPrimary | FailOver | Partition),
            Self::DuplicateFromMemory => matches!(fault, KillPrimary | FailOver | Partition | Deafen | Cut),
            Self::OrderUnchecked => matches!(fault, KillWorker | StallWorker | Cut | SwallowAnswers),
            Self::SettleWithoutToken => matches!(fault, StallWorker | Partition | Deafen | SwallowAnswers),
            Self::ReapNothing => matches!(fault, KillWorker | Cut),
            Self::PlaceUnnumbered => matches!(fault, StallSession),
            Self::AsynchronousStandby => matches!(fault, FailOver),
        }
    }

    /// Whether commits wait for the standby.
    pub(super) const fn is_synchronous(self) -> bool {
        !matches!(self, Self::AsynchronousStandby)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn each_edit_fits_the_tree_in_one_place() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for mutant in Mutant::value_variants() {
            for edit in mutant.edits() {
                let text = std::fs::read_to_string(root.join(edit.file)).unwrap();
                assert_eq!(text.matches(edit.from).count(), 1, "{mutant:?}: {}", edit.from);
            }
        }
    }
}

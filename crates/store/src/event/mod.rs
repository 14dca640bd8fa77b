//! Events: recorded by the gateway; claimed, finished, retried, buried, parked, released and reaped by workers.

mod claim;
mod claim_due;
mod claimed_row;
mod conflict;
mod effect;
mod finish;
mod payload_columns;
mod reap;
mod record;
mod set_aside;
mod unpark;

pub(crate) use payload_columns::payload;

pub use claim::{Claim, Reach, claim};
pub use claim_due::claim_due;
pub use effect::{Effect, Finishing, FinishingMessage};
pub use finish::{Finished, Outcome, finish};
pub use reap::{Reaped, reap};
pub use record::{Recorded, Recording, record};
pub use set_aside::{bury, park, postpone, release, retry};
pub use unpark::{parked, unpark};

/// One column of a set, to be bound.
fn each<T, U>(set: &[T], column: impl Fn(&T) -> U) -> Vec<U> {
    set.iter().map(column).collect()
}

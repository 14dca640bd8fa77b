//! Events: recorded by the gateway; claimed, finished, retried, buried, parked, released and reaped by workers.

mod claim;
mod claim_due;
mod claimed_row;
mod conflict;
mod effect;
mod finish;
mod park;
mod payload_columns;
mod reap;
mod record;
mod set_aside;

pub(crate) use payload_columns::payload;

pub use claim::{Claim, Reach, claim};
pub use claim_due::claim_due;
pub use effect::{Effect, Finishing, FinishingMessage};
pub use finish::{Finished, Outcome, finish};
pub use park::{park, parked, unpark};
pub use reap::{Reaped, reap};
pub use record::{Recorded, Recording, record};
pub use set_aside::{bury, postpone, release, retry};

//! Events: recorded by the gateway; claimed, finished, retried, buried, released and reaped by workers.

mod claim;
mod claim_due;
mod claimed_row;
mod finish;
mod reap;
mod record;
mod set_aside;

pub use claim::{Claim, Reach, claim};
pub use claim_due::claim_due;
pub use finish::{Finished, Finishing, Outcome, finish};
pub use reap::{Reaped, reap};
pub use record::{Recorded, Recording, record};
pub use set_aside::{bury, release, retry};

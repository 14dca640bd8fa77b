//! Lanes: leased to workers, renewed by heartbeat, taken over when a lease ends, given back when others join.

mod give_back;
mod heartbeat;
mod take;

pub(crate) use take::lane as lane_numbered;

pub use give_back::{give_back, leave};
pub use heartbeat::{Pulse, heartbeat};
pub use take::{Tenure, take};

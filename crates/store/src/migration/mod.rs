//! The three migration sets, where a database stands in them, and how it is moved.
//!
//! `state` is for the gateway and the worker, that only ask; `up` and `down` are for `db-migrate`.

mod book;
mod down;
mod error;
mod locked;
mod plan;
mod pooler;
mod progress;
mod session;
mod set;
mod state;
mod target;
mod up;

pub use down::{down, would_undo};
pub use error::MigrationError;
pub use plan::{Applied, Entry, Known, Plan, SchemaState, Standing, plan};
pub use progress::{Moved, Options, Progress, Watch};
pub use session::Session;
pub use set::{Set, set, sets};
pub use state::{standing, state};
pub use target::Target;
pub use up::{Raised, up};

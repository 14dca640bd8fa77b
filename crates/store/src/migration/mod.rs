//! The three migration sets, where a database stands in them, and how it is moved.
//!
//! `state` is for the gateway and the worker, that only ask; `up` and `down` are for `db-migrate`.

mod baseline;
mod book;
mod down;
mod durability;
mod error;
mod locked;
mod plan;
mod pooler;
mod progress;
mod roles;
mod session;
mod set;
mod state;
mod target;
mod up;
mod verify;

pub use baseline::baseline;
pub use down::{down, would_undo};
pub use durability::{Durability, durability};
pub use error::MigrationError;
pub use plan::{Applied, Entry, Known, Plan, SchemaState, Standing, plan};
pub use progress::{Moved, Options, Progress, Watch};
pub use roles::{Role, grant_roles};
pub use session::Session;
pub use set::{Set, set, sets};
pub use state::{standing, state};
pub use target::Target;
pub use up::{Raised, up};
#[cfg(feature = "queries")]
pub(crate) use verify::indexes;
pub use verify::{Verified, shape_of, verify};

//! The only SQL in mailroom: one file per operation, checked against the migrated schema at build time.

mod connect;
mod connection;
mod error;
mod hosts;
pub mod migration;
mod patience;
mod read_only;
pub mod server;
mod trouble;
mod way;
mod whole;

#[cfg(feature = "queries")]
pub mod action;
#[cfg(feature = "queries")]
pub mod clock;
#[cfg(feature = "queries")]
pub mod conversation;
#[cfg(feature = "queries")]
mod deadlock;
#[cfg(feature = "queries")]
pub mod doctor;
#[cfg(feature = "queries")]
pub mod event;
#[cfg(feature = "queries")]
pub mod file;
#[cfg(feature = "queries")]
mod kept;
#[cfg(feature = "queries")]
pub mod lane;
#[cfg(feature = "queries")]
pub mod letter;
#[cfg(feature = "queries")]
pub mod line;
#[cfg(feature = "queries")]
mod list;
#[cfg(feature = "queries")]
pub mod message;
#[cfg(feature = "queries")]
pub mod pause;
#[cfg(feature = "queries")]
pub mod queue;
#[cfg(feature = "queries")]
pub mod reconnect;
#[cfg(feature = "queries")]
pub mod replica;
#[cfg(feature = "queries")]
mod shelf;
#[cfg(feature = "queries")]
mod split;
#[cfg(feature = "queries")]
pub mod status;
#[cfg(feature = "queries")]
pub mod token;
#[cfg(feature = "queries")]
pub mod wake;

pub use connect::{Plans, PoolSettings, pool};
pub use connection::{Connection, Pool};
pub use error::StoreError;
pub use hosts::{Kind, follow, look};
#[cfg(feature = "queries")]
pub use kept::Kept;
#[cfg(feature = "queries")]
pub use list::{Listed, Start};
pub use patience::{LONGEST_STATEMENT, within};
#[cfg(feature = "queries")]
pub use shelf::{Lent, Shelf};
pub use way::Way;

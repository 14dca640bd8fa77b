//! Processes of ours: known by more than their number, and stopped in the way each of them likes.

mod daemon;
mod identity;
mod port;
mod ready;
mod role;

pub(crate) use daemon::Daemon;
pub(crate) use identity::Identity;
pub(crate) use port::free_port;
pub(crate) use ready::is_ready_within;
pub(crate) use role::Role;

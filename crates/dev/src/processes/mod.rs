//! Processes of ours: known by more than their number, and stopped in the way each of them likes.

mod identity;
mod role;

pub(crate) use identity::Identity;
pub(crate) use role::Role;

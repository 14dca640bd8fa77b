//! A PostgreSQL server to work on: the one given, or a private one from binaries found or fetched.

mod account;
mod cache;
mod cluster;
mod download;
mod durability;
mod given;
pub(crate) mod initdb;
mod installation;
mod npm;
mod places;
#[cfg(test)]
mod pretend;
mod resolve;
mod server;

pub(crate) use account::Account;
pub(crate) use cluster::Cluster;
pub(crate) use durability::Durability;
pub(crate) use installation::Installation;
pub(crate) use resolve::{Fetching, Search, resolve};
pub(crate) use server::{Choice, Server};

/// The oldest major version whose SQL the project speaks.
pub(crate) const OLDEST_MAJOR: u32 = 15;

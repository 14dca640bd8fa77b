//! A gateway or a worker of the world: the real program on fixed ports, with a line of its own to the database.

use std::ops::{Deref, DerefMut};

use super::proxy::Proxy;
use crate::processes::Daemon;

/// It, its admin port and its line.
pub(super) struct Process {
    pub(super) admin: u16,
    pub(super) line: Proxy,
    pub(super) daemon: Daemon,
}

impl Deref for Process {
    type Target = Daemon;

    fn deref(&self) -> &Daemon {
        &self.daemon
    }
}

impl DerefMut for Process {
    fn deref_mut(&mut self) -> &mut Daemon {
        &mut self.daemon
    }
}

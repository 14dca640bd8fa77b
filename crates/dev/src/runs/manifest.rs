//! The list of what a run started, on disk, so that somebody else can end it when the run no longer can.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::DevError;
use crate::processes::{Identity, Role};

const NAME: &str = "manifest.json";

/// Who runs, and what it started, in order.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    owner: Identity,
    processes: Vec<Started>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Started {
    process: Identity,
    role: Role,
}

impl Manifest {
    pub(super) fn new(owner: Identity) -> Self {
        Self {
            owner,
            processes: Vec::new(),
        }
    }

    /// Reads the manifest of a run directory; `None` when it has none that can be read.
    pub(super) fn read(directory: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(directory.join(NAME)).ok()?).ok()
    }

    /// Writes it in one step: a reader sees the old list or the new one.
    pub(super) fn write(&self, directory: &Path) -> Result<(), DevError> {
        let unfinished = directory.join("manifest.json.new");
        let text = serde_json::to_vec_pretty(self).expect("a manifest is plain data");
        fs::write(&unfinished, text)
            .and_then(|()| fs::set_permissions(&unfinished, fs::Permissions::from_mode(0o600)))
            .and_then(|()| fs::rename(&unfinished, directory.join(NAME)))
            .map_err(DevError::io("write the list of started processes"))
    }

    pub(super) fn add(&mut self, process: Identity, role: Role) {
        self.remove(process.pid());
        self.processes.push(Started { process, role });
    }

    pub(super) fn remove(&mut self, pid: u32) {
        self.processes.retain(|started| started.process.pid() != pid);
    }

    /// Whether the run that wrote this still runs.
    pub(super) fn owner_is_alive(&self) -> bool {
        self.owner.is_alive()
    }

    /// Stops everything listed: first whatever talks to the database, all at once, then the database.
    pub(super) fn stop_all(&self) {
        for role in [Role::Group, Role::Postgres] {
            let of_role = self.processes.iter().filter(|started| started.role == role);
            let processes: Vec<&Identity> = of_role.map(|started| &started.process).collect();
            role.stop(&processes);
        }
    }

    /// Makes the directory the user's own: no later run clears it.
    pub(super) fn disown(directory: &Path) -> Result<(), DevError> {
        fs::rename(directory.join(NAME), directory.join("kept.json"))
            .map_err(DevError::io("keep the directory of this run"))
    }
}

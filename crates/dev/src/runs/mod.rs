//! One run of `cargo dev`: its directory, what it started, and the promise that neither outlives it.

mod clearing;
mod guard;
mod manifest;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process;

pub(crate) use clearing::{stale, sweep};
pub(crate) use guard::stand_guard;

use crate::error::DevError;
use crate::processes::{Identity, Role};
use guard::Guard;
use manifest::Manifest;

/// Every run directory's name begins so.
const PREFIX: &str = "mailroom-dev-";

/// A run under way. Dropped without [`Run::finish`], its guard ends what it started.
pub(crate) struct Run {
    directory: PathBuf,
    manifest: Manifest,
    guard: Guard,
}

impl Run {
    /// Clears what earlier runs left behind, makes a directory under `temp` and sets a guard over it.
    pub(crate) fn start(temp: &Path) -> Result<Self, DevError> {
        for cleared in sweep(temp) {
            crate::talk::line(format_args!(
                "cleared what an earlier run left: {}",
                cleared.display()
            ));
        }
        let directory = tempfile::Builder::new()
            .prefix(&format!("{PREFIX}{}-", process::id()))
            // Others may pass through (the database server runs as another user when we are root), not look.
            .permissions(fs::Permissions::from_mode(0o711))
            .tempdir_in(temp)
            .map_err(DevError::io(format!("make a directory in {}", temp.display())))?
            .keep();
        let owner = Identity::of(process::id())
            .ok_or_else(|| DevError::Failed("this system tells nothing about its processes".into()))?;
        let manifest = Manifest::new(owner);
        manifest.write(&directory)?;
        let logs = directory.join("logs");
        fs::create_dir(&logs).map_err(DevError::io("make the folder for logs"))?;
        fs::set_permissions(&logs, fs::Permissions::from_mode(0o700))
            .map_err(DevError::io("protect the folder for logs"))?;
        let guard = Guard::set(&directory)?;
        Ok(Self {
            directory,
            manifest,
            guard,
        })
    }

    /// The directory of this run.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Where a process of this run writes its log.
    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.directory.join("logs").join(format!("{name}.log"))
    }

    /// Puts a process under guard; call it at once after starting one, and again when one that may have been a
    /// wrapper has become what it is.
    pub(crate) fn adopt(&mut self, pid: u32, role: Role) -> Result<(), DevError> {
        // Gone already: nothing to guard.
        let Some(identity) = Identity::of_new(pid) else {
            return Ok(());
        };
        self.manifest.add(identity, role);
        self.manifest.write(&self.directory)
    }

    /// Forgets a process that has ended.
    pub(crate) fn release(&mut self, pid: u32) -> Result<(), DevError> {
        self.manifest.remove(pid);
        self.manifest.write(&self.directory)
    }

    /// Ends the run: whatever still runs is stopped, the database last, and the directory removed or, with
    /// `keep`, left for a look.
    pub(crate) fn finish(self, keep: bool) -> Result<(), DevError> {
        self.manifest.stop_all();
        if keep {
            Manifest::disown(&self.directory)?;
        } else {
            clearing::remove(&self.directory)?;
        }
        self.guard.dismiss();
        Ok(())
    }
}

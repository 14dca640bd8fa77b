//! Clears what runs that were killed left behind: their processes first, then their directories.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::PREFIX;
use super::manifest::Manifest;
use crate::error::DevError;
use crate::processes::Identity;

/// A directory of a run that no longer runs.
pub(crate) struct Stale(PathBuf);

impl Stale {
    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

/// Directories under `temp` that runs of this user left behind. Directories of other users, of runs under way and
/// of runs that were told to keep theirs are none.
pub(crate) fn stale(temp: &Path) -> Vec<Stale> {
    let Ok(entries) = fs::read_dir(temp) else {
        return Vec::new();
    };
    entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| is_stale(path))
        .map(Stale)
        .collect()
}

/// Ends the processes and removes the directories of [`stale`] runs; gives what was removed.
pub(crate) fn sweep(temp: &Path) -> Vec<PathBuf> {
    let mut cleared = Vec::new();
    for Stale(directory) in stale(temp) {
        clear(&directory);
        if !directory.exists() {
            cleared.push(directory);
        }
    }
    cleared
}

/// Ends what a run directory lists, and removes it.
pub(super) fn clear(directory: &Path) {
    if let Some(manifest) = Manifest::read(directory) {
        manifest.stop_all();
    }
    // A failure leaves it to the next start.
    let _ = remove(directory);
}

/// Removes a run directory, and nothing else.
pub(super) fn remove(directory: &Path) -> Result<(), DevError> {
    let ours = directory
        .file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
    if !ours {
        return Err(DevError::Failed(format!(
            "{} is not the directory of a run",
            directory.display()
        )));
    }
    // A process in its last moments may still write a file: try a few times.
    let mut attempt = 0;
    loop {
        attempt += 1;
        match fs::remove_dir_all(directory) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound && !directory.exists() => return Ok(()),
            Err(_) if attempt < 20 => thread::sleep(Duration::from_millis(50)),
            Err(error) => return Err(DevError::io(format!("remove {}", directory.display()))(error)),
        }
    }
}

fn is_stale(path: &Path) -> bool {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return false;
    };
    let Some(rest) = name.strip_prefix(PREFIX) else {
        return false;
    };
    // The temporary folder belongs to everybody: only what this user made is believed, and no link is followed.
    let ours = fs::symlink_metadata(path)
        .is_ok_and(|entry| entry.is_dir() && entry.uid() == rustix::process::geteuid().as_raw());
    if !ours || path.join("kept.json").exists() {
        return false;
    }
    match Manifest::read(path) {
        Some(manifest) => !manifest.owner_is_alive(),
        // Killed before it could write its list: the name says whose it was.
        None => rest
            .split('-')
            .next()
            .and_then(|pid| pid.parse().ok())
            .is_some_and(|pid| Identity::of(pid).is_none()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::CommandExt;
    use std::process::{Child, Command};

    use super::*;
    use crate::processes::Role;

    fn sleeper() -> Child {
        Command::new("sleep").arg("60").process_group(0).spawn().unwrap()
    }

    /// A run directory of a process that is gone, listing `listed`.
    fn left_behind(temp: &Path, name: &str, listed: &[Identity]) -> PathBuf {
        let mut owner = sleeper();
        let mut manifest = Manifest::new(Identity::of_new(owner.id()).unwrap());
        owner.kill().unwrap();
        owner.wait().unwrap();
        let directory = temp.join(format!("{PREFIX}{name}"));
        fs::create_dir(&directory).unwrap();
        for identity in listed {
            manifest.add(identity.clone(), Role::Group);
        }
        manifest.write(&directory).unwrap();
        directory
    }

    #[test]
    fn a_dead_run_loses_its_processes_and_its_directory() {
        let temp = tempfile::tempdir().unwrap();
        let mut child = sleeper();
        let identity = Identity::of_new(child.id()).unwrap();
        let directory = left_behind(temp.path(), "1-a", std::slice::from_ref(&identity));
        assert_eq!(sweep(temp.path()), std::slice::from_ref(&directory));
        assert!(!directory.exists());
        assert!(!identity.is_alive());
        child.wait().unwrap();
    }

    #[test]
    fn whoever_was_given_a_number_again_is_left_alone() {
        let temp = tempfile::tempdir().unwrap();
        let mut child = sleeper();
        let identity = Identity::of_new(child.id()).unwrap();
        // The same number and command, started at another time.
        let mut text = serde_json::to_value(&identity).unwrap();
        text["started"] = "1".into();
        left_behind(temp.path(), "1-b", &[serde_json::from_value(text).unwrap()]);
        assert_eq!(sweep(temp.path()).len(), 1);
        assert!(identity.is_alive());
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn runs_under_way_kept_ones_and_other_folders_stay() {
        let temp = tempfile::tempdir().unwrap();
        let running = temp.path().join(format!("{PREFIX}{}-x", std::process::id()));
        fs::create_dir(&running).unwrap();
        Manifest::new(Identity::of(std::process::id()).unwrap())
            .write(&running)
            .unwrap();
        let kept = left_behind(temp.path(), "1-k", &[]);
        Manifest::disown(&kept).unwrap();
        let other = temp.path().join("somebody-else");
        fs::create_dir(&other).unwrap();
        assert!(sweep(temp.path()).is_empty());
        assert!(running.exists() && kept.exists() && other.exists());
        assert!(remove(&other).is_err(), "only run directories are ever removed");
    }
}

//! Where fetched programs are kept: a folder of ours that the server's account can pass through.

use std::env;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::Account;

/// Folders to try, best first. Root's home is closed to the account the server runs under, so root goes elsewhere.
pub(super) fn candidates(as_root: bool) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    if let Some(folder) = env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|folder| folder.is_absolute())
    {
        folders.push(folder.join("mailroom"));
    }
    if as_root {
        folders.push(PathBuf::from("/var/cache/mailroom"));
    } else if let Some(home) = env::var_os("HOME") {
        folders.push(PathBuf::from(home).join(".cache/mailroom"));
    }
    folders.push(env::temp_dir().join(format!("mailroom-cache-{}", rustix::process::geteuid().as_raw())));
    folders
}

/// The first folder that can be made, that nobody else can write to, and that the server's account can enter.
pub(super) fn folder(candidates: &[PathBuf], account: Option<&Account>) -> Option<PathBuf> {
    candidates
        .iter()
        .find(|folder| usable(folder, account.is_some()))
        .cloned()
}

/// The folders that may hold something already, whether or not one could be made now.
pub(super) fn existing(candidates: &[PathBuf]) -> impl Iterator<Item = &PathBuf> {
    candidates
        .iter()
        .filter(|folder| folder.is_dir() && is_private(folder))
}

fn usable(folder: &Path, for_another: bool) -> bool {
    if fs::create_dir_all(folder).is_err() || !is_private(folder) {
        return false;
    }
    if !for_another {
        return true;
    }
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).is_ok() && Account::can_reach(folder)
}

/// Programs from here will be run: the folder must be ours, and nobody else's to write to.
fn is_private(folder: &Path) -> bool {
    fs::symlink_metadata(folder).is_ok_and(|entry| {
        entry.is_dir()
            && entry.uid() == rustix::process::geteuid().as_raw()
            && entry.permissions().mode() & 0o022 == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_others_can_write_to_is_not_trusted() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("mailroom");
        assert!(usable(&folder, false));
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(!usable(&folder, false));
    }

    #[test]
    fn another_account_must_be_able_to_get_there() {
        let temp = tempfile::tempdir().unwrap();
        let closed = temp.path().join("closed");
        fs::create_dir(&closed).unwrap();
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
        assert!(!usable(&closed.join("mailroom"), true));
    }
}

//! Where systems keep PostgreSQL's programs: folders to try, in order.

use std::cmp::Reverse;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::cache;

/// What the search looks at, so that a test can give it another world.
#[derive(Debug, Clone)]
pub(crate) struct Surroundings {
    /// `PATH`.
    pub(crate) path: OsString,
    /// The user's home.
    pub(crate) home: Option<PathBuf>,
    /// Folders for what is fetched, best first.
    pub(crate) caches: Vec<PathBuf>,
    /// The root of the file system.
    pub(crate) root: PathBuf,
}

impl Surroundings {
    /// Those of this process.
    pub(crate) fn here(as_root: bool) -> Self {
        Self {
            path: env::var_os("PATH").unwrap_or_default(),
            home: env::var_os("HOME").map(PathBuf::from),
            caches: cache::candidates(as_root),
            root: PathBuf::from("/"),
        }
    }

    /// The file a program's name stands for on the `PATH`.
    pub(crate) fn program(&self, name: &str) -> Option<PathBuf> {
        env::split_paths(&self.path)
            .filter(|folder| folder.is_absolute())
            .map(|f| f.join(name))
            .find(|p| p.is_file())
    }

    /// Folders on the `PATH` that hold `postgres`, links resolved (Debian links single programs).
    pub(crate) fn on_path(&self) -> Vec<PathBuf> {
        let mut folders = Vec::new();
        for folder in env::split_paths(&self.path).filter(|folder| folder.is_absolute()) {
            if let Ok(postgres) = fs::canonicalize(folder.join("postgres"))
                && let Some(bin) = postgres.parent()
                && !folders.contains(&bin.to_owned())
            {
                folders.push(bin.to_owned());
            }
        }
        folders
    }

    /// The folder that `pg_config --bindir` names.
    pub(crate) fn by_pg_config(&self) -> Option<PathBuf> {
        let answer = Command::new(self.program("pg_config")?)
            .arg("--bindir")
            .output()
            .ok()?;
        let folder = String::from_utf8(answer.stdout).ok()?;
        Some(PathBuf::from(folder.trim())).filter(|folder| folder.is_absolute())
    }

    /// The usual folders of the usual systems that exist, newest version first.
    pub(crate) fn usual(&self) -> Vec<PathBuf> {
        let many = [
            ("usr/lib/postgresql", "", "bin"),                          // Debian, Ubuntu
            ("usr", "pgsql-", "bin"),                                   // RPMs of the project
            ("opt/homebrew/opt", "postgresql@", "bin"),                 // Homebrew on Apple silicon
            ("usr/local/opt", "postgresql@", "bin"),                    // Homebrew on Intel
            ("Applications/Postgres.app/Contents/Versions", "", "bin"), // Postgres.app
        ];
        let mut found: Vec<(Reverse<u32>, PathBuf)> = many
            .iter()
            .flat_map(|(folder, prefix, inner)| versions(&self.root.join(folder), prefix, inner))
            .collect();
        found.sort();
        let mut folders: Vec<PathBuf> = found.into_iter().map(|(_, folder)| folder).collect();
        let single = [
            "opt/homebrew/opt/postgresql/bin",
            "usr/local/pgsql/bin",
            "run/current-system/sw/bin",
        ];
        folders.extend(single.iter().map(|folder| self.root.join(folder)));
        folders.extend(self.home.iter().map(|home| home.join(".nix-profile/bin")));
        folders.retain(|folder| folder.join("postgres").exists());
        folders
    }
}

/// `folder/prefix<version>/inner` for each version there is.
fn versions(folder: &Path, prefix: &str, inner: &str) -> Vec<(Reverse<u32>, PathBuf)> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let version: u32 = name.strip_prefix(prefix)?.split('.').next()?.parse().ok()?;
            Some((Reverse(version), entry.path().join(inner)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(root: &Path, folder: &str) -> PathBuf {
        let folder = root.join(folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("postgres"), "").unwrap();
        folder
    }

    #[test]
    fn the_newest_version_comes_first_and_empty_folders_never() {
        let root = tempfile::tempdir().unwrap();
        let nine = put(root.path(), "usr/lib/postgresql/9.6/bin");
        let sixteen = put(root.path(), "usr/lib/postgresql/16/bin");
        let seventeen = put(root.path(), "usr/pgsql-17/bin");
        fs::create_dir_all(root.path().join("usr/lib/postgresql/18/bin")).unwrap();
        let here = Surroundings {
            path: OsString::new(),
            home: None,
            caches: Vec::new(),
            root: root.path().to_owned(),
        };
        assert_eq!(here.usual(), [seventeen, sixteen, nine]);
        assert!(here.on_path().is_empty());
        assert_eq!(here.by_pg_config(), None);
    }

    #[test]
    fn a_linked_program_leads_to_the_folder_it_lives_in() {
        let root = tempfile::tempdir().unwrap();
        let real = put(root.path(), "usr/lib/postgresql/15/bin");
        let bin = root.path().join("bin");
        fs::create_dir(&bin).unwrap();
        std::os::unix::fs::symlink(real.join("postgres"), bin.join("postgres")).unwrap();
        let here = Surroundings {
            path: bin.into_os_string(),
            home: None,
            caches: Vec::new(),
            root: root.path().to_owned(),
        };
        assert_eq!(here.on_path(), [fs::canonicalize(real).unwrap()]);
    }
}

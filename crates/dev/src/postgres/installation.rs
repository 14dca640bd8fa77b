//! A folder with `postgres` and `initdb` in it that has shown that it runs here.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Account, OLDEST_MAJOR};

/// PostgreSQL programs of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Installation {
    bin: PathBuf,
    version: String,
}

impl Installation {
    /// Tries the folder out, under the account the server would run as; says in words why it will not do.
    pub(crate) fn probe(bin: &Path, account: Option<&Account>) -> Result<Self, String> {
        for program in ["postgres", "initdb"] {
            if !bin.join(program).exists() {
                return Err(format!("there is no `{program}` in it"));
            }
        }
        let mut found = Self {
            bin: bin.to_owned(),
            version: String::new(),
        };
        let answer = found
            .command("postgres", account)
            .arg("--version")
            .output()
            .map_err(|error| format!("`postgres --version` can not be started: {error}"))?;
        if !answer.status.success() {
            let said = String::from_utf8_lossy(&answer.stderr);
            return Err(format!(
                "`postgres --version` fails: {}",
                said.lines().next().unwrap_or("no reason given")
            ));
        }
        let said = String::from_utf8_lossy(&answer.stdout);
        let version = version_in(&said).ok_or("`postgres --version` does not name a version")?;
        version.clone_into(&mut found.version);
        match found.major() {
            Some(major) if major >= OLDEST_MAJOR => Ok(found),
            _ => Err(format!(
                "it is version {}; {OLDEST_MAJOR} or newer is needed",
                found.version
            )),
        }
    }

    /// Where the programs are.
    pub(crate) fn bin(&self) -> &Path {
        &self.bin
    }

    /// The version, as in `15.18`.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    fn major(&self) -> Option<u32> {
        let digits = self
            .version
            .find(|character: char| !character.is_ascii_digit())
            .unwrap_or(self.version.len());
        self.version[..digits].parse().ok()
    }

    /// One of its programs, in an environment of its own: no `PG*` variable and no language of the user leaks in.
    pub(crate) fn command(&self, program: &str, account: Option<&Account>) -> Command {
        let mut command = Command::new(self.bin.join(program));
        command
            .env_clear()
            .env("LC_ALL", "C")
            .env("HOME", "/")
            .current_dir("/");
        let mut path = self.bin.clone().into_os_string();
        if let Some(rest) = std::env::var_os("PATH") {
            path.push(":");
            path.push(rest);
        }
        command.env("PATH", path);
        // A relocated build must load its own libpq, not an older one of the system.
        if let Some(library) = self.library() {
            command.env("LD_LIBRARY_PATH", library);
        }
        if let Some(account) = account {
            account.lend(&mut command);
        }
        command
    }

    fn library(&self) -> Option<OsString> {
        let library = self.bin.parent()?.join("lib");
        let has_libpq = library.join("libpq.so.5").exists() || library.join("libpq.5.dylib").exists();
        // A system's own lib folder needs no telling.
        let system = ["/usr", "/usr/local"]
            .iter()
            .any(|prefix| self.bin.parent() == Some(Path::new(prefix)));
        (has_libpq && !system).then(|| library.into_os_string())
    }
}

/// `15.18` in `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn version_in(answer: &str) -> Option<&str> {
    answer.split_once("(PostgreSQL)")?.1.split_whitespace().next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::postgres::pretend::programs;

    fn folder_saying(answer: &str, status: u8) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        programs(folder.path(), answer, status);
        folder
    }

    #[test]
    fn a_folder_that_runs_tells_its_version() {
        let folder = folder_saying("postgres (PostgreSQL) 17.2 (Debian 17.2-1)", 0);
        let found = Installation::probe(folder.path(), None).unwrap();
        assert_eq!((found.version(), found.bin()), ("17.2", folder.path()));
        let beta = folder_saying("postgres (PostgreSQL) 19beta1", 0);
        assert_eq!(Installation::probe(beta.path(), None).unwrap().major(), Some(19));
    }

    #[test]
    fn too_old_broken_and_empty_folders_say_so() {
        let old = folder_saying("postgres (PostgreSQL) 14.20", 0);
        assert!(
            Installation::probe(old.path(), None)
                .unwrap_err()
                .contains("15 or newer")
        );
        let broken = folder_saying("", 127);
        assert!(
            Installation::probe(broken.path(), None)
                .unwrap_err()
                .contains("broken on purpose")
        );
        let empty = tempfile::tempdir().unwrap();
        assert!(
            Installation::probe(empty.path(), None)
                .unwrap_err()
                .contains("no `postgres`")
        );
    }
}

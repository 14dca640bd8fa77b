//! The pinned download: one version, one checksum a platform, unpacked once into the cache.

use std::env;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

/// The version that is fetched.
const VERSION: &str = "18.6.0";
/// Where from, unless `MAILROOM_PG_DOWNLOAD` names a mirror of the same files.
const SOURCE: &str = "https://github.com/theseus-rs/postgresql-binaries/releases/download/18.6.0";
/// Checksums of the archives, by platform.
const CHECKSUMS: [(&str, &str); 4] = [
    (
        "x86_64-unknown-linux-gnu",
        "bb3d09f876b2383e25a8c9ce09e32d185a03656a23d074f5195542b1b1b3ca61",
    ),
    (
        "aarch64-unknown-linux-gnu",
        "5d2b5e8be9e96bfc3d7f22090057a836ec36d5d092542d8d3b93cc145cf4ee13",
    ),
    (
        "x86_64-apple-darwin",
        "f8918fbe747e0d79bda58ad8f8afcf23ac384b847ff3af18856f0825ba54b031",
    ),
    (
        "aarch64-apple-darwin",
        "a257bcdb8aa3301a13d6a5bcec48f8c9517045b7cbae71e50788b2615539e95b",
    ),
];

/// The archive for this machine.
#[derive(Debug)]
pub(super) struct Archive {
    name: String,
    checksum: &'static str,
    source: String,
}

impl Archive {
    /// The archive for this machine, if there is one.
    pub(super) fn for_this_machine() -> Option<Self> {
        let system = match env::consts::OS {
            "linux" if cfg!(target_env = "gnu") => "unknown-linux-gnu",
            "macos" => "apple-darwin",
            _ => return None,
        };
        let platform = format!("{}-{system}", env::consts::ARCH);
        let (_, checksum) = CHECKSUMS.into_iter().find(|(known, _)| *known == platform)?;
        let source = env::var("MAILROOM_PG_DOWNLOAD").unwrap_or_else(|_| SOURCE.into());
        Some(Self {
            name: format!("postgresql-{VERSION}-{platform}"),
            checksum,
            source,
        })
    }

    /// Where it comes from. A mirror's URL may hold credentials: they are not part of this.
    pub(super) fn url(&self) -> String {
        let url = self.full_url();
        match (url.find("://"), url.rfind('@')) {
            (Some(scheme), Some(at)) if at > scheme => format!("{}{}", &url[..scheme + 3], &url[at + 1..]),
            _ => url,
        }
    }

    fn full_url(&self) -> String {
        format!("{}/{}.tar.gz", self.source.trim_end_matches('/'), self.name)
    }

    /// The folder with its programs in a cache, fetched or not.
    pub(super) fn bin_in(&self, cache: &Path) -> PathBuf {
        cache.join(&self.name).join("bin")
    }

    /// Fetches, checks and unpacks it; gives the folder with its programs.
    pub(super) fn fetch_into(&self, cache: &Path) -> Result<PathBuf, String> {
        // Next to its place, so that moving it there is one step and a half-done fetch is never found.
        let work = tempfile::Builder::new()
            .prefix("fetching-")
            .tempdir_in(cache)
            .map_err(|error| format!("{} can not be written to: {error}", cache.display()))?;
        let file = work.path().join("archive.tar.gz");
        self.download(&file)?;
        let found =
            checksum_of(&file).map_err(|error| format!("the download can not be read back: {error}"))?;
        if found != self.checksum {
            return Err(format!(
                "{} is not what it should be: its SHA-256 is {found}",
                self.url()
            ));
        }
        run(Command::new("tar")
            .arg("-xzf")
            .arg(&file)
            .arg("-C")
            .arg(work.path()))?;
        let unpacked = work.path().join(&self.name);
        let place = cache.join(&self.name);
        if let Err(error) = fs::rename(&unpacked, &place)
            && !self.bin_in(cache).exists()
        {
            return Err(format!("{} can not be put in place: {error}", place.display()));
        }
        Ok(self.bin_in(cache))
    }

    fn download(&self, file: &Path) -> Result<(), String> {
        // The URL goes in by standard input: a mirror's credentials are not for the process list.
        let mut curl = Command::new("curl");
        curl.args([
            "--fail",
            "--silent",
            "--show-error",
            "--location",
            "--connect-timeout",
            "10",
        ])
        .args(["--retry", "1", "--max-time", "600", "--config", "-", "--output"])
        .arg(file);
        let config = format!(
            "url = \"{}\"\n",
            self.full_url().replace('\\', "\\\\").replace('"', "\\\"")
        );
        run_with_input(&mut curl, config.as_bytes())
            .map_err(|said| format!("{} could not be fetched: {said}", self.url()))
    }
}

fn checksum_of(file: &Path) -> std::io::Result<String> {
    let mut file = fs::File::open(file)?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; 64 * 1024];
    loop {
        let length = file.read(&mut piece)?;
        if length == 0 {
            break;
        }
        hash.update(&piece[..length]);
    }
    Ok(hash
        .finalize()
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}")))
}

/// Runs a command to its end; what it said on failure is the error.
pub(super) fn run(command: &mut Command) -> Result<(), String> {
    run_with_input(command, b"")
}

fn run_with_input(command: &mut Command, input: &[u8]) -> Result<(), String> {
    use std::io::Write;
    use std::process::Stdio;

    let program = command.get_program().to_string_lossy().into_owned();
    let started = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = started.map_err(|error| format!("`{program}` can not be started: {error}"))?;
    if let Some(mut line) = child.stdin.take() {
        // A program that does not read its input ends with a status of its own.
        let _ = line.write_all(input);
    }
    let output = child
        .wait_with_output()
        .map_err(|error| format!("`{program}` was lost: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said
        .lines()
        .rev()
        .find(|line| !line.trim().is_empty())
        .unwrap_or("no reason given");
    Err(format!("`{program}` says: {}", last.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(source: &Path) -> Archive {
        Archive {
            name: "postgresql-0-test".into(),
            checksum: CHECKSUMS[0].1,
            source: format!("file://{}", source.display()),
        }
    }

    #[test]
    fn a_file_with_another_checksum_is_refused_and_leaves_nothing() {
        let mirror = tempfile::tempdir().unwrap();
        let cache = tempfile::tempdir().unwrap();
        fs::write(mirror.path().join("postgresql-0-test.tar.gz"), "not it").unwrap();
        let error = archive(mirror.path()).fetch_into(cache.path()).unwrap_err();
        assert!(error.contains("SHA-256"), "{error}");
        assert_eq!(fs::read_dir(cache.path()).unwrap().count(), 0);
    }

    #[test]
    fn an_address_that_fails_is_named_without_credentials() {
        let mut archive = archive(Path::new("/nowhere"));
        archive.source = "http://me:hunter2@127.0.0.1:1/x".into();
        let error = archive
            .fetch_into(tempfile::tempdir().unwrap().path())
            .unwrap_err();
        assert!(
            error.contains("http://127.0.0.1:1/x/postgresql-0-test.tar.gz"),
            "{error}"
        );
        assert!(!error.contains("hunter2"), "{error}");
    }
}

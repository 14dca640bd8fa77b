//! The source tree this program was built from, and cargo on it.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use crate::error::DevError;

/// The tree.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The one `cargo dev` was called in.
    pub(crate) fn find() -> Result<Self, DevError> {
        let from_cargo = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let here = env::current_dir().map_err(DevError::io("find the current folder"))?;
        from_cargo
            .iter()
            .chain([&here])
            .flat_map(|folder| folder.ancestors())
            .find(|folder| {
                folder.join("crates/dev/Cargo.toml").exists() && folder.join("migrations").exists()
            })
            .map(|root| Self {
                root: root.to_owned(),
            })
            .ok_or_else(|| DevError::Failed("call it in mailroom's source tree, as `cargo dev`".into()))
    }

    /// Another tree of the same project.
    pub(crate) const fn at(root: PathBuf) -> Self {
        Self { root }
    }

    /// Its root.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The commit that is checked out, in short; with a plus when files differ from it.
    pub(crate) async fn commit(&self) -> String {
        let git = Command::new("git")
            .args(["describe", "--always", "--dirty=+", "--exclude=*"])
            .current_dir(&self.root)
            .stdin(Stdio::null())
            .output()
            .await;
        match git {
            Ok(said) if said.status.success() => String::from_utf8_lossy(&said.stdout).trim().to_owned(),
            _ => "unknown".to_owned(),
        }
    }

    /// Every file that is kept or could be, relative to the root.
    pub(crate) async fn files(&self) -> Result<Vec<PathBuf>, DevError> {
        let listed = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(&self.root)
            .stdin(Stdio::null())
            .output()
            .await
            .map_err(DevError::io("start git"))?;
        if !listed.status.success() {
            return Err(DevError::Program {
                program: "git ls-files".into(),
                said: String::from_utf8_lossy(&listed.stderr).into_owned(),
            });
        }
        let names = String::from_utf8_lossy(&listed.stdout);
        Ok(names.split_terminator('\0').map(PathBuf::from).collect())
    }

    /// The cargo that called us, or the one on the `PATH`.
    pub(crate) fn cargo(&self) -> Command {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(&self.root).stdin(Stdio::null());
        // What `cargo run` told us about ourselves would make build scripts that watch these run again.
        for (variable, _) in env::vars_os().filter(|(variable, _)| is_about_us(variable)) {
            cargo.env_remove(variable);
        }
        // Queries are checked against .sqlx; a build has no business with a database.
        cargo.env_remove("DATABASE_URL");
        cargo
    }
}

fn is_about_us(variable: &OsStr) -> bool {
    let Some(variable) = variable.to_str() else {
        return false;
    };
    variable == "OUT_DIR"
        || [
            "CARGO_PKG_",
            "CARGO_MANIFEST_",
            "CARGO_BIN_",
            "CARGO_CRATE_",
            "CARGO_PRIMARY_",
        ]
        .iter()
        .any(|prefix| variable.starts_with(prefix))
}

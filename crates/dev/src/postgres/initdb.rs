//! A new data directory, made under the account the server will run as.

use std::fs;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use std::io::Write;

use super::{Account, Durability, Installation};
use crate::error::DevError;
use crate::processes::Role;
use crate::runs::Run;

/// The languages to try: the first is not known everywhere.
const LOCALES: [&str; 2] = ["C.UTF-8", "C"];

/// Makes a data directory in the directory of `run`, whose only user is `postgres` with `password`.
pub(crate) async fn make(
    run: &mut Run,
    installation: &Installation,
    account: Option<&Account>,
    durability: Durability,
    password: &str,
) -> Result<PathBuf, DevError> {
    let home = run.directory().join("postgres");
    fs::create_dir(&home).map_err(DevError::io("make a folder for the server"))?;
    fs::set_permissions(&home, fs::Permissions::from_mode(0o700))
        .map_err(DevError::io("protect the folder of the server"))?;
    let password_file = home.join("password");
    write_secret(&password_file, password)?;
    if let Some(account) = account {
        account.own(&home)?;
        account.own(&password_file)?;
    }
    let data = home.join("data");
    let mut said = String::new();
    for locale in LOCALES {
        let mut command = installation.command("initdb", account);
        command
            .args([
                "--username=postgres",
                "--encoding=UTF8",
                "--no-sync",
                "--no-instructions",
            ])
            .arg(format!("--locale={locale}"))
            .arg(format!("--auth={}", durability.authentication()))
            .arg("--pwfile")
            .arg(&password_file)
            .arg("--pgdata")
            .arg(&data)
            .stdin(Stdio::null());
        match finish(run, command).await? {
            None => {
                fs::remove_file(&password_file).map_err(DevError::io("remove the password file"))?;
                return Ok(data);
            }
            Some(last_words) => said = last_words,
        }
        // It may have left a half-made directory for the second try.
        let _ = fs::remove_dir_all(&data);
    }
    if said.contains("could not look up effective user ID") {
        said.push_str(
            "\nThis user has no entry in /etc/passwd, and PostgreSQL insists on one. Set DATABASE_URL.",
        );
    }
    Err(DevError::Program {
        program: "initdb".into(),
        said,
    })
}

/// Runs it under guard; its last words if it failed.
async fn finish(run: &mut Run, mut command: std::process::Command) -> Result<Option<String>, DevError> {
    use std::os::unix::process::CommandExt;

    command
        .process_group(0)
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let child = tokio::process::Command::from(command)
        .spawn()
        .map_err(DevError::io("start initdb"))?;
    let pid = child.id();
    if let Some(pid) = pid {
        run.adopt(pid, Role::Group)?;
    }
    let output = child
        .wait_with_output()
        .await
        .map_err(DevError::io("wait for initdb"))?;
    if let Some(pid) = pid {
        run.release(pid)?;
    }
    Ok((!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned()))
}

/// Writes a file that only its owner can read, from its first moment.
pub(super) fn write_secret(path: &Path, text: &str) -> Result<(), DevError> {
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(DevError::io("write the password file"))
}

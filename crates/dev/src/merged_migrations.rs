//! `cargo dev migrations-check`: a migration that was ever merged is history, and history does not change.

use std::path::Path;
use std::process::{Command, ExitCode};

use crate::error::DevError;
use crate::workspace::Workspace;

/// Compares the migrations in the tree with those of the history; a visible skip where there is no history.
pub(crate) fn run() -> Result<ExitCode, DevError> {
    let workspace = Workspace::find()?;
    let root = workspace.root();
    let Some(base) = base(root) else {
        println!("skipped: there is no git history to compare the migrations with");
        return Ok(ExitCode::SUCCESS);
    };
    let merged = merged(root, &base)?;
    let broken: Vec<String> = merged
        .iter()
        .filter_map(|(file, text)| verdict(root, file, text))
        .collect();
    if broken.is_empty() {
        println!("{} merged migration files are unchanged", merged.len());
        return Ok(ExitCode::SUCCESS);
    }
    Err(DevError::Failed(format!(
        "merged migrations may not change, since databases have applied them; add a new one instead:\n  {}",
        broken.join("\n  ")
    )))
}

/// What history is compared with: where this branch left the main one; all of its own where there is no main one.
fn base(root: &Path) -> Option<String> {
    git(root, &["merge-base", "HEAD", "origin/main"])
        .or_else(|| git(root, &["rev-parse", "HEAD"]))
        .map(|commit| commit.trim().to_owned())
}

/// Every migration file that ever was in the history up to `base`, with its text when it was added.
fn merged(root: &Path, base: &str) -> Result<Vec<(String, String)>, DevError> {
    let list = [
        "log",
        "--first-parent",
        "-m",
        "--no-renames",
        "--diff-filter=A",
        "--name-only",
        "--format=%H",
    ];
    let history = git(
        root,
        &[&list[..], &["--reverse", base, "--", "migrations/*.sql"]].concat(),
    )
    .ok_or_else(|| DevError::Failed("git can not list the history of the migrations".into()))?;
    let mut commit = "";
    let mut files: Vec<(String, String)> = Vec::new();
    for line in history.lines().filter(|line| !line.is_empty()) {
        if !line.contains('/') {
            commit = line;
        } else if !files.iter().any(|(file, _)| file == line) {
            let text = git(root, &["show", &format!("{commit}:{line}")])
                .ok_or_else(|| DevError::Failed(format!("git can not show {line} of {commit}")))?;
            files.push((line.to_owned(), text));
        }
    }
    Ok(files)
}

fn verdict(root: &Path, file: &str, merged: &str) -> Option<String> {
    match std::fs::read_to_string(root.join(file)) {
        Ok(now) if now == merged => None,
        Ok(_) => Some(format!("changed: {file}")),
        Err(_) => Some(format!("gone: {file}")),
    }
}

/// The output of git, unless it fails (or is not there).
fn git(root: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(arguments)
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn commit(root: &Path, file: &str, text: &str) {
        fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
        fs::write(root.join(file), text).unwrap();
        git(root, &["add", "."]).unwrap();
        let author = [
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.com",
            "-c",
            "commit.gpgsign=false",
        ];
        git(root, &[&author[..], &["commit", "-q", "-m", "x"]].concat()).unwrap();
    }

    #[test]
    fn what_was_merged_may_neither_change_nor_go_and_new_files_may_come() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        assert_eq!(base(root), None);
        git(root, &["init", "-q"]).expect("git is there");
        commit(root, "migrations/messaging/1_a.up.sql", "a");
        commit(root, "migrations/messaging/2_b.up.sql", "b");
        let broken = || {
            let merged = merged(root, &base(root).unwrap()).unwrap();
            merged
                .iter()
                .filter_map(|(file, text)| verdict(root, file, text))
                .collect::<Vec<_>>()
        };
        fs::write(root.join("migrations/messaging/3_c.up.sql"), "c").unwrap();
        assert!(broken().is_empty());
        fs::write(root.join("migrations/messaging/1_a.up.sql"), "other").unwrap();
        fs::remove_file(root.join("migrations/messaging/2_b.up.sql")).unwrap();
        let expected = [
            "changed: migrations/messaging/1_a.up.sql",
            "gone: migrations/messaging/2_b.up.sql",
        ];
        assert_eq!(broken(), expected);
        // Committing the change on top does not make it right.
        commit(root, "migrations/messaging/1_a.up.sql", "other");
        assert_eq!(broken(), expected);
    }
}

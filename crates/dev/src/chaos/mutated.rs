//! The tree of a mutant: a copy of this one under `target`, with the mutant's edits in it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::mutant::{Edit, Mutant};
use crate::error::DevError;
use crate::workspace::Workspace;

/// Makes it. What is the same as before is not written again, so that cargo builds no more than the mutant changes.
///
/// # Errors
/// An edit does not fit the tree any more, or a file cannot be written.
pub(super) async fn tree(workspace: &Workspace, mutant: Mutant) -> Result<Workspace, DevError> {
    let root = workspace.root().join("target/mutants/tree");
    let mut kept = BTreeSet::new();
    let mut unused: Vec<&Edit> = mutant.edits().iter().collect();
    for name in workspace.files().await? {
        let from = workspace.root().join(&name);
        // Git lists what it knows, though it may be deleted here.
        let Ok(mut content) = fs::read(&from) else {
            continue;
        };
        let target = root.join(&name);
        if name.starts_with(".sqlx") {
            if let Some((file, described)) = edited_query(&content, mutant.edits()) {
                let beside = target.with_file_name(file);
                write(&beside, &described)?;
                kept.insert(beside);
            }
        } else if let Ok(text) = std::str::from_utf8(&content) {
            let mut text = text.to_owned();
            for edit in mutant.edits() {
                if name == Path::new(edit.file) && text.contains(edit.from) {
                    text = text.replacen(edit.from, edit.to, 1);
                    unused.retain(|unused| !std::ptr::eq(*unused, edit));
                }
            }
            content = text.into_bytes();
        }
        write(&target, &content)?;
        kept.insert(target);
    }
    if let Some(edit) = unused.first() {
        return Err(DevError::Failed(format!(
            "the mutant does not fit any more: {} has no `{}`",
            edit.file, edit.from
        )));
    }
    forget_queries(&root.join(".sqlx"), &kept)?;
    Ok(Workspace::at(root))
}

/// The description of what an edit makes of a query, if it changes it: its types stay, its text and so its name do not.
fn edited_query(description: &[u8], edits: &[Edit]) -> Option<(String, Vec<u8>)> {
    let mut description: Value = serde_json::from_slice(description).ok()?;
    let query = description.get("query")?.as_str()?.to_owned();
    let edited = edits
        .iter()
        .filter(|edit| edit.file.starts_with("crates/store"))
        .fold(query.clone(), |query, edit| query.replacen(edit.from, edit.to, 1));
    if edited == query {
        return None;
    }
    let hash = Sha256::digest(&edited)
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    description["query"] = edited.into();
    description["hash"] = hash.clone().into();
    Some((format!("query-{hash}.json"), description.to_string().into_bytes()))
}

fn write(target: &Path, content: &[u8]) -> Result<(), DevError> {
    if fs::read(target).is_ok_and(|there| there == content) {
        return Ok(());
    }
    let what = || format!("write {}", target.display());
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder).map_err(DevError::io(what()))?;
    }
    fs::write(target, content).map_err(DevError::io(what()))
}

/// Removes descriptions that a mutant before this one left.
fn forget_queries(folder: &Path, kept: &BTreeSet<PathBuf>) -> Result<(), DevError> {
    let what = || format!("look into {}", folder.display());
    for entry in fs::read_dir(folder).map_err(DevError::io(what()))?.flatten() {
        if !kept.contains(&entry.path()) {
            fs::remove_file(entry.path()).map_err(DevError::io(what()))?;
        }
    }
    Ok(())
}

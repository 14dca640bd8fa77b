//! How two folders of query descriptions differ, and how one becomes the other.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

/// One file that is not the same in both.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Difference {
    /// There is no description of a query.
    Missing(OsString),
    /// The description is another one.
    Changed(OsString),
    /// It describes a query that is no more.
    Stale(OsString),
}

impl Difference {
    /// Makes `kept` like `fresh` in this file.
    pub(super) fn settle(&self, kept: &Path, fresh: &Path) -> io::Result<()> {
        match self {
            Self::Missing(name) | Self::Changed(name) => {
                fs::create_dir_all(kept)?;
                fs::copy(fresh.join(name), kept.join(name)).map(drop)
            }
            Self::Stale(name) => fs::remove_file(kept.join(name)),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(name) => write!(f, "missing: .sqlx/{}", name.display()),
            Self::Changed(name) => write!(f, "changed: .sqlx/{}", name.display()),
            Self::Stale(name) => write!(f, "stale: .sqlx/{}", name.display()),
        }
    }
}

/// Compares the descriptions in two folders, by name.
pub(super) fn difference(kept: &Path, fresh: &Path) -> io::Result<Vec<Difference>> {
    let old = if kept.exists() {
        descriptions(kept)?
    } else {
        BTreeMap::new()
    };
    let new = descriptions(fresh)?;
    let mut differing = Vec::new();
    for (name, text) in &new {
        match old.get(name) {
            None => differing.push(Difference::Missing(name.clone())),
            Some(other) if other != text => differing.push(Difference::Changed(name.clone())),
            Some(_) => {}
        }
    }
    differing.extend(
        old.into_keys()
            .filter(|name| !new.contains_key(name))
            .map(Difference::Stale),
    );
    Ok(differing)
}

fn descriptions(folder: &Path) -> io::Result<BTreeMap<OsString, Vec<u8>>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let is_description = name.to_str().is_some_and(|name| {
            name.starts_with("query-") && Path::new(name).extension() == Some("json".as_ref())
        });
        if is_description {
            found.insert(name.clone(), fs::read(folder.join(&name))?);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settling_every_difference_makes_the_folders_alike() {
        let (kept, fresh) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for (folder, name, text) in [
            (&kept, "query-same.json", "1"),
            (&fresh, "query-same.json", "1"),
            (&kept, "query-changed.json", "1"),
            (&fresh, "query-changed.json", "2"),
            (&kept, "query-stale.json", "1"),
            (&fresh, "query-new.json", "1"),
            (&kept, "README.md", "not ours"),
        ] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let differing = difference(kept.path(), fresh.path()).unwrap();
        assert_eq!(
            differing,
            [
                Difference::Changed("query-changed.json".into()),
                Difference::Missing("query-new.json".into()),
                Difference::Stale("query-stale.json".into()),
            ]
        );
        for difference in &differing {
            difference.settle(kept.path(), fresh.path()).unwrap();
        }
        assert!(difference(kept.path(), fresh.path()).unwrap().is_empty());
        assert!(kept.path().join("README.md").exists());
    }
}

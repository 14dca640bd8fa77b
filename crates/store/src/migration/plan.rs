//! What a release knows against what a database has: where each migration stands. Pure.

use std::collections::{BTreeMap, BTreeSet};

/// A migration of this release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The timestamp that its file name begins with; the order of application.
    pub version: i64,
    /// The rest of its file name, in words.
    pub name: String,
    /// SHA-384 of its text.
    pub checksum: Vec<u8>,
}

/// A migration that the database says was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// Its version.
    pub version: i64,
    /// Its name, as the release that applied it called it.
    pub name: String,
    /// SHA-384 of the text that was applied.
    pub checksum: Vec<u8>,
    /// Whether it was applied to its end.
    pub finished: bool,
}

/// Where one migration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Applied as this release knows it.
    Applied,
    /// Known to this release, not applied.
    Pending,
    /// Applied by a newer release; later than all this one knows.
    Newer,
    /// Applied, but with another text than this release has.
    Changed,
    /// Begun and not finished.
    Unfinished,
    /// Applied, unknown to this release, and not later than what it knows.
    Missing,
}

impl Standing {
    /// Whether the database and the release contradict each other, so that a person has to look.
    pub fn is_damage(self) -> bool {
        matches!(self, Self::Changed | Self::Unfinished | Self::Missing)
    }

    /// The word for it in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Pending => "pending",
            Self::Newer => "newer",
            Self::Changed => "changed",
            Self::Unfinished => "unfinished",
            Self::Missing => "missing",
        }
    }
}

/// One migration and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its version.
    pub version: i64,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub standing: Standing,
}

/// Every migration that the release or the database knows of, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The migrations.
    pub entries: Vec<Entry>,
}

/// Where a database stands in one set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaState {
    /// It has what this release knows, and nothing else.
    Current,
    /// It lacks something that this release needs.
    Behind {
        /// The versions it lacks, oldest first.
        missing: Vec<i64>,
    },
    /// It has all that this release needs, and more. Migrations add before they take away, so this release
    /// still runs on it: a rollback of the program needs no rollback of the schema.
    Ahead {
        /// The versions that this release does not know, oldest first.
        unknown: Vec<i64>,
    },
    /// It contradicts this release.
    Damaged {
        /// The migrations at fault, oldest first.
        damage: Vec<Entry>,
    },
}

impl SchemaState {
    /// Whether this release can run on the database.
    pub fn is_usable(&self) -> bool {
        matches!(self, Self::Current | Self::Ahead { .. })
    }

    /// The word for it in reports.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Behind { .. } => "behind",
            Self::Ahead { .. } => "ahead",
            Self::Damaged { .. } => "damaged",
        }
    }
}

impl Plan {
    /// Versions that stand so, oldest first.
    pub fn versions(&self, standing: Standing) -> Vec<i64> {
        self.entries
            .iter()
            .filter(|entry| entry.standing == standing)
            .map(|entry| entry.version)
            .collect()
    }

    /// What is pending up to a version; all of it, when there is none.
    pub fn pending_to(&self, to: Option<i64>) -> Vec<i64> {
        let mut pending = self.versions(Standing::Pending);
        pending.retain(|version| to.is_none_or(|to| *version <= to));
        pending
    }

    /// What it comes to: damage before what is missing before what is too much.
    pub fn state(&self) -> SchemaState {
        let damage: Vec<Entry> = self
            .entries
            .iter()
            .filter(|entry| entry.standing.is_damage())
            .cloned()
            .collect();
        let missing = self.versions(Standing::Pending);
        let unknown = self.versions(Standing::Newer);
        if !damage.is_empty() {
            SchemaState::Damaged { damage }
        } else if !missing.is_empty() {
            SchemaState::Behind { missing }
        } else if !unknown.is_empty() {
            SchemaState::Ahead { unknown }
        } else {
            SchemaState::Current
        }
    }
}

/// Compares what a release knows with what a database has.
pub fn plan(known: &[Known], applied: &[Applied]) -> Plan {
    let newest_known = known.iter().map(|known| known.version).max();
    let ours: BTreeMap<i64, &Known> = known.iter().map(|known| (known.version, known)).collect();
    let theirs: BTreeMap<i64, &Applied> = applied.iter().map(|applied| (applied.version, applied)).collect();
    let versions: BTreeSet<i64> = ours.keys().chain(theirs.keys()).copied().collect();
    let entries = versions
        .into_iter()
        .filter_map(|version| {
            let (name, standing) = match (ours.get(&version), theirs.get(&version)) {
                (None, None) => return None,
                (Some(known), None) => (&known.name, Standing::Pending),
                (_, Some(applied)) if !applied.finished => (&applied.name, Standing::Unfinished),
                (Some(known), Some(applied)) if known.checksum != applied.checksum => {
                    (&known.name, Standing::Changed)
                }
                (Some(known), Some(_)) => (&known.name, Standing::Applied),
                (None, Some(applied)) if newest_known.is_none_or(|newest| version > newest) => {
                    (&applied.name, Standing::Newer)
                }
                (None, Some(applied)) => (&applied.name, Standing::Missing),
            };
            Some(Entry {
                version,
                name: name.clone(),
                standing,
            })
        })
        .collect();
    Plan { entries }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;

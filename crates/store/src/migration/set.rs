//! The migration sets of this release, embedded in the binary.

use sqlx::migrate::{Migration, MigrationType, Migrator};

use super::error::MigrationError;
use super::plan::Known;

static MESSAGING: Migrator = sqlx::migrate!("../../migrations/messaging");
static DIRECTORY: Migrator = sqlx::migrate!("../../migrations/directory");
static MAILBOX: Migrator = sqlx::migrate!("../../migrations/mailbox");

static SETS: [Set; 3] = [
    Set {
        name: "messaging",
        files: &MESSAGING,
    },
    Set {
        name: "directory",
        files: &DIRECTORY,
    },
    Set {
        name: "mailbox",
        files: &MAILBOX,
    },
];

/// One folder of migrations: one schema of the database, with its own bookkeeping inside it.
#[derive(Debug)]
pub struct Set {
    name: &'static str,
    files: &'static Migrator,
}

/// All sets, in the order in which they are applied.
pub fn sets() -> &'static [Set] {
    &SETS
}

/// The set of that name, if there is one.
pub fn set(name: &str) -> Option<&'static Set> {
    SETS.iter().find(|set| set.name == name)
}

impl Set {
    /// The name of the folder and of the schema.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The migrations of this release, oldest first.
    pub fn known(&self) -> Vec<Known> {
        self.files
            .iter()
            .filter(|file| !file.migration_type.is_down_migration())
            .map(Known::from)
            .collect()
    }

    /// Refuses a version that is none of this set's.
    ///
    /// # Errors
    /// [`MigrationError::NoSuchVersion`].
    pub fn has(&self, version: i64) -> Result<(), MigrationError> {
        let known: Vec<i64> = self.known().iter().map(|known| known.version).collect();
        if known.contains(&version) {
            return Ok(());
        }
        Err(MigrationError::NoSuchVersion {
            set: self.name,
            version,
            known,
        })
    }

    /// Where applied migrations are written down.
    pub(super) fn book(&self) -> String {
        format!("{}.schema_migrations", self.name)
    }

    pub(super) fn up_file(&self, version: i64) -> Option<&'static Migration> {
        self.files
            .iter()
            .find(|file| file.version == version && !file.migration_type.is_down_migration())
    }

    pub(super) fn down_file(&self, version: i64) -> Option<&'static Migration> {
        self.files
            .iter()
            .find(|file| file.version == version && file.migration_type == MigrationType::ReversibleDown)
    }
}

impl From<&Migration> for Known {
    fn from(file: &Migration) -> Self {
        Self {
            version: file.version,
            name: file.description.to_string(),
            checksum: file.checksum.to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_migration_can_be_undone_and_is_newer_than_the_one_before() {
        for set in sets() {
            let versions: Vec<i64> = set.known().iter().map(|known| known.version).collect();
            assert!(!versions.is_empty(), "{} is empty", set.name);
            assert!(
                versions.is_sorted_by(|a, b| a < b),
                "{} repeats a version",
                set.name
            );
            for version in versions {
                assert!(
                    set.down_file(version).is_some(),
                    "{} {version} has no down file",
                    set.name
                );
                assert_eq!(
                    version.to_string().len(),
                    14,
                    "{} {version} is no timestamp",
                    set.name
                );
            }
        }
    }

    #[test]
    fn messaging_comes_first() {
        let names: Vec<_> = sets().iter().map(Set::name).collect();
        assert_eq!(names, ["messaging", "directory", "mailbox"]);
    }
}

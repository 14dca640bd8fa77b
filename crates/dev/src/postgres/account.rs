//! The account a private server runs under: PostgreSQL refuses to run as root, so root lends it another.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::error::DevError;

/// A user of this system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    name: String,
    uid: u32,
    gid: u32,
}

impl Account {
    /// The account to run the server under: `None` means our own, which is right unless we are root.
    pub(crate) fn for_server() -> Result<Option<Self>, DevError> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let users = fs::read_to_string("/etc/passwd").map_err(DevError::io("read /etc/passwd"))?;
        Self::among(&users).map(Some).ok_or_else(|| {
            DevError::Failed(
                "PostgreSQL refuses to run as root, and /etc/passwd knows neither `postgres` nor `nobody` to run \
                 it as. Run as an ordinary user, or set DATABASE_URL."
                    .into(),
            )
        })
    }

    /// `postgres`, else `nobody`, in the text of a passwd file.
    fn among(users: &str) -> Option<Self> {
        ["postgres", "nobody"].into_iter().find_map(|wanted| {
            users.lines().find_map(|user| {
                let mut fields = user.split(':');
                let name = fields.next().filter(|name| *name == wanted)?.to_owned();
                let uid: u32 = fields.nth(1)?.parse().ok()?;
                let gid = fields.next()?.parse().ok()?;
                (uid != 0).then_some(Self { name, uid, gid })
            })
        })
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Lets a command run under it.
    pub(crate) fn lend(&self, command: &mut Command) {
        command.uid(self.uid).gid(self.gid);
    }

    /// Whether it can pass through this folder and all above it.
    pub(crate) fn can_reach(folder: &Path) -> bool {
        folder
            .ancestors()
            .all(|ancestor| fs::metadata(ancestor).is_ok_and(|entry| entry.permissions().mode() & 0o001 != 0))
    }

    /// Gives it a file or folder.
    pub(crate) fn own(&self, path: &Path) -> Result<(), DevError> {
        std::os::unix::fs::chown(path, Some(self.uid), Some(self.gid)).map_err(DevError::io(format!(
            "give {} to user {}",
            path.display(),
            self.name
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postgres_comes_before_nobody_and_root_never() {
        let both = "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65533::/:/bin/false\npostgres:x:101:104:a,b:/x:/bin/sh\n";
        let found = Account::among(both).unwrap();
        assert_eq!((found.name(), found.uid, found.gid), ("postgres", 101, 104));
        assert_eq!(
            Account::among("nobody:x:65534:65533::/:/bin/false").unwrap().uid,
            65534
        );
        assert_eq!(Account::among("postgres:x:0:0::/:/bin/sh"), None);
        assert_eq!(Account::among("root:x:0:0::/root:/bin/sh\nbroken"), None);
    }
}

//! Which database: the flag, else the set's own variable, else the common ones; each may name a file.

use std::fs;

use mailroom_store::migration::sets;

use crate::failure::Failure;

/// The direct URL comes first: migrations cannot go through a pooler.
const VARIABLES: [&str; 2] = ["MAILROOM_DIRECT_DATABASE_URL", "DATABASE_URL"];

/// Every variable that may hold a URL, `_FILE` apart.
pub(crate) fn variables() -> Vec<String> {
    let own = sets().iter().map(|set| own(set.name()));
    own.chain(VARIABLES.map(str::to_owned)).collect()
}

fn own(set: &str) -> String {
    format!("MAILROOM_{}_DATABASE_URL", set.to_uppercase())
}

/// The URL of the database that a set is in. It holds a password and goes nowhere but into the connection.
pub(crate) fn of(
    set: &str,
    flag: Option<&str>,
    env: &impl Fn(&str) -> Option<String>,
) -> Result<String, Failure> {
    if let Some(url) = flag {
        return Ok(url.to_owned());
    }
    for variable in [own(set).as_str(), VARIABLES[0], VARIABLES[1]] {
        if let Some(url) = given(variable, env)? {
            return Ok(url);
        }
    }
    Err(Failure::Usage(format!(
        "no database: set {} or {} (or the same with _FILE), or give --database-url",
        VARIABLES[0], VARIABLES[1]
    )))
}

/// An empty variable counts as none: manifests often set one to nothing.
fn given(variable: &str, env: &impl Fn(&str) -> Option<String>) -> Result<Option<String>, Failure> {
    let set = |name: &str| env(name).filter(|value| !value.is_empty());
    let file_variable = format!("{variable}_FILE");
    match (set(variable), set(&file_variable)) {
        (Some(_), Some(_)) => Err(Failure::Usage(format!(
            "{variable} and {file_variable} are both set: keep one"
        ))),
        (Some(url), None) => Ok(Some(url)),
        (None, None) => Ok(None),
        (None, Some(path)) => match fs::read_to_string(&path) {
            Ok(url) => Ok(Some(url.trim_end_matches(['\r', '\n']).to_owned())),
            Err(cause) => Err(Failure::Usage(format!(
                "{file_variable} names {path}, which cannot be read: {cause}"
            ))),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(flag: Option<&str>, env: &[(&str, &str)]) -> Result<String, String> {
        let look_up = |name: &str| env.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        of("mailbox", flag, &look_up).map_err(|failure| failure.to_string())
    }

    #[test]
    fn the_flag_before_the_direct_url_before_the_url() {
        let both = [
            ("DATABASE_URL", "pooled"),
            ("MAILROOM_DIRECT_DATABASE_URL", "direct"),
        ];
        assert_eq!(resolved(Some("flag"), &both), Ok("flag".into()));
        assert_eq!(resolved(None, &both), Ok("direct".into()));
        assert_eq!(resolved(None, &both[..1]), Ok("pooled".into()));
        assert_eq!(
            resolved(None, &[both[0], ("MAILROOM_DIRECT_DATABASE_URL", "")]),
            Ok("pooled".into())
        );
    }

    #[test]
    fn a_set_may_have_a_database_of_its_own() {
        let env = [
            ("MAILROOM_DIRECT_DATABASE_URL", "common"),
            ("MAILROOM_MAILBOX_DATABASE_URL", "own"),
            ("MAILROOM_DIRECTORY_DATABASE_URL", "another's"),
        ];
        assert_eq!(resolved(None, &env), Ok("own".into()));
        assert_eq!(resolved(Some("flag"), &env), Ok("flag".into()));
    }

    #[test]
    fn a_file_may_hold_it() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "postgres://db/mail\n").unwrap();
        let path = file.path().to_str().unwrap();
        assert_eq!(
            resolved(None, &[("DATABASE_URL_FILE", path)]),
            Ok("postgres://db/mail".into())
        );
    }

    #[test]
    fn what_is_wrong_is_named_and_no_url_shown() {
        let none = resolved(None, &[]).unwrap_err();
        assert!(
            none.contains("DATABASE_URL") && none.contains("--database-url"),
            "{none}"
        );
        let both = resolved(None, &[("DATABASE_URL", "s3cret"), ("DATABASE_URL_FILE", "/x")]).unwrap_err();
        assert!(
            both.contains("DATABASE_URL_FILE") && !both.contains("s3cret"),
            "{both}"
        );
        let gone = resolved(None, &[("DATABASE_URL_FILE", "/nowhere/url")]).unwrap_err();
        assert!(gone.contains("/nowhere/url"), "{gone}");
    }
}

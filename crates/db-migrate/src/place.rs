//! The databases, and which sets are in each: all in one, unless an environment says otherwise.

use mailroom_store::migration::{Set, Target};

use crate::database_url;
use crate::failure::Failure;

/// A database and the sets that are in it.
pub(crate) struct Place {
    pub(crate) target: Target,
    pub(crate) sets: Vec<&'static Set>,
    /// For a hook. It holds a password and goes nowhere else.
    pub(crate) url: String,
}

/// Where `sets` are, in the order in which they are applied.
pub(crate) fn places(
    sets: &[&'static Set],
    flag: Option<&str>,
    env: &impl Fn(&str) -> Option<String>,
) -> Result<Vec<Place>, Failure> {
    let name = env("HOSTNAME").map_or_else(|| "db-migrate".to_owned(), |host| format!("db-migrate@{host}"));
    let mut urls: Vec<(String, Vec<&'static Set>)> = Vec::new();
    for &set in sets {
        let url = database_url::of(set.name(), flag, env)?;
        match urls.iter_mut().find(|(known, _)| *known == url) {
            Some((_, sets)) => sets.push(set),
            None => urls.push((url, vec![set])),
        }
    }
    let place = |(url, sets): (String, _)| {
        Ok(Place {
            target: Target::parse(&url, &name)?,
            sets,
            url,
        })
    };
    urls.into_iter().map(place).collect()
}

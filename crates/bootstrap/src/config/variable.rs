//! The names of variables that are settings.

/// What the others begin with.
pub(super) const PREFIX: &str = "MAILROOM__";

/// Variables with names of their own. Everybody may have them set, so they count only for programs that have
/// a `database` section.
pub(super) const WELL_KNOWN: [(&str, &str); 2] = [
    ("DATABASE_URL", "database.url"),
    ("MAILROOM_DIRECT_DATABASE_URL", "database.direct_url"),
];

/// The variable that sets `key` (as in `shutdown.deadline_ms`).
pub(super) fn variable_for(key: &str) -> String {
    let own = WELL_KNOWN.iter().find(|(_, known)| *known == key);
    own.map_or_else(
        || format!("{PREFIX}{}", key.replace('.', "__").to_uppercase()),
        |(variable, _)| (*variable).to_owned(),
    )
}

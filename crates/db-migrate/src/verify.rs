//! `verify`: whether the database is what its bookkeeping says, and what a crash could take back.

use mailroom_store::migration::{self, Durability, SchemaState, Standing, Verified};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::failure::{DAMAGED, Failure, PENDING};
use crate::place::Place;

pub(crate) async fn verify(places: &[Place]) -> Result<Answer, Failure> {
    let (mut text, mut sets, mut servers, mut exit) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for place in places {
        for verified in migration::verify(&place.target, &place.sets).await? {
            text.extend(paragraph(&verified));
            exit = exit.max(exit_of(&verified));
            sets.push(object(&verified));
        }
        let durability = migration::durability(&place.target).await?;
        text.push(format!("{}: {}", place.target, meaning(&durability)));
        servers.push(json!({
            "server": place.target.to_string(),
            "fsync": durability.fsync,
            "synchronous_commit": durability.synchronous_commit,
            "full_page_writes": durability.full_page_writes,
            "synchronous_standby_names": durability.synchronous_standby_names,
            "meaning": meaning(&durability),
        }));
    }
    Ok(Answer {
        text: text.join("\n"),
        json: json!({ "command": "verify", "sets": sets, "durability": servers }),
        exit,
    })
}

fn exit_of(verified: &Verified) -> u8 {
    match verified.plan.state() {
        _ if verified.is_sound() => 0,
        SchemaState::Behind { .. } if verified.invalid_indexes.is_empty() => PENDING,
        _ => DAMAGED,
    }
}

fn paragraph(verified: &Verified) -> Vec<String> {
    let state = if verified.is_sound() { "sound" } else { "NOT sound" };
    let mut lines = vec![format!(
        "{}: {state}, {}",
        verified.set,
        verified.plan.state().as_str()
    )];
    let entries = verified.plan.entries.iter();
    lines.extend(
        entries
            .filter(|entry| entry.standing.is_damage() || entry.standing == Standing::Pending)
            .map(|entry| {
                format!(
                    "  {} {} is {}",
                    entry.version,
                    entry.name,
                    entry.standing.as_str()
                )
            }),
    );
    lines.extend(verified.invalid_indexes.iter().map(|index| {
        format!("  index {index} is invalid: unless it is being built now, it was left half built: `drop index concurrently {index}`, then `up` (or, where its migration is applied, `reindex index concurrently {index}` instead)")
    }));
    lines.extend(verified.missing.iter().map(|thing| format!("  missing: {thing}")));
    lines.extend(
        verified
            .added
            .iter()
            .map(|thing| format!("  made by no migration: {thing}")),
    );
    lines
}

fn object(verified: &Verified) -> Value {
    let at_fault = verified
        .plan
        .entries
        .iter()
        .filter(|entry| entry.standing.is_damage());
    json!({
        "set": verified.set,
        "sound": verified.is_sound(),
        "state": verified.plan.state().as_str(),
        "damage": at_fault.map(|entry| json!({
            "version": entry.version, "name": entry.name, "state": entry.standing.as_str(),
        })).collect::<Vec<_>>(),
        "invalid_indexes": verified.invalid_indexes,
        "missing": verified.missing,
        "added": verified.added,
    })
}

/// What of a crash can be lost, in words. <https://www.postgresql.org/docs/current/wal-async-commit.html>
fn meaning(durability: &Durability) -> String {
    if durability.fsync != "on" {
        return "fsync is off: a crash of the machine can lose or corrupt everything. Never with real messages.".to_owned();
    }
    if durability.full_page_writes != "on" {
        return "full_page_writes is off: a crash of the machine can corrupt pages, unless the storage writes 8 kB at once."
            .to_owned();
    }
    let standbys = &durability.synchronous_standby_names;
    match (durability.synchronous_commit.as_str(), standbys.is_empty()) {
        ("off", _) => "synchronous_commit is off: a crash loses what was acknowledged in the last moments. Set it to on."
            .to_owned(),
        ("local", false) => "synchronous_commit is local: a failover can lose what was acknowledged, though there are \
                             synchronous standbys."
            .to_owned(),
        (_, true) => "what was acknowledged survives a crash of the server; losing its disk, or failing over to an \
                      asynchronous standby, can lose the last moments (there is no synchronous standby)."
            .to_owned(),
        (commit, false) => format!(
            "what was acknowledged survives a crash and a failover (synchronous_commit {commit}, standbys {standbys})."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(fsync: &str, synchronous_commit: &str, standbys: &str) -> String {
        meaning(&Durability {
            fsync: fsync.to_owned(),
            synchronous_commit: synchronous_commit.to_owned(),
            full_page_writes: "on".to_owned(),
            synchronous_standby_names: standbys.to_owned(),
        })
    }

    #[test]
    fn the_worst_is_said() {
        assert!(with("off", "on", "*").contains("everything"));
        assert!(with("on", "off", "*").contains("last moments"));
        assert!(with("on", "local", "*").contains("failover can lose"));
        assert!(with("on", "on", "").contains("no synchronous standby"));
        assert!(with("on", "remote_apply", "*").contains("survives a crash and a failover"));
    }
}

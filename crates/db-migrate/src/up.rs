//! `up`: applies what is pending, or says what it would apply.

use mailroom_store::migration::{self, MigrationError, Options, Plan, Raised, SchemaState};
use serde_json::{Value, json};

use crate::answer::{Answer, moved_json};
use crate::cli::Up;
use crate::failure::Failure;
use crate::hook;
use crate::place::Place;
use crate::progress::watch;

pub(crate) async fn up(places: &[Place], up: Up) -> Result<Answer, Failure> {
    if up.dry_run {
        return dry_run(places, up.to).await;
    }
    let options = Options {
        to: up.to,
        ..up.patience.into()
    };
    if let Some(command) = &up.before {
        for place in places {
            if is_pending(place, up.to).await? {
                hook::run(command, &place.url)?;
            }
        }
    }
    let mut raised = Vec::new();
    for place in places {
        raised.extend(migration::up(&place.target, &place.sets, &options, &mut watch).await?);
    }
    let text: Vec<String> = raised.iter().map(line).collect();
    let sets: Vec<Value> = raised.iter().map(object).collect();
    Ok(Answer {
        text: text.join("\n"),
        json: json!({ "command": "up", "sets": sets }),
        exit: 0,
    })
}

async fn is_pending(place: &Place, to: Option<i64>) -> Result<bool, Failure> {
    let plans = migration::standing(&place.target, &place.sets).await?;
    Ok(plans.iter().any(|(_, plan)| !plan.pending_to(to).is_empty()))
}

async fn dry_run(places: &[Place], to: Option<i64>) -> Result<Answer, Failure> {
    let (mut text, mut sets) = (Vec::new(), Vec::new());
    for place in places {
        for (set, plan) in migration::standing(&place.target, &place.sets).await? {
            if let SchemaState::Damaged { damage } = plan.state() {
                return Err(MigrationError::Damaged {
                    set: set.name(),
                    damage,
                }
                .into());
            }
            let would = would_apply(&plan, to);
            text.push(format!("{}: {} would be applied", set.name(), would.len()));
            text.extend(would.iter().map(|(version, name)| format!("  {version} {name}")));
            sets.push(json!({ "set": set.name(), "would_apply": steps(&would) }));
        }
    }
    Ok(Answer {
        text: text.join("\n"),
        json: json!({ "command": "up", "dry_run": true, "sets": sets }),
        exit: 0,
    })
}

fn would_apply(plan: &Plan, to: Option<i64>) -> Vec<(i64, &str)> {
    let pending = plan.pending_to(to);
    let entries = plan.entries.iter();
    entries
        .filter(|entry| pending.contains(&entry.version))
        .map(|entry| (entry.version, entry.name.as_str()))
        .collect()
}

fn steps(would: &[(i64, &str)]) -> Value {
    would
        .iter()
        .map(|(version, name)| json!({ "version": version, "name": name }))
        .collect()
}

fn line(raised: &Raised) -> String {
    let Raised {
        set,
        applied,
        before,
        newer,
    } = raised;
    let line = format!("{set}: {} applied, {before} before", applied.len());
    match newer.len() {
        0 => line,
        newer => format!("{line}; the database is newer than this release by {newer}"),
    }
}

fn object(raised: &Raised) -> Value {
    json!({
        "set": raised.set,
        "applied": moved_json(&raised.applied),
        "before": raised.before,
        "newer": raised.newer,
    })
}

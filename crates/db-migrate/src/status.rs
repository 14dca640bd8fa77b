//! `status`: what is applied and what is not.

use mailroom_store::migration::{self, Plan, SchemaState, Set};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::failure::{DAMAGED, Failure, PENDING};
use crate::place::Place;

pub(crate) async fn status(places: &[Place], check: bool) -> Result<Answer, Failure> {
    let mut plans = Vec::new();
    for place in places {
        plans.extend(migration::standing(&place.target, &place.sets).await?);
    }
    let worst = worst(plans.iter().map(|(_, plan)| plan.state()));
    let exit = match &worst {
        SchemaState::Damaged { .. } => DAMAGED,
        SchemaState::Behind { .. } => PENDING,
        SchemaState::Current | SchemaState::Ahead { .. } => 0,
    };
    let text: Vec<String> = plans.iter().map(|(set, plan)| paragraph(set, plan)).collect();
    let objects: Vec<Value> = plans.iter().map(|(set, plan)| object(set, plan)).collect();
    Ok(Answer {
        text: text.join("\n"),
        json: json!({ "command": "status", "state": worst.as_str(), "sets": objects }),
        exit: if check { exit } else { 0 },
    })
}

/// Damage before pending before newer before current.
fn worst(states: impl Iterator<Item = SchemaState>) -> SchemaState {
    let rank = |state: &SchemaState| match state {
        SchemaState::Current => 0,
        SchemaState::Ahead { .. } => 1,
        SchemaState::Behind { .. } => 2,
        SchemaState::Damaged { .. } => 3,
    };
    states.max_by_key(rank).unwrap_or(SchemaState::Current)
}

fn paragraph(set: &Set, plan: &Plan) -> String {
    let mut text = vec![format!("{}: {}", set.name(), plan.state().as_str())];
    text.extend(plan.entries.iter().map(|entry| {
        format!(
            "  {} {:<32} {}",
            entry.version,
            entry.name,
            entry.standing.as_str()
        )
    }));
    text.join("\n")
}

fn object(set: &Set, plan: &Plan) -> Value {
    let migrations = plan.entries.iter().map(
        |entry| json!({ "version": entry.version, "name": entry.name, "state": entry.standing.as_str() }),
    );
    json!({
        "set": set.name(),
        "state": plan.state().as_str(),
        "migrations": migrations.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_of_the_sets_decides() {
        let behind = SchemaState::Behind { missing: vec![1] };
        let ahead = SchemaState::Ahead { unknown: vec![2] };
        let damaged = SchemaState::Damaged { damage: vec![] };
        assert_eq!(
            worst([behind.clone(), SchemaState::Current, ahead.clone()].into_iter()),
            behind
        );
        assert_eq!(worst([damaged.clone(), behind].into_iter()), damaged);
        assert_eq!(worst([SchemaState::Current, ahead.clone()].into_iter()), ahead);
    }
}

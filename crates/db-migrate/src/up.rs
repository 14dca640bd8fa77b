//! `up`: applies what is pending.

use mailroom_store::migration::{self, Options, Raised, Set, Target};
use serde_json::{Value, json};

use crate::answer::{Answer, moved_json};
use crate::failure::Failure;
use crate::progress::watch;

pub(crate) async fn up(target: &Target, sets: &[&'static Set], options: &Options) -> Result<Answer, Failure> {
    let raised = migration::up(target, sets, options, &mut watch).await?;
    let text: Vec<String> = raised.iter().map(line).collect();
    let sets: Vec<Value> = raised.iter().map(object).collect();
    Ok(Answer {
        text: text.join("\n"),
        json: json!({ "command": "up", "sets": sets }),
        exit: 0,
    })
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

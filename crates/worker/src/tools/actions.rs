//! `mailroom-worker actions`: what operators did.

use std::process::ExitCode;

use clap::Args;
use mailroom_store::{
    Pool,
    action::{self, Action},
};
use serde_json::{Value, json};

use super::{
    ToolError,
    output::{Output, on_a_line, say, time},
};

/// How many to list.
#[derive(Debug, Args)]
pub struct Actions {
    /// At most so many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    /// Form of the list
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

pub(super) async fn list(pool: &Pool, wanted: &Actions) -> Result<ExitCode, ToolError> {
    let actions = action::list(pool, wanted.limit).await?;
    if wanted.output == Output::Json {
        let items: Vec<Value> = actions.iter().map(as_json).collect();
        say(json!({"items": items}));
    } else if actions.is_empty() {
        say("nobody did anything");
    } else {
        for it in &actions {
            say(format_args!(
                "{}  {:8}  {:>7}  by {}  {}{}",
                time(it.ended_at),
                it.action,
                it.count,
                on_a_line(&it.actor),
                it.filter,
                it.reason
                    .as_ref()
                    .map(|reason| format!(": {}", on_a_line(reason)))
                    .unwrap_or_default(),
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn as_json(action: &Action) -> Value {
    json!({
        "command": action.command,
        "began_at": action.began_at,
        "ended_at": action.ended_at,
        "actor": action.actor,
        "action": action.action,
        "filter": action.filter,
        "count": action.count,
        "reason": action.reason,
    })
}

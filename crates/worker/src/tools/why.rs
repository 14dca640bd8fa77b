//! `mailroom-worker why`: why a conversation does not move on, in plain words.

mod words;

use std::process::ExitCode;

use clap::Args;
use mailroom_domain::{ConversationKey, EventId};
use mailroom_store::{
    Pool,
    line::{self, Found, Standing, State},
    pause,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    ToolError, conversation,
    output::{Output, say},
};

/// Whose line is meant.
#[derive(Debug, Args)]
#[group(id = "line", required = true, multiple = false)]
pub(super) struct Line {
    /// The conversation: its id, or its key (which holds addresses that others may see in your command line)
    #[arg(long, value_name = "ID|KEY")]
    conversation: Option<String>,
    /// An event's id: the conversation it belongs to
    #[arg(long, value_name = "ID")]
    event: Option<Uuid>,
}

/// What to explain.
#[derive(Debug, Args)]
pub struct Why {
    #[command(flatten)]
    line: Line,
    /// Form of the answer
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

pub(super) async fn why(pool: &Pool, wanted: &Why, max_retries: u32) -> Result<ExitCode, ToolError> {
    let (key, found) = whose(pool, &wanted.line).await?;
    let standing = line::look(pool, &key).await?;
    let is_known = standing.first.is_some() || standing.dead_letters > 0 || standing.has_messages;
    if found.is_none() && !is_known {
        return Err(ToolError::NothingMatched(
            "nothing is known of this conversation".to_owned(),
        ));
    }
    let pauses = pause::list(pool).await?;
    let attempts = max_retries.saturating_add(1);
    let explanation = words::explain(&standing, found.as_ref(), &pauses, attempts);
    if wanted.output == Output::Json {
        say(as_json(&key, &standing, found.as_ref(), attempts, &explanation));
    } else {
        explanation.iter().for_each(say);
    }
    Ok(ExitCode::SUCCESS)
}

async fn whose(pool: &Pool, line: &Line) -> Result<(ConversationKey, Option<Found>), ToolError> {
    if let Some(id) = line.event {
        let event = EventId::from_uuid(id);
        let found = line::find(pool, event).await?;
        let found = found.ok_or_else(|| ToolError::NothingMatched(format!("there is no event {event}")))?;
        return Ok((found.key.clone(), Some(found)));
    }
    let named = line.conversation.as_deref().unwrap_or_default();
    Ok((conversation::key_of(pool, named).await?, None))
}

fn event(found: &Found) -> Value {
    let (discarded_at, discarded_reason) = found.discarded.clone().unzip();
    json!({
        "status": found.status, "unfinished_before": found.before,
        "discarded_at": discarded_at, "discarded_reason": discarded_reason,
    })
}

fn as_json(
    key: &ConversationKey,
    standing: &Standing,
    found: Option<&Found>,
    attempts: u32,
    explanation: &[String],
) -> Value {
    let tended_by = standing
        .tended_by
        .map(|(worker, until)| json!({"worker": worker, "lease_until": until}));
    let first = standing.first.as_ref().map(|first| {
        let (state, held_by, lease_until, due) = match first.state {
            State::Received => ("received", None, None, None),
            State::Parked => ("parked", None, None, None),
            State::Error { due } => ("error", None, None, Some(due)),
            State::Processing {
                worker, alive_until, ..
            } => ("processing", Some(worker), alive_until, None),
        };
        json!({
            "event": first.event, "provider": first.provider, "state": state, "attempts": first.attempts,
            "max_attempts": attempts, "code": first.code, "recorded_at": first.recorded_at, "due_at": due,
            "held_by": held_by, "lease_until": lease_until,
        })
    });
    json!({
        "at": standing.at,
        "conversation_key": key,
        "lane": standing.lane.index(),
        "tended_by": tended_by,
        "reason": standing.reason().as_str(),
        "first": first,
        "behind": standing.behind,
        "dead_letters": standing.dead_letters,
        "event": found.map(event),
        "explanation": explanation,
    })
}

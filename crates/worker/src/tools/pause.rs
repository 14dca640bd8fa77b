//! `mailroom-worker pause`, `resume`, `pauses`: what workers leave alone.

use std::process::ExitCode;

use clap::Args;
use mailroom_store::{
    Pool,
    pause::{self, Pause, Scope},
};
use rand::rngs::StdRng;
use serde_json::{Value, json};

use super::{
    ActArgs, ToolError,
    output::{self, Output, say, time},
    provider,
};

/// What is meant.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct ScopeArgs {
    /// The events of this provider
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
    /// All work of all workers
    #[arg(long)]
    all: bool,
}

/// What to pause.
#[derive(Debug, Args)]
pub struct PauseArgs {
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    act: ActArgs,
    /// Form of the answer
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// What to resume.
#[derive(Debug, Args)]
pub struct ResumeArgs {
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    act: ActArgs,
    /// Form of the answer
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// How to list.
#[derive(Debug, Args)]
pub struct PausesArgs {
    /// Form of the list
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

impl ScopeArgs {
    fn scope(&self) -> Scope {
        self.provider.clone().map_or(Scope::Everything, Scope::Provider)
    }

    fn filter(&self) -> Value {
        self.provider
            .as_ref()
            .map_or_else(|| json!({"all": true}), |name| json!({"provider": name}))
    }
}

pub(super) async fn pause(
    pool: &Pool,
    wanted: &PauseArgs,
    randomness: &mut StdRng,
) -> Result<ExitCode, ToolError> {
    let scope = wanted.scope.scope();
    if let Scope::Provider(name) = &scope {
        provider::known(name)?; // a misspelt pause would hold nothing, and look as if it did
    }
    let act = wanted.act.act_with_reason(wanted.scope.filter(), randomness)?;
    let changed = pause::pause(pool, &scope, &act).await?;
    let pauses = pause::list(pool).await?;
    if wanted.output == Output::Json {
        say(json!({"changed": changed, "pauses": as_json(&pauses)}));
    } else if changed {
        say(format_args!("{} is paused", output::scope(&scope)));
    } else {
        say(format_args!("{} was paused already", output::scope(&scope)));
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn resume(
    pool: &Pool,
    wanted: &ResumeArgs,
    randomness: &mut StdRng,
) -> Result<ExitCode, ToolError> {
    let scope = wanted.scope.scope();
    // As it is written down, `*` is everything. Any other name will do: of a provider that this release does not know
    // something may be paused.
    if matches!(&scope, Scope::Provider(_)) && scope.as_str() == Scope::Everything.as_str() {
        return Err(ToolError::usage(
            "there is no provider of this name; everything is `--all`",
        ));
    }
    let act = wanted.act.act(wanted.scope.filter(), randomness)?;
    if !pause::resume(pool, &scope, &act).await? {
        return Err(match &scope {
            Scope::Everything => {
                ToolError::NothingMatched("there is no pause of everything; see `pauses`".to_owned())
            }
            Scope::Provider(name) => {
                provider::known(name)?;
                ToolError::NothingMatched(format!("{} is not paused", output::scope(&scope)))
            }
        });
    }
    let left = pause::list(pool).await?;
    if wanted.output == Output::Json {
        say(json!({"changed": true, "pauses": as_json(&left)}));
        return Ok(ExitCode::SUCCESS);
    }
    say(format_args!("{} goes on", output::scope(&scope)));
    for pause in &left {
        say(format_args!("still paused: {}", output::scope(&pause.scope)));
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn list(pool: &Pool, wanted: &PausesArgs) -> Result<ExitCode, ToolError> {
    let pauses = pause::list(pool).await?;
    if wanted.output == Output::Json {
        say(json!({"items": as_json(&pauses)}));
    } else if pauses.is_empty() {
        say("nothing is paused");
    }
    if wanted.output == Output::Text {
        for it in &pauses {
            say(format_args!(
                "{}  since {}  by {}: {}",
                output::scope(&it.scope),
                time(it.paused_at),
                output::on_a_line(&it.actor),
                output::on_a_line(&it.reason),
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn as_json(pauses: &[Pause]) -> Vec<Value> {
    pauses
        .iter()
        .map(|it| {
            json!({
                "scope": it.scope.as_str(),
                "paused_at": it.paused_at,
                "actor": it.actor,
                "reason": it.reason,
            })
        })
        .collect()
}

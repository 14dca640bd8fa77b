//! Who does something and why, as arguments of every tool that changes something.

use clap::Args;
use mailroom_domain::CommandId;
use mailroom_store::action::Act;
use rand::{RngExt, rngs::StdRng};
use serde_json::Value;

use super::{ToolError, actor};

/// As the database has it, in bytes.
pub(crate) const LONGEST_ACTOR: usize = 200;
const LONGEST_REASON: usize = 2_000;

/// Who does something.
#[derive(Debug, Args)]
pub(crate) struct ActArgs {
    /// Who does this, for the account of what operators did [default: the user of this process]
    #[arg(long, value_name = "NAME")]
    actor: Option<String>,
    /// Why, for the account; no addresses of customers, please
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

impl ActArgs {
    /// What goes into the account.
    ///
    /// # Errors
    /// [`ToolError::Usage`] when a text is empty or too long.
    pub(crate) fn act(&self, filter: Value, randomness: &mut StdRng) -> Result<Act, ToolError> {
        let actor = self.actor.clone().unwrap_or_else(actor::of_process);
        bounded("--actor", &actor, LONGEST_ACTOR)?;
        if let Some(reason) = &self.reason {
            bounded("--reason", reason, LONGEST_REASON)?;
        }
        Ok(Act {
            command: CommandId::new(randomness.random()),
            actor,
            filter,
            reason: self.reason.clone(),
        })
    }

    /// As [`ActArgs::act`], where a reason must be given.
    ///
    /// # Errors
    /// As [`ActArgs::act`]; also when there is no reason.
    pub(crate) fn act_with_reason(&self, filter: Value, randomness: &mut StdRng) -> Result<Act, ToolError> {
        if self.reason.is_none() {
            return Err(ToolError::usage("--reason is missing: say why"));
        }
        self.act(filter, randomness)
    }
}

fn bounded(name: &str, text: &str, longest: usize) -> Result<(), ToolError> {
    if text.trim().is_empty() || text.len() > longest || text.contains('\0') {
        return Err(ToolError::usage(format!("{name} takes 1 to {longest} bytes")));
    }
    Ok(())
}

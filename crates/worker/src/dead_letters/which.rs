//! Filters: which dead letters are meant, the same for list, replay and discard.

use clap::Args;
use mailroom_domain::Channel;
use mailroom_store::{Pool, letter::Filter};

use super::names::{Code, Kind};
use crate::tools::{Moment, ToolError, conversation, provider};

/// Which dead letters.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// Only those of this provider
    #[arg(long, help_heading = "Filters")]
    provider: Option<String>,
    /// Only those of this endpoint
    #[arg(long, help_heading = "Filters")]
    endpoint: Option<String>,
    /// Only those of this channel
    #[arg(long, value_parser = channel, help_heading = "Filters")]
    channel: Option<Channel>,
    /// Only those of this kind
    #[arg(long, value_enum, help_heading = "Filters")]
    kind: Option<Kind>,
    /// Only those of this error code
    #[arg(long, value_enum, help_heading = "Filters")]
    code: Option<Code>,
    /// Only those of this conversation: its id, once it has a message, or its key (which holds addresses that others may see in your
    /// command line)
    #[arg(long, value_name = "ID|KEY", help_heading = "Filters")]
    conversation: Option<String>,
    /// Only those recorded at this time or later: 2026-11-21T08:00:00Z, or so long ago: 90s, 30m, 2h, 7d
    #[arg(long, value_name = "WHEN", help_heading = "Filters")]
    since: Option<Moment>,
    /// Only those recorded before this time
    #[arg(long, value_name = "WHEN", help_heading = "Filters")]
    until: Option<Moment>,
    /// Those that were discarded, instead of those that were not
    #[arg(long, help_heading = "Filters")]
    discarded: bool,
}

impl Which {
    /// Whether anything is asked for.
    pub(super) fn is_any(&self) -> bool {
        self.provider.is_some()
            || self.endpoint.is_some()
            || self.channel.is_some()
            || self.kind.is_some()
            || self.code.is_some()
            || self.conversation.is_some()
            || self.since.is_some()
            || self.until.is_some()
    }

    /// Whether the provider that is asked for, if any, is one of this release.
    ///
    /// # Errors
    /// [`ToolError`] with the names there are.
    pub(super) fn is_of_known_provider(&self) -> Result<(), ToolError> {
        self.provider.as_deref().map_or(Ok(()), provider::known)
    }

    /// Whether discarded ones are meant.
    pub(super) const fn is_of_discarded(&self) -> bool {
        self.discarded
    }

    /// The same for the store; what is said in time is settled here, once for all batches.
    ///
    /// # Errors
    /// [`ToolError`] when the conversation is not there, or the database does not tell its time.
    pub(super) async fn filter(&self, pool: &Pool) -> Result<Filter, ToolError> {
        let mut filter = Filter {
            code: self.code.map(Into::into),
            provider: self.provider.clone(),
            endpoint: self.endpoint.clone(),
            channel: self.channel,
            kind: self.kind.map(Into::into),
            discarded: self.discarded,
            ..Filter::default()
        };
        if let Some(named) = &self.conversation {
            filter.conversation = Some(conversation::key_of(pool, named).await?);
        }
        if let Some(since) = self.since {
            filter.since = Some(since.resolve(pool).await?);
        }
        if let Some(until) = self.until {
            filter.until = Some(until.resolve(pool).await?);
        }
        Ok(filter)
    }
}

fn channel(name: &str) -> Result<Channel, String> {
    name.parse().map_err(|_| {
        let known: Vec<_> = Channel::ALL.iter().map(|channel| channel.as_str()).collect();
        format!("one of {}", known.join(", "))
    })
}

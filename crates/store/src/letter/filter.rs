//! Filter: which dead letters are meant, the same for list, count and sweep.

use chrono::{DateTime, Utc};
use mailroom_domain::{Channel, ConversationKey, ErrorCode, EventKind, Lane};

/// Which dead letters; `None` means any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Why they were buried.
    pub code: Option<ErrorCode>,
    /// Who delivered them.
    pub provider: Option<String>,
    /// The channel configuration they came to.
    pub endpoint: Option<String>,
    /// How they came.
    pub channel: Option<Channel>,
    /// What they tell of.
    pub kind: Option<EventKind>,
    /// Whose line they stand in.
    pub conversation: Option<ConversationKey>,
    /// Recorded at this time or later.
    pub since: Option<DateTime<Utc>>,
    /// Recorded before this time.
    pub until: Option<DateTime<Utc>>,
    /// Those that were discarded, instead of those that were not.
    pub discarded: bool,
}

impl Filter {
    /// The lanes in which they can be: one, where a conversation is named.
    pub(super) fn lanes(&self) -> Vec<i16> {
        match &self.conversation {
            Some(key) => vec![Lane::of(key).into()],
            None => Lane::all().map(i16::from).collect(),
        }
    }

    /// The same for the account of what operators did: what was asked for, and nothing else.
    pub fn as_json(&self) -> serde_json::Value {
        let named = [
            ("code", self.code.map(|code| code.as_str().to_owned())),
            ("provider", self.provider.clone()),
            ("endpoint", self.endpoint.clone()),
            ("channel", self.channel.map(|channel| channel.to_string())),
            ("kind", self.kind.map(|kind| kind.as_str().to_owned())),
            (
                "conversation_key",
                self.conversation.as_ref().map(|key| key.as_str().to_owned()),
            ),
            ("since", self.since.map(|at| at.to_rfc3339())),
            ("until", self.until.map(|at| at.to_rfc3339())),
        ];
        let mut asked: serde_json::Map<_, _> = named
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?.into())))
            .collect();
        if self.discarded {
            asked.insert("discarded".to_owned(), true.into());
        }
        asked.into()
    }
}

//! The recorded requests, in order of sending.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::TrafficError;
use super::expected::Expected;
use super::reading::Said;

const FILES: [(&str, &str); 3] = [
    ("sms.jsonl", include_str!("../../traffic/sms.jsonl")),
    ("email.jsonl", include_str!("../../traffic/email.jsonl")),
    ("twilio.jsonl", include_str!("../../traffic/twilio.jsonl")),
];

/// One request as a provider sent it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    /// Milliseconds since the recording began.
    pub(crate) at_ms: u64,
    /// Unique in the recording.
    pub(crate) name: String,
    /// The HTTP method.
    pub(crate) method: String,
    /// The path at the gateway.
    pub(crate) path: String,
    /// Names and values to send.
    pub(crate) headers: BTreeMap<String, String>,
    /// The body's exact text.
    pub(crate) body: String,
    /// The status it has to be answered with.
    pub(crate) answer: u16,
    /// `{channel}/{provider id}` of the event it brings, none when it has to be refused.
    pub(crate) event: Option<String>,
    /// What is worth a look in it.
    pub(crate) why: String,
}

/// The requests of all providers and what has to come of them.
#[derive(Debug, Clone)]
pub(crate) struct Recording {
    requests: Vec<Request>,
    expected: Expected,
    /// Event to the place of its conversation in `expected`.
    conversations: HashMap<String, usize>,
}

impl Recording {
    /// Reads the recording that this program carries.
    ///
    /// # Errors
    /// [`TrafficError`] when a line or the expectations do not parse.
    pub(crate) fn load() -> Result<Self, TrafficError> {
        let mut requests = Vec::new();
        for (file, text) in FILES {
            for (number, line) in text.lines().enumerate() {
                let request = serde_json::from_str(line).map_err(|source| TrafficError::Line {
                    file,
                    line: number + 1,
                    source,
                })?;
                requests.push(request);
            }
        }
        Ok(Self::new(requests, Expected::load()?))
    }

    /// Puts requests in order of sending and knows which conversation each belongs to.
    pub(crate) fn new(mut requests: Vec<Request>, expected: Expected) -> Self {
        requests.sort_by_key(|request| request.at_ms);
        let conversations = expected
            .conversations
            .iter()
            .enumerate()
            .flat_map(|(place, it)| {
                it.arrivals
                    .iter()
                    .map(move |id| (format!("{}/{id}", it.channel), place))
            })
            .collect();
        Self {
            requests,
            expected,
            conversations,
        }
    }

    /// The requests in order of sending.
    pub(crate) fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// What has to come of them.
    pub(crate) fn expected(&self) -> &Expected {
        &self.expected
    }

    /// The place of the request's conversation among the expected ones; none for one to be refused.
    pub(crate) fn conversation_of(&self, request: &Request) -> Option<usize> {
        self.conversations.get(request.event.as_ref()?).copied()
    }

    /// For each expected conversation, in their order, its messages by first arrival.
    ///
    /// # Errors
    /// [`TrafficError::Unreadable`] when a request names an event that cannot be read from it.
    pub(crate) fn messages(&self) -> Result<Vec<Vec<Said>>, TrafficError> {
        let mut met = std::collections::HashSet::new();
        let mut messages = vec![Vec::new(); self.expected.conversations.len()];
        for request in &self.requests {
            let (Some(event), Some(place)) = (&request.event, self.conversation_of(request)) else {
                continue;
            };
            if met.insert(event) {
                messages[place].push(Said::read(request)?);
            }
        }
        Ok(messages)
    }
}

//! The recorded requests, in order of sending.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Deserialize;

use super::TrafficError;
use super::expected::Expected;
use super::reading::Said;

type Files = &'static [(&'static str, &'static str)];

/// Requests as they were sent, signature and all.
const PLAIN: Files = &[
    ("sms.jsonl", include_str!("../../traffic/sms.jsonl")),
    ("email.jsonl", include_str!("../../traffic/email.jsonl")),
    ("twilio.jsonl", include_str!("../../traffic/twilio.jsonl")),
];

/// Requests that are signed when they are sent, since their signatures do not keep.
const SIGNED: Files = &[("providers.jsonl", include_str!("../../traffic/providers.jsonl"))];

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
    /// `{channel}/{provider id}` of the message it brings, none when it has to be refused; for requests that are not
    /// signed anew.
    pub(crate) event: Option<String>,
    /// The provider that signs it when it is sent.
    #[serde(default)]
    pub(crate) provider: Option<String>,
    /// What follows the `?` of its URL.
    #[serde(default)]
    pub(crate) query: String,
    /// Whether its body stands in base64.
    #[serde(default)]
    pub(crate) base64: bool,
    /// What a request that is signed anew brings: each event once, with what it says where it is a message.
    #[serde(default)]
    pub(crate) brings: Vec<Brought>,
    /// What is worth a look in it.
    pub(crate) why: String,
}

/// An event that a request brings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Brought {
    /// `{channel}/{provider id}`.
    pub(crate) event: String,
    /// What it says, if it is a message.
    #[serde(default)]
    pub(crate) said: Option<Said>,
}

impl Request {
    /// The events it brings.
    pub(crate) fn events(&self) -> impl Iterator<Item = &str> {
        let brought = self.brings.iter().map(|brought| &brought.event);
        self.event.iter().chain(brought).map(String::as_str)
    }

    /// What it says, if it brings an event and is not signed anew.
    pub(super) fn said(&self) -> Result<Said, TrafficError> {
        Said::read(&self.path, &self.body).map_err(|why| TrafficError::Unreadable {
            name: self.name.clone(),
            why,
        })
    }

    /// The messages it brings, with the events they are of.
    ///
    /// # Errors
    /// [`TrafficError::Unreadable`] when one cannot be read from it.
    pub(crate) fn messages(&self) -> Result<Vec<(&str, Said)>, TrafficError> {
        let mut messages = Vec::new();
        if let Some(event) = &self.event {
            messages.push((event.as_str(), self.said()?));
        }
        let brought = self.brings.iter();
        messages.extend(brought.filter_map(|brought| Some((brought.event.as_str(), brought.said.clone()?))));
        Ok(messages)
    }
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
        let mut requests = read(PLAIN)?;
        requests.extend(read(SIGNED)?);
        Ok(Self::new(requests, Expected::plain()?.and(Expected::signed()?)))
    }

    /// The part of it that is sent byte for byte as recorded.
    ///
    /// # Errors
    /// As [`Recording::load`].
    #[cfg(test)]
    pub(crate) fn plain() -> Result<Self, TrafficError> {
        Ok(Self::new(read(PLAIN)?, Expected::plain()?))
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

    /// The place of the request's conversation among the expected ones; none for one that brings no message. All of a
    /// request's messages count for the first one's conversation.
    pub(crate) fn conversation_of(&self, request: &Request) -> Option<usize> {
        request
            .events()
            .find_map(|event| self.conversations.get(event).copied())
    }

    /// Which requests have to be sent one after another: those of one conversation, and all of one provider that is
    /// signed anew, since its requests may hold many conversations.
    pub(crate) fn line_of(&self, request: &Request) -> Option<usize> {
        match &request.provider {
            Some(provider) => Some(provider.bytes().map(usize::from).sum()),
            None => self.conversation_of(request),
        }
    }

    /// For each expected conversation, in their order, its messages by first arrival.
    ///
    /// # Errors
    /// [`TrafficError::Unreadable`] when a request names an event that cannot be read from it.
    pub(crate) fn messages(&self) -> Result<Vec<Vec<Said>>, TrafficError> {
        let mut met: HashSet<&str> = HashSet::new();
        let mut messages = vec![Vec::new(); self.expected.conversations.len()];
        for request in &self.requests {
            for (event, said) in request.messages()? {
                if let Some(&place) = self.conversations.get(event)
                    && met.insert(event)
                {
                    messages[place].push(said);
                }
            }
        }
        Ok(messages)
    }
}

fn read(files: Files) -> Result<Vec<Request>, TrafficError> {
    let mut requests = Vec::new();
    for &(file, text) in files {
        for (number, line) in text.lines().enumerate() {
            let request = serde_json::from_str(line).map_err(|source| TrafficError::Line {
                file,
                line: number + 1,
                source,
            })?;
            requests.push(request);
        }
    }
    Ok(requests)
}

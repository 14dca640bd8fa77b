//! Compares a conversation as recorded with the one that the API shows.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::expected::ExpectedConversation;
use super::listing::{Conversation, Message};
use super::reading::Said;
use super::report::{Finding, Problem};

/// What the API shows of one conversation.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    /// The conversation itself.
    pub(crate) conversation: Conversation,
    /// Its messages, in the order of the list.
    pub(crate) messages: Vec<Message>,
}

/// All that is wrong with a conversation; `said` are its messages by arrival.
pub(crate) fn compare(expected: &ExpectedConversation, said: &[Said], shown: Option<&Shown>) -> Vec<Finding> {
    let finding = |problem| Finding {
        conversation: expected.key.clone(),
        problem,
    };
    let Some(shown) = shown else {
        return said
            .iter()
            .map(|it| {
                finding(Problem::Missing {
                    message: it.id.clone(),
                })
            })
            .collect();
    };
    let mut problems = Vec::new();
    let places = match_up(said, &shown.messages, &mut problems);
    order(said, &shown.messages, &places, &mut problems);
    statuses(said, &shown.messages, &places, &mut problems);
    summary(expected, shown, &mut problems);
    problems.into_iter().map(finding).collect()
}

/// What tells one message from another: the API does not show the provider's id.
#[derive(PartialEq, Eq, Hash)]
struct Identity<'a> {
    from: &'a str,
    to: &'a str,
    body: &'a str,
    attachments: Vec<&'a str>,
    timestamp: Option<DateTime<Utc>>,
}

/// For each shown message its place among `said`. Two that look the same are two: each is used up once.
fn match_up(said: &[Said], shown: &[Message], problems: &mut Vec<Problem>) -> Vec<Option<usize>> {
    let mut known: HashMap<Identity<'_>, Vec<usize>> = HashMap::new();
    for (place, it) in said.iter().enumerate() {
        let attachments = it.attachments.iter().map(String::as_str).collect();
        let (from, to, body) = (&it.from, &it.to, &it.body);
        known
            .entry(Identity {
                from,
                to,
                body,
                attachments,
                timestamp: it.timestamp,
            })
            .or_default()
            .push(place);
    }
    let mut used: HashMap<usize, usize> = HashMap::new();
    let (mut places, mut unexpected) = (Vec::new(), 0);
    for message in shown {
        let look_up = |timestamp| {
            let attachments = message.attachments.iter().flatten().map(address).collect();
            let (from, to, body) = (&message.from, &message.to, &message.body);
            known.get(&Identity {
                from,
                to,
                body,
                attachments,
                timestamp,
            })
        };
        // A provider that tells no time gives the message the time of its recording, which is any.
        let Some(alike) = look_up(Some(message.timestamp)).or_else(|| look_up(None)) else {
            unexpected += 1;
            places.push(None);
            continue;
        };
        let free = alike.iter().find(|place| !used.contains_key(place));
        let place = *free.unwrap_or(&alike[alike.len() - 1]);
        *used.entry(place).or_default() += 1;
        places.push(free.copied());
    }
    for (place, it) in said.iter().enumerate() {
        let message = it.id.clone();
        match used.get(&place) {
            None => problems.push(Problem::Missing { message }),
            Some(1) => {}
            Some(&times) => problems.push(Problem::Doubled { message, times }),
        }
    }
    if unexpected > 0 {
        problems.push(Problem::Unexpected { messages: unexpected });
    }
    places
}

/// An attachment's address.
fn address(attachment: &serde_json::Value) -> &str {
    attachment
        .as_str()
        .or_else(|| attachment.get("url")?.as_str())
        .unwrap_or_default()
}

/// The list ascends by timestamp, then by arrival; so do messages that have the time of their recording.
fn order(said: &[Said], shown: &[Message], places: &[Option<usize>], problems: &mut Vec<Problem>) {
    let mut before: Option<(DateTime<Utc>, usize)> = None;
    let mut timeless_before: Option<usize> = None;
    for (message, place) in shown.iter().zip(places) {
        let Some(place) = *place else { continue };
        let timeless = said[place].timestamp.is_none();
        let late = before.is_some_and(|before| before > (message.timestamp, place))
            || (timeless && timeless_before.is_some_and(|before| before > place));
        if late {
            problems.push(Problem::OutOfOrder {
                message: said[place].id.clone(),
            });
        }
        before = Some((message.timestamp, place));
        if timeless {
            timeless_before = Some(place);
        }
    }
}

/// How far each message got.
fn statuses(said: &[Said], shown: &[Message], places: &[Option<usize>], problems: &mut Vec<Problem>) {
    for (message, place) in shown.iter().zip(places) {
        let Some(said) = place.map(|place| &said[place]) else {
            continue;
        };
        if message.status != said.status {
            problems.push(Problem::WrongStatus {
                message: said.id.clone(),
                expected: said.status.clone(),
                says: message.status.clone(),
            });
        }
    }
}

/// What the conversation says of itself.
fn summary(expected: &ExpectedConversation, shown: &Shown, problems: &mut Vec<Problem>) {
    let Shown {
        conversation,
        messages,
    } = shown;
    if (
        &conversation.channel,
        &conversation.participant_a,
        &conversation.participant_b,
    ) != (
        &expected.channel,
        &expected.participant_a,
        &expected.participant_b,
    ) {
        problems.push(Problem::WrongParticipants);
    }
    if conversation.message_count != expected.message_count || conversation.message_count != messages.len() {
        problems.push(Problem::WrongCount {
            expected: expected.message_count,
            says: conversation.message_count,
            listed: messages.len(),
        });
    }
    let largest = messages.iter().map(|message| message.timestamp).max();
    let right = expected.last_activity_at.or(largest);
    if right != Some(conversation.last_activity_at) || largest != right {
        problems.push(Problem::WrongLastActivity {
            expected: right,
            says: conversation.last_activity_at,
        });
    }
}

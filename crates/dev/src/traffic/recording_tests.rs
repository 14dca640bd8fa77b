//! The recording is as rich as it should be, and `expected.json` is what comes of it.

use std::collections::{BTreeMap, HashSet};

use super::Recording;
use super::expected::{Expected, ExpectedConversation, Totals};
use super::grouping::participants;

fn recording() -> Recording {
    Recording::plain().unwrap()
}

/// The expectations, worked out anew from the requests alone.
fn worked_out(recording: &Recording) -> Expected {
    let mut conversations: BTreeMap<String, (ExpectedConversation, bool)> = BTreeMap::new();
    let mut met = HashSet::new();
    let mut totals = Totals {
        requests: recording.requests().len(),
        events: 0,
        messages: 0,
        duplicates: 0,
        refused: 0,
    };
    for request in recording.requests() {
        let Some(event) = &request.event else {
            totals.refused += 1;
            continue;
        };
        let said = request.said().unwrap();
        assert_eq!(&said.event(), event, "{}", request.name);
        if !met.insert(event) {
            totals.duplicates += 1;
            continue;
        }
        totals.events += 1;
        totals.messages += 1;
        let (a, b) = participants(&said.channel, &said.from, &said.to);
        let key = format!("{}:{a}<->{b}", said.channel);
        let (conversation, timeless) = conversations.entry(key.clone()).or_insert_with(|| {
            let channel = said.channel.clone();
            let (message_count, last_activity_at, arrivals) = (0, None, Vec::new());
            let it = ExpectedConversation {
                key,
                channel,
                participant_a: a,
                participant_b: b,
                message_count,
                last_activity_at,
                arrivals,
            };
            (it, false)
        });
        conversation.message_count += 1;
        conversation.arrivals.push(said.id);
        *timeless |= said.timestamp.is_none();
        conversation.last_activity_at = if *timeless {
            None
        } else {
            conversation.last_activity_at.max(said.timestamp)
        };
    }
    Expected {
        totals,
        conversations: conversations.into_values().map(|(it, _)| it).collect(),
    }
}

#[test]
fn the_expectations_are_what_comes_of_the_requests() {
    let recording = recording();
    let (kept, anew) = (recording.expected(), worked_out(&recording));
    assert_eq!(kept.totals, anew.totals);
    let kept: BTreeMap<_, _> = kept.conversations.iter().map(|it| (&it.key, it)).collect();
    for conversation in &anew.conversations {
        let kept = kept.get(&conversation.key).copied();
        let worked_out = serde_json::to_string_pretty(conversation).unwrap();
        assert_eq!(
            kept,
            Some(conversation),
            "expected.json should hold:\n{worked_out}"
        );
    }
    assert_eq!(
        kept.len(),
        anew.conversations.len(),
        "expected.json has conversations that nobody has"
    );
}

#[test]
fn each_expected_message_is_found_in_the_recording() {
    let recording = recording();
    for (conversation, messages) in recording
        .expected()
        .conversations
        .iter()
        .zip(recording.messages().unwrap())
    {
        let ids: Vec<String> = messages.into_iter().map(|said| said.id).collect();
        assert_eq!(ids, conversation.arrivals, "{}", conversation.key);
    }
}

#[test]
fn there_is_enough_of_every_kind() {
    let recording = recording();
    let requests = recording.requests();
    let count =
        |test: &dyn Fn(&super::recording::Request) -> bool| requests.iter().filter(|it| test(it)).count();
    assert!(requests.len() >= 240);
    assert_eq!(
        requests.iter().map(|it| &it.name).collect::<HashSet<_>>().len(),
        requests.len()
    );
    for (prefix, least) in [
        ("sms/", 100),
        ("mms/", 20),
        ("email/", 50),
        ("sms/SM", 30),
        ("mms/MM", 8),
    ] {
        let there = count(&|it| it.event.as_ref().is_some_and(|event| event.starts_with(prefix)));
        assert!(there >= least, "{prefix}: {there}");
    }
    for status in [200, 202, 400, 401, 415] {
        assert!(count(&|it| it.answer == status) >= 3, "{status}");
    }
    for (what, text) in [
        ("emoji", "🚲"),
        ("right to left, Arabic", "مرحبا"),
        ("right to left, Hebrew", "שלום"),
        ("Japanese", "すみません"),
        ("a combining mark", "e\u{301}"),
        ("an escaped surrogate pair", "\\ud83d\\udc15"),
        ("a NUL", "\\u0000"),
        ("an entity", "&mdash;"),
        ("a plus-tag", "+orders@"),
        ("upper case", "@EXAMPLE.COM"),
        ("a formatted number", "+1 (212) 555-0142"),
        ("an offset", "+11:00"),
    ] {
        assert!(
            count(&|it| it.event.is_some() && it.body.contains(text)) > 0,
            "{what}"
        );
    }
}

#[test]
fn conversations_are_interleaved_and_some_have_two_providers() {
    let recording = recording();
    let order: Vec<_> = recording
        .requests()
        .iter()
        .filter_map(|it| recording.conversation_of(it))
        .collect();
    let switches = order.windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert!(
        switches > order.len() / 2,
        "{switches} switches in {}",
        order.len()
    );
    let mixed = recording
        .messages()
        .unwrap()
        .into_iter()
        .filter(|it| {
            it.iter().any(|said| said.timestamp.is_none()) && it.iter().any(|said| said.timestamp.is_some())
        })
        .count();
    assert!(mixed >= 2, "{mixed}");
}

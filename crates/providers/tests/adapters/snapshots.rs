//! What each provider's requests become: a snapshot to be looked at when it changes.

use std::collections::BTreeMap;

use mailroom_domain::{File, IncomingMessage, Payload};
use mailroom_providers::{Delivery, Incoming, Reading, hex, read};
use serde_json::{Value, json};

use crate::account::{Account, accounts};

#[test]
fn each_request_becomes_what_it_was() {
    for account in accounts() {
        let shown: BTreeMap<String, Value> = account
            .fixtures()
            .into_iter()
            .map(|fixture| {
                let delivery = account.split(&account.sign(&fixture.request, 1));
                (fixture.name, delivered(&account, delivery))
            })
            .collect();
        insta::with_settings!({omit_expression => true, prepend_module_to_snapshot => false}, {
            insta::assert_json_snapshot!(account.name(), shown);
        });
    }
}

fn delivered(account: &Account, delivery: Delivery) -> Value {
    match delivery {
        Delivery::Handshake(reply) => json!({"handshake": reply.body}),
        Delivery::Confirm(url) => json!({"confirm": url}),
        Delivery::Events(split) => {
            let events: Vec<Value> = split.events.iter().map(|it| event(account, it)).collect();
            json!({"events": events, "new fields": split.drift.fields, "new types": split.drift.types})
        }
    }
}

fn event(account: &Account, event: &Incoming) -> Value {
    let mut shown = json!({
        "kind": event.kind.as_str(),
        "channel": event.channel.as_str(),
        "sender": event.sender,
        "recipient": event.recipient,
        "key": event.conversation_key.as_str(),
        "id": event.provider_message_id,
        "payload": match event.payload { Payload::Json(_) => "json", Payload::Bytes(_) => "bytes" },
        "reads as": match read(&account.claimed(event)) {
            Ok(Reading::Message(content)) => message(&content),
            Ok(Reading::Status(change)) => json!({
                "status of": change.reference.id, "status": change.status.as_str(), "word": change.word,
                "error": change.error, "at": change.at,
            }),
            Ok(Reading::Notice) => json!("notice"),
            Ok(Reading::Events(events)) => json!({"events": events.len()}),
            Err(failure) => json!({"failure": failure.code.as_str(), "cause": failure.cause}),
        },
    });
    if !event.headers.is_empty() {
        shown["headers"] = json!(event.headers);
    }
    shown
}

fn message(message: &IncomingMessage) -> Value {
    let mut shown = json!({
        "from": message.from, "to": message.to, "body": message.body, "at": message.timestamp,
    });
    if let Some(reference) = &message.reference {
        shown["reference"] = json!(reference.id);
    }
    if message.attachments.is_some() {
        shown["attachments"] = json!(message.attachments);
        shown["files"] = message.files.iter().map(file).collect();
    }
    if let Some(email) = &message.email {
        shown["email"] = json!(email);
    }
    shown
}

fn file(file: &File) -> Value {
    let hash = file.sha256.map(hex);
    json!({
        "name": file.name, "type": file.content_type, "size": file.size, "sha256": hash,
        "place": file.place.as_ref().map(|place| format!("{place:?}")),
    })
}

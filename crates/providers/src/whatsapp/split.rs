//! Splits a request into its messages, statuses and notices, each in an envelope of its own.

use mailroom_domain::{Channel, Headers};
use serde_json::Value;

use super::{
    NAME,
    envelope::{Contacts, Frame, OBJECT, Object, change_alone, entry_alone},
    fields::{self, Problem},
    message, notice, status,
};
use crate::{Drift, Incoming, MOST_EVENTS};

/// What a request holds; what cannot be understood as a whole is kept as a whole.
pub(super) fn split(body: &[u8], endpoint: &str, drift: &mut Drift) -> Vec<Incoming> {
    let mut found = Found {
        endpoint,
        drift,
        events: Vec::new(),
    };
    match found.request(body) {
        Ok(()) => found.events,
        Err(problem) => vec![quarantined(endpoint, body, problem)],
    }
}

fn quarantined(endpoint: &str, received: &[u8], problem: Problem) -> Incoming {
    let why = (problem.code(), &*problem.to_string());
    Incoming::quarantined(NAME, endpoint, Channel::Whatsapp, Headers::new(), received, why)
}

struct Found<'a> {
    endpoint: &'a str,
    drift: &'a mut Drift,
    events: Vec<Incoming>,
}

impl Found<'_> {
    fn request(&mut self, body: &[u8]) -> Result<(), Problem> {
        let received = crate::json::parse(body).map_err(|_| Problem::NotJson)?;
        let envelope = received.as_object().ok_or(Problem::Missing("object"))?;
        match envelope.get("object").and_then(Value::as_str) {
            Some(OBJECT) => {}
            Some(other) => {
                self.drift.types.push(other.to_owned());
                return Err(Problem::UnknownObject);
            }
            None => return Err(Problem::Missing("object")),
        }
        self.drift.note(envelope, fields::ENVELOPE);
        for entry in list(envelope, "entry")?.ok_or(Problem::Missing("entry"))? {
            let kept = || entry_alone(entry.clone());
            let found = self.entry(entry);
            self.aside(found, kept)?;
        }
        if self.events.is_empty() {
            Err(Problem::Empty("entry"))
        } else {
            Ok(())
        }
    }

    fn entry(&mut self, entry: &Value) -> Result<(), Problem> {
        let entry = entry.as_object().ok_or(Problem::Missing("entry"))?;
        let changes = list(entry, "changes")?.ok_or(Problem::Missing("changes"))?;
        if changes.is_empty() {
            return Err(Problem::Empty("changes"));
        }
        self.drift.note(entry, fields::ENTRY);
        for change in changes {
            let before = self.events.len();
            let found = self.change(entry, change);
            if found.is_err_and(|problem| problem != Problem::TooMany) {
                // It is kept whole, so nothing of it may be there twice.
                self.events.truncate(before);
            }
            self.aside(found, || change_alone(entry, change))?;
        }
        Ok(())
    }

    fn change(&mut self, entry: &Object, change: &Value) -> Result<(), Problem> {
        let object = change.as_object().ok_or(Problem::Missing("changes"))?;
        let field = object.get("field").and_then(Value::as_str);
        match field.ok_or(Problem::Missing("field"))? {
            "messages" => {}
            known if notice::KNOWN.contains(&known) => {
                let notice = notice::of_change(&change_alone(entry, change), self.endpoint);
                return self.push(notice);
            }
            unknown => {
                self.drift.types.push(unknown.to_owned());
                return Err(Problem::UnknownField);
            }
        }
        let value = object.get("value").and_then(Value::as_object);
        let value = value.ok_or(Problem::Missing("value"))?;
        self.drift.note(object, fields::CHANGE);
        self.drift.note(value, fields::VALUE);
        if let Some(metadata) = value.get("metadata").and_then(Value::as_object) {
            self.drift.note(metadata, fields::METADATA);
        }
        self.items(&Frame::of(entry, object, value)?, value)
    }

    fn items(&mut self, frame: &Frame, value: &Object) -> Result<(), Problem> {
        // Contacts only lend their names: the messages count without them.
        let people = list(value, "contacts").ok().flatten().unwrap_or_default();
        for contact in people.iter().filter_map(Value::as_object) {
            self.drift.note(contact, fields::CONTACT);
        }
        let contacts = Contacts::of(people);
        let before = self.events.len();
        for name in ["messages", "statuses"] {
            let Ok(items) = list(value, name) else {
                // One list that is none does not take the other along.
                self.put_aside(frame, name, value)?;
                continue;
            };
            for item in items.unwrap_or_default() {
                let mut lists = vec![(name, Value::from(vec![item.clone()]))];
                let matching = contacts.matching(item);
                if !matching.is_empty() {
                    lists.push(("contacts", matching.into()));
                }
                let alone = frame.around(lists);
                let made = match name {
                    "messages" => message::incoming(&alone, self.endpoint, self.drift),
                    _ => status::incoming(&alone, self.endpoint, self.drift),
                };
                self.push(made.unwrap_or_else(|problem| {
                    quarantined(self.endpoint, alone.to_string().as_bytes(), problem)
                }))?;
            }
        }
        match list(value, "errors") {
            Ok(None | Some([])) => {}
            Ok(Some(errors)) => {
                let alone = frame.around([("errors", errors.to_vec().into())]);
                self.push(notice::of_change(&alone, self.endpoint))?;
            }
            Err(_) => self.put_aside(frame, "errors", value)?,
        }
        if self.events.len() == before {
            return Err(Problem::Empty("value"));
        }
        Ok(())
    }

    /// Puts a list aside that is none, in its envelope.
    fn put_aside(&mut self, frame: &Frame, name: &'static str, value: &Object) -> Result<(), Problem> {
        let alone = frame.around([(name, value[name].clone())]);
        let event = quarantined(
            self.endpoint,
            alone.to_string().as_bytes(),
            Problem::Missing(name),
        );
        self.push(event)
    }

    fn push(&mut self, event: Incoming) -> Result<(), Problem> {
        self.events.push(event);
        (self.events.len() <= MOST_EVENTS)
            .then_some(())
            .ok_or(Problem::TooMany)
    }

    /// Puts aside what could not be understood, in the envelope in which a later release may understand it.
    fn aside(&mut self, found: Result<(), Problem>, kept: impl Fn() -> Value) -> Result<(), Problem> {
        match found {
            Ok(()) => Ok(()),
            Err(Problem::TooMany) => Err(Problem::TooMany),
            Err(problem) => self.push(quarantined(self.endpoint, kept().to_string().as_bytes(), problem)),
        }
    }
}

fn list<'a>(object: &'a Object, name: &'static str) -> Result<Option<&'a [Value]>, Problem> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(items)) => Ok(Some(items)),
        Some(_) => Err(Problem::Missing(name)),
    }
}

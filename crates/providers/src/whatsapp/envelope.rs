//! The envelope around each message or status: kept with every item on its own, and opened again to read it.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::fields::Problem;

pub(super) type Object = Map<String, Value>;

/// The only `object` that the Cloud API is about.
pub(super) const OBJECT: &str = "whatsapp_business_account";
/// What stands around the items is kept with each of them: a few names and numbers. Were there no limit, a request
/// of 4 MiB could be made into one of many GiB.
const MOST_AROUND: usize = 4096;

/// What stands around the items of one change.
pub(super) struct Frame {
    entry: Object,
    change: Object,
    value: Object,
}

impl Frame {
    pub(super) fn of(entry: &Object, change: &Object, value: &Object) -> Result<Self, Problem> {
        let frame = Self {
            entry: without(entry, &["changes"]),
            change: without(change, &["value"]),
            value: without(value, &["contacts", "messages", "statuses", "errors"]),
        };
        let around = [&frame.entry, &frame.change, &frame.value];
        let length: usize = around.into_iter().map(length).sum();
        (length <= MOST_AROUND).then_some(frame).ok_or(Problem::Bulky)
    }

    /// The envelope with these lists and nothing else.
    pub(super) fn around(&self, lists: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
        let mut value = self.value.clone();
        value.extend(lists.into_iter().map(|(name, items)| (name.to_owned(), items)));
        let mut change = self.change.clone();
        change.insert("value".to_owned(), value.into());
        envelope(self.entry.clone(), change.into())
    }
}

/// The envelope with this change and nothing else.
pub(super) fn change_alone(entry: &Object, change: &Value) -> Value {
    envelope(without(entry, &["changes"]), change.clone())
}

/// The envelope with this entry and nothing else.
pub(super) fn entry_alone(entry: Value) -> Value {
    let parts = [("object", OBJECT.into()), ("entry", Value::Array(vec![entry]))];
    Value::Object(
        parts
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .collect(),
    )
}

fn envelope(mut entry: Object, change: Value) -> Value {
    entry.insert("changes".to_owned(), Value::Array(vec![change]));
    entry_alone(entry.into())
}

fn without(object: &Object, names: &[&str]) -> Object {
    let kept = object.iter().filter(|(name, _)| !names.contains(&name.as_str()));
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn length(object: &Object) -> usize {
    serde_json::to_vec(object).map_or(usize::MAX, |text| text.len())
}

/// The people whom a change names, by their numbers and ids.
pub(super) struct Contacts<'a> {
    people: HashMap<&'a str, &'a Value>,
    only: Option<&'a Value>,
}

impl<'a> Contacts<'a> {
    /// Those that are not too large to be kept with each of their items.
    pub(super) fn of(contacts: &'a [Value]) -> Self {
        let mut people = HashMap::new();
        let fits = |contact: &&Value| serde_json::to_vec(contact).is_ok_and(|text| text.len() <= MOST_AROUND);
        let kept: Vec<&Value> = contacts.iter().filter(fits).collect();
        for &contact in &kept {
            let names = ["wa_id", "user_id"]
                .iter()
                .filter_map(|name| contact.get(name)?.as_str());
            people.extend(names.map(|name| (name, contact)));
        }
        let only = match (contacts, &kept[..]) {
            ([_], [only]) => Some(*only),
            _ => None,
        };
        Self { people, only }
    }

    /// The one whom this item is from or went to.
    pub(super) fn matching(&self, item: &Value) -> Vec<Value> {
        let names = ["from", "from_user_id", "recipient_id", "recipient_user_id"];
        let mut matching = names
            .iter()
            .filter_map(|name| self.people.get(item.get(name)?.as_str()?).copied());
        matching.next().or(self.only).cloned().into_iter().collect()
    }
}

/// One message or status in the envelope that is kept with it.
pub(super) struct Item<'a> {
    pub(super) object: &'a Object,
    metadata: &'a Value,
    contact: &'a Value,
}

impl<'a> Item<'a> {
    /// The item of a kept envelope.
    pub(super) fn of(envelope: &'a Value, list: &'static str) -> Result<Self, Problem> {
        let value = &envelope["entry"][0]["changes"][0]["value"];
        Ok(Self {
            object: value[list][0].as_object().ok_or(Problem::Missing(list))?,
            metadata: &value["metadata"],
            contact: &value["contacts"][0],
        })
    }

    /// The item without what stands around it, always written the same way.
    pub(super) fn written(&self) -> String {
        // A map of JSON with texts for keys can be written.
        serde_json::to_string(self.object).unwrap_or_default()
    }

    /// A field's text, unless it is empty.
    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        filled(self.object.get(name)?)
    }

    /// What the item's contact is called by this name.
    pub(super) fn contact(&self, name: &str) -> Option<&'a str> {
        filled(&self.contact[name])
    }

    /// The business's number; its id where the number is not told.
    pub(super) fn business(&self) -> Option<&'a str> {
        let names = ["display_phone_number", "phone_number_id"];
        names.iter().find_map(|name| filled(&self.metadata[name]))
    }
}

fn filled(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.is_empty())
}

//! A message's text, or in short what it is instead of text.

use mailroom_domain::displayable;
use serde_json::Value;

use super::fields::Object;

/// The text or caption; of what has neither, what can be said in a line or two.
pub(super) fn of(message: &Object) -> String {
    let said = ["text", "caption"]
        .iter()
        .find_map(|name| message.get(*name)?.as_str());
    let text = match said {
        Some(text) => text.to_owned(),
        None => instead(message).unwrap_or_default(),
    };
    displayable(text)
}

fn instead(message: &Object) -> Option<String> {
    if let Some(venue) = message.get("venue") {
        let lines = [
            plain(&venue["title"]),
            plain(&venue["address"]),
            point(&venue["location"]),
        ];
        return Some(joined(lines, "\n"));
    }
    if let Some(contact) = message.get("contact") {
        let names = ["first_name", "last_name", "phone_number"];
        return Some(joined(names.map(|name| plain(&contact[name])), " "));
    }
    let within = [
        ("poll", "question"),
        ("dice", "emoji"),
        ("game", "title"),
        ("invoice", "title"),
        ("checklist", "title"),
        ("web_app_data", "data"),
    ];
    message.get("location").and_then(point).or_else(|| {
        within
            .iter()
            .find_map(|&(name, field)| plain(&message.get(name)?[field]))
    })
}

/// Where a place is (RFC 5870).
fn point(location: &Value) -> Option<String> {
    let coordinate = |name: &str| location[name].as_number().map(ToString::to_string);
    let (latitude, longitude) = coordinate("latitude").zip(coordinate("longitude"))?;
    Some(format!("geo:{latitude},{longitude}"))
}

fn plain(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn joined<const N: usize>(parts: [Option<String>; N], by: &str) -> String {
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    parts.join(by)
}

//! Fields of a direct body: present, of the right type, and fit to be kept.

use chrono::{DateTime, Datelike, Utc};
use mailroom_domain::{BadAddress, Channel, File, FilePlace, participant};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Why a body is not valid. Names fields, never values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Not JSON, or not UTF-8, or nested too deep, or with escapes that are no characters.
    #[error("the body is not valid JSON")]
    NotJson,
    /// Not an object, or a field of the wrong type.
    #[error("{0} has the wrong type")]
    WrongType(String),
    /// There more than once: it would be chance which one counts.
    #[error("`{0}` is given twice")]
    Twice(String),
    /// Neither an SMS nor an MMS.
    #[error("`type` is neither \"sms\" nor \"mms\"")]
    UnknownType,
    /// Not there, or null.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// There, with nothing in it.
    #[error("`{0}` is empty")]
    Empty(&'static str),
    /// Longer than anything a provider sends, or with characters that no id or address has.
    #[error("`{0}` is too long or holds control characters")]
    Unfit(&'static str),
    /// Not an address of its channel.
    #[error("`{field}` is {problem}")]
    BadAddress {
        /// The field.
        field: &'static str,
        /// What an address looks like.
        problem: BadAddress,
    },
    /// Not an RFC 3339 time with an offset.
    #[error("`timestamp` is not an RFC 3339 time such as 2024-11-01T14:00:00Z")]
    BadTimestamp,
    /// An MMS with nothing attached.
    #[error("`attachments` of an mms needs at least one entry")]
    NoAttachments,
    /// Attachments that are neither URLs nor objects.
    #[error("`attachments` is null or a list of URLs or objects")]
    BadAttachments,
}

/// Ids longer than this fit no index.
const LONGEST_ID: usize = 512;

/// As deep as `serde_json` reads values.
const DEEPEST: usize = 127;

fn is_deeper_than(limit: usize, json: &[u8]) -> bool {
    if memchr::memchr2_iter(b'[', b'{', json).nth(limit).is_none() {
        return false; // there are not even as many
    }
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    json.iter().any(|byte| {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => depth += 1,
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > limit
    })
}

/// Reads JSON into its fields; which field is at fault is only worked out when one is.
pub(super) fn fields<T: DeserializeOwned>(body: &[u8]) -> Result<T, Invalid> {
    // serde skips unknown fields however deep they go; whoever reads the payload later need not.
    if is_deeper_than(DEEPEST, body) {
        return Err(Invalid::NotJson);
    }
    // serde would read a list as the fields in order of declaration.
    if body.trim_ascii_start().first() != Some(&b'{') {
        let json = serde_json::from_slice::<serde::de::IgnoredAny>(body);
        return Err(json.map_or(Invalid::NotJson, |_| Invalid::WrongType("the body".to_owned())));
    }
    serde_json::from_slice(body).map_err(|error| {
        if !error.is_data() {
            return Invalid::NotJson;
        }
        if let Some(field) = error
            .to_string()
            .strip_prefix("duplicate field `")
            .and_then(|rest| rest.split_once('`'))
        {
            return Invalid::Twice(field.0.to_owned()); // one of ours: any other may come as often as it likes
        }
        let mut json = serde_json::Deserializer::from_slice(body);
        match serde_path_to_error::deserialize::<_, T>(&mut json) {
            Err(fault) if fault.path().iter().len() > 0 => Invalid::WrongType(format!("`{}`", fault.path())),
            _ => Invalid::WrongType("the body".to_owned()),
        }
    })
}

pub(super) fn present<T>(name: &'static str, field: Option<T>) -> Result<T, Invalid> {
    field.ok_or(Invalid::Missing(name))
}

pub(super) fn id(name: &'static str, field: Option<String>) -> Result<String, Invalid> {
    let id = present(name, field)?;
    match id.as_str() {
        "" => Err(Invalid::Empty(name)),
        text if text.trim().is_empty() => Err(Invalid::Empty(name)),
        text if text.len() > LONGEST_ID || text.contains(char::is_control) => Err(Invalid::Unfit(name)),
        _ => Ok(id),
    }
}

/// An address as sent, and its normalised form.
pub(super) fn address(
    name: &'static str,
    channel: Channel,
    field: Option<String>,
) -> Result<(String, String), Invalid> {
    let address = present(name, field)?;
    if address.trim().is_empty() {
        return Err(Invalid::Empty(name));
    }
    let normalised =
        participant(channel, &address).map_err(|problem| Invalid::BadAddress { field: name, problem })?;
    Ok((address, normalised))
}

pub(super) fn timestamp(field: Option<String>) -> Result<DateTime<Utc>, Invalid> {
    let text = present("timestamp", field)?;
    let time = DateTime::parse_from_rfc3339(&text)
        .map_err(|_| Invalid::BadTimestamp)?
        .to_utc();
    // In UTC it may fall out of the years that RFC 3339 can write.
    if (0..=9999).contains(&time.year()) {
        Ok(time)
    } else {
        Err(Invalid::BadTimestamp)
    }
}

pub(super) fn attachments(field: Option<Value>) -> Result<Option<Value>, Invalid> {
    let fits = |entry: &Value| match entry {
        Value::String(url) => !url.is_empty() && !url.contains('\0'),
        Value::Object(_) => !holds_nul(entry),
        _ => false,
    };
    match field {
        None => Ok(None),
        Some(Value::Array(entries)) if entries.iter().all(fits) => Ok(Some(Value::Array(entries))),
        Some(_) => Err(Invalid::BadAttachments),
    }
}

/// The same attachments in the form in which all providers' are kept: URLs, or objects that may tell more.
pub(super) fn files(attachments: Option<&Value>) -> Vec<File> {
    let entries = attachments
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    entries.iter().map(file).collect()
}

fn file(entry: &Value) -> File {
    if let Some(url) = entry.as_str() {
        return File {
            place: Some(FilePlace::Url(url.to_owned())),
            ..File::default()
        };
    }
    let text = |names: &[&str]| {
        names
            .iter()
            .find_map(|name| entry[*name].as_str())
            .map(str::to_owned)
    };
    File {
        name: text(&["name", "filename"]),
        content_type: text(&["content_type", "type"]),
        size: entry["size"].as_u64(),
        place: text(&["url"]).map(FilePlace::Url),
        sha256: None,
    }
}

/// Whether there is a NUL, which the database cannot hold, in a name or a text.
fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(entries) => entries.iter().any(holds_nul),
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| name.contains('\0') || holds_nul(value)),
        _ => false,
    }
}

pub(super) fn is_empty(attachments: Option<&Value>) -> bool {
    attachments.and_then(Value::as_array).is_none_or(Vec::is_empty)
}

//! Redaction: secrets are taken out of events before anything is written down.
//!
//! It works on the text, not on a tree: whatever is not taken out stays as it was received, to the byte, and JSON that
//! is broken is redacted like JSON that is not.

mod cards;
mod iban;
mod json;
mod mime;
mod named;
mod names;
mod pointer;
mod settings;
#[cfg(test)]
mod tests;
mod text;

use mailroom_domain::Payload;
use serde::de::IgnoredAny;

use crate::{Incoming, ONE_EVENT};

use names::Names;
use pointer::Pointer;
pub use settings::{BadRedaction, RedactionSettings};

/// How deep JSON, base64 and MIME are looked into.
const DEEPEST: usize = 4;
/// What stands where something was taken out.
const REDACTED: &str = "[redacted]";

/// What is taken out of an endpoint's events; made once.
#[derive(Debug, Clone)]
pub struct Redaction {
    names: Names,
    pointers: Vec<Pointer>,
    headers: Vec<String>,
    cards: bool,
}

impl Redaction {
    /// Makes it of its settings.
    ///
    /// # Errors
    /// [`BadRedaction`] when a pointer is none.
    pub fn new(settings: &RedactionSettings) -> Result<Self, BadRedaction> {
        let pointers = settings.pointers.iter().map(|pointer| Pointer::parse(pointer));
        Ok(Self {
            names: Names::new(&settings.names, &settings.keep),
            pointers: pointers.collect::<Result<_, _>>()?,
            headers: settings.headers.iter().map(|name| name.to_lowercase()).collect(),
            cards: settings.cards,
        })
    }

    /// Takes secrets out of an event's payload and headers. Fields of the `load_bearing` names are left alone, unless the
    /// settings name them. Gives back how many places were redacted.
    pub fn apply(&self, incoming: &mut Incoming, load_bearing: &[&str]) -> usize {
        let before = incoming.headers.len();
        incoming
            .headers
            .retain(|name, _| !self.headers.contains(name) && !self.names.is_sensitive(name, &[]));
        let mut places = before - incoming.headers.len();
        let mut scan = Scan {
            rules: self,
            load_bearing,
            places: 0,
        };
        for value in incoming.headers.values_mut() {
            if let Some(redacted) = scan.text(value, 0) {
                *value = redacted;
            }
        }
        if let Some(mut redacted) = scan.payload(incoming.payload.as_bytes()) {
            if std::str::from_utf8(&redacted).is_err() {
                redacted.truncate(ONE_EVENT);
            }
            incoming.payload = Payload::new(&redacted);
            if let Payload::Bytes(bytes) = &mut incoming.payload {
                bytes.truncate(ONE_EVENT);
            }
        }
        places += scan.places;
        places
    }
}

/// One event being gone through.
struct Scan<'s> {
    rules: &'s Redaction,
    load_bearing: &'s [&'s str],
    places: usize,
}

impl Scan<'_> {
    /// A payload without its secrets; `None` when it has none.
    fn payload(&mut self, payload: &[u8]) -> Option<Vec<u8>> {
        if !looks_like_json(payload) {
            return self.bytes(payload, 0);
        }
        let walked = self.json(payload, 0);
        // Broken JSON is text as well.
        if is_json(payload) {
            return walked;
        }
        let running = self.bytes(walked.as_deref().unwrap_or(payload), DEEPEST);
        running.or(walked)
    }

    /// Text of whatever encoding without its secrets; `None` when it has none.
    fn bytes(&mut self, payload: &[u8], depth: usize) -> Option<Vec<u8>> {
        if let Ok(text) = std::str::from_utf8(payload) {
            return self.text(text, depth).map(String::into_bytes);
        }
        // Each byte as the character of its number: what is looked for is ASCII, and so is what is put in.
        let text: String = payload.iter().copied().map(char::from).collect();
        let bytes = |character: char| u8::try_from(u32::from(character)).unwrap_or(b'?');
        self.text(&text, depth)
            .map(|text| text.chars().map(bytes).collect())
    }
}

fn is_json(bytes: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(bytes).is_ok()
}

fn looks_like_json(bytes: &[u8]) -> bool {
    matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['))
}

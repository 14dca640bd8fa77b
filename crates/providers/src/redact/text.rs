//! Secrets in running text: card numbers, IBANs, what stands behind a secret's name, and all of that inside JSON, MIME or
//! base64 that the text consists of.

use std::ops::Range;

use base64::{
    Engine,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use super::{DEEPEST, REDACTED, Scan, cards, iban, is_json, looks_like_json, named::passwords_of_urls};

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::URL_SAFE, LENIENT);

impl Scan<'_> {
    /// A text without its secrets; `None` when it has none.
    pub(super) fn text(&mut self, text: &str, depth: usize) -> Option<String> {
        if depth < DEEPEST && looks_like_json(text.as_bytes()) {
            let walked = self.json(text.as_bytes(), depth + 1);
            let walked = walked.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            // What only begins like JSON is text all the same.
            return if is_json(text.as_bytes()) {
                walked
            } else {
                let running = self.running(walked.as_deref().unwrap_or(text), depth);
                running.or(walked)
            };
        }
        self.running(text, depth)
    }

    /// Running text without its secrets; `None` when it has none.
    pub(super) fn running(&mut self, text: &str, depth: usize) -> Option<String> {
        if depth < DEEPEST
            && let Some(decoded) = self.mime(text, depth)
        {
            return Some(self.plain(&decoded, depth).unwrap_or(decoded));
        }
        self.plain(text, depth)
    }

    fn plain(&mut self, text: &str, depth: usize) -> Option<String> {
        if depth < DEEPEST
            && let Some(redacted) = self.encoded(text, depth)
        {
            return Some(redacted);
        }
        let mut places = self.parameters(text);
        places.extend(passwords_of_urls(text));
        if self.rules.cards {
            places.extend(cards::find(text));
            places.extend(iban::find(text));
        }
        self.without(text, places)
    }

    /// The text with these places taken out.
    fn without(&mut self, text: &str, mut places: Vec<Range<usize>>) -> Option<String> {
        places.retain(|place| !place.is_empty() && &text[place.clone()] != REDACTED);
        if places.is_empty() {
            return None;
        }
        places.sort_by_key(|place| (place.start, place.end));
        let (mut redacted, mut done) = (String::with_capacity(text.len()), 0);
        for place in places {
            if place.start >= done {
                redacted.push_str(&text[done..place.start]);
                redacted.push_str(REDACTED);
                self.places += 1;
            }
            done = done.max(place.end);
        }
        redacted.push_str(&text[done..]);
        Some(redacted)
    }

    /// A text that is base64 of text, encoded again without its secrets; `None` when there are none.
    fn encoded(&mut self, text: &str, depth: usize) -> Option<String> {
        let text = text.trim();
        let belongs = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte);
        if text.len() < 16 || !text.bytes().all(belongs) {
            return None;
        }
        let engines = [&STANDARD, &URL_SAFE];
        let (engine, decoded) = engines
            .into_iter()
            .find_map(|engine| Some((engine, engine.decode(text).ok()?)))?;
        // What is no text is a picture or the like, in which chance writes what it wants.
        let controls = |byte: &u8| byte.is_ascii_control() && !b"\t\n\x0c\r\x1b".contains(byte);
        if decoded.iter().any(controls) {
            return None;
        }
        self.bytes(&decoded, depth + 1)
            .map(|redacted| engine.encode(redacted))
    }
}

//! Secrets in running text: card numbers, IBANs, parameters of URLs and forms, credentials in headers, and all of that
//! inside JSON or base64 that the text consists of.

use std::ops::Range;

use base64::{
    Engine,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use super::{DEEPEST, REDACTED, Scan, cards, iban, is_json, looks_like_json};

/// Header lines whose value is a credential.
const CREDENTIALS: [&str; 5] = [
    "authorization:",
    "proxy-authorization:",
    "cookie:",
    "set-cookie:",
    "x-api-key:",
];
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
        places.extend(credentials(text));
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

    /// The values of `name=value` where the name is sensitive: in URLs, in forms, in text.
    fn parameters(&self, text: &str) -> Vec<Range<usize>> {
        let bytes = text.as_bytes();
        let mut places: Vec<Range<usize>> = Vec::new();
        for (at, _) in text.match_indices('=') {
            // Part of a value that is taken out anyhow: were it looked at, `pin=pin=pin=...` would cost its square.
            if places.last().is_some_and(|taken| at < taken.end) {
                continue;
            }
            let name_start = bytes[..at]
                .iter()
                .rposition(|byte| !(byte.is_ascii_alphanumeric() || b"-_.%+[]".contains(byte)))
                .map_or(0, |before| before + 1);
            let name = form_urlencoded::parse(&bytes[name_start..at]).next();
            let is_sensitive = name.is_some_and(|(name, _)| {
                let last = name.rsplit(['.', '[']).next().unwrap_or_default();
                self.rules.names.is_sensitive(&name, self.load_bearing)
                    || self.rules.names.is_sensitive(last, self.load_bearing)
            });
            if is_sensitive {
                let ends = |byte: &u8| byte.is_ascii_whitespace() || b"&;#\"'<>".contains(byte);
                let end = bytes[at + 1..]
                    .iter()
                    .position(ends)
                    .map_or(bytes.len(), |length| at + 1 + length);
                places.push(at + 1..end);
            }
        }
        places
    }
}

/// The values of header lines that are credentials.
fn credentials(text: &str) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        let is_credential = |name: &&&str| {
            content
                .get(..name.len())
                .is_some_and(|begin| begin.eq_ignore_ascii_case(name))
        };
        if let Some(name) = CREDENTIALS.iter().find(is_credential) {
            let value = content[name.len()..].trim_start();
            places.push(start + content.len() - value.len()..start + content.len());
        }
        start += line.len();
    }
    places
}

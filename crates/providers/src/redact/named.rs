//! Secrets that stand behind their name in running text: in URLs, forms, header lines, and JSON in the middle of a text.

use std::ops::Range;

use super::{REDACTED, Scan};

/// Names whose value is the rest of the line.
const OF_A_LINE: [&str; 5] = [
    "authorization",
    "proxyauthorization",
    "cookie",
    "setcookie",
    "xapikey",
];
/// No name that is looked for is longer, encoded as it may be.
const LONGEST_NAME: usize = 192;

/// What stands between a name and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Separator {
    Equals,
    /// `=` in a URL that is itself a parameter of a URL.
    EncodedEquals,
    Colon,
}

impl Separator {
    fn at(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [b'=', ..] => Some(Self::Equals),
            [b':', ..] => Some(Self::Colon),
            [b'%', b'3', b'D' | b'd', ..] => Some(Self::EncodedEquals),
            _ => None,
        }
    }

    const fn length(self) -> usize {
        match self {
            Self::Equals | Self::Colon => 1,
            Self::EncodedEquals => 3,
        }
    }
}

impl Scan<'_> {
    /// The values of `name=value`, `name: value` and `"name": "value"` where the name is sensitive.
    pub(super) fn parameters(&self, text: &str) -> Vec<Range<usize>> {
        let bytes = text.as_bytes();
        let (mut places, mut at) = (Vec::new(), 0);
        while let Some(ahead) = memchr::memchr3(b'=', b':', b'%', &bytes[at..]) {
            at += ahead;
            let Some(separator) = Separator::at(&bytes[at..]) else {
                at += 1;
                continue;
            };
            let value = self
                .is_named(&bytes[at.saturating_sub(LONGEST_NAME)..at], separator)
                .then(|| {
                    value(
                        bytes,
                        at + separator.length(),
                        separator,
                        is_of_a_line(&bytes[..at]),
                    )
                });
            match value {
                // Were it looked at again, `pin=pin=pin=...` would cost its square.
                Some(place) if !place.is_empty() => {
                    at = place.end;
                    places.push(place);
                }
                _ => at += separator.length(),
            }
        }
        places
    }

    /// Whether the text before a separator ends with a name that is sensitive.
    fn is_named(&self, before: &[u8], separator: Separator) -> bool {
        let Some(name) = name(before) else { return false };
        let last = name.rsplit(['.', '[']).next().unwrap_or_default();
        if separator == Separator::Colon {
            // Before a colon people write all kinds of words.
            self.rules.names.is_telling(last, self.load_bearing)
        } else {
            [&*name, last]
                .iter()
                .any(|name| self.rules.names.is_sensitive(name, self.load_bearing))
        }
    }
}

/// The name that a text ends with, out of its quotes and escapes.
fn name(before: &[u8]) -> Option<String> {
    let quotes = |byte: &u8| b"\"'\\ ".contains(byte);
    let end = before.iter().rposition(|byte| !quotes(byte))? + 1;
    let belongs = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.%+[]".contains(byte);
    let start = before[..end]
        .iter()
        .rposition(|byte| !belongs(byte))
        .map_or(0, |other| other + 1);
    let (decoded, _) = form_urlencoded::parse(&before[start..end]).next()?;
    // A URL that is a parameter of another is one long word until it is decoded.
    let is_end = |c: char| !(c.is_alphanumeric() || "-_.[]".contains(c));
    Some(decoded.rsplit(is_end).next().unwrap_or_default().to_owned())
}

fn is_of_a_line(before: &[u8]) -> bool {
    let folded =
        name(&before[before.len().saturating_sub(LONGEST_NAME)..]).map(|name| super::names::fold(&name));
    folded.is_some_and(|name| OF_A_LINE.contains(&name.as_str()))
}

/// Where the value is that begins behind a separator.
fn value(bytes: &[u8], from: usize, separator: Separator, of_a_line: bool) -> Range<usize> {
    let blank = |byte: &u8| (separator == Separator::Colon || of_a_line) && matches!(byte, b' ' | b'\t');
    let start = from + bytes[from..].iter().take_while(|byte| blank(byte)).count();
    let quoted = bytes[start..].iter().take_while(|byte| **byte == b'\\').count();
    let (start, quote) = match bytes.get(start + quoted) {
        Some(quote @ (b'"' | b'\'')) => (start + quoted + 1, Some(*quote)),
        _ => (start, None),
    };
    if bytes[start..].starts_with(REDACTED.as_bytes()) {
        return start..start + REDACTED.len();
    }
    let ends = |byte: &u8| match quote {
        Some(quote) => *byte == quote || *byte == b'\\',
        None if of_a_line => b"\r\n\"'".contains(byte),
        None if separator == Separator::Colon => byte.is_ascii_whitespace() || b"&;\"'<>,}])".contains(byte),
        None => byte.is_ascii_whitespace() || b"&;#\"'<>".contains(byte),
    };
    let length = bytes[start..].iter().position(ends);
    start..length.map_or(bytes.len(), |length| start + length)
}

/// The passwords of URLs with `user:password@`.
pub(super) fn passwords_of_urls(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut places = Vec::new();
    for (found, _) in text.match_indices("://") {
        let from = found + 3;
        let ends = |byte: &u8| byte.is_ascii_whitespace() || b"/?#\"'<>".contains(byte);
        let length = bytes[from..].iter().take(512).position(ends);
        let authority = &bytes[from..length.map_or(bytes.len().min(from + 512), |length| from + length)];
        let at = authority.iter().rposition(|byte| *byte == b'@');
        let colon = authority.iter().position(|byte| *byte == b':');
        if let (Some(colon), Some(at)) = (colon, at)
            && colon + 1 < at
        {
            places.push(from + colon + 1..from + at);
        }
    }
    places
}

//! Secrets in raw e-mails: in parts that are encoded for the way, and in encoded words of headers.

use std::borrow::Cow;
use std::fmt::Write;

use base64::{Engine, prelude::BASE64_STANDARD};
use mail_parser::decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode};

use super::{REDACTED, Scan};

/// Lines of an encoded part are no longer than this (RFC 2045, 6.7 and 6.8).
const LINE: usize = 76;
const ENCODING: &str = "content-transfer-encoding:";
const TYPE: &str = "content-type:";

/// How a part is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Base64,
    QuotedPrintable,
}

impl Scan<'_> {
    /// A raw e-mail without the secrets that its encoding hides, each part encoded again as it was; `None` when there are
    /// none, or it is no e-mail.
    pub(super) fn mime(&mut self, text: &str, depth: usize) -> Option<String> {
        let words = self.words(text, depth);
        let text = words.as_deref().unwrap_or(text);
        self.parts(text, depth).or(words)
    }

    fn parts(&mut self, text: &str, depth: usize) -> Option<String> {
        if !contains(text, ENCODING) {
            return None;
        }
        let (mut redacted, mut done) = (String::new(), 0);
        let (mut encoding, mut is_text, mut begun) = (None, true, None);
        let mut at = 0;
        for line in text.split_inclusive('\n').chain(["--"]) {
            let content = line.trim_end();
            if content.starts_with("--") {
                if let (Some(from), Some(encoding)) = (begun, encoding)
                    && is_text
                    && let Some(body) = self.part(&text[from..at.min(text.len())], encoding, depth)
                {
                    redacted.push_str(&text[done..from]);
                    redacted.push_str(&body);
                    done = at.min(text.len());
                }
                (encoding, is_text, begun) = (None, true, None);
            } else if begun.is_none() {
                if let Some(named) = after(content, ENCODING) {
                    encoding = match named.to_ascii_lowercase().as_str() {
                        "base64" => Some(Encoding::Base64),
                        "quoted-printable" => Some(Encoding::QuotedPrintable),
                        _ => None,
                    };
                } else if let Some(named) = after(content, TYPE) {
                    is_text = named
                        .get(..5)
                        .is_some_and(|main| main.eq_ignore_ascii_case("text/"));
                } else if content.is_empty() && encoding.is_some() {
                    begun = Some(at + line.len());
                }
            }
            at += line.len();
        }
        (done > 0).then(|| redacted + &text[done..])
    }

    /// The body of a part, encoded again without its secrets.
    fn part(&mut self, body: &str, encoding: Encoding, depth: usize) -> Option<String> {
        let decoded = match encoding {
            Encoding::Base64 => base64_decode(body.as_bytes()),
            Encoding::QuotedPrintable => quoted_printable_decode(body.as_bytes()),
        }?;
        let redacted = self.bytes(&decoded, depth + 1)?;
        Some(match encoding {
            Encoding::Base64 => base64_lines(&redacted),
            Encoding::QuotedPrintable => quoted_printable(&redacted),
        })
    }

    /// Encoded words of headers (RFC 2047) that hold secrets.
    fn words(&mut self, text: &str, depth: usize) -> Option<String> {
        let (mut redacted, mut done) = (String::new(), 0);
        let mut rest = 0;
        while let Some(start) = text[rest..].find("=?").map(|found| rest + found) {
            let Some((end, word)) = word(&text[start..]) else {
                rest = start + 2;
                continue;
            };
            if self.bytes(&word, depth + 1).is_some() {
                redacted.push_str(&text[done..start]);
                redacted.push_str(REDACTED);
                done = start + end;
            }
            rest = start + end;
        }
        (done > 0).then(|| redacted + &text[done..])
    }
}

/// The encoded word that a text begins with: where it ends, and what it says.
fn word(text: &str) -> Option<(usize, Cow<'_, [u8]>)> {
    // An encoded word is at most 75 characters long; senders write longer ones.
    const LONGEST: usize = 4096;
    let mut parts = text.get(2..)?.splitn(4, '?');
    let (charset, kind, said) = (parts.next()?, parts.next()?, parts.next()?);
    let closes = parts.next()?.starts_with('=');
    if !closes || charset.len() + said.len() > LONGEST {
        return None;
    }
    let decoded = match kind {
        "B" | "b" => base64_decode(said.as_bytes())?,
        "Q" | "q" => quoted_printable_decode(said.replace('_', " ").as_bytes())?,
        _ => return None,
    };
    let length = "=?".len() + charset.len() + 1 + kind.len() + 1 + said.len() + "?=".len();
    Some((length, Cow::Owned(decoded)))
}

fn after<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    let named = line.get(..name.len())?.eq_ignore_ascii_case(name);
    named.then(|| line[name.len()..].trim())
}

/// Whether a text has this name of a header in it, which ends with its colon.
fn contains(text: &str, name: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b':', bytes)
        .filter_map(|colon| bytes.get((colon + 1).checked_sub(name.len())?..=colon))
        .any(|before| before.eq_ignore_ascii_case(name.as_bytes()))
}

fn base64_lines(bytes: &[u8]) -> String {
    let encoded = BASE64_STANDARD.encode(bytes);
    let mut lines = String::with_capacity(encoded.len() + encoded.len() / 32);
    for line in encoded.as_bytes().chunks(LINE) {
        lines.push_str(&String::from_utf8_lossy(line));
        lines.push_str("\r\n");
    }
    lines
}

fn quoted_printable(bytes: &[u8]) -> String {
    let (mut encoded, mut column) = (String::with_capacity(bytes.len()), 0);
    for &byte in bytes {
        if byte == b'\n' {
            encoded.push_str("\r\n");
            column = 0;
            continue;
        }
        if byte == b'\r' {
            continue;
        }
        if column + 4 > LINE {
            encoded.push_str("=\r\n");
            column = 0;
        }
        let before = encoded.len();
        match byte {
            b'!'..=b'<' | b'>'..=b'~' => encoded.push(char::from(byte)),
            _ => drop(write!(encoded, "={byte:02X}")),
        }
        column += encoded.len() - before;
    }
    encoded
}

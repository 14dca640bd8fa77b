//! Raw e-mails (RFC 5322, MIME): texts, headers and attachments.

use std::borrow::Cow;

use mail_parser::{
    Encoding, HeaderName, Message, MessageParser, MessagePart, MimeHeaders, PartType,
    decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode},
};
use mailroom_domain::{File, FilePlace, displayable};

use super::{
    Mail, headers,
    nesting::{closed, opened},
};
use crate::incoming::hash;

/// More multiparts than this are nobody's letter. The parser looks for the end of each, which may be the end of the mail.
const MOST_MULTIPARTS: usize = 200;
/// More files than this are not listed.
const MOST_FILES: usize = 1_000;

/// Reads a raw e-mail. `place` is where it stands in the payload, as a JSON pointer; its files are `{place}#{number}`,
/// by the number of the MIME part: in the order in which they begin, the mail itself being 0, mails within it not opened.
/// `None` when it has no headers.
pub(crate) fn parse(raw: &[u8], place: &str) -> Option<Mail> {
    let headers = headers::parse(raw);
    if headers.is_empty() {
        return None;
    }
    let date = headers::first(&headers, "date").and_then(headers::date);
    let marked = closed(raw);
    let parser = MessageParser::new()
        .with_mime_headers()
        .header_text(HeaderName::Subject);
    let is_tangled = count(raw, b"multipart") > MOST_MULTIPARTS;
    let message = if is_tangled {
        parser.parse_headers(&marked)?
    } else {
        parser.parse(&marked)?
    };
    let mut mail = Mail {
        subject: message.subject().map(|subject| text(subject.to_owned())),
        headers,
        date,
        ..Mail::default()
    };
    if is_tangled {
        mail.text = Some(displayable(String::from_utf8_lossy(body(raw)).into_owned()));
        return Some(mail);
    }
    mail.text = joined(&message, &message.text_body, |part| match part {
        PartType::Text(text) => Some(text),
        _ => None,
    });
    mail.html = joined(&message, &message.html_body, |part| match part {
        PartType::Html(html) => Some(html),
        _ => None,
    });
    let numbers = message.attachments.iter().take(MOST_FILES);
    mail.files = numbers
        .filter_map(|&number| file(&marked, message.part(number)?, &format!("{place}#{number}")))
        .collect();
    Some(mail)
}

/// The parts of one kind, one under the other; `None` when there are none.
fn joined<'m>(
    message: &'m Message<'_>,
    numbers: &[u32],
    of_kind: impl Fn(&'m PartType<'_>) -> Option<&'m Cow<'m, str>>,
) -> Option<String> {
    let parts = numbers.iter().filter_map(|&number| message.part(number));
    let texts: Vec<&str> = parts
        .filter_map(|part| of_kind(&part.body))
        .map(AsRef::as_ref)
        .collect();
    (!texts.is_empty()).then(|| text(texts.join("\n")))
}

fn file(raw: &[u8], part: &MessagePart<'_>, place: &str) -> Option<File> {
    let content = match &part.body {
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => Cow::Borrowed(bytes.as_ref()),
        PartType::Text(decoded) | PartType::Html(decoded) => {
            undecoded(raw, part).unwrap_or_else(|| Cow::Borrowed(decoded.as_bytes()))
        }
        PartType::Message(_) | PartType::Multipart(_) => return None,
    };
    let content = opened(&content);
    let content_type = part.content_type().map(|given| match given.subtype() {
        Some(subtype) => format!("{}/{subtype}", given.ctype()),
        None => given.ctype().to_owned(),
    });
    Some(File {
        name: part.attachment_name().map(|name| text(name.to_owned())),
        content_type: content_type.map(text),
        size: u64::try_from(content.len()).ok(),
        place: Some(FilePlace::Payload(place.to_owned())),
        sha256: Some(hash(&content)),
    })
}

/// The bytes of a text that is attached, in its own charset.
fn undecoded<'r>(raw: &'r [u8], part: &MessagePart<'_>) -> Option<Cow<'r, [u8]>> {
    let start = usize::try_from(part.offset_body).ok()?;
    let end = usize::try_from(part.offset_end).ok()?;
    let sent = raw.get(start..end)?;
    match part.encoding {
        Encoding::None => Some(Cow::Borrowed(sent)),
        Encoding::QuotedPrintable => quoted_printable_decode(sent).map(Cow::Owned),
        Encoding::Base64 => base64_decode(sent).map(Cow::Owned),
    }
}

/// Text from the marked mail, as the database can hold it.
fn text(marked: String) -> String {
    displayable(match opened(marked.as_bytes()) {
        Cow::Borrowed(_) => marked,
        Cow::Owned(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
    })
}

/// What stands after the headers.
fn body(raw: &[u8]) -> &[u8] {
    let ends = [&b"\r\n\r\n"[..], b"\n\n"];
    let found = ends.iter().filter_map(|end| {
        let at = raw.windows(end.len()).position(|window| window == *end)?;
        raw.get(at + end.len()..)
    });
    found.max_by_key(|rest| rest.len()).unwrap_or_default()
}

fn count(raw: &[u8], word: &[u8]) -> usize {
    let windows = raw.windows(word.len());
    windows.filter(|window| window.eq_ignore_ascii_case(word)).count()
}

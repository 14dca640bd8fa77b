//! Keeps the parser from opening mails within mails: it nests them as deep as their sender likes, and whoever drops
//! such a tree runs out of stack. An attached mail is a file like any other here.

use std::borrow::Cow;

/// The media subtypes that the parser takes for a mail, or for a list of mails.
const SUBTYPES: [&[u8; 6]; 3] = [b"rfc822", b"global", b"digest"];

/// Put after a subtype, it makes another of it; it is none of any encoding's characters.
const MARK: u8 = 1;

/// A raw mail with every such word marked, wherever it stands: what is a header only the parser can tell.
pub(super) fn closed(raw: &[u8]) -> Vec<u8> {
    let mut marked = Vec::with_capacity(raw.len() + 16);
    for (at, &byte) in raw.iter().enumerate() {
        marked.push(byte);
        if ends_subtype(raw, at + 1) {
            marked.push(MARK);
        }
    }
    marked
}

/// What was in it before it was marked.
pub(super) fn opened(content: &[u8]) -> Cow<'_, [u8]> {
    if !content.contains(&MARK) {
        return Cow::Borrowed(content);
    }
    let kept = content
        .iter()
        .enumerate()
        .filter(|&(at, &byte)| byte != MARK || !follows_subtype(content, at));
    Cow::Owned(kept.map(|(_, &byte)| byte).collect())
}

/// Whether a word that is one of them ends here. Within longer words they mean nothing, least of all in base64.
fn ends_subtype(raw: &[u8], end: usize) -> bool {
    follows_subtype(raw, end) && !raw.get(end).is_some_and(|&byte| is_word(byte))
}

fn follows_subtype(raw: &[u8], end: usize) -> bool {
    let Some(start) = end.checked_sub(6) else {
        return false;
    };
    let is_one = SUBTYPES
        .iter()
        .any(|subtype| raw[start..end].eq_ignore_ascii_case(*subtype));
    is_one && !start.checked_sub(1).is_some_and(|before| is_word(raw[before]))
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'=' | b'-' | b'_' | b'.')
}

//! Addresses as mail headers write them.

use mail_parser::parsers::MessageStream;

/// No display name before the first address is longer.
const LONGEST: usize = 8_192;

/// The bare address of the first mailbox in a header value such as `"Doe, J." <j@example.com>, x@example.com`.
pub(crate) fn mailbox(text: &str) -> Option<String> {
    let text = &text[..text.floor_char_boundary(LONGEST)];
    // A header value ends with its line, and a line break within it would end it early.
    let line = format!("{}\n", text.replace(['\r', '\n'], " "));
    let addresses = MessageStream::new(line.as_bytes())
        .parse_address()
        .into_address()?;
    let first = addresses
        .iter()
        .filter_map(|mailbox| mailbox.address())
        .map(str::trim)
        .find(|address| address.contains('@'))?;
    Some(first.to_owned())
}

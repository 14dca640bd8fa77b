//! Chunked bodies that are not what they should be.

use super::case::{Case, JSON, case};
use crate::socket::head;
use crate::talk::{SMS, sms};

fn chunked(body: &str) -> Vec<u8> {
    [
        head("POST", SMS, &[JSON, ("transfer-encoding", "chunked")]),
        body.into(),
    ]
    .concat()
}

/// A valid body of one chunk, with this after its size, its data and its last chunk.
fn valid(id: &str, size: &str, data: &str, last: &str) -> Vec<u8> {
    let body = sms(id).to_string();
    chunked(&format!("{:x}{size}\r\n{body}{data}\r\n{last}", body.len()))
}

pub(super) fn cases() -> Vec<Case> {
    const LAST: &str = "0\r\n\r\n";
    let mut cases = Vec::new();
    for (name, body) in [
        ("a chunk's size that overflows", "FFFFFFFFFFFFFFFFF\r\n"),
        ("a chunk's size of 1,000 digits", &"1".repeat(1_000)),
        ("a negative chunk's size", "-1\r\n"),
        ("a chunk's size with a sign", "+2\r\n{}\r\n0\r\n\r\n"),
        ("a chunk's size with 0x", "0x2\r\n{}\r\n0\r\n\r\n"),
        ("a chunk's size with a letter too many", "2g\r\n{}\r\n0\r\n\r\n"),
        ("no chunk's size", "\r\n{}\r\n0\r\n\r\n"),
        ("a chunk's size with a space before it", " 2\r\n{}\r\n0\r\n\r\n"),
        ("a chunk's size in two parts", "0 2\r\n{}\r\n0\r\n\r\n"),
        ("a chunk's size that ends in LF", "2\n{}\r\n0\r\n\r\n"),
        (
            "a chunk's size that ends in CR and something else",
            "2\rx{}\r\n0\r\n\r\n",
        ),
        ("a chunk longer than it says", "1\r\n{}\r\n0\r\n\r\n"),
        ("a chunk that ends in LF", "2\r\n{}\n0\r\n\r\n"),
        ("an extension with a LF in it", "2;a\nb\r\n{}\r\n0\r\n\r\n"),
    ] {
        cases.push(case(name, chunked(body)).ends_with(400));
    }
    cases.extend([
        case(
            "a last chunk that does not come",
            valid("no last chunk", "", "", ""),
        )
        .finishes()
        .ends_with(400),
        case("half a chunk", chunked("ff\r\n{")).finishes().ends_with(400),
        case(
            "a chunk's size of 2^60, and the end",
            chunked("fffffffffffffff\r\n{}"),
        )
        .finishes()
        .ends_with(400),
        case("nothing in chunks", chunked(LAST)).gets(400),
        case("a chunk of each byte", each_byte("each byte"))
            .gets(202)
            .records(1),
        case("an extension", valid("extension", ";name=value", "", LAST))
            .gets(202)
            .records(1),
        case(
            "trailers",
            valid("trailers", "", "", "0\r\nx-signature: 1\r\n\r\n"),
        )
        .gets(202)
        .records(1),
        case(
            "a trailer that says how long the body is",
            valid("trailer", "", "", "0\r\ncontent-length: 1\r\n\r\n"),
        )
        .gets(202)
        .records(1),
    ]);
    cases
}

fn each_byte(id: &str) -> Vec<u8> {
    let body = sms(id).to_string();
    let chunks: Vec<_> = body.chars().map(|one| format!("1\r\n{one}\r\n")).collect();
    chunked(&format!("{}0\r\n\r\n", chunks.concat()))
}

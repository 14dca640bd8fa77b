//! Bodies in another form than they should have: none is ever decoded.

use super::case::{Case, case};
use crate::socket::request;
use crate::talk::{EMAIL, SMS, email, sms};

/// `{}` as gzip.
const GZIP: &[u8] = &[
    0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xab, 0xae, 5, 0, 0x43, 0xbf, 0xa6, 0xa3, 2, 0, 0, 0,
];

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn cases() -> Vec<Case> {
    let valid = sms("encoded").to_string();
    let posted =
        |name: String, headers: &[(&str, &str)], body: &[u8]| case(name, request("POST", SMS, headers, body));
    let json = ("content-type", "application/json");
    let mut cases = vec![
        posted(
            "a gzip bomb's beginning".to_owned(),
            &[json, ("content-encoding", "gzip")],
            GZIP,
        )
        .ends_with(415),
    ];
    for encoding in [
        "gzip",
        "gzip, gzip",
        "br",
        "zstd",
        "deflate",
        "compress",
        "identity",
        "x-gzip",
        "",
        "aws-chunked",
    ] {
        cases.push(
            posted(
                format!("Content-Encoding: {encoding:?}"),
                &[json, ("content-encoding", encoding)],
                valid.as_bytes(),
            )
            .ends_with(415),
        );
    }
    for content_type in [
        "text/plain",
        "text/html",
        "application/xml",
        "application/json; charset=utf-7",
        "application/json; charset=utf-16",
        "application/json; charset=\"utf-16\"",
        "application/json;charset=utf-8;charset=utf-7",
        "application/json, text/plain",
        "application/jsonx",
        "application/ld+json",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "application",
        ";",
        "\u{e4}",
    ] {
        cases.push(
            posted(
                format!("Content-Type: {content_type}"),
                &[("content-type", content_type)],
                valid.as_bytes(),
            )
            .ends_with(415),
        );
    }
    for (name, text) in [
        (
            "UTF-16 with its mark",
            "\u{feff}{}"
                .encode_utf16()
                .flat_map(u16::to_be_bytes)
                .collect::<Vec<u8>>(),
        ),
        ("UTF-8 with its mark", "\u{feff}{}".into()),
        ("gzip that does not say so", GZIP.to_vec()),
        ("UTF-7", b"+AHsAfQ-".to_vec()),
    ] {
        cases.push(posted(name.to_owned(), &[json], &text).gets(400));
    }
    cases.extend([
        posted("no Content-Type".to_owned(), &[], valid.as_bytes()).ends_with(415),
        posted(
            "two Content-Types".to_owned(),
            &[("content-type", "text/plain"), json],
            valid.as_bytes(),
        )
        .ends_with(415),
        posted(
            "an answer wanted as HTML".to_owned(),
            &[json, ("accept", "text/html")],
            valid.as_bytes(),
        )
        .ends_with(406),
        posted(
            "an answer wanted in no language".to_owned(),
            &[json, ("accept-charset", "utf-7"), ("accept-language", "tlh")],
            valid.as_bytes(),
        )
        .gets(202)
        .records(1),
        case(
            "JSON by another name",
            request(
                "POST",
                EMAIL,
                &[("content-type", "APPLICATION/JSON; Charset=\"UTF-8\"")],
                email("by name").to_string().as_bytes(),
            ),
        )
        .gets(202)
        .records(1),
    ]);
    cases
}

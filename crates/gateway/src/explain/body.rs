//! What may have happened to a body on its way.

use std::fmt::Write;

use serde_json::Value;

/// Every form that the body may have had before something rewrote it, with what was done to it.
pub(super) fn variants(body: &[u8]) -> Vec<(Vec<u8>, &'static str)> {
    let mut found = Vec::new();
    let mut add = |variant: Vec<u8>, what| {
        if variant != body {
            found.push((variant, what));
        }
    };
    add(
        body.trim_ascii_end().to_vec(),
        "body: white space was added at its end",
    );
    add([body, b"\n"].concat(), "body: a line feed was taken from its end");
    add([body, b"\r\n"].concat(), "body: CRLF was taken from its end");
    if let Ok(text) = std::str::from_utf8(body) {
        add(
            text.replace("\r\n", "\n").into_bytes(),
            "body: its line ends were made CRLF",
        );
        add(
            text.replace("\r\n", "\n").replace('\n', "\r\n").into_bytes(),
            "body: its CRLF line ends were made LF",
        );
        add(
            text.trim_start_matches('\u{feff}').as_bytes().to_vec(),
            "body: a byte order mark was put before it",
        );
    }
    if let Ok(json) = serde_json::from_slice::<Value>(body) {
        let compact = json.to_string();
        add(
            escaped(&compact).into_bytes(),
            "body: re-encoded, its \\u escapes were resolved",
        );
        add(
            escaped(&compact).replace('/', "\\/").into_bytes(),
            "body: re-encoded, its \\u and \\/ escapes were resolved",
        );
        add(
            compact.replace('/', "\\/").into_bytes(),
            "body: re-encoded, its \\/ escapes were resolved",
        );
        if let Ok(raw) = std::str::from_utf8(body) {
            add(
                escaped(raw).into_bytes(),
                "body: re-encoded, its \\u escapes were resolved",
            );
        }
        add(
            spaced(&json),
            "body: re-encoded, the spaces after its colons and commas were taken out",
        );
        if let Ok(pretty) = serde_json::to_vec_pretty(&json) {
            add(pretty, "body: re-encoded, its indentation was taken out");
        }
        add(
            compact.into_bytes(),
            "body: re-encoded, white space or the order of its keys was changed",
        );
    }
    found
}

/// With every character beyond ASCII as `\uXXXX`, as PHP and Python write JSON.
fn escaped(json: &str) -> String {
    json.chars()
        .fold(String::with_capacity(json.len()), |mut text, character| {
            if character.is_ascii() {
                text.push(character);
            } else {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    // Writing into a string cannot fail.
                    let _ = write!(text, "\\u{unit:04x}");
                }
            }
            text
        })
}

/// With a space after every colon and comma, as Python writes JSON.
fn spaced(json: &Value) -> Vec<u8> {
    struct Spaced;
    impl serde_json::ser::Formatter for Spaced {
        fn begin_array_value<W: ?Sized + std::io::Write>(
            &mut self,
            writer: &mut W,
            first: bool,
        ) -> std::io::Result<()> {
            if first { Ok(()) } else { writer.write_all(b", ") }
        }

        fn begin_object_key<W: ?Sized + std::io::Write>(
            &mut self,
            writer: &mut W,
            first: bool,
        ) -> std::io::Result<()> {
            if first { Ok(()) } else { writer.write_all(b", ") }
        }

        fn begin_object_value<W: ?Sized + std::io::Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
            writer.write_all(b": ")
        }
    }
    let mut text = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, Spaced);
    // Writing a value into memory cannot fail; should it, the variant just does not fit.
    let _ = serde::Serialize::serialize(json, &mut serializer);
    text
}

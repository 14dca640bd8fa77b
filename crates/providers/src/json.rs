//! JSON as providers send it: also with half a character, as a text leaves behind that was cut off within one.

use serde_json::{Error, Value};

/// Reads JSON. Halves of surrogate pairs, which no text can hold, become U+FFFD.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, Error> {
    serde_json::from_slice(bytes).or_else(|error| match mended(bytes) {
        Some(mended) => serde_json::from_slice(&mended),
        None => Err(error),
    })
}

/// The same without lone surrogates; `None` when there are none.
fn mended(bytes: &[u8]) -> Option<Vec<u8>> {
    let (mut mended, mut at, mut lone) = (Vec::with_capacity(bytes.len()), 0, false);
    while at < bytes.len() {
        let rest = &bytes[at..];
        let length = match (escape(rest), rest.get(6..).and_then(escape)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                mended.extend_from_slice(b"\\ufffd");
                lone = true;
                at += 6;
                continue;
            }
            // Whatever is escaped is not the beginning of an escape.
            _ if rest[0] == b'\\' => 2,
            _ => 1,
        };
        let end = (at + length).min(bytes.len());
        mended.extend_from_slice(&bytes[at..end]);
        at = end;
    }
    lone.then_some(mended)
}

/// The code unit of the `\uXXXX` that these begin with.
fn escape(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.strip_prefix(b"\\u")?.get(..4)?;
    let digits = std::str::from_utf8(digits).ok()?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn half_a_character_becomes_a_replacement() {
        for (text, expected) in [
            (r#"["cut \ud83d"]"#, "cut \u{fffd}"),
            (r#"["\ude00 cut"]"#, "\u{fffd} cut"),
            (r#"["\ud83d\ud83d\ude00"]"#, "\u{fffd}\u{1f600}"),
            (r#"["\\ud83d \ud83d"]"#, "\\ud83d \u{fffd}"),
            (r#"["\ud83d\n"]"#, "\u{fffd}\n"),
        ] {
            assert_eq!(parse(text.as_bytes()).unwrap(), json!([expected]), "{text}");
        }
        assert!(parse(br#"["\ud8"#).is_err());
        assert!(parse(b"\\").is_err());
    }

    proptest! {
        #[test]
        fn what_is_json_is_read_as_ever(text in "\\PC*") {
            let json = Value::from(text);
            prop_assert_eq!(parse(json.to_string().as_bytes()).unwrap(), json);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(prop::sample::select(b"\\ud8ef0[\"], ".to_vec()), 0..40)) {
            let _ = parse(&bytes);
        }
    }
}

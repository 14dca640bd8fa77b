//! Payloads: what was received, in the form in which the database can hold it.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// What was received. `jsonb` refuses NUL escapes, lone surrogates and broken JSON, and swells numbers with
/// large exponents to a hundred thousand times their size; those are kept as bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// JSON text that `jsonb` holds.
    Json(String),
    /// Anything else, as received.
    Bytes(Vec<u8>),
}

impl Payload {
    /// Sorts received bytes into one of the two.
    pub fn new(received: &[u8]) -> Self {
        match std::str::from_utf8(received) {
            Ok(text) if fits_jsonb(text) => Self::Json(text.to_owned()),
            _ => Self::Bytes(received.to_vec()),
        }
    }

    /// Whether it is small enough to be kept: at most 262,144 bytes, which JSON made of as much received may exceed.
    pub fn fits(&self, received: usize) -> bool {
        const MOST: usize = 262_144;
        match self {
            Self::Json(text) => text.len() <= MOST || received <= MOST,
            Self::Bytes(bytes) => bytes.len() <= MOST,
        }
    }

    /// The bytes to read the payload from.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Json(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

fn fits_jsonb(text: &str) -> bool {
    serde_json::from_str::<Storable>(text).is_ok() && numbers(text).all(is_modest)
}

/// The number literals of valid JSON.
fn numbers(json: &str) -> impl Iterator<Item = &str> {
    let belongs = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    outside_strings(json)
        .flat_map(move |part| part.split(move |c| !belongs(c)))
        .filter(|token| token.starts_with(|c: char| c == '-' || c.is_ascii_digit()))
}

/// What stands outside the strings of valid JSON.
fn outside_strings(json: &str) -> impl Iterator<Item = &str> {
    let mut rest = json;
    std::iter::from_fn(move || {
        let (before, after) = rest.split_once('"').unwrap_or((rest, ""));
        if before.is_empty() && after.is_empty() {
            return None;
        }
        let mut escaped = false;
        let end = after.bytes().position(|byte| {
            let closes = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            closes
        });
        rest = end.map_or("", |end| &after[end + 1..]);
        Some(before)
    })
}

/// Whether a number is about as long printed as written: `jsonb` prints 1e-16383 with 16 thousand digits and
/// refuses 1e-131071, however small their value. Nothing a provider sends is near.
fn is_modest(number: &str) -> bool {
    let exponent = number
        .split_once(['e', 'E'])
        .map_or(Ok(0), |(_, exponent)| exponent.parse::<i32>());
    number.len() <= 64 && exponent.is_ok_and(|exponent| exponent.abs() <= 60)
}

/// Walks a JSON document without keeping it; an error means that `jsonb` would refuse or swell it.
/// Depth is bounded by `serde_json` (128 levels).
struct Storable;

impl<'de> Deserialize<'de> for Storable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Walk)
    }
}

struct Walk;

impl<'de> Visitor<'de> for Walk {
    type Value = Storable;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON that jsonb can hold")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Storable, E> {
        Ok(Storable)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Storable, E> {
        Ok(Storable)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Storable, E> {
        Ok(Storable)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Storable, E> {
        Ok(Storable)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Storable, E> {
        if text.contains('\0') {
            Err(E::custom("a NUL"))
        } else {
            Ok(Storable)
        }
    }

    fn visit_unit<E>(self) -> Result<Storable, E> {
        Ok(Storable)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Storable, A::Error> {
        while items.next_element::<Storable>()?.is_some() {}
        Ok(Storable)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Storable, A::Error> {
        while entries.next_entry::<Storable, Storable>()?.is_some() {}
        Ok(Storable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_json(text: &str) -> bool {
        matches!(Payload::new(text.as_bytes()), Payload::Json(_))
    }

    #[test]
    fn ordinary_json_is_kept_as_json() {
        for text in [
            "{}",
            r#"{"1e999":["-1e999\"1e999",1,-2.5,1e10,0.0,null,true,"\u00e9\ud83d\ude00"]}"#,
            "\"x\"",
            " [ ] ",
        ] {
            assert!(is_json(text), "{text}");
        }
        assert!(is_json(&format!("{}{}", "[".repeat(100), "]".repeat(100))));
    }

    #[test]
    fn what_jsonb_refuses_or_swells_is_kept_as_bytes() {
        for text in [
            r#"{"a":"\u0000"}"#,
            r#"{"\u0000":1}"#,
            r#"["\ud800"]"#,
            r#"["\udc00x"]"#,
            "{",
            "",
            "[1e1000]",
            "[1e131071]",
            "[1e-300]",
            "[0e-99999]",
            "[1e-131071]",
            "{\"a\":-1E+99}",
        ] {
            assert!(!is_json(text), "{text}");
        }
        assert!(!is_json(&format!("{}{}", "[".repeat(5000), "]".repeat(5000))));
        assert!(!is_json(&format!("[1.{}]", "0".repeat(20_000))));
        assert_eq!(Payload::new(b"\xff\xfe"), Payload::Bytes(vec![0xff, 0xfe]));
    }
}

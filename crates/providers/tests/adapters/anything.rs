//! Whatever the bytes, nothing panics: the bodies of the fuzz targets, on arbitrary bytes and on mutated fixtures.

#[path = "../../fuzz/body.rs"]
mod body;
#[path = "../../fuzz/redacting.rs"]
mod redacting;

use mailroom_providers::PROVIDERS;
use mailroom_providers::signing::Outgoing;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::account::accounts;

/// How a body is damaged.
#[derive(Debug, Clone)]
enum Damage {
    Flip(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Remove(prop::sample::Index, usize),
    Insert(prop::sample::Index, Vec<u8>),
    Repeat(prop::sample::Index, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let tokens = [
        "\"",
        "{",
        "[",
        "}",
        "]",
        ",",
        ":",
        "null",
        "1e999",
        "-",
        "\\u0000",
        "\\ud800",
        "\0",
        "\u{feff}",
        "%00",
        "&",
        "=",
        "\r\n",
        "--x",
        "\"\"",
        "[]",
        "{}",
        "99999999999999999999",
        "\\",
        "\u{10ffff}",
    ];
    let inserted = prop_oneof![
        prop::sample::select(tokens.to_vec()).prop_map(|text| text.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 1..8),
    ];
    prop_oneof![
        (any::<prop::sample::Index>(), 1_u8..).prop_map(|(at, by)| Damage::Flip(at, by)),
        any::<prop::sample::Index>().prop_map(Damage::Cut),
        (any::<prop::sample::Index>(), 1_usize..40).prop_map(|(at, count)| Damage::Remove(at, count)),
        (any::<prop::sample::Index>(), inserted).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        (any::<prop::sample::Index>(), 1_usize..60).prop_map(|(at, count)| Damage::Repeat(at, count)),
    ]
}

fn damaged(mut body: Vec<u8>, damages: &[Damage]) -> Vec<u8> {
    for damage in damages {
        if body.is_empty() {
            return body;
        }
        let length = body.len();
        match damage {
            Damage::Flip(at, by) => body[at.index(length)] ^= by,
            Damage::Cut(at) => body.truncate(at.index(length)),
            Damage::Remove(at, count) => {
                let at = at.index(length);
                body.drain(at..length.min(at + count));
            }
            Damage::Insert(at, bytes) => {
                let at = at.index(length);
                body.splice(at..at, bytes.iter().copied());
            }
            Damage::Repeat(at, count) => {
                let at = at.index(length);
                let again = body[at..length.min(at + count)].to_vec();
                body.splice(at..at, again);
            }
        }
    }
    body
}

/// What a value in a JSON body is changed into; nothing at all is one of them.
fn odd_value() -> impl Strategy<Value = Option<Value>> {
    let odd = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(u64::MAX),
        json!(1e300),
        json!(""),
        json!(" "),
        json!("\u{0}"),
        json!("\u{feff}\u{202e}"),
        json!("99999999999999999999"),
        json!("-9223372036854775808"),
        json!("x".repeat(5_000)),
        json!([]),
        json!({}),
        json!([[]]),
        json!([{}, null, 1, ""]),
    ];
    prop::option::weighted(0.9, prop::sample::select(odd.to_vec()))
}

/// Changes the value at this place, counted from the root on.
fn change(value: &mut Value, place: &mut usize, into: Option<&Value>) {
    let children: Vec<String> = match value {
        Value::Object(object) => object.keys().cloned().collect(),
        Value::Array(list) => (0..list.len()).map(|index| index.to_string()).collect(),
        _ => return,
    };
    for name in children {
        let is_here = *place == 0;
        *place = place.wrapping_sub(1);
        match (&mut *value, name.parse::<usize>()) {
            (Value::Object(object), _) if is_here => {
                match into {
                    Some(into) => object.insert(name, into.clone()),
                    None => object.remove(&name),
                };
                return;
            }
            (Value::Array(list), Ok(index)) if is_here => {
                match into {
                    Some(into) => list[index] = into.clone(),
                    None => drop(list.remove(index)),
                }
                return;
            }
            (Value::Object(object), _) => change(&mut object[&name], place, into),
            (Value::Array(list), Ok(index)) => change(&mut list[index], place, into),
            _ => {}
        }
    }
}

fn size(value: &Value) -> usize {
    match value {
        Value::Object(object) => object.values().map(|value| 1 + size(value)).sum(),
        Value::Array(list) => list.iter().map(|value| 1 + size(value)).sum(),
        _ => 0,
    }
}

/// A request as a file.
fn file(request: &Outgoing) -> Vec<u8> {
    let mut file = Vec::new();
    if !request.query.is_empty() {
        file.extend(format!("?{}\n", request.query).into_bytes());
    }
    for (name, value) in &request.headers {
        file.extend(format!("{name}: {value}\n").into_bytes());
    }
    file.push(b'\n');
    file.extend(&request.body);
    file
}

#[test]
fn fixtures_as_they_are() {
    for account in accounts() {
        for fixture in account.fixtures() {
            body::adapter(account.name(), &file(&fixture.request));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn arbitrary_bytes(data in prop::collection::vec(any::<u8>(), 0..400)) {
        for provider in PROVIDERS {
            body::adapter(provider.name(), &data);
        }
        redacting::redaction(&data);
    }

    #[test]
    fn damaged_fixtures(
        account in any::<prop::sample::Index>(),
        fixture in any::<prop::sample::Index>(),
        damages in prop::collection::vec(damage(), 1..6),
        in_the_head in prop::bool::weighted(0.1),
    ) {
        let accounts = accounts();
        let account = account.get(&accounts).name();
        let fixtures = crate::fixture::fixtures(account);
        let mut request = fixture.get(&fixtures).request.clone();
        let data = if in_the_head {
            damaged(file(&request), &damages)
        } else {
            request.body = damaged(request.body, &damages);
            file(&request)
        };
        body::adapter(account, &data);
        redacting::redaction(&request.body);
    }

    #[test]
    fn fixtures_with_odd_values(
        account in any::<prop::sample::Index>(),
        fixture in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), odd_value()), 1..4),
    ) {
        let accounts = accounts();
        let account = account.get(&accounts).name();
        let fixtures = crate::fixture::fixtures(account);
        let mut request = fixture.get(&fixtures).request.clone();
        if let Ok(mut json) = serde_json::from_slice::<Value>(&request.body) {
            for (place, into) in &changes {
                let mut place = place.index(size(&json).max(1));
                change(&mut json, &mut place, into.as_ref());
            }
            request.body = json.to_string().into_bytes();
            body::adapter(account, &file(&request));
        }
    }
}

//! A flip of any signed byte is refused, at every position.

use mailroom_providers::signing::Outgoing;

use crate::account::{Account, accounts};

/// These show a secret, or sign a token, and leave the body unsigned.
const UNSIGNED_BODIES: [&str; 3] = ["telegram", "postmark", "mailgun"];

/// Larger fixtures take long and show nothing new.
const SMALL: usize = 1_200;

/// The smallest fixture, so that every position can be tried.
fn signed(account: &Account) -> Outgoing {
    let fixtures = account.fixtures();
    let smallest = fixtures
        .iter()
        .min_by_key(|fixture| fixture.request.body.len())
        .unwrap();
    account.sign(&smallest.request, 1)
}

#[test]
fn of_the_body() {
    for account in accounts() {
        if UNSIGNED_BODIES.contains(&account.name()) {
            continue;
        }
        for fixture in account.fixtures() {
            let right = account.sign(&fixture.request, 1);
            if right.body.len() > SMALL {
                continue;
            }
            for at in 0..right.body.len() {
                is_refused(&account, &right, at, 1 << (at % 8));
            }
        }
        let right = signed(&account);
        for at in 0..right.body.len() {
            for flip in [0x01, 0x20, 0x80] {
                is_refused(&account, &right, at, flip);
            }
        }
    }
}

/// Signed, and then changed by one flip: refused, unless it still says what was signed.
fn is_refused(account: &Account, right: &Outgoing, at: usize, flip: u8) {
    let meaning = |body: &[u8]| form_urlencoded::parse(body).into_owned().collect::<Vec<_>>();
    let is_form = right
        .headers
        .iter()
        .any(|(name, value)| name == "content-type" && value.contains("urlencoded"));
    let mut changed = right.clone();
    changed.body[at] ^= flip;
    // Twilio signs what a form means, and some bytes mean the same.
    if is_form && account.name() == "twilio" && meaning(&changed.body) == meaning(&right.body) {
        return;
    }
    // Amazon SNS signs what its JSON says, field by field, and not all fields.
    if account.name() == "sns" && says_the_same(&changed.body, &right.body) {
        return;
    }
    let name = account.name();
    assert!(account.verify(&changed).is_err(), "{name} at {at} by {flip:#x}");
}

/// Whether two Amazon SNS bodies have the same values in all signed fields.
fn says_the_same(one: &[u8], other: &[u8]) -> bool {
    const SIGNED: [&str; 8] = [
        "Message",
        "MessageId",
        "Subject",
        "SubscribeURL",
        "Timestamp",
        "Token",
        "TopicArn",
        "Type",
    ];
    let fields = |body: &[u8]| -> Option<Vec<serde_json::Value>> {
        let json: serde_json::Value = serde_json::from_slice(body).ok()?;
        // How it is signed counts as well.
        let fields = SIGNED.iter().chain(&["Signature", "SignatureVersion"]);
        Some(fields.map(|field| json[*field].clone()).collect())
    };
    let (one, other) = (fields(one), fields(other));
    one.is_some() && one == other
}

#[test]
fn of_what_stands_for_the_signature_in_the_head() {
    for account in accounts() {
        let fixtures = account.fixtures();
        let right = signed(&account);
        let unsigned = fixtures
            .iter()
            .min_by_key(|fixture| fixture.request.body.len())
            .unwrap();
        let added = right
            .headers
            .iter()
            .filter(|header| !unsigned.request.headers.contains(header));
        for (name, value) in added {
            // Case does not matter in hexadecimal, nor does the order of a list.
            for at in 0..value.len() {
                let mut bytes = value.clone().into_bytes();
                bytes[at] ^= 0x03;
                let Ok(text) = String::from_utf8(bytes) else {
                    continue;
                };
                let mut changed = right.clone();
                changed.set(name, text);
                assert!(
                    account.verify(&changed).is_err(),
                    "{} {name} at {at}",
                    account.name()
                );
            }
            let mut without = right.clone();
            without.headers.retain(|(given, _)| given != name);
            assert!(
                account.verify(&without).is_err(),
                "{} without {name}",
                account.name()
            );
            let mut doubled = right.clone();
            doubled.headers.push((name.clone(), value.clone()));
            assert!(
                account.verify(&doubled).is_err(),
                "{} with {name} twice",
                account.name()
            );
        }
    }
}

#[test]
fn of_the_query_where_it_is_signed() {
    for account in accounts()
        .into_iter()
        .filter(|account| account.name() == "twilio")
    {
        let mut request = account.fixtures().swap_remove(0).request;
        request.query = "a=1&b=2".to_owned();
        let right = account.sign(&request, 1);
        for at in 0..right.query.len() {
            let mut changed = right.clone();
            let mut bytes = right.query.clone().into_bytes();
            bytes[at] ^= 0x01;
            changed.query = String::from_utf8(bytes).unwrap();
            assert!(account.verify(&changed).is_err(), "at {at}");
        }
    }
}

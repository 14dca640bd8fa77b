//! Providers whose signature leaves the body out: what it does cover is covered, and what a token came with is told.

use mailroom_providers::signing::Outgoing;

use crate::account::{Account, accounts};

/// The one that signs a token, which may then come with one content only.
fn mailgun() -> Account {
    let mut accounts = accounts();
    accounts.retain(|account| account.name() == "mailgun");
    accounts.swap_remove(0)
}

/// Where the values of what is signed stand in a body: in a form, in JSON, or in a part of their own.
fn signed_bytes(body: &[u8]) -> Vec<usize> {
    let text: String = body.iter().map(|&byte| char::from(byte)).collect();
    let mut found = Vec::new();
    for name in ["timestamp", "token", "signature"] {
        let places = [
            format!("{name}="),
            format!("\"{name}\":\""),
            format!("name=\"{name}\"\r\n\r\n"),
        ];
        let begin = places
            .iter()
            .find_map(|place| Some(text.find(place.as_str())? + place.len()));
        let begin = begin.unwrap_or_else(|| panic!("no {name} in the body"));
        let length = text[begin..]
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .count();
        assert!(length >= 10, "{name} has a value");
        found.extend(begin..begin + length);
    }
    found
}

#[test]
fn a_flip_in_what_is_signed_is_refused() {
    let account = mailgun();
    let mut seen = 0;
    for fixture in account.fixtures() {
        let right = account.sign(&fixture.request, 1);
        // What is no JSON at all has no place for a signature.
        if account.verify(&right).is_err() {
            continue;
        }
        seen += 1;
        for at in signed_bytes(&right.body) {
            let mut changed = right.clone();
            changed.body[at] ^= 0x01;
            assert!(account.verify(&changed).is_err(), "{} at {at}", fixture.name);
        }
    }
    assert!(seen >= 5, "{seen} fixtures");
}

#[test]
fn what_a_token_came_with_is_told_whatever_changes_in_it() {
    let account = mailgun();
    for fixture in account.fixtures() {
        let right = account.sign(&fixture.request, 1);
        let Ok(first) = account.verify(&right) else {
            continue;
        };
        let first = first.once.unwrap();
        let mut told = 0;
        for at in 0..right.body.len() {
            let mut changed = right.clone();
            changed.body[at] ^= 0x01;
            let Ok(verified) = account.verify(&changed) else {
                continue;
            };
            let once = verified.once.unwrap();
            assert_eq!(once.token, first.token, "{} at {at}", fixture.name);
            told += usize::from(once.content != first.content);
            let same = once.content == first.content;
            assert!(
                !same || account.split(&changed) == account.split(&right),
                "{} at {at}",
                fixture.name
            );
        }
        assert!(told > 0, "{}: no change was told", fixture.name);
    }
}

#[test]
fn another_token_with_the_same_content_is_told_apart() {
    let account = mailgun();
    for fixture in account.fixtures() {
        let bound = |nonce| account.verify(&account.sign(&fixture.request, nonce)).ok()?.once;
        let (Some(one), Some(other)) = (bound(1), bound(2)) else {
            continue;
        };
        assert_eq!(one.content, other.content, "{}", fixture.name);
        assert_ne!(one.token, other.token, "{}", fixture.name);
    }
}

#[test]
fn who_shows_a_secret_may_say_anything() {
    for account in accounts()
        .into_iter()
        .filter(|account| ["telegram", "postmark"].contains(&account.name()))
    {
        let signed = account.sign(&account.fixtures().swap_remove(0).request, 1);
        let other = Outgoing {
            body: b"{}".to_vec(),
            ..signed
        };
        let verified = account.verify(&other).unwrap();
        assert_eq!((verified.key, verified.once), (0, None), "{}", account.name());
    }
}

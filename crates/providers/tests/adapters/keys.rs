//! Which keys and times are taken.

use std::time::Duration;

use chrono::TimeDelta;
use mailroom_providers::{Key, Unverified};
use serde_json::Value;

use crate::account::{accounts, now};

#[test]
fn either_of_two_keys_will_do_and_an_empty_one_never() {
    for mut account in accounts()
        .into_iter()
        .filter(|account| account.provider.needs_key())
    {
        let signed = account.sign(&account.fixtures().swap_remove(0).request, 1);
        let right = account.endpoint.keys[0].clone();
        let place = account.name();
        let another = Key::new(another(place));
        account.endpoint.keys = vec![another.clone(), right.clone()];
        assert_eq!(
            account.verify(&signed).map(|verified| verified.key),
            Ok(1),
            "{place}"
        );
        account.endpoint.keys = vec![right, another.clone()];
        assert_eq!(
            account.verify(&signed).map(|verified| verified.key),
            Ok(0),
            "{place}"
        );
        for wrong in [
            vec![],
            vec![Key::new("")],
            vec![Key::new("no key at all")],
            vec![another],
        ] {
            account.endpoint.keys = wrong;
            assert!(account.verify(&signed).is_err(), "{place}");
        }
    }
}

/// A key of the provider's kind that signed nothing here.
fn another(provider: &str) -> &'static str {
    match provider {
        "standard" => "whsec_YW5vdGhlci1zdGFuZGFyZC13ZWJob29rcy1rZXk=",
        "sendgrid" => {
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEHw6zw1k2t5l9V5y/jac70ZIkGPOSTUPIWiBqJsUIsFsh\
             Qt8Lq62jl/1F345p1S4bBjRjGgOg/rQV8JmiaSvjZw=="
        }
        _ => "another:key",
    }
}

#[test]
fn what_an_empty_key_signed_is_refused() {
    for mut account in accounts() {
        let empty = match account.name() {
            "standard" => "whsec_",
            // Their keys are pairs: there is no empty one.
            "sendgrid" | "sns" => continue,
            _ => "",
        };
        let request = account.fixtures().swap_remove(0).request;
        let signed = account.signer.sign(request, empty, now(), [1; 16]);
        account.endpoint.keys = vec![Key::new(empty)];
        assert!(account.verify(&signed).is_err(), "{}", account.name());
    }
}

#[test]
fn a_certificate_that_is_none_or_a_topic_that_is_not_ours_is_refused() {
    for mut account in accounts()
        .into_iter()
        .filter(|account| !account.provider.needs_key())
    {
        let signed = account.sign(&account.fixtures().swap_remove(0).request, 1);
        let topics = std::mem::take(&mut account.endpoint.topics);
        assert_eq!(
            account.verify(&signed),
            Err(Unverified::NotForUs),
            "{}",
            account.name()
        );
        account.endpoint.topics = topics;
        for wrong in [
            "",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            account.endpoint.certificate = Some(wrong.to_owned());
            assert!(account.verify(&signed).is_err(), "{}", account.name());
        }
        account.endpoint.certificate = None;
        assert_eq!(
            account.verify(&signed),
            Err(Unverified::NoCertificate),
            "{}",
            account.name()
        );
    }
}

#[test]
fn the_time_is_looked_at_only_after_the_signature() {
    for mut account in accounts()
        .into_iter()
        .filter(|account| account.provider.needs_key())
    {
        let signed = account.sign(&account.fixtures().swap_remove(0).request, 1);
        account.endpoint.keys = vec![Key::new(another(account.name()))];
        for days in [-3_650, 3_650] {
            let verdict = account.verify_at(&signed, now() + TimeDelta::days(days));
            assert_eq!(verdict, Err(Unverified::Mismatch), "{}", account.name());
        }
    }
}

#[test]
fn what_is_not_signed_at_all_is_missing_its_signature() {
    for account in accounts() {
        let mut unsigned = account.fixtures().swap_remove(0).request;
        // Some fixtures of Amazon SNS hold its documentation's placeholder.
        if let Ok(Value::Object(mut fields)) = serde_json::from_slice(&unsigned.body) {
            fields.remove("Signature");
            unsigned.body = Value::Object(fields).to_string().into_bytes();
        }
        assert_eq!(
            account.verify(&unsigned),
            Err(Unverified::Missing),
            "{}",
            account.name()
        );
    }
}

#[test]
fn a_time_that_is_signed_may_be_off_so_far_and_no_farther() {
    // These sign no time.
    let timeless = ["twilio", "whatsapp", "telegram", "postmark", "github"];
    for mut account in accounts()
        .into_iter()
        .filter(|account| !timeless.contains(&account.name()))
    {
        let signed = account.sign(&account.fixtures().swap_remove(0).request, 1);
        account.endpoint.tolerance = Some(Duration::from_mins(1));
        for (seconds, verdict) in [
            (-61, Err(Unverified::TooNew)),
            (-59, Ok(0)),
            (0, Ok(0)),
            (59, Ok(0)),
            (61, Err(Unverified::TooOld)),
            (10_000_000, Err(Unverified::TooOld)),
        ] {
            let at = now() + TimeDelta::seconds(seconds);
            let found = account.verify_at(&signed, at).map(|verified| verified.key);
            assert_eq!(found, verdict, "{} after {seconds} s", account.name());
        }
    }
}

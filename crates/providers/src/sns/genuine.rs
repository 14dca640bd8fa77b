//! Tests with what Amazon SNS itself signed, and the certificate of that time (aws-sdk-ruby,
//! `message_verifier_spec.rb`).

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};

use super::{Sns, envelope::Envelope, signature::signed_text};
use crate::{Endpoint, Provider, Request, Unverified, Verified, replay::request, signing::Signer};

const VERSION_1: &str = include_str!("genuine/version_1.json");
const VERSION_2: &str = include_str!("genuine/version_2.json");
const CERTIFICATE: &str = include_str!("genuine/certificate.pem");

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn genuine(body: &str) -> (Request<'_>, Endpoint) {
    let fields: serde_json::Value = serde_json::from_str(body).unwrap();
    let endpoint = Endpoint {
        topics: vec![fields["TopicArn"].as_str().unwrap().to_owned()],
        ..Endpoint::default()
    };
    let request = Request {
        certificate: Some(CERTIFICATE.as_bytes()),
        now: time("2022-07-28T21:25:00Z"),
        ..request(body.as_bytes())
    };
    (request, endpoint)
}

#[test]
fn what_amazon_signed_passes() {
    for body in [VERSION_1, VERSION_2] {
        let (request, endpoint) = genuine(body);
        assert!(Sns.certificate_url(&request, &endpoint).is_some());
        assert_eq!(Sns.verify(&request, &endpoint), Ok(Verified::by(0)));
        let pinned = Endpoint {
            certificate: Some(CERTIFICATE.to_owned()),
            ..endpoint.clone()
        };
        assert_eq!(Sns.certificate_url(&request, &pinned), None, "it is there");
        let other = Endpoint {
            topics: vec![format!("{}-other", endpoint.topics[0])],
            ..endpoint
        };
        assert_eq!(
            Sns.certificate_url(&request, &other),
            None,
            "nobody waits for this topic"
        );
        let without = Request {
            certificate: None,
            ..request
        };
        assert_eq!(Sns.verify(&without, &pinned), Ok(Verified::by(0)));
    }
}

#[test]
fn the_certificate_must_be_there_valid_and_amazons() {
    let (request, endpoint) = genuine(VERSION_2);
    let with = |certificate, now| {
        Sns.verify(
            &Request {
                certificate,
                now,
                ..request.clone()
            },
            &endpoint,
        )
    };
    let genuine = Some(CERTIFICATE.as_bytes());
    assert_eq!(with(None, request.now), Err(Unverified::NoCertificate));
    assert_eq!(with(Some(b"<html>"), request.now), Err(Unverified::NoCertificate));
    assert_eq!(with(Some(b"0"), request.now), Err(Unverified::NoCertificate));
    for outside in ["2021-09-06T23:59:59Z", "2022-08-18T00:00:01Z"] {
        assert_eq!(
            with(genuine, time(outside)),
            Err(Unverified::NoCertificate),
            "{outside}"
        );
    }
    // Another certificate with the same name, which is what fetching from elsewhere would have got.
    let ours = Some(Sns.demo_keys().1.as_bytes());
    assert_eq!(
        with(ours, time("2024-06-01T00:00:00Z")),
        Err(Unverified::Mismatch)
    );
    let der: Vec<u8> = {
        let lines = CERTIFICATE.lines().filter(|line| !line.starts_with('-'));
        BASE64_STANDARD.decode(lines.collect::<String>()).unwrap()
    };
    assert_eq!(with(Some(&der), request.now), Ok(Verified::by(0)));
    let truncated = &der[..der.len() - 1];
    assert_eq!(with(Some(truncated), request.now), Err(Unverified::NoCertificate));
}

#[test]
fn a_certificate_made_out_for_another_name_is_refused() {
    let (request, endpoint) = genuine(VERSION_2);
    let chinese = VERSION_2.replace(
        "us-east-2.amazonaws.com/Simple",
        "cn-north-1.amazonaws.com.cn/Simple",
    );
    let request = Request {
        body: chinese.as_bytes(),
        ..request
    };
    assert_eq!(Sns.verify(&request, &endpoint), Err(Unverified::NoCertificate));
}

#[test]
fn a_certificate_from_elsewhere_or_another_region_is_refused() {
    for (host, expected) in [
        ("sns.us-east-1.amazonaws.com", Unverified::NotForUs),
        (
            "sns.us-east-2.amazonaws.com.example.com",
            Unverified::NoCertificate,
        ),
        ("user@sns.us-east-2.amazonaws.com", Unverified::NoCertificate),
        ("sns.us-east-2.amazonaws.com:8443", Unverified::NoCertificate),
    ] {
        // The URL is not signed.
        let body = VERSION_2.replace("sns.us-east-2.amazonaws.com/Simple", &format!("{host}/Simple"));
        let (request, endpoint) = genuine(&body);
        assert_eq!(Sns.certificate_url(&request, &endpoint), None);
        assert_eq!(Sns.verify(&request, &endpoint), Err(expected), "{host}");
    }
}

#[test]
fn a_flip_of_any_signed_byte_is_refused() {
    for body in [VERSION_1, VERSION_2] {
        let signed = |body: &[u8]| {
            let envelope = Envelope::parse(body).unwrap();
            let signature = envelope.text("Signature").unwrap().to_owned();
            (signed_text(&envelope), envelope.version(), signature)
        };
        let mut refused = 0;
        for (position, by) in (0..body.len()).flat_map(|position| [1, 0x20, 0x80].map(|by| (position, by))) {
            let mut flipped = body.as_bytes().to_vec();
            flipped[position] ^= by;
            let (request, endpoint) = genuine(body);
            let request = Request {
                body: &flipped,
                ..request
            };
            // White space, the links and the certificate's name are not signed.
            match Sns.verify(&request, &endpoint) {
                Ok(_) => assert_eq!(signed(&flipped), signed(body.as_bytes())),
                Err(_) => refused += 1,
            }
        }
        assert!(
            refused > 3 * 600,
            "signed text and signature are longer than {refused} flips"
        );
    }
}

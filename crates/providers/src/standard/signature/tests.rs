//! Signatures of Standard Webhooks, checked.

use chrono::DateTime;
use proptest::prelude::*;

use crate::standard::Standard;
use crate::{
    Request, Unverified,
    rehearsal::{endpoint, received, request},
    signing::Signer,
};

// standard-webhooks/libraries/go, webhook_symmetric_test.go and webhook_asymmetric_test.go
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const TIMESTAMP: &str = "1614265330";
const BODY: &[u8] = br#"{"test": 2432232314}"#;
const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const SEED: &str = "whsk_VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=";
/// The public half of [`SEED`].
const PUBLIC: &str = "whpk_ZlN4eg7dSSqi0moX9hQUk3orrOouK3QVQSlJa248c/g=";
const BY_PAIR: &str =
    "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag==";

struct Given<'a> {
    id: &'a str,
    timestamp: &'a str,
    signature: &'a str,
    body: &'a [u8],
    late: i64,
}

const GIVEN: Given<'_> = Given {
    id: ID,
    timestamp: TIMESTAMP,
    signature: SIGNATURE,
    body: BODY,
    late: 0,
};

fn verified(keys: &[&str], given: &Given<'_>) -> Result<usize, Unverified> {
    let headers = [
        ("webhook-id", given.id),
        ("webhook-timestamp", given.timestamp),
        ("webhook-signature", given.signature),
    ];
    let outgoing = request(&headers, given.body);
    let request = Request {
        now: DateTime::from_timestamp(1_614_265_330 + given.late, 0).unwrap(),
        ..received(&outgoing)
    };
    super::verify(&request, &endpoint(keys)).map(|verified| verified.key)
}

fn signed(keys: &[&str], signature: &str) -> Result<usize, Unverified> {
    verified(keys, &Given { signature, ..GIVEN })
}

#[test]
fn the_official_vectors_pass() {
    assert_eq!(signed(&[SECRET], SIGNATURE), Ok(0));
    assert_eq!(signed(&[PUBLIC], BY_PAIR), Ok(0));
}

#[test]
fn signing_makes_the_official_vectors() {
    let now = DateTime::from_timestamp(1_614_265_330, 0).unwrap();
    for (prefix, key, expected) in [("webhook", SECRET, SIGNATURE), ("svix", SEED, BY_PAIR)] {
        let [id, signature] = ["id", "signature"].map(|name| format!("{prefix}-{name}"));
        let outgoing = Standard.sign(request(&[(&id, ID)], BODY), key, now, [0; 16]);
        assert_eq!(received(&outgoing).headers.get(&signature), Some(expected));
        let request = Request {
            now,
            ..received(&outgoing)
        };
        assert!(super::verify(&request, &endpoint(&[SECRET, PUBLIC])).is_ok());
    }
}

#[test]
fn any_signature_of_a_list_by_any_key_will_do() {
    let other = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=";
    let list = format!("{other} v2,{} not-one {BY_PAIR} {SIGNATURE} {other}", &other[3..]);
    assert_eq!(signed(&[SECRET], &list), Ok(0));
    assert_eq!(
        signed(&["whsec_bmV3LW5ldy1uZXctbmV3LW5ldy1uZXc=", SECRET], &list),
        Ok(1)
    );
    assert_eq!(
        signed(&["whsec_bmV3LW5ldy1uZXctbmV3LW5ldy1uZXc=", PUBLIC], &list),
        Ok(1)
    );
    assert_eq!(
        signed(&["whsec_bmV3LW5ldy1uZXctbmV3LW5ldy1uZXc="], &list),
        Err(Unverified::Mismatch)
    );
}

#[test]
fn at_most_sixteen_are_tried() {
    let other = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= ";
    assert_eq!(signed(&[SECRET], &(other.repeat(15) + SIGNATURE)), Ok(0));
    assert_eq!(
        signed(&[SECRET], &(other.repeat(16) + SIGNATURE)),
        Err(Unverified::Mismatch)
    );
}

#[test]
fn a_key_is_used_with_its_own_algorithm_only() {
    let (hmac, pair) = (&SIGNATURE[3..], &BY_PAIR[4..]);
    assert_eq!(
        signed(&[SECRET], &format!("v1a,{hmac}")),
        Err(Unverified::Mismatch)
    );
    assert_eq!(
        signed(&[PUBLIC], &format!("v1,{pair}")),
        Err(Unverified::Mismatch)
    );
    // Whoever knows the public key can make an HMAC with it.
    let as_secret = PUBLIC.replace("whpk_", "whsec_");
    let now = DateTime::from_timestamp(1_614_265_330, 0).unwrap();
    let outgoing = Standard.sign(request(&[("webhook-id", ID)], BODY), &as_secret, now, [0; 16]);
    let forged = received(&outgoing)
        .headers
        .get("webhook-signature")
        .unwrap()
        .to_owned();
    assert_eq!(signed(&[&as_secret], &forged), Ok(0));
    for signature in [&forged, &forged.replace("v1,", "v1a,")] {
        assert_eq!(signed(&[PUBLIC], signature), Err(Unverified::Mismatch));
    }
}

#[test]
fn five_minutes_either_way_are_near_enough() {
    let late = |late| verified(&[SECRET], &Given { late, ..GIVEN });
    assert_eq!((late(300), late(-300)), (Ok(0), Ok(0)));
    assert_eq!(
        (late(301), late(-301)),
        (Err(Unverified::TooOld), Err(Unverified::TooNew))
    );
}

#[test]
fn id_and_time_are_signed_too() {
    for given in [
        Given {
            id: "msg_p5jXN8AQM9LWM0D4loKWxJeK",
            ..GIVEN
        },
        Given {
            timestamp: "1614265331",
            ..GIVEN
        },
        Given { body: b"", ..GIVEN },
    ] {
        assert_eq!(verified(&[SECRET], &given), Err(Unverified::Mismatch));
    }
}

#[test]
fn what_is_no_signature_is_refused() {
    for signature in [
        "",
        "v1,",
        "v1",
        &SIGNATURE[3..],
        &SIGNATURE[..20],
        &SIGNATURE[..SIGNATURE.len() - 1],
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OF=",
        "v1,g0hM9SsE-OTPJTGt_tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "V1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "v1, g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    ] {
        assert!(signed(&[SECRET], signature).is_err(), "{signature}");
    }
    let unsigned = request(&[("webhook-id", ID), ("webhook-timestamp", TIMESTAMP)], BODY);
    assert_eq!(
        super::verify(&received(&unsigned), &endpoint(&[SECRET])),
        Err(Unverified::Missing)
    );
    let mixed = request(
        &[
            ("webhook-id", ID),
            ("svix-timestamp", TIMESTAMP),
            ("svix-signature", SIGNATURE),
        ],
        BODY,
    );
    assert_eq!(
        super::verify(&received(&mixed), &endpoint(&[SECRET])),
        Err(Unverified::Missing)
    );
}

#[test]
fn an_empty_or_short_key_never_fits() {
    let now = DateTime::from_timestamp(1_614_265_330, 0).unwrap();
    for key in ["whsec_", "whsec_c2hvcnQ="] {
        let outgoing = Standard.sign(request(&[("webhook-id", ID)], BODY), key, now, [0; 16]);
        let signature = received(&outgoing)
            .headers
            .get("webhook-signature")
            .unwrap()
            .to_owned();
        assert_eq!(signed(&[key], &signature), Err(Unverified::Mismatch));
        assert_eq!(signed(&["", "whsk_", key], &signature), Err(Unverified::Mismatch));
    }
}

proptest! {
    #[test]
    fn a_flip_of_any_signed_byte_is_refused(position in 0..BODY.len(), by in 1_u8..=255) {
        let mut body = BODY.to_vec();
        body[position] ^= by;
        for (key, signature) in [(SECRET, SIGNATURE), (PUBLIC, BY_PAIR)] {
            let refused = verified(&[key], &Given { signature, body: &body, ..GIVEN });
            prop_assert_eq!(refused, Err(Unverified::Mismatch));
        }
    }

    #[test]
    fn a_flip_of_any_byte_of_a_signature_is_refused(position in 4..BY_PAIR.len(), by in 1_u8..128) {
        let mut signature = BY_PAIR.as_bytes().to_vec();
        signature[position] ^= by;
        let signature = String::from_utf8_lossy(&signature);
        prop_assert!(signed(&[PUBLIC], &signature).is_err());
    }
}

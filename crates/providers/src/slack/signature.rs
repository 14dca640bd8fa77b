//! Slack's signature: `v0=` and hex HMAC-SHA256 over `v0:`, the time and the raw body (docs.slack.dev, "Verifying
//! requests from Slack").

use std::time::Duration;

use chrono::DateTime;

use crate::{
    Endpoint, Request, Unverified, Verified,
    signature::{bytes, hex, hmac_sha256},
    verdict::timely,
};

/// Slack's own advice.
const TOLERANCE: Duration = Duration::from_mins(5);

pub(super) fn verify(request: &Request<'_>, endpoint: &Endpoint) -> Result<Verified, Unverified> {
    let signature = request.headers.get("x-slack-signature");
    let timestamp = request.headers.get("x-slack-request-timestamp");
    let claimed = signature
        .and_then(|signature| signature.strip_prefix("v0="))
        .ok_or(Unverified::Malformed)
        .and_then(hex);
    // Computed whatever is wrong, so that the time it takes tells nothing.
    let key = hmac_sha256(
        bytes(&endpoint.keys),
        &[
            b"v0:",
            timestamp.unwrap_or_default().as_bytes(),
            b":",
            request.body,
        ],
        claimed.as_deref().unwrap_or_default(),
    );
    let (Some(_), Some(timestamp)) = (signature, timestamp) else {
        return Err(Unverified::Missing);
    };
    claimed?;
    let key = key?;
    // Digits only: with anything else in it the same bytes could be cut into time and body in more than one way.
    let signed = Some(timestamp)
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|text| DateTime::from_timestamp(text.parse().ok()?, 0))
        .ok_or(Unverified::Malformed)?;
    timely(signed, request.now, endpoint, TOLERANCE)?;
    Ok(Verified::by(key))
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, Utc};
    use proptest::prelude::*;

    use super::*;
    use crate::rehearsal::{endpoint, received, request};

    // python-slack-sdk, tests/signature/test_signature_verifier.py, and docs.slack.dev
    const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
    const TIMESTAMP: &str = "1531420618";
    const SIGNATURE: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
    const BODY: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=\
        G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&\
        response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&\
        trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";

    fn signed_at() -> DateTime<Utc> {
        DateTime::from_timestamp(1_531_420_618, 0).unwrap()
    }

    fn verified(
        keys: &[&str],
        (timestamp, signature): (&str, &str),
        body: &[u8],
        late: i64,
    ) -> Result<usize, Unverified> {
        let headers = [
            ("x-slack-request-timestamp", timestamp),
            ("x-slack-signature", signature),
        ];
        let request = request(&headers, body);
        let request = Request {
            now: signed_at() + TimeDelta::seconds(late),
            ..received(&request)
        };
        verify(&request, &endpoint(keys)).map(|verified| verified.key)
    }

    #[test]
    fn the_official_vector_passes() {
        assert_eq!(
            verified(&[SECRET], (TIMESTAMP, SIGNATURE), BODY.as_bytes(), 0),
            Ok(0)
        );
    }

    #[test]
    fn either_of_two_secrets_will_do_and_an_empty_one_never() {
        let given = (TIMESTAMP, SIGNATURE);
        assert_eq!(verified(&["new", SECRET], given, BODY.as_bytes(), 0), Ok(1));
        assert_eq!(
            verified(&["new"], given, BODY.as_bytes(), 0),
            Err(Unverified::Mismatch)
        );
        let signed = crate::signing::Signer::sign(
            &super::super::Slack,
            request(&[], b"{}"),
            "",
            signed_at(),
            [0; 16],
        );
        let by_nothing = signed
            .headers
            .iter()
            .find(|(name, _)| name == "x-slack-signature")
            .unwrap();
        let given = (TIMESTAMP, &*by_nothing.1);
        assert_eq!(verified(&[""], given, b"{}", 0), Err(Unverified::Mismatch));
    }

    #[test]
    fn five_minutes_either_way_are_near_enough() {
        let late = |seconds| verified(&[SECRET], (TIMESTAMP, SIGNATURE), BODY.as_bytes(), seconds);
        assert_eq!((late(300), late(-300)), (Ok(0), Ok(0)));
        assert_eq!(
            (late(301), late(-301)),
            (Err(Unverified::TooOld), Err(Unverified::TooNew))
        );
        let moved = verified(&[SECRET], ("1531420619", SIGNATURE), BODY.as_bytes(), 0);
        assert_eq!(moved, Err(Unverified::Mismatch), "the time is signed too");
    }

    #[test]
    fn what_is_no_signature_is_refused() {
        let digest = &SIGNATURE[3..];
        for signature in [
            "",
            "v0=",
            digest,
            &SIGNATURE[..19],
            &format!("v1={digest}"),
            &format!("v0=0x{digest}"),
            &format!("v0= {digest}"),
            &format!("{SIGNATURE}00"),
            &format!("v0={}", "g".repeat(64)),
        ] {
            assert!(
                verified(&[SECRET], (TIMESTAMP, signature), BODY.as_bytes(), 0).is_err(),
                "{signature}"
            );
        }
        for headers in [
            &[][..],
            &[("x-slack-signature", SIGNATURE)],
            &[("x-slack-request-timestamp", TIMESTAMP)],
        ] {
            let request = request(headers, BODY.as_bytes());
            assert_eq!(
                verify(&received(&request), &endpoint(&[SECRET])),
                Err(Unverified::Missing)
            );
        }
    }

    #[test]
    fn time_and_body_cannot_be_cut_elsewhere() {
        let body = [b"1:", BODY.as_bytes()].concat();
        let signed = {
            use hmac::{Hmac, KeyInit, Mac};
            let mut mac = Hmac::<sha2::Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
            mac.update(&[b"v0:1531420618:", &body[..]].concat());
            format!("v0={}", crate::incoming::hex(mac.finalize().into_bytes().into()))
        };
        assert_eq!(verified(&[SECRET], (TIMESTAMP, &signed), &body, 0), Ok(0));
        let cut = verified(&[SECRET], ("1531420618:1", &signed), BODY.as_bytes(), 0);
        assert_eq!(cut, Err(Unverified::Malformed));
    }

    proptest! {
        #[test]
        fn a_flip_of_any_signed_byte_is_refused(position in 0..BODY.len(), by in 1_u8..=255) {
            let mut body = BODY.as_bytes().to_vec();
            body[position] ^= by;
            let refused = verified(&[SECRET], (TIMESTAMP, SIGNATURE), &body, 0);
            prop_assert_eq!(refused, Err(Unverified::Mismatch));
        }
    }
}

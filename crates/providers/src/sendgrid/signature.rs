//! SendGrid's signature: base64 of a DER-encoded ECDSA (P-256, SHA-256) signature over the time it was made and the
//! body (sendgrid-python `helpers/eventwebhook`), the same for events and for Inbound Parse.

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};

use crate::{Key, Unverified};

pub(super) const SIGNATURE: &str = "x-twilio-email-event-webhook-signature";
pub(super) const TIMESTAMP: &str = "x-twilio-email-event-webhook-timestamp";

/// How a `SubjectPublicKeyInfo` of an uncompressed point on P-256 begins (RFC 5480); the point's 65 bytes follow.
const P256_SPKI: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
const POINT: usize = 65;
/// A DER signature on P-256 has at most 72 bytes, 96 in base64.
const LONGEST: usize = 96;

/// The point of a public key as SendGrid shows it, if it is one.
pub(super) fn point(key: &Key) -> Option<Vec<u8>> {
    let spki = BASE64_STANDARD.decode(key.expose()).ok()?;
    let point = spki.strip_prefix(&P256_SPKI)?;
    (point.len() == POINT && point.starts_with(&[4])).then(|| point.to_vec())
}

/// Which public key fits, and when it was signed. The keys are public: there is no secret that timing could betray.
pub(super) fn verify(
    keys: &[Key],
    timestamp: &str,
    body: &[u8],
    signature: &str,
) -> Result<(usize, DateTime<Utc>), Unverified> {
    if signature.len() > LONGEST {
        return Err(Unverified::Malformed);
    }
    let signature = BASE64_STANDARD
        .decode(signature)
        .map_err(|_| Unverified::Malformed)?;
    let at = time(timestamp).ok_or(Unverified::Malformed)?;
    let signed = [timestamp.as_bytes(), body].concat();
    let fits = |key: &Key| {
        point(key).is_some_and(|point| {
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point)
                .verify(&signed, &signature)
                .is_ok()
        })
    };
    let key = keys.iter().position(fits).ok_or(Unverified::Mismatch)?;
    Ok((key, at))
}

/// Seconds since 1970 in digits and nothing else.
fn time(digits: &str) -> Option<DateTime<Utc>> {
    let plain = (1..=12).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    DateTime::from_timestamp(plain.then(|| digits.parse().ok())??, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // sendgrid-python, test/unit/test_eventwebhook.py
    const KEY: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRa\
                       INXvVpiglSI8eNEc6wEA3F+g==";
    const OTHER_KEY: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqTxd43gyp8IOEto2LdIfjRQrIbsd4SXZkLW6jDutdhXSJCWHw8RENtlo7a\
                             NDthvj+y7GjUuFDb/R1NGe1OPzpA==";
    const SIGNATURE: &str =
        "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=";
    const OTHER_SIGNATURE: &str =
        "MEUCIQCtIHJeH93Y+qpYeWrySphQgpNGNr/U+UyUlBkU6n7RAwIgJTz2C+8a8xonZGi6BpSzoQsbVRamr2nlxFDWYNH3j/0=";
    const TIMESTAMP: &str = "1600112502";
    const BODY: &str = concat!(
        r#"[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","#,
        r#""sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","#,
        r#""sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","#,
        r#""smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]"#,
        "\r\n"
    );

    fn checked(keys: &[&str], timestamp: &str, body: &str, signature: &str) -> Result<usize, Unverified> {
        let keys: Vec<Key> = keys.iter().map(|key| Key::new(key)).collect();
        verify(&keys, timestamp, body.as_bytes(), signature).map(|(key, _)| key)
    }

    #[test]
    fn the_official_vectors_pass() {
        assert_eq!(checked(&[KEY], TIMESTAMP, BODY, SIGNATURE), Ok(0));
        let mismatch = Err(Unverified::Mismatch);
        assert_eq!(checked(&[OTHER_KEY], TIMESTAMP, BODY, SIGNATURE), mismatch);
        assert_eq!(checked(&[KEY], TIMESTAMP, "payload", SIGNATURE), mismatch);
        assert_eq!(checked(&[KEY], TIMESTAMP, BODY, OTHER_SIGNATURE), mismatch);
        assert_eq!(
            checked(&[KEY], "timestamp", BODY, SIGNATURE),
            Err(Unverified::Malformed)
        );
    }

    #[test]
    fn the_trailing_line_end_is_signed() {
        let mismatch = Err(Unverified::Mismatch);
        assert_eq!(checked(&[KEY], TIMESTAMP, BODY.trim_end(), SIGNATURE), mismatch);
        assert_eq!(
            checked(&[KEY], TIMESTAMP, BODY.trim_end_matches('\n'), SIGNATURE),
            mismatch
        );
    }

    #[test]
    fn either_of_two_keys_will_do_and_what_is_no_key_never() {
        assert_eq!(checked(&[OTHER_KEY, KEY], TIMESTAMP, BODY, SIGNATURE), Ok(1));
        assert_eq!(checked(&["", "x", KEY], TIMESTAMP, BODY, SIGNATURE), Ok(2));
        assert_eq!(
            checked(&["", "MFkw"], TIMESTAMP, BODY, SIGNATURE),
            Err(Unverified::Mismatch)
        );
        assert_eq!(
            checked(&[], TIMESTAMP, BODY, SIGNATURE),
            Err(Unverified::Mismatch)
        );
    }

    #[test]
    fn only_a_public_key_on_p256_is_a_key() {
        assert!(point(&Key::new(KEY)).is_some());
        let compressed = KEY.replacen("QgAE8", "QgAC8", 1);
        for key in [
            "",
            "=",
            &KEY[..KEY.len() - 2],
            &KEY[1..],
            &format!(" {KEY}"),
            &compressed,
        ] {
            assert!(point(&Key::new(key)).is_none(), "{key}");
        }
    }

    #[test]
    fn what_is_no_signature_is_refused() {
        let unpadded = SIGNATURE.trim_end_matches('=');
        let newline = format!("{SIGNATURE}\n");
        let odd_bits = SIGNATURE.replace("ZtM=", "ZtN=");
        let long = "A".repeat(100_000);
        for signature in ["=", "MEUCIGHQ", unpadded, &newline, &odd_bits, &long, ""] {
            assert!(
                checked(&[KEY], TIMESTAMP, BODY, signature).is_err(),
                "{signature}"
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_time_written_otherwise_is_refused(timestamp in "[0-9 +-]{0,14}") {
            prop_assume!(timestamp != TIMESTAMP);
            prop_assert!(checked(&[KEY], &timestamp, BODY, SIGNATURE).is_err());
        }
    }

    #[test]
    fn a_flip_of_any_signed_byte_is_refused() {
        let keys = [Key::new(KEY)];
        for position in 0..BODY.len() {
            let mut body = BODY.as_bytes().to_vec();
            body[position] ^= 1;
            assert!(verify(&keys, TIMESTAMP, &body, SIGNATURE).is_err(), "{position}");
        }
    }
}

//! Meta's signature: `sha256=` and the hex HMAC-SHA256 of the raw body. Meta signs the text with `\u` escapes that is on
//! the wire, so nothing but the received bytes will do.

use crate::{Key, Unverified, signature};

/// Which app secret made this `X-Hub-Signature-256`.
pub(super) fn verify(app_secrets: &[Key], body: &[u8], claimed: Option<&str>) -> Result<usize, Unverified> {
    let decoded = decode(claimed.unwrap_or_default());
    // What cannot be a signature is compared all the same, as an empty one, which no HMAC equals.
    let against: &[u8] = decoded.as_deref().unwrap_or_default();
    let fitting = signature::hmac_sha256(signature::bytes(app_secrets), &[body], against);
    claimed.ok_or(Unverified::Missing)?;
    decoded.and(fitting)
}

fn decode(claimed: &str) -> Result<Vec<u8>, Unverified> {
    let digits = claimed.strip_prefix("sha256=").ok_or(Unverified::Malformed)?;
    if digits.len() == 64 {
        signature::hex(digits)
    } else {
        Err(Unverified::Malformed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // HMAC-SHA256 by RFC 4231, test case 2; Meta publishes no vector of its own.
    const SECRET: &str = "Jefe";
    const BODY: &[u8] = b"what do ya want for nothing?";
    const SIGNATURE: &str = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

    fn verified(secrets: &[&str], body: &[u8], claimed: &str) -> Result<usize, Unverified> {
        let secrets: Vec<_> = secrets.iter().map(|secret| Key::new(secret)).collect();
        verify(&secrets, body, Some(claimed))
    }

    #[test]
    fn either_of_two_secrets_will_do() {
        assert_eq!(verified(&[SECRET], BODY, SIGNATURE), Ok(0));
        assert_eq!(verified(&["new", SECRET], BODY, SIGNATURE), Ok(1));
        assert_eq!(verified(&["new"], BODY, SIGNATURE), Err(Unverified::Mismatch));
        assert_eq!(verified(&[], BODY, SIGNATURE), Err(Unverified::Mismatch));
        assert_eq!(verify(&[Key::new(SECRET)], BODY, None), Err(Unverified::Missing));
    }

    #[test]
    fn an_empty_secret_opens_nothing() {
        // HMAC-SHA256 of nothing with nothing.
        let empty = "sha256=b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
        assert_eq!(verified(&[""], b"", empty), Err(Unverified::Mismatch));
    }

    #[test]
    fn what_is_no_signature_is_refused() {
        let digits = &SIGNATURE["sha256=".len()..];
        for claimed in [
            String::new(),
            "sha256=".to_owned(),
            digits.to_owned(),
            format!("sha1={digits}"),
            format!("SHA256={digits}"),
            format!("sha256={}", &digits[..16]),
            format!("sha256=0x{}", &digits[2..]),
            format!("sha256= {}", &digits[1..]),
            format!("sha256={digits}00"),
            format!("sha256={}g", &digits[..63]),
        ] {
            assert_eq!(
                verified(&[SECRET], BODY, &claimed),
                Err(Unverified::Malformed),
                "{claimed}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_flip_of_any_byte_is_refused(position in 0..BODY.len(), digit in 7..SIGNATURE.len(), by in 1_u8..255) {
            let mut body = BODY.to_vec();
            body[position] ^= by;
            prop_assert_eq!(verified(&[SECRET], &body, SIGNATURE), Err(Unverified::Mismatch));
            let mut claimed = SIGNATURE.to_owned().into_bytes();
            claimed[digit] = if claimed[digit] == b'0' { b'1' } else { b'0' };
            let claimed = String::from_utf8(claimed).unwrap();
            prop_assert_eq!(verified(&[SECRET], BODY, &claimed), Err(Unverified::Mismatch));
        }
    }
}

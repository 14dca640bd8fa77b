//! GitHub's signature: `sha256=` and hex HMAC-SHA256 over the raw body. Neither a time nor the headers are signed, so
//! what keeps a delivery from being taken twice is its id alone.

use crate::{
    Endpoint, Request, Unverified, Verified,
    signature::{bytes, hex, hmac_sha256},
};

pub(super) fn verify(request: &Request<'_>, endpoint: &Endpoint) -> Result<Verified, Unverified> {
    let signature = request.headers.get("x-hub-signature-256");
    let claimed = signature
        .and_then(|signature| signature.strip_prefix("sha256="))
        .ok_or(Unverified::Malformed)
        .and_then(hex);
    // Computed whatever is wrong, so that the time it takes tells nothing.
    let key = hmac_sha256(
        bytes(&endpoint.keys),
        &[request.body],
        claimed.as_deref().unwrap_or_default(),
    );
    if signature.is_none() {
        return Err(Unverified::Missing);
    }
    claimed?;
    Ok(Verified::by(key?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rehearsal::{endpoint, received, request};

    fn verified(keys: &[&str], body: &[u8], signature: &str) -> Result<usize, Unverified> {
        let request = request(&[("x-hub-signature-256", signature)], body);
        verify(&received(&request), &endpoint(keys)).map(|verified| verified.key)
    }

    // docs.github.com, "Validating webhook deliveries", "Testing the webhook payload validation"
    const SECRET: &str = "It's a Secret to Everybody";
    const BODY: &[u8] = b"Hello, World!";
    const SIGNATURE: &str = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    #[test]
    fn the_official_vectors_pass() {
        assert_eq!(verified(&[SECRET], BODY, SIGNATURE), Ok(0));
        // octokit/webhooks-methods.js, test/verify.test.ts, of an earlier and of the present release
        for (secret, body, signature) in [
            (
                "mysecret",
                r#"{"foo":"bar"}"#,
                "sha256=4864d2759938a15468b5df9ade20bf161da9b4f737ea61794142f3484236bda3",
            ),
            (
                "mysecret",
                "{\n  \"foo\": \"bar\"\n}\n",
                "sha256=e3eccac34c43c7dc1cbb905488b1b81347fcc700a7b025697a9d07862256023f",
            ),
            (
                "development",
                "{\n  \"foo\": \"Foo\\n\\u001B[34mbar: ♥♥♥♥♥♥♥♥\\nthis-is-lost\\u001B[0m\\u001B[2K\"\n}\n",
                "sha256=9dacf9003316b09be07df56d86a2d0d6872e42a1e6c72c3bad9ff915a7c5603e",
            ),
            (
                "development",
                "{\n  \"foo\": \"\\\\u001b\"\n}\n",
                "sha256=87316067e2011fae39998b18c46a14d83b3e7c3ffdd88fb2ee5afb7d11288e60",
            ),
        ] {
            assert_eq!(verified(&[secret], body.as_bytes(), signature), Ok(0), "{body}");
        }
    }

    #[test]
    fn either_of_two_secrets_will_do_and_an_empty_one_never() {
        assert_eq!(verified(&["new", SECRET], BODY, SIGNATURE), Ok(1));
        assert_eq!(verified(&["new"], BODY, SIGNATURE), Err(Unverified::Mismatch));
        // HMAC-SHA256 with an empty key over nothing
        let empty = "sha256=b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
        assert_eq!(verified(&[""], b"", empty), Err(Unverified::Mismatch));
        assert_eq!(verified(&[], BODY, SIGNATURE), Err(Unverified::Mismatch));
    }

    #[test]
    fn what_is_no_signature_is_refused() {
        let digest = &SIGNATURE["sha256=".len()..];
        for signature in [
            "",
            "sha256=",
            digest,
            "sha256=xx7107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
            &SIGNATURE[..23],
            &format!("sha1={digest}"),
            &format!("SHA256={digest}"),
            &format!("sha256=0x{digest}"),
            &format!("sha256= {digest}"),
            &format!("{SIGNATURE}00"),
            &format!("{SIGNATURE} {SIGNATURE}"),
        ] {
            assert!(verified(&[SECRET], BODY, signature).is_err(), "{signature}");
        }
        let unsigned = request(&[], BODY);
        assert_eq!(
            verify(&received(&unsigned), &endpoint(&[SECRET])),
            Err(Unverified::Missing)
        );
    }

    proptest! {
        #[test]
        fn a_flip_of_any_signed_byte_is_refused(position in 0..BODY.len(), by in 1_u8..=255) {
            let mut body = BODY.to_vec();
            body[position] ^= by;
            prop_assert_eq!(verified(&[SECRET], &body, SIGNATURE), Err(Unverified::Mismatch));
        }
    }
}

//! Twilio's signature: base64 HMAC-SHA1 over the exact public URL followed by each field's name and value, names
//! sorted, values of a repeated name sorted and each taken once (twilio-python `request_validator.py`).

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use crate::{Key, Unverified, form::Form, incoming::hash, signature};

/// Which auth token made `signature` (the `X-Twilio-Signature` header) for one of these URLs and this form. The URL is
/// tried as configured, and with and without its default port, since Twilio signs either. Constant in time for a
/// given number of tokens and URLs, whatever is wrong. A JSON body is signed by its hash in the query, without fields.
pub(super) fn verify(
    auth_tokens: &[Key],
    public_urls: &[String],
    query: &str,
    form: &Form,
    signature: &str,
) -> Result<usize, Unverified> {
    // What is no base64 is compared as an empty signature, which no HMAC equals.
    let claimed = BASE64_STANDARD.decode(signature).unwrap_or_default();
    let fields = signed_fields(form);
    let mut fitting = None;
    for url in public_urls.iter().flat_map(|url| port_variants(url)) {
        for (index, token) in signature::bytes(auth_tokens).enumerate() {
            let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(token) else {
                continue;
            };
            mac.update(url.as_bytes());
            if !query.is_empty() {
                mac.update(b"?");
                mac.update(query.as_bytes());
            }
            mac.update(fields.as_bytes());
            if mac.verify_slice(&claimed).is_ok() && !token.is_empty() {
                fitting = fitting.or(Some(index));
            }
        }
    }
    fitting.ok_or(Unverified::Mismatch)
}

/// Whether the query names this body by its SHA-256, as Twilio does for bodies that are no form.
pub(super) fn names_body(query: &str, body: &[u8]) -> bool {
    let claimed = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "bodySHA256");
    claimed.is_some_and(|(_, digest)| signature::hex(&digest).is_ok_and(|digest| digest == hash(body)))
}

pub(super) fn signed_fields(form: &Form) -> String {
    let mut sorted: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, value) in form.fields() {
        sorted.entry(name).or_default().insert(value);
    }
    let pairs = sorted
        .iter()
        .flat_map(|(name, values)| values.iter().flat_map(move |value| [*name, *value]));
    pairs.collect()
}

/// The URL as it is, and with its default port added or taken away.
fn port_variants(url: &str) -> Vec<String> {
    let mut variants = vec![url.to_owned()];
    for (scheme, port) in [("https://", ":443"), ("http://", ":80")] {
        let Some(rest) = url.strip_prefix(scheme) else {
            continue;
        };
        let (authority, path) = rest.find(['/', '?']).map_or((rest, ""), |at| rest.split_at(at));
        match authority.strip_suffix(port) {
            Some(host) => variants.push(format!("{scheme}{host}{path}")),
            None if !authority.contains(':') => variants.push(format!("{scheme}{authority}{port}{path}")),
            None => {}
        }
    }
    variants
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // twilio-python, tests/unit/test_request_validator.py
    const TOKEN: &str = "12345";
    const URL: &str = "https://mycompany.com/myapp.php";
    const QUERY: &str = "foo=1&bar=2";
    const BODY: &str =
        "CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309&To=%2B18005551212&Caller=%2B14158675309";
    const SIGNATURE: &str = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";

    fn keys(tokens: &[&str]) -> Vec<Key> {
        tokens.iter().map(|token| Key::new(token)).collect()
    }

    fn verified(url: &str, body: &str, signature: &str) -> bool {
        verify(
            &keys(&[TOKEN]),
            &[url.to_owned()],
            QUERY,
            &Form::decode(body.as_bytes()),
            signature,
        )
        .is_ok()
    }

    #[test]
    fn the_official_vectors_pass() {
        assert!(verified(URL, BODY, SIGNATURE));
        let repeated = [2, 1, 2].map(|n| format!("MessagingBinding={n}")).join("&");
        let form = Form::decode(format!("{BODY}&{repeated}").as_bytes());
        assert_eq!(signed_fields(&form).matches("MessagingBinding").count(), 2);
    }

    #[test]
    fn the_official_vector_of_repeated_fields_passes() {
        let body = "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234";
        let url = "https://mycompany.com/myapp.php".to_owned();
        let form = Form::decode(body.as_bytes());
        assert_eq!(
            verify(
                &keys(&[TOKEN]),
                &[url],
                QUERY,
                &form,
                "IK+Dwps556ElfBT0I3Rgjkr1wJU="
            ),
            Ok(0)
        );
    }

    #[test]
    fn the_official_vector_of_a_json_body_passes() {
        let body = br#"{"property": "value", "boolean": true}"#;
        let query =
            format!("{QUERY}&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620");
        assert!(names_body(&query, body));
        assert!(!names_body(&query, br#"{"property": "value", "boolean": false}"#));
        assert_eq!(
            verify(
                &keys(&[TOKEN]),
                &[URL.to_owned()],
                &query,
                &Form::decode(b""),
                "a9nBmqA0ju/hNViExpshrM61xv4="
            ),
            Ok(0)
        );
    }

    #[test]
    fn the_default_port_may_be_there_or_not() {
        assert!(verified("https://mycompany.com:443/myapp.php", BODY, SIGNATURE));
        assert!(!verified("https://mycompany.com:8443/myapp.php", BODY, SIGNATURE));
        assert_eq!(port_variants("http://a:80?x"), ["http://a:80?x", "http://a?x"]);
    }

    #[test]
    fn the_order_of_fields_does_not_matter() {
        let mut fields: Vec<_> = BODY.split('&').collect();
        fields.reverse();
        assert!(verified(URL, &fields.join("&"), SIGNATURE));
    }

    #[test]
    fn either_of_two_tokens_will_do_and_an_empty_one_never() {
        let (form, urls) = (Form::decode(BODY.as_bytes()), [URL.to_owned()]);
        assert_eq!(
            verify(&keys(&["new", TOKEN]), &urls, QUERY, &form, SIGNATURE),
            Ok(1)
        );
        assert!(verify(&keys(&["new"]), &urls, QUERY, &form, SIGNATURE).is_err());
        let mut mac = Hmac::<Sha1>::new_from_slice(b"").unwrap();
        mac.update(URL.as_bytes());
        let empty = BASE64_STANDARD.encode(mac.finalize().into_bytes());
        assert!(verify(&keys(&[""]), &urls, "", &Form::decode(b""), &empty).is_err());
    }

    #[test]
    fn what_is_no_signature_is_refused() {
        for signature in [
            "",
            "=",
            "RSOYDt4T1cUTdK1PDd93/VVr8B8",
            "RSOYDt4T1cUTdK1PDd93/VVr8B9=",
            "RSOYDt4T1cUTdK1P",
            " RSOYDt4T1cUTdK1PDd93/VVr8B8=",
        ] {
            assert!(!verified(URL, BODY, signature), "{signature}");
        }
    }

    proptest! {
        #[test]
        fn a_flip_of_any_signed_character_is_refused(position in 0..BODY.len(), by in 1_u8..255) {
            let mut body = BODY.as_bytes().to_vec();
            body[position] ^= by;
            let (form, original) = (Form::decode(&body), Form::decode(BODY.as_bytes()));
            // Some changes mean the same once decoded (a `+` and `%20`); nothing signed differs then.
            prop_assume!(signed_fields(&form) != signed_fields(&original));
            prop_assert!(verify(&keys(&[TOKEN]), &[URL.to_owned()], QUERY, &form, SIGNATURE).is_err());
        }
    }
}

//! Twilio's signature: base64 HMAC-SHA1 over the exact public URL followed by each field's name and value, names
//! sorted, values of a repeated name sorted and each taken once (twilio-python `request_validator.py`).

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use super::Form;

/// Whether `signature` (the `X-Twilio-Signature` header) was made for this URL and form with one of these auth
/// tokens. The URL is tried as configured, and with and without its default port, since Twilio signs either.
/// Constant in time for a given number of tokens and URLs, whatever is wrong.
pub fn verify(
    auth_tokens: &[&str],
    public_urls: &[&str],
    query: &str,
    form: &Form,
    signature: &[u8],
) -> bool {
    // What is no base64 is compared as an empty signature, which no HMAC equals.
    let claimed = BASE64_STANDARD.decode(signature).unwrap_or_default();
    let fields = signed_fields(form);
    let mut verified = false;
    for url in public_urls {
        for url in port_variants(url) {
            for token in auth_tokens {
                let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(token.as_bytes()) else {
                    continue;
                };
                mac.update(url.as_bytes());
                if !query.is_empty() {
                    mac.update(b"?");
                    mac.update(query.as_bytes());
                }
                mac.update(fields.as_bytes());
                verified |= mac.verify_slice(&claimed).is_ok() && !token.is_empty();
            }
        }
    }
    verified
}

fn signed_fields(form: &Form) -> String {
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

    fn verified(url: &str, body: &str, signature: &str) -> bool {
        verify(
            &[TOKEN],
            &[url],
            QUERY,
            &Form::decode(body.as_bytes()),
            signature.as_bytes(),
        )
    }

    #[test]
    fn the_official_vectors_pass() {
        assert!(verified(URL, BODY, "RSOYDt4T1cUTdK1PDd93/VVr8B8="));
        let repeated = format!("{BODY}&MessagingBinding=2&MessagingBinding=1&MessagingBinding=2");
        let form = Form::decode(repeated.as_bytes());
        assert_eq!(signed_fields(&form).matches("MessagingBinding").count(), 2);
    }

    #[test]
    fn the_default_port_may_be_there_or_not() {
        assert!(verified(
            "https://mycompany.com:443/myapp.php",
            BODY,
            "RSOYDt4T1cUTdK1PDd93/VVr8B8="
        ));
        assert!(!verified(
            "https://mycompany.com:8443/myapp.php",
            BODY,
            "RSOYDt4T1cUTdK1PDd93/VVr8B8="
        ));
        assert_eq!(port_variants("http://a:80?x"), ["http://a:80?x", "http://a?x"]);
    }

    #[test]
    fn the_order_of_fields_does_not_matter() {
        let mut fields: Vec<_> = BODY.split('&').collect();
        fields.reverse();
        assert!(verified(URL, &fields.join("&"), "RSOYDt4T1cUTdK1PDd93/VVr8B8="));
    }

    #[test]
    fn either_of_two_tokens_will_do_and_an_empty_one_never() {
        let form = Form::decode(BODY.as_bytes());
        assert!(verify(
            &["new", TOKEN],
            &[URL],
            QUERY,
            &form,
            b"RSOYDt4T1cUTdK1PDd93/VVr8B8="
        ));
        assert!(!verify(
            &["new"],
            &[URL],
            QUERY,
            &form,
            b"RSOYDt4T1cUTdK1PDd93/VVr8B8="
        ));
        let mut mac = Hmac::<Sha1>::new_from_slice(b"").unwrap();
        mac.update(URL.as_bytes());
        let empty = BASE64_STANDARD.encode(mac.finalize().into_bytes());
        assert!(!verify(&[""], &[URL], "", &Form::decode(b""), empty.as_bytes()));
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
            prop_assert!(!verify(&[TOKEN], &[URL], QUERY, &form, b"RSOYDt4T1cUTdK1PDd93/VVr8B8="));
        }
    }
}

//! Postmark signs nothing: its webhooks carry basic credentials in their URL, or a token there.

use base64::{Engine, prelude::BASE64_STANDARD};

use crate::{Key, Request, Unverified, signature};

/// Which key the request shows: as `user:password` of basic authentication, or as `token` in the query.
pub(super) fn verify(request: &Request<'_>, keys: &[Key]) -> Result<usize, Unverified> {
    let given = request.headers.get("authorization").and_then(after_scheme);
    let basic = given.map(decoded);
    let token = token(request.query);
    // Both are compared whether they are there or not, for every cause to take as long.
    let by_basic = signature::equal(
        keys,
        basic.as_ref().and_then(Option::as_deref).unwrap_or_default(),
    );
    let by_token = signature::equal(keys, token.as_deref().unwrap_or_default());
    match (by_basic.or(by_token), basic, token) {
        (Ok(key), ..) => Ok(key),
        (_, None, None) => Err(Unverified::Missing),
        (_, Some(None), None) => Err(Unverified::Malformed),
        _ => Err(Unverified::Mismatch),
    }
}

fn after_scheme(authorization: &str) -> Option<&str> {
    let (scheme, credentials) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("basic").then_some(credentials)
}

fn decoded(credentials: &str) -> Option<String> {
    String::from_utf8(BASE64_STANDARD.decode(credentials).ok()?).ok()
}

/// The token, if there is exactly one.
fn token(query: &str) -> Option<String> {
    let mut tokens = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "token");
    let (_, token) = tokens.next()?;
    tokens.next().is_none().then(|| token.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use proptest::prelude::*;

    const KEY: &str = "hook:p\u{e4}ss:words";

    fn checked(keys: &[&str], authorization: Option<&str>, query: &str) -> Result<usize, Unverified> {
        let keys: Vec<Key> = keys.iter().map(|key| Key::new(key)).collect();
        let header = authorization.map(|value| ("authorization", value.as_bytes()));
        let request = Request {
            is_get: false,
            query,
            headers: header.into_iter().collect(),
            body: b"{}",
            certificate: None,
            now: DateTime::UNIX_EPOCH,
        };
        verify(&request, &keys)
    }

    fn basic(credentials: &str) -> String {
        format!("Basic {}", BASE64_STANDARD.encode(credentials))
    }

    #[test]
    fn either_of_two_keys_will_do_in_either_place() {
        assert_eq!(checked(&[KEY], Some(&basic(KEY)), ""), Ok(0));
        assert_eq!(checked(&["new:one", KEY], Some(&basic(KEY)), ""), Ok(1));
        assert_eq!(
            checked(&[KEY], Some(&basic(KEY).replace("Basic", "bAsIC")), ""),
            Ok(0)
        );
        assert_eq!(checked(&["new", "a b"], None, "x=1&token=a%20b"), Ok(1));
        assert_eq!(checked(&["a b"], Some("Bearer x"), "token=a+b"), Ok(0));
    }

    #[test]
    fn what_shows_no_key_is_refused() {
        let mismatch = Err(Unverified::Mismatch);
        assert_eq!(checked(&[KEY], None, ""), Err(Unverified::Missing));
        assert_eq!(checked(&[KEY], Some("Bearer x"), ""), Err(Unverified::Missing));
        assert_eq!(checked(&[KEY], Some("Basic"), ""), Err(Unverified::Missing));
        assert_eq!(checked(&[KEY], Some("Basic ?"), ""), Err(Unverified::Malformed));
        assert_eq!(
            checked(&[KEY], Some(basic(KEY).trim_end_matches('=')), ""),
            Err(Unverified::Malformed)
        );
        assert_eq!(checked(&[KEY], Some(&basic("hook:")), ""), mismatch);
        assert_eq!(checked(&["a"], None, "token=b"), mismatch);
        assert_eq!(checked(&["a"], None, "token=a&token=a"), Err(Unverified::Missing));
        assert_eq!(checked(&[], Some(&basic(KEY)), ""), mismatch);
    }

    #[test]
    fn an_empty_key_never_fits() {
        assert_eq!(
            checked(&[""], Some("Basic "), "token="),
            Err(Unverified::Mismatch)
        );
        assert!(checked(&[""], None, "").is_err());
    }

    proptest! {
        #[test]
        fn a_flip_of_any_byte_is_refused(position in 0..KEY.len(), by in 1_u8..=255) {
            let mut credentials = KEY.as_bytes().to_vec();
            credentials[position] ^= by;
            let shown = format!("Basic {}", BASE64_STANDARD.encode(credentials));
            prop_assert!(checked(&[KEY], Some(&shown), "").is_err());
        }

        #[test]
        fn nothing_panics(header in "\\PC{0,60}", query in "\\PC{0,60}") {
            prop_assert!(checked(&[KEY], Some(&header), &query).is_err());
        }
    }
}

//! Meta's question by GET whether somebody is there who knows the verify token.

use crate::{Key, Reply, Unverified, signature};

/// Whether the question shows the endpoint's token, and a challenge that can be answered.
pub(super) fn verify(query: &str, token: Option<&Key>) -> Result<usize, Unverified> {
    let shown = once(query, "hub.verify_token");
    let fits = signature::equal(
        token.map(std::slice::from_ref).unwrap_or_default(),
        shown.as_deref().unwrap_or_default(),
    );
    let mode = once(query, "hub.mode").ok_or(Unverified::Missing)?;
    shown.ok_or(Unverified::Missing)?;
    if mode != "subscribe" || challenge(query).is_none() {
        return Err(Unverified::Malformed);
    }
    fits
}

/// The challenge, given back.
pub(super) fn reply(query: &str) -> Reply {
    Reply::text(challenge(query).unwrap_or_default())
}

/// Whoever knows the token could have us say anything under our name, were the challenge not kept to what Meta sends:
/// digits, and room for more.
fn challenge(query: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    once(query, "hub.challenge").filter(|text| (1..=128).contains(&text.len()) && text.chars().all(plain))
}

/// The value of a parameter that is there exactly once: with two of them nobody can tell which one was meant.
fn once(query: &str, name: &str) -> Option<String> {
    let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(given, _)| given == name);
    let (_, value) = values.next()?;
    values.next().is_none().then(|| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str) -> Result<usize, Unverified> {
        verify(query, Some(&Key::new("open sesame")))
    }

    #[test]
    fn whoever_shows_the_token_gets_the_challenge_back() {
        let query = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=open%20sesame";
        assert_eq!(asked(query), Ok(0));
        assert_eq!(reply(query).body, "1158201444");
        assert_eq!(reply(query).content_type, "text/plain; charset=utf-8");
    }

    #[test]
    fn another_token_or_none_is_refused() {
        let rest = "hub.mode=subscribe&hub.challenge=1";
        for token in ["open", "open+sesame%00", "OPEN+SESAME", ""] {
            let query = format!("{rest}&hub.verify_token={token}");
            assert_eq!(asked(&query), Err(Unverified::Mismatch), "{token}");
        }
        assert_eq!(asked(rest), Err(Unverified::Missing));
        let query = format!("{rest}&hub.verify_token=");
        assert_eq!(verify(&query, None), Err(Unverified::Mismatch));
        assert_eq!(verify(&query, Some(&Key::new(""))), Err(Unverified::Mismatch));
    }

    #[test]
    fn a_challenge_that_is_more_than_a_word_is_not_echoed() {
        for challenge in ["", "%3Cscript%3E", "a+b", "a%0d%0ab", "\u{e9}", &"1".repeat(129)] {
            let query = format!("hub.mode=subscribe&hub.verify_token=open+sesame&hub.challenge={challenge}");
            assert_eq!(asked(&query), Err(Unverified::Malformed), "{challenge}");
            assert_eq!(reply(&query).body, "");
        }
        let twice = "hub.mode=subscribe&hub.verify_token=open+sesame&hub.challenge=1&hub.challenge=2";
        assert_eq!(asked(twice), Err(Unverified::Malformed));
    }

    #[test]
    fn any_other_mode_is_refused() {
        let rest = "hub.verify_token=open+sesame&hub.challenge=1";
        assert_eq!(
            asked(&format!("hub.mode=unsubscribe&{rest}")),
            Err(Unverified::Malformed)
        );
        assert_eq!(asked(rest), Err(Unverified::Missing));
    }
}

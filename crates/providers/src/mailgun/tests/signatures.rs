//! Signatures, tokens and times.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;

fn verify(outgoing: &Outgoing) -> Result<Verified, Unverified> {
    Mailgun.verify(&request(outgoing), &endpoint(&[KEY, "key-old"]))
}

/// A form with these three fields.
fn form(timestamp: &str, token: &str, signature: &str) -> Outgoing {
    Outgoing {
        headers: vec![("content-type".to_owned(), FORM.to_owned())],
        body: format!("timestamp={timestamp}&token={token}&signature={signature}&subject=x").into_bytes(),
        ..Outgoing::default()
    }
}

/// Computed apart from this code: HMAC-SHA256("key-current", "1730900000" + "0123456789abcdef" * 3 + "01").
const TOKEN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef01";
const SIGNATURE: &str = "4e62502185a8dc8131465f4bafe1462bc93457d1594f5042531c05683a532fed";

#[test]
fn a_signature_computed_elsewhere_is_taken() {
    assert_eq!(verify(&form("1730900000", TOKEN, SIGNATURE)).unwrap().key, 0);
}

#[test]
fn every_encoding_is_signed_in_its_body() {
    for name in ["inbound", "inbound_attachments", "inbound_mime", "delivered"] {
        assert_eq!(verify(&signed(name, 1)).unwrap().key, 0, "{name}");
        assert_eq!(verify(&fixture(name)), Err(Unverified::Missing), "{name}");
        let old = Mailgun.sign(fixture(name), "key-old", now(), [1; 16]);
        assert_eq!(verify(&old).unwrap().key, 1, "{name}");
        let other = Mailgun.sign(fixture(name), "key-other", now(), [1; 16]);
        assert_eq!(verify(&other), Err(Unverified::Mismatch), "{name}");
        let empty = Mailgun.sign(fixture(name), "", now(), [1; 16]);
        assert!(
            Mailgun.verify(&request(&empty), &endpoint(&["", KEY])).is_err(),
            "{name}"
        );
    }
}

#[test]
fn a_token_is_good_for_one_content() {
    for name in ["inbound", "inbound_attachments", "delivered"] {
        let first = verify(&signed(name, 1)).unwrap().once.unwrap();
        assert_eq!(
            verify(&signed(name, 1)).unwrap().once.unwrap(),
            first,
            "{name} again"
        );
        let anew = verify(&signed(name, 2)).unwrap().once.unwrap();
        assert_eq!(
            (anew.content, anew.token == first.token),
            (first.content, false),
            "{name} signed anew"
        );
        let mut forged = signed(name, 1);
        let at = forged
            .body
            .windows(11)
            .rposition(|window| window == b"example.org")
            .unwrap();
        forged.body[at] = b'E';
        let forged = verify(&forged).unwrap().once.unwrap();
        assert_eq!(
            (forged.token, forged.content == first.content),
            (first.token, false),
            "{name} forged"
        );
    }
}

#[test]
fn times_are_checked_both_ways() {
    let at = |off: TimeDelta| verify(&Mailgun.sign(fixture("inbound"), KEY, now() - off, [1; 16]));
    assert!(at(TimeDelta::hours(12)).is_ok() && at(TimeDelta::hours(-12)).is_ok());
    assert_eq!(
        at(TimeDelta::hours(12) + TimeDelta::seconds(1)),
        Err(Unverified::TooOld)
    );
    assert_eq!(
        at(-(TimeDelta::hours(12) + TimeDelta::seconds(1))),
        Err(Unverified::TooNew)
    );
    // The same text is signed when a digit of the token is moved to the time.
    assert_eq!(
        verify(&form("17309000000", &TOKEN[1..], SIGNATURE)),
        Err(Unverified::TooNew)
    );
    assert_eq!(
        verify(&form("173090000", &format!("0{TOKEN}"), SIGNATURE)),
        Err(Unverified::TooOld)
    );
    let all = format!("1730900000{TOKEN}");
    assert_eq!(
        verify(&form(&all[..20], &all[20..], SIGNATURE)),
        Err(Unverified::Malformed)
    );
}

#[test]
fn garbage_is_no_signature() {
    let upper = SIGNATURE.to_uppercase();
    assert!(verify(&form("1730900000", TOKEN, &upper)).is_ok());
    for (signature, expected) in [
        ("", Unverified::Missing),
        (&SIGNATURE[..16], Unverified::Mismatch),
        (&SIGNATURE[1..], Unverified::Malformed),
        (&*format!("0x{SIGNATURE}"), Unverified::Malformed),
        (&*format!("+{SIGNATURE}"), Unverified::Malformed),
        (&*format!("{SIGNATURE}00"), Unverified::Mismatch),
    ] {
        assert_eq!(
            verify(&form("1730900000", TOKEN, signature)),
            Err(expected),
            "{signature}"
        );
    }
    assert_eq!(verify(&form("", TOKEN, SIGNATURE)), Err(Unverified::Missing));
    assert_eq!(
        verify(&form("1730900000", "", SIGNATURE)),
        Err(Unverified::Missing)
    );
}

#[test]
fn what_is_signed_and_broken_after_that_is_put_aside() {
    let mut cut = signed("inbound_attachments", 1);
    cut.body.truncate(cut.body.len() - 20);
    assert!(verify(&cut).unwrap().once.is_some());
    let (incoming, _) = split(&cut);
    assert_eq!(incoming.quarantine.unwrap().cause, "neither a form nor an event");
    assert!(incoming.headers["content-type"].starts_with("multipart/form-data"));
}

proptest! {
    /// Whatever is flipped, it is refused, or the token shows that it came with another content, or it means the same.
    #[test]
    fn no_flip_goes_unseen(
        name in proptest::sample::select(vec!["inbound", "inbound_attachments", "delivered"]),
        at in any::<proptest::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let whole = signed(name, 1);
        let once = verify(&whole).unwrap().once;
        let mut flipped = whole.clone();
        flipped.body[at.index(whole.body.len())] ^= 1 << bit;
        if let Ok(verified) = verify(&flipped) && verified.once == once {
            prop_assert_eq!(split(&flipped).0, split(&whole).0);
        }
    }

    #[test]
    fn every_flip_of_what_is_signed_is_refused(at in 0..200_usize, bit in 0..8_u8) {
        let text = format!("timestamp=1730900000&token={TOKEN}&signature={SIGNATURE}");
        let mut outgoing = form("1730900000", TOKEN, SIGNATURE);
        let at = at % text.len();
        outgoing.body[at] ^= 1 << bit;
        // An upper-case digit is the same digit.
        let is_same = outgoing.body.eq_ignore_ascii_case(&form("1730900000", TOKEN, SIGNATURE).body);
        prop_assume!(!is_same || at < text.len() - SIGNATURE.len());
        prop_assert!(verify(&outgoing).is_err());
    }
}

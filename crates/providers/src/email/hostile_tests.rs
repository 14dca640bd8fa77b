//! Mails as nobody writes them who means well.

use base64::{Engine, prelude::BASE64_STANDARD};
use proptest::prelude::*;

use super::{headers, mailbox, mime, nesting};

/// On a stack as small as a thread's own: what is nested without end must not be followed without end.
#[test]
fn hostile_nesting_is_not_followed() {
    let message = "content-type: message/rfc822\n\n".repeat(8_000);
    let odd = "content-type: message(c)/ \"rfc822\"\n\n".repeat(6_000);
    let encoded = format!(
        "content-type: message/rfc822\ncontent-transfer-encoding: base64\n\n{}",
        BASE64_STANDARD.encode(&message)
    );
    let nested = |kind: &str| {
        let one = |n: i32| format!("content-type: multipart/{kind}; boundary=b{n}\n\n--b{n}\n");
        (0..4_000).map(one).collect::<Vec<_>>().concat()
    };
    let (digests, multiparts) = (nested("digest"), nested("mixed"));
    let endless = "--b\ncontent-type: multipart/mixed; boundary=none\n\n".repeat(4_000);
    let endless = format!("content-type: multipart/mixed; boundary=b\n\n{endless}");
    let parts = format!(
        "content-type: multipart/mixed; boundary=b\n\n{}",
        "--b\n\n".repeat(50_000)
    );
    let words = format!(
        "subject: {}\nfrom: {}\n\n",
        "=?ab?q?".repeat(15_000),
        "=?ab".repeat(20_000)
    );
    for raw in [message, odd, encoded, digests, multiparts, endless, parts, words] {
        let mail = mime::parse(raw.as_bytes(), "").unwrap();
        assert!(mail.files.len() <= 1_000);
    }
}

/// What structures are made of, one after `|`.
const PIECES: &str = concat!(
    "content-type: multipart/mixed; boundary=b\n|content-type: multipart/digest; boundary=\"c\"\r\n|",
    "content-type: text/plain\n|content-type: message/rfc822\n|Message/Global|digest|rfc822|",
    "content-transfer-encoding: base64\n|=41=\n|content-transfer-encoding: quoted-printable\n|\n|",
    "\r\n|\n\n|--b\n|--b--\n|--c\r\n|--c--|--|aGk=\n|\t| |",
    "content-disposition: attachment; filename*0*=utf-8''%e2|; filename*1=x|\"|<|>|@|a|(|)|\\|:|;|,|",
    "=?utf-8?b?|=?iso-8859-1*de?q?|?=|date: 31 Dec 9999 23:59:59 -9999|subject: |\0|\u{e9}|99|+|-",
);

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(raw in proptest::collection::vec(any::<u8>(), 0..400), text in "\\PC{0,80}") {
        let _ = mime::parse(&raw, "");
        let _ = (mailbox(&text), headers::ids(&text), headers::date(&text));
    }

    #[test]
    fn any_structure_is_read_or_refused(
        pieces in proptest::collection::vec(proptest::sample::select(PIECES.split('|').collect::<Vec<_>>()), 0..40),
    ) {
        let raw = pieces.concat();
        let _ = mime::parse(raw.as_bytes(), "");
        let _ = (mailbox(&raw), headers::ids(&raw), headers::date(&raw));
    }

    #[test]
    fn marking_leaves_nothing_behind(pieces in proptest::collection::vec(proptest::sample::select(PIECES.split('|').collect::<Vec<_>>()), 0..40)) {
        let raw = pieces.concat();
        let marked = nesting::closed(raw.as_bytes());
        let opened = nesting::opened(&marked);
        prop_assert_eq!(opened.as_ref(), raw.as_bytes());
    }
}

//! Mails as honest senders write them.

use base64::{Engine, prelude::BASE64_STANDARD};
use mailroom_domain::FilePlace;

use super::*;
use crate::incoming::hash;

fn mail(raw: impl AsRef<[u8]>) -> Mail {
    mime::parse(raw.as_ref(), "/body-mime").unwrap()
}

fn seen(mail: &Mail) -> Vec<(Option<&str>, Option<&str>, Option<u64>)> {
    let files = mail.files.iter();
    files
        .map(|file| (file.name.as_deref(), file.content_type.as_deref(), file.size))
        .collect()
}

#[test]
fn the_first_mailbox_is_found() {
    let cases = [
        (
            "\"Doe, J.\" <j@example.com>, x@example.com",
            Some("j@example.com"),
        ),
        ("Doe, J. <j@example.com>", Some("j@example.com")),
        (
            "=?iso-8859-1?q?J=F8rn?= <jorn+a@Example.com>",
            Some("jorn+a@Example.com"),
        ),
        ("j@example.com (John)", Some("j@example.com")),
        ("Team: a@example.com, b@example.com;", Some("a@example.com")),
        (" j@example.com ", Some("j@example.com")),
        ("a\r\n <j@example.com>", Some("j@example.com")),
        ("caf\u{e9}@example.com", Some("caf\u{e9}@example.com")),
        ("undisclosed-recipients:;", None),
        ("<>", None),
        ("Nobody", None),
        ("", None),
    ];
    for (text, expected) in cases {
        assert_eq!(mailbox(text).as_deref(), expected, "{text:?}");
    }
}

#[test]
fn headers_are_unfolded_and_kept_in_order() {
    let raw = b"\r\nReceived: from a\r\n\tby b\r\nFrom somebody Mon Jan 1 10:00\r\n x\r\nreceived:from c\nX-Odd:\xe9\r\n\r\nTo: nobody\r\n";
    let expected = [
        ("Received", "from a\tby b"),
        ("received", "from c"),
        ("X-Odd", "\u{fffd}"),
    ];
    let headers = headers::parse(raw);
    let pairs: Vec<_> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(pairs, expected);
    assert_eq!(headers::first(&headers, "RECEIVED"), Some("from a\tby b"));
}

#[test]
fn threads_and_times_are_read_as_senders_write_them() {
    assert_eq!(headers::ids("<a@x> (was: y) <b@\r\n x>"), ["a@x", "b@x"]);
    assert_eq!(headers::ids("a@x b@x nonsense"), ["a@x", "b@x"]);
    assert!(headers::ids("<>").is_empty() && headers::ids("<a@x").is_empty());
    let written = headers::date("Mon, 04 Nov 2024 10:15:00 +0100 (CET)").unwrap();
    assert_eq!(written.to_rfc3339(), "2024-11-04T09:15:00+00:00");
    for absurd in [
        "",
        "yesterday",
        "Thu, 01 Jan 1899 00:00:00 +0000",
        "Thu, 31 Dec 1969 23:59:59 +0000",
        "4 Nov 2024 25:00:00 +0000",
    ] {
        assert_eq!(headers::date(absurd), None, "{absurd}");
    }
}

#[test]
fn nested_multiparts_give_texts_and_files() {
    let png = BASE64_STANDARD.encode(b"\x89PNG inline");
    let raw = format!(
        "From: a@example.com\r\nSubject: =?utf-8?b?R3LDvMOfZQ==?= =?iso-8859-1?q?_aus_K=F6ln?=\r\n\
         Date: Mon, 04 Nov 2024 10:15:00 +0100\r\nMessage-ID: <m1@example.com>\r\nReferences: <r1@x>\r\n <r2@x>\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n\
         Content-Type: multipart/related; boundary=r\r\n\r\n--r\r\n\
         Content-Type: multipart/alternative; boundary=i\r\n\r\n\
         --i\r\nContent-Type: text/plain; charset=windows-1252\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
         5 =80 for the caf=E9=\r\n!\r\n--i\r\n\
         Content-Type: text/html; charset=shift_jis\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+k/qWezwvYj4=\r\n--i--\r\n\
         --r\r\nContent-Type: image/png; name=a.png\r\nContent-ID: <a>\r\nContent-Disposition: inline\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{png}\r\n--r--\r\n\
         --o\r\nContent-Type: text/csv; charset=iso-8859-1\r\n\
         Content-Disposition: attachment; filename*0*=iso-8859-1''pr%E9; filename*1=\"cis.csv\"\r\n\r\ncaf\u{e9}\r\n--o\r\n\
         Content-Type: application/pdf; name=\"=?utf-8?q?=E2=82=AC.pdf?=\"\r\n\
         Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--o--\r\n"
    );
    let mail = mail(&raw);
    assert_eq!(mail.subject.as_deref(), Some("Gr\u{fc}\u{df}e aus K\u{f6}ln"));
    assert_eq!(mail.text.as_deref(), Some("5 \u{20ac} for the caf\u{e9}!"));
    assert_eq!(mail.html.as_deref(), Some("<b>\u{65e5}\u{672c}</b>"));
    let expected = [
        (Some("a.png"), Some("image/png"), Some(11)),
        (Some("pr\u{e9}cis.csv"), Some("text/csv"), Some(5)),
        (Some("\u{20ac}.pdf"), Some("application/pdf"), Some(4)),
    ];
    assert_eq!(seen(&mail), expected);
    assert_eq!(
        mail.files[1].sha256,
        Some(hash("caf\u{e9}".as_bytes())),
        "as sent, in whatever charset"
    );
    assert_eq!(mail.files[2].sha256, Some(hash(b"%PDF")));
    let places: std::collections::BTreeSet<_> = mail
        .files
        .iter()
        .map(|file| format!("{:?}", file.place))
        .collect();
    assert_eq!(places.len(), 3, "{places:?}");
    let message = mail
        .into_message("A <a@example.com>", "B+x@Example.org", None, DateTime::UNIX_EPOCH)
        .unwrap();
    assert_eq!(
        (message.from.as_str(), message.to_participant.as_str()),
        ("a@example.com", "b@example.org")
    );
    assert_eq!(message.timestamp.to_rfc3339(), "2024-11-04T09:15:00+00:00");
    let email = message.email.unwrap();
    assert_eq!(email.message_id.as_deref(), Some("m1@example.com"));
    assert_eq!(email.references, ["r1@x", "r2@x"]);
    assert_eq!(email.headers.len(), 7);
}

#[test]
fn an_attached_mail_is_a_file() {
    let inner = "From: c@example.com\r\nContent-Type: multipart/mixed; boundary=z\r\n\r\n--z\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ndeep\r\n--z--\r\n";
    let raw = format!(
        "Subject: rfc822\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n\r\nsee message/rfc822\r\n--o\r\n\
         Content-Type: MESSAGE/RFC822; name=f.eml\r\n\r\n{inner}\r\n--o\r\nContent-Type: message/global\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--o--\r\n",
        BASE64_STANDARD.encode(inner)
    );
    let mail = mail(&raw);
    assert_eq!(
        (mail.subject.as_deref(), mail.text.as_deref()),
        (Some("rfc822"), Some("see message/rfc822"))
    );
    assert_eq!(mail.html, None);
    let size = Some(u64::try_from(inner.len()).unwrap());
    let expected = [
        (Some("f.eml"), Some("message/rfc822"), size),
        (None, Some("message/global"), size),
    ];
    assert_eq!(seen(&mail), expected);
    assert_eq!(mail.files[0].sha256, Some(hash(inner.as_bytes())));
    assert_eq!(mail.files[1].sha256, Some(hash(inner.as_bytes())));
    assert_eq!(
        mail.files[0].place,
        Some(FilePlace::Payload("/body-mime#2".to_owned()))
    );
}

#[test]
fn a_mail_of_html_only_has_it_for_a_body() {
    let mail = mail("Content-Type: text/html\r\n\r\n<p>a\0b</p>");
    assert_eq!(
        (mail.text.as_deref(), mail.html.as_deref()),
        (None, Some("<p>a\u{fffd}b</p>"))
    );
    let message = mail
        .into_message("a@x", "b@x", None, DateTime::UNIX_EPOCH)
        .unwrap();
    assert_eq!(message.body, "<p>a\u{fffd}b</p>");
    assert_eq!(message.attachments, None);
}

#[test]
fn what_is_no_mail_or_has_no_addresses_is_refused() {
    assert_eq!(mime::parse(b"", ""), None);
    assert_eq!(mime::parse(b"no headers", ""), None);
    let refused = |from, to| {
        Mail::default()
            .into_message(from, to, None, DateTime::UNIX_EPOCH)
            .unwrap_err()
    };
    assert_eq!(refused("<>", "b@x"), Problem::Sender);
    assert_eq!(refused("a@x", "undisclosed"), Problem::Recipient);
}

//! Bodies of our own routes that break careless readers.

use serde_json::{Value, json};

use super::case::{Case, post};
use crate::refusals::CANARY;
use crate::talk::{EMAIL, SMS, email, sms, with};

/// A valid SMS whose text is this JSON, as it stands.
fn text_of(id: &str, text: &str) -> String {
    sms(id).to_string().replace("\"hello\"", text)
}

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn cases() -> Vec<Case> {
    let nested = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    let deep =
        |id: &str, levels: usize| format!("{{\"deep\":{},{}", nested(levels), &sms(id).to_string()[1..]);
    let mut cases: Vec<Case> = [
        ("no JSON", CANARY.to_owned()),
        ("a comment", format!("{}/* {CANARY} */", sms("x"))),
        ("NaN", text_of("x", "NaN")),
        ("Infinity", text_of("x", "Infinity")),
        ("1e999", text_of("x", "1e999")),
        ("a number for a text", text_of("x", "1")),
        ("an object for a text", text_of("x", "{\"$ne\":null}")),
        ("a list for a text", text_of("x", "[\"a\"]")),
        (
            "a field twice",
            sms("x").to_string().replacen('{', "{\"to\":\"+15550100103\",", 1),
        ),
        ("a list", "[]".to_owned()),
        ("null", "null".to_owned()),
        ("200 levels", deep("x", 200)),
        ("100,000 levels", "[".repeat(100_000)),
        ("an id of 10 KiB", sms(&"i".repeat(10 << 10)).to_string()),
        ("an id with a NUL", sms("a\0b").to_string()),
        (
            "an address of 10 KiB",
            with(sms("x"), &json!({"from": "1".repeat(10 << 10)})).to_string(),
        ),
        (
            "an address that is a script",
            with(sms("x"), &json!({"from": "<script>alert(1)</script>"})).to_string(),
        ),
        (
            "a day there is not",
            with(sms("x"), &json!({"timestamp": "2024-02-30T00:00:00Z"})).to_string(),
        ),
        (
            "a year of six digits",
            with(sms("x"), &json!({"timestamp": "+120000-01-01T00:00:00Z"})).to_string(),
        ),
        (
            "a time zone of 99 hours",
            with(sms("x"), &json!({"timestamp": "2024-01-01T00:00:00+99:00"})).to_string(),
        ),
        (
            "a number for an attachment",
            with(sms("x"), &json!({"type": "mms", "attachments": [7]})).to_string(),
        ),
    ]
    .into_iter()
    .map(|(name, body)| post(name, SMS, body).gets(400))
    .collect();
    let attachments: Value = [
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:127.0.0.1]/",
        "http://2130706433/",
        "http://0x7f.1/",
        "file:///etc/passwd",
        "gopher://localhost:25/_HELO",
        "http://user@localhost/",
    ]
    .into();
    let taken = [
        ("64 levels", deep("64 levels", 64)),
        ("NULs in a text", text_of("NULs", "\"a\\u0000b\"")),
        (
            "an integer of 2^64",
            format!("{{\"n\":18446744073709551616,{}", &sms("2^64").to_string()[1..]),
        ),
        (
            "a number that is long when written out",
            format!("{{\"n\":1e308,{}", &sms("1e308").to_string()[1..]),
        ),
        (
            "numbers that are far longer when written out",
            format!(
                "{{\"n\":[{}1],{}",
                "1e131071,".repeat(100),
                &sms("1e131071").to_string()[1..]
            ),
        ),
        ("10,000 fields that nobody knows", {
            let fields: Vec<_> = (0..10_000).map(|n| format!("\"f{n}\":{n},")).collect();
            format!("{{{}{}", fields.concat(), &sms("10,000 fields").to_string()[1..])
        }),
        ("an id with an accent in one piece", sms("caf\u{e9}").to_string()),
        (
            "an id with an accent in two pieces",
            sms("cafe\u{301}").to_string(),
        ),
        ("an id in capitals", sms("CAF\u{c9}").to_string()),
        (
            "SQL for an id",
            sms("'; drop table messaging.messages; --").to_string(),
        ),
        (
            "templates for a text",
            text_of("templates", "\"${jndi:ldap://x/a} {{7*7}} <%= 1 %> $(id) %s%n\""),
        ),
        (
            "a script for a text",
            text_of("script", "\"<script>alert(1)</script>\""),
        ),
        (
            "text that turns around",
            text_of("turns", "\"\u{202e}gnp.exe\u{202c}\u{feff}\u{200b}\""),
        ),
        (
            "200,000 bytes of one letter's accents",
            text_of("accents", &format!("\"{}\"", "\u{301}".repeat(100_000))),
        ),
        (
            "attachments that lead inward",
            with(sms("inward"), &json!({"type": "mms", "attachments": attachments})).to_string(),
        ),
    ];
    cases.extend(
        taken
            .into_iter()
            .map(|(name, body)| post(name, SMS, body).gets(202).records(1)),
    );
    cases.extend([
        post("the id of an earlier case", SMS, sms("CAF\u{c9}").to_string()).gets(202),
        post(
            "an e-mail that is a script",
            EMAIL,
            with(email("script"), &json!({"body": "<img src=x onerror=alert(1)>"})).to_string(),
        )
        .gets(202)
        .records(1),
        post(
            "a card number",
            EMAIL,
            with(email("card"), &json!({"body": "4111 1111 1111 1111"})).to_string(),
        )
        .gets(202)
        .records(1),
    ]);
    for (name, bytes) in [
        ("overlong UTF-8", b"\xc0\x80".as_slice()),
        ("a surrogate in UTF-8", b"\xed\xa0\x80"),
        ("a byte that UTF-8 never has", b"\xf5"),
        ("half a letter", b"\xc3"),
        ("a lone surrogate", br"\ud800"),
    ] {
        let body = sms("x").to_string();
        let at = body.find("hello").unwrap();
        let body = [&body.as_bytes()[..at], bytes, &body.as_bytes()[at..]].concat();
        cases.push(post(name, SMS, body).gets(400));
    }
    cases
}

//! Bodies that a provider did sign, and that make no sense: kept, put aside, never an error.

use super::case::{Case, case};
use super::signatures::{good, signed_with, wire};

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn cases() -> Vec<Case> {
    const JSON: &str = "application/json";
    const FORM: &str = "application/x-www-form-urlencoded";
    const MULTIPART: &str = "multipart/form-data; boundary=x";
    let github = |id: &str, body: &[u8]| {
        let headers = [
            ("content-type", JSON),
            ("x-github-event", "issues"),
            ("x-github-delivery", id),
        ];
        wire(&signed_with("github", &headers, body))
    };
    let standard = |id: &str, body: &[u8]| {
        wire(&signed_with(
            "standard",
            &[("content-type", JSON), ("webhook-id", id)],
            body,
        ))
    };
    let nested = "[".repeat(10_000) + &"]".repeat(10_000);
    let mut cases = Vec::new();
    for (name, body) in [
        ("not JSON", b"no JSON".as_slice()),
        ("half of it", b"{\"type\":"),
        ("overlong UTF-8", b"{\"type\":\"\xc0\x80\"}"),
        ("a surrogate in UTF-8", b"{\"type\":\"\xed\xa0\x80\"}"),
        ("NaN", b"{\"type\":NaN}"),
        ("1e999", b"{\"type\":1e999}"),
        ("a lone surrogate", br#"{"type":"\ud800"}"#),
        ("10,000 levels", nested.as_bytes()),
        ("null", b"null"),
        ("a text", b"\"hello\""),
        ("a NUL after it", b"{}\0"),
        ("a NUL in a text", br#"{"type":"a\u0000b"}"#),
        ("a type of the wrong type", br#"{"type":{"type":[]}}"#),
        (
            "a prototype",
            br#"{"__proto__":{"admin":true},"constructor":{"prototype":{}}}"#,
        ),
    ] {
        let id = format!("hostile-{name}").replace([' ', ','], "-");
        cases.push(
            case(format!("{name}, signed by GitHub"), github(&id, body))
                .gets(200)
                .records(1),
        );
        cases.push(
            case(
                format!("{name}, signed as Standard Webhooks"),
                standard(&id, body),
            )
            .gets(200)
            .records(1),
        );
        cases.push(
            case(
                format!("{name}, signed by Slack"),
                wire(&good("slack", JSON, body)),
            )
            .gets(200)
            .records(1),
        );
    }
    let keys: Vec<_> = (0..30_000).map(|n| format!("k{n}=&")).collect();
    let part = |headers: &str, content: &str| format!("--x\r\n{headers}\r\n\r\n{content}\r\n");
    let field =
        |name: &str, value: &str| part(&format!("Content-Disposition: form-data; name=\"{name}\""), value);
    let file = part(
        "Content-Disposition: form-data; name=\"attachment-1\"; filename=\"../../../etc/passwd\"\r\nContent-Type: text/plain",
        "x",
    );
    for (name, provider, content_type, body) in [
        ("a form of 30,000 keys", "twilio", FORM, keys.concat()),
        (
            "a form of nothing but separators",
            "twilio",
            FORM,
            "&".repeat(1_000),
        ),
        (
            "a form that is no UTF-8",
            "twilio",
            FORM,
            "MessageSid=%ff%fe&From=%c0%80&To=%00&Body=%ed%a0%80".to_owned(),
        ),
        (
            "a form of 200 KiB in one key",
            "twilio",
            FORM,
            "k".repeat(200 << 10),
        ),
        (
            "a form whose id comes a hundred times",
            "twilio",
            FORM,
            "MessageSid=SM1&".repeat(100),
        ),
        ("a form of 30,000 keys to Slack", "slack", FORM, keys.concat()),
        (
            "a form to Slack whose payload is no JSON",
            "slack",
            FORM,
            "payload=%7B".to_owned(),
        ),
        (
            "JSON that is no event of Telegram's",
            "telegram",
            JSON,
            "{}".to_owned(),
        ),
        (
            "an update of Telegram's with an id beyond all numbers",
            "telegram",
            JSON,
            r#"{"update_id":1e300}"#.to_owned(),
        ),
        (
            "JSON that is nothing of WhatsApp's",
            "whatsapp",
            JSON,
            r#"{"object":"page","entry":[]}"#.to_owned(),
        ),
        (
            "JSON that is no event of Postmark's",
            "postmark",
            JSON,
            r#"{"RecordType":7}"#.to_owned(),
        ),
        (
            "JSON that is no list of SendGrid's",
            "sendgrid",
            JSON,
            r#"{"event":"delivered"}"#.to_owned(),
        ),
        (
            "parts that do not end",
            "sendgrid",
            MULTIPART,
            field("from", "a@example.com").trim_end().to_owned(),
        ),
        ("no part at all", "sendgrid", MULTIPART, "hello".to_owned()),
        (
            "parts under another boundary",
            "sendgrid",
            MULTIPART,
            "--y\r\n\r\nx\r\n--y--\r\n".to_owned(),
        ),
        (
            "5,000 parts",
            "sendgrid",
            MULTIPART,
            field("a", "b").repeat(5_000) + "--x--\r\n",
        ),
        (
            "a part whose headers do not end",
            "sendgrid",
            MULTIPART,
            format!("--x\r\nContent-Disposition: {}", "a".repeat(100_000)),
        ),
        (
            "a part in a part",
            "sendgrid",
            MULTIPART,
            part("Content-Type: multipart/mixed; boundary=x", "--x\r\n\r\n--x--") + "--x--\r\n",
        ),
        (
            "a charset there is not",
            "sendgrid",
            MULTIPART,
            field("charsets", r#"{"from":"utf-99"}"#) + &field("from", "a") + "--x--\r\n",
        ),
        (
            "a file that wants to lie elsewhere",
            "mailgun",
            MULTIPART,
            field("recipient", "a@example.com") + &file + "--x--\r\n",
        ),
        (
            "an e-mail of Mailgun's that is none",
            "mailgun",
            FORM,
            "recipient=nobody&sender=%00&body-mime=%ff".to_owned(),
        ),
    ] {
        cases.push(
            case(name, wire(&good(provider, content_type, body)))
                .gets(200)
                .records(1),
        );
    }
    let many = |count: usize| format!("[{}1]", "1,".repeat(count - 1));
    cases.extend([
        case(
            "entries of WhatsApp's of the wrong type",
            wire(&good(
                "whatsapp",
                JSON,
                r#"{"object":"whatsapp_business_account","entry":[1,null,[]]}"#,
            )),
        )
        .gets(200)
        .records(3),
        case("an empty list of SendGrid's", wire(&good("sendgrid", JSON, "[]"))).gets(200),
        case(
            "more events than anybody sends at once",
            wire(&good("sendgrid", JSON, many(5_001))),
        )
        .gets(413),
        case(
            "the same token of Mailgun's with another event",
            ["one event", "the other"]
                .map(|id| {
                    wire(&good(
                        "mailgun",
                        JSON,
                        format!(r#"{{"event-data":{{"id":"{id}"}}}}"#),
                    ))
                })
                .concat(),
        )
        .gets_each(&[200, 401])
        .records(1),
        case(
            "a boundary of 1,000 letters",
            wire(&good(
                "sendgrid",
                &format!("multipart/form-data; boundary={}", "x".repeat(1_000)),
                "x",
            )),
        )
        .gets(200)
        .records(1),
        case("no boundary", wire(&good("sendgrid", "multipart/form-data", "y")))
            .gets(200)
            .records(1),
    ]);
    cases
}

//! Bodies that are not what they should be: 400, and the field at fault by name.

use serde_json::{Value, json};

use crate::house::House;
use crate::refusals::{CANARY, Refused, all_are_refused};
use crate::talk::{EMAIL, SMS, email, sms, with};

const NOT_JSON: &str = "not valid JSON";

/// Both routes with a valid body, the canary in whatever holds free text, and the fields that must be there.
fn routes() -> [(&'static str, Value, Vec<&'static str>); 2] {
    let text = json!({"body": CANARY, "more": CANARY});
    [
        (
            SMS,
            with(sms(CANARY), &text),
            vec!["from", "to", "type", "messaging_provider_id", "body", "timestamp"],
        ),
        (
            EMAIL,
            with(email(CANARY), &text),
            vec!["from", "to", "xillio_id", "body", "timestamp"],
        ),
    ]
}

fn refused(route: &str, valid: &Value, field: &str, value: &Value, says: &str) -> Refused {
    let body = with(valid.clone(), &json!({field: value}));
    Refused::body(
        format!("{route} {field} = {value}"),
        route,
        body.to_string(),
        says,
    )
}

#[tokio::test]
async fn fields_missing_empty_or_of_the_wrong_type() {
    let house = House::open().await;
    let mut table = Vec::new();
    for (route, valid, fields) in routes() {
        for field in fields {
            let mut without = valid.clone();
            without.as_object_mut().unwrap().remove(field);
            let name = format!("{route} without {field}");
            table.push(Refused::body(
                name,
                route,
                without.to_string(),
                format!("`{field}` is missing"),
            ));
            table.push(refused(
                route,
                &valid,
                field,
                &Value::Null,
                &format!("`{field}` is missing"),
            ));
            for wrong in [json!(5), json!(true), json!([CANARY]), json!({CANARY: CANARY})] {
                let says = format!("`{field}` has the wrong type");
                table.push(refused(route, &valid, field, &wrong, &says));
            }
            if !["timestamp", "type"].contains(&field) {
                table.push(refused(
                    route,
                    &valid,
                    field,
                    &json!(""),
                    &format!("`{field}` is empty"),
                ));
            }
        }
        for wrong in [
            json!(CANARY),
            json!(5),
            json!({CANARY: 1}),
            json!([5]),
            json!([null]),
            json!([""]),
            json!([[]]),
        ] {
            table.push(refused(route, &valid, "attachments", &wrong, "`attachments` is"));
        }
    }
    all_are_refused(&house, &table).await;
}

#[tokio::test]
async fn values_that_mean_nothing() {
    let house = House::open().await;
    let mut table = Vec::new();
    for (route, valid, _) in routes() {
        for time in [
            "",
            CANARY,
            "2024-11-01",
            "2024-11-01T14:00:00",
            "2024-11-31T14:00:00Z",
            "2024-11-01T25:00:00Z",
            "1730469600",
            "0000-00-00T00:00:00Z",
            "2024-11-01T14:00:00Z ",
        ] {
            table.push(refused(route, &valid, "timestamp", &json!(time), "RFC 3339"));
        }
        for address in [CANARY, "\u{0}+15550100101", "<script>", "+", "@"] {
            table.push(refused(route, &valid, "from", &json!(address), "`from` is not a"));
            table.push(refused(route, &valid, "to", &json!(address), "`to` is not a"));
        }
    }
    let [(_, text, _), (_, mail, _)] = routes();
    table.push(refused(SMS, &text, "type", &json!(CANARY), "`type`"));
    table.push(refused(SMS, &text, "type", &json!("SMS"), "`type`"));
    for attachments in [json!(null), json!([])] {
        let picture = with(text.clone(), &json!({"type": "mms", "attachments": attachments}));
        table.push(Refused::body(
            "an MMS without attachments",
            SMS,
            picture.to_string(),
            "`attachments`",
        ));
    }
    table.push(refused(
        EMAIL,
        &mail,
        "body",
        &json!(" \r\n\t"),
        "`body` is empty",
    ));
    for id in ["x".repeat(513), "a\u{0}b".to_owned(), "a\nb".to_owned()] {
        table.push(refused(
            SMS,
            &text,
            "messaging_provider_id",
            &json!(id),
            "`messaging_provider_id`",
        ));
        table.push(refused(EMAIL, &mail, "xillio_id", &json!(id), "`xillio_id`"));
    }
    all_are_refused(&house, &table).await;
}

#[tokio::test]
async fn what_is_no_json_object() {
    let house = House::open().await;
    let mut table = Vec::new();
    for (route, valid, _) in routes() {
        let text = valid.to_string();
        let replaced = |by: &[u8]| {
            let at = text.find(CANARY).unwrap();
            [&text.as_bytes()[..at], by, &text.as_bytes()[at..]].concat()
        };
        let nested = |levels: usize, open: &str, close: &str| {
            let more = format!(",\"deep\":{}1{}}}", open.repeat(levels), close.repeat(levels));
            text.strip_suffix('}').unwrap().to_owned() + &more
        };
        for (name, body) in [
            ("nothing", Vec::new()),
            ("words", CANARY.into()),
            ("half of it", text.as_bytes()[..text.len() / 2].to_vec()),
            ("two of it", text.repeat(2).into_bytes()),
            ("a comma too many", text.replace('}', ",}").into_bytes()),
            ("a comment", format!("{text}//").into_bytes()),
            ("a raw NUL in a text", replaced(b"\0")),
            ("a raw line feed in a text", replaced(b"\n")),
            ("a NUL after it", [text.as_bytes(), b"\0"].concat()),
            ("nothing but NULs", vec![0; 100]),
            ("invalid UTF-8", replaced(b"\xc0\x80")),
            ("a surrogate in UTF-8", replaced(b"\xed\xa0\x80")),
            ("a byte that UTF-8 never has", replaced(b"\xf5")),
            ("a lone high surrogate", replaced(br"\ud800")),
            ("a lone low surrogate", replaced(br"\udc00 ")),
            ("a surrogate pair the wrong way round", replaced(br"\ude00\ud83d")),
            ("a bad escape", replaced(br"\x41")),
            ("NaN", nested(0, "", "").replace(":1}", ":NaN}").into_bytes()),
            ("UTF-16", text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            ("200 lists deep", nested(200, "[", "]").into_bytes()),
            ("200 objects deep", nested(200, "{\"a\":", "}").into_bytes()),
            ("100,000 lists deep", nested(100_000, "[", "]").into_bytes()),
            ("40,000 objects deep", nested(40_000, "{\"a\":", "}").into_bytes()),
            ("100,000 lists that never end", "[".repeat(100_000).into_bytes()),
        ] {
            table.push(Refused::body(format!("{route} {name}"), route, body, NOT_JSON));
        }
        for body in [
            "[]",
            "null",
            "7",
            "true",
            &format!("\"{CANARY}\""),
            &format!("[{text}]"),
        ] {
            table.push(Refused::body(
                format!("{route} {body}"),
                route,
                body,
                "the body has the wrong type",
            ));
        }
        let twice = text.replacen('{', "{\"from\":\"+15550100109\",", 1);
        table.push(Refused::body(
            format!("{route} a field twice"),
            route,
            twice,
            "`from` is given twice",
        ));
    }
    all_are_refused(&house, &table).await;
}

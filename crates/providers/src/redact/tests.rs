//! Canaries everywhere are gone, and everything else is there to the byte.

use mailroom_domain::{Channel, ErrorCode, Headers};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const CARD: &str = "4111111111111111";
const SECRET: &str = "canary-hunter2";

fn event(payload: &[u8]) -> Incoming {
    let why = (ErrorCode::Unreadable, "a test");
    Incoming::quarantined("test", "demo", Channel::Webhook, Headers::new(), payload, why)
}

fn with(settings: &RedactionSettings, payload: &[u8], load_bearing: &[&str]) -> String {
    let mut event = event(payload);
    Redaction::new(settings).unwrap().apply(&mut event, load_bearing);
    String::from_utf8_lossy(event.payload.as_bytes()).into_owned()
}

fn redacted(payload: &str) -> String {
    with(&RedactionSettings::default(), payload.as_bytes(), &[])
}

#[test]
fn canaries_are_gone_wherever_they_stand() {
    let inner = json!({"user": "ada", "password": SECRET}).to_string();
    for payload in [
        json!({"password": SECRET}).to_string(),
        json!({"a": [{"b": {"Client-Secret": {"x": SECRET}}}]}).to_string(),
        json!({"apiKey": [SECRET, SECRET]}).to_string(),
        format!(r#"{{"pass\u0077ord": "{SECRET}"}}"#),
        format!(r#"{{"PASSWORD" : "{SECRET}" , "password":"{SECRET}"}}"#),
        json!({"link": format!("https://example.com/?a=1&token={SECRET}&b=2")}).to_string(),
        json!({"link": format!("https://example.com/?a=1&to%6ben={SECRET}")}).to_string(),
        json!({"text": format!("user=ada&password={SECRET}")}).to_string(),
        json!({"text": format!("GET / HTTP/1.1\r\nAuthorization: Bearer {SECRET}\r\n")}).to_string(),
        json!({"inner": inner}).to_string(),
        format!(r#"{{"password": "{SECRET}", "broken": "#),
        format!(r#"{{"x": 1, "password": "{SECRET}"#),
        format!(r#""password": "{SECRET}", and so on"#).replace('"', "\""),
        format!(r#"{{"password": {SECRET}}}"#),
        format!("user=ada&password={SECRET}&x=1"),
        format!("x\u{ff}=1&pass%77ord={SECRET}"),
    ] {
        if payload.starts_with('"') {
            continue; // begins as no JSON does
        }
        let kept = redacted(&payload);
        assert!(!kept.contains(SECRET), "{payload}\n{kept}");
        assert!(kept.contains(REDACTED), "{payload}\n{kept}");
    }
}

#[test]
fn card_numbers_are_gone_wherever_they_stand() {
    for payload in [
        json!({"x": CARD}).to_string(),
        json!({"x": 4_111_111_111_111_111_u64}).to_string(),
        json!({CARD: "x"}).to_string(),
        json!([[CARD]]).to_string(),
        json!({"x": format!("my card is {CARD}, thanks")}).to_string(),
        format!(r#"{{"x": "{CARD}"#),
        format!("note={CARD}"),
        format!("hello {CARD}"),
    ] {
        let kept = redacted(&payload);
        assert!(
            !kept.contains(CARD) && kept.contains(REDACTED),
            "{payload}\n{kept}"
        );
    }
    let kept = redacted(&json!({"x": format!("my card is {CARD}, thanks")}).to_string());
    assert_eq!(
        kept, r#"{"x":"my card is [redacted], thanks"}"#,
        "the rest of a text stays"
    );
    let off = RedactionSettings {
        cards: false,
        ..RedactionSettings::default()
    };
    let payload = json!({"x": CARD}).to_string();
    assert_eq!(with(&off, payload.as_bytes(), &[]), payload);
}

#[test]
fn everything_else_stays_to_the_byte() {
    for payload in [
        r#"{ "b" : 1.0e5,"a":[ 1 ,2,{"x":null}], "b":"twice", "big":123456789012345678901234567890 }"#,
        r#"{"From":"+15550100101","Body":"call +49 30 1234567 at 10:00, ref 4111111111111112","t":1793600000000}"#,
        r#"{"ts":"1531420618.000100","id":"wamid.HBgLMTU1NTAxMDAxMDEVAgASGBQz","url":"https://example.com/?page=2&a=b"}"#,
        r#"{"unicode":"\u00e9\ud83d\ude00 caf\u00e9","slashes":"a\/b\\","password":"","token":null,"pin":true}"#,
        "[1,2",
        "plain text, nothing = here",
        "",
    ] {
        assert_eq!(redacted(payload), payload);
    }
}

#[test]
fn what_a_provider_rests_on_is_left_alone_unless_it_is_named() {
    let payload = json!({"token": SECRET, "From": CARD, "other": CARD}).to_string();
    let bearing = &["token", "From"];
    let kept = with(&RedactionSettings::default(), payload.as_bytes(), bearing);
    assert_eq!(
        kept,
        json!({"token": SECRET, "From": CARD, "other": REDACTED}).to_string()
    );
    let named = RedactionSettings {
        names: vec!["TO-KEN".to_owned()],
        ..RedactionSettings::default()
    };
    assert!(!with(&named, payload.as_bytes(), bearing).contains(SECRET));
}

#[test]
fn pointers_point_and_usual_names_can_be_kept() {
    let settings = RedactionSettings {
        pointers: vec!["/a/0/x".to_owned(), "/b/*/y~1z".to_owned()],
        keep: vec!["pin".to_owned()],
        ..RedactionSettings::default()
    };
    let payload =
        json!({"a": [{"x": "1"}, {"x": "2"}], "b": {"q": {"y/z": {"deep": 3}}, "r": {"y": 4}}, "pin": "5"})
            .to_string();
    let expected = json!({
        "a": [{"x": REDACTED}, {"x": "2"}], "b": {"q": {"y/z": REDACTED}, "r": {"y": 4}}, "pin": "5",
    });
    assert_eq!(with(&settings, payload.as_bytes(), &[]), expected.to_string());
    let bad = RedactionSettings {
        pointers: vec!["a/b".to_owned()],
        ..RedactionSettings::default()
    };
    assert_eq!(Redaction::new(&bad).unwrap_err(), BadRedaction::Pointer);
}

#[test]
fn headers_are_redacted_too() {
    let mut event = event(b"{}");
    for (name, value) in [
        ("authorization", SECRET),
        ("x-note", CARD),
        ("x-mine", "x"),
        ("x-fine", "y"),
    ] {
        event.headers.insert(name.to_owned(), value.to_owned());
    }
    let settings = RedactionSettings {
        headers: vec!["X-Mine".to_owned()],
        ..RedactionSettings::default()
    };
    let places = Redaction::new(&settings).unwrap().apply(&mut event, &[]);
    assert_eq!(places, 3);
    let kept: Vec<(&str, &str)> = event
        .headers
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    assert_eq!(kept, [("x-fine", "y"), ("x-note", REDACTED)]);
}

#[test]
fn bytes_never_outgrow_the_database() {
    let payload = "\u{0}".to_owned() + &"&pin=1".repeat(ONE_EVENT / 6 - 1);
    assert!(with(&RedactionSettings::default(), payload.as_bytes(), &[]).len() <= ONE_EVENT);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z =&\\\\\"\u{e9}]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-z_]{1,8}", inner, 0..5).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

/// Puts a canary somewhere into a document.
fn plant(document: &mut Value, mut steps: Vec<usize>, name: &str, canary: &str) {
    match (document, steps.pop()) {
        (Value::Array(items), Some(step)) if !items.is_empty() => {
            let at = step % items.len();
            plant(&mut items[at], steps, name, canary);
        }
        (Value::Object(fields), Some(step)) if !fields.is_empty() => {
            let at = step % fields.len();
            if let Some(field) = fields.values_mut().nth(at) {
                plant(field, steps, name, canary);
            }
        }
        (place, _) => *place = json!([place.take(), {name: canary}]),
    }
}

proptest! {
    #[test]
    fn a_canary_anywhere_in_any_document_is_gone(
        mut document in any_json(),
        steps in prop::collection::vec(any::<usize>(), 0..4),
        case in 0_usize..3,
    ) {
        let (name, canary) = [("Pass-Word", SECRET), ("x", CARD), ("auth_token", SECRET)][case];
        plant(&mut document, steps, name, canary);
        let kept = redacted(&document.to_string());
        prop_assert!(!kept.contains(canary), "{}", kept);
        prop_assert!(serde_json::from_str::<Value>(&kept).is_ok(), "{}", kept);
    }

    #[test]
    fn any_bytes_are_redacted_once_and_for_all(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let once = redacted(&String::from_utf8_lossy(&bytes));
        prop_assert_eq!(redacted(&once), once);
        with(&RedactionSettings::default(), &bytes, &[]);
    }

    #[test]
    fn json_like_text_is_redacted_once_and_for_all(text in r#"[{}\[\],:"\\a-c =&\n]{0,60}(\{"pin":)?[{}\[\],:"\\0-9a-c =&]{0,60}"#) {
        let once = redacted(&text);
        prop_assert_eq!(redacted(&once), once);
    }
}

#[test]
fn what_is_encoded_is_encoded_again_without_its_secrets() {
    use base64::{Engine, prelude::BASE64_STANDARD};
    let inner = json!({"user": "ada", "password": SECRET}).to_string();
    let clean = json!({"user": "ada", "password": REDACTED}).to_string();
    for (said, expected) in [
        (inner.as_bytes(), clean.as_bytes()),
        (
            json!({ "x": inner }).to_string().as_bytes(),
            json!({ "x": clean }).to_string().as_bytes(),
        ),
        (
            b"Gr\xfc\xdfe, card 4111111111111111",
            b"Gr\xfc\xdfe, card [redacted]",
        ),
        (b"\x89PNG\x00 4111111111111111", b"\x89PNG\x00 4111111111111111"),
    ] {
        let payload = json!({ "encoded": BASE64_STANDARD.encode(said) }).to_string();
        let kept: Value = serde_json::from_str(&redacted(&payload)).unwrap();
        let kept = BASE64_STANDARD.decode(kept["encoded"].as_str().unwrap()).unwrap();
        assert_eq!(String::from_utf8_lossy(&kept), String::from_utf8_lossy(expected));
    }
}

#[test]
fn text_that_begins_like_json_is_text_all_the_same() {
    for said in [
        format!("[x] 4111 1111 1111 1111 {SECRET}=1"),
        format!("[ref] password={SECRET}"),
        format!("[link](https://example.com/?token={SECRET})"),
        "[JIRA] DE89370400440532013000".to_owned(),
        format!("[x]\nAuthorization: Bearer {SECRET}"),
        format!("{{ password={SECRET}"),
    ] {
        for payload in [json!({"Body": said}).to_string(), said.clone()] {
            let kept = redacted(&payload);
            let secrets = ["4111 1111 1111 1111", "DE89370400440532013000"];
            let shows = secrets.iter().any(|secret| kept.contains(secret));
            assert!(!shows && kept.contains(REDACTED), "{kept}");
            assert!(said.contains("4111") || !kept.contains(SECRET), "{kept}");
        }
    }
}

#[test]
fn secrets_in_encoded_mail_are_gone_and_the_rest_of_it_is_there() {
    use base64::{Engine, prelude::BASE64_STANDARD};
    let said =
        format!("Grüße an alle\r\nmy card is 4111 1111 1111 1111, password={SECRET} ok\r\nBis bald\r\n");
    let encoded = BASE64_STANDARD.encode(&said);
    let lines: Vec<&str> = encoded
        .as_bytes()
        .chunks(60)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    let quoted = "Gr=C3=BC=C3=9Fe 4111 1111 11=\r\n11 1111 password=3D".to_owned() + SECRET + " ok=\r\n.\r\n";
    let mail = format!(
        "Subject: =?utf-8?B?{}?= hi\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--b\r\n\
         content-transfer-encoding: Quoted-Printable\r\ncontent-type: text/html\r\n\r\n{quoted}--b\r\n\
         Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--b--\r\n",
        BASE64_STANDARD.encode(format!("token={SECRET}")),
        lines.join("\r\n"),
        BASE64_STANDARD.encode(b"%PDF 4111111111111111"),
    );
    let kept = redacted(&json!({ "mime": mail }).to_string());
    let kept: Value = serde_json::from_str(&kept).unwrap();
    let kept = kept["mime"].as_str().unwrap();
    let parsed = mail_parser::MessageParser::new().parse(kept.as_bytes()).unwrap();
    let text = parsed.body_text(0).unwrap();
    assert!(
        text.contains("Grüße an alle") && text.contains("Bis bald"),
        "{text}"
    );
    assert!(
        text.contains("my card is [redacted], password=[redacted] ok"),
        "{text}"
    );
    let html = parsed.body_html(1).unwrap();
    assert!(
        html.contains("Grüße [redacted] password=[redacted] ok."),
        "{html}"
    );
    assert_eq!(parsed.subject(), Some("[redacted] hi"));
    assert_eq!(parsed.attachment(0).unwrap().contents(), b"%PDF 4111111111111111");
    let plain = mail
        .replace(SECRET, "x")
        .replace("password", "pass")
        .replace("token", "t")
        .replace("4111", "4112");
    let without = plain.replace(lines.join("\r\n").as_str(), "SGFsbG8=");
    let without = without.replace(&BASE64_STANDARD.encode(format!("token={SECRET}")), "SGFsbG8=");
    assert_eq!(
        redacted(&without),
        without,
        "without secrets it stays to the byte"
    );
}

#[test]
fn a_name_repeated_without_end_costs_no_more_than_its_length() {
    // Was quadratic: a minute for this in a debug build.
    let begun = std::time::Instant::now();
    let kept = redacted(&json!({ "text": "pin=".repeat(65_000) }).to_string());
    assert!(kept.len() < 100, "{}", kept.len());
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

#[test]
fn what_names_itself_a_secret_is_one_however_it_is_called_or_said() {
    for payload in [
        json!({"user_password": SECRET}).to_string(),
        json!({"newPassword": SECRET, "x": 1}).to_string(),
        json!({"password_confirmation": SECRET}).to_string(),
        json!({"webhook_secret": SECRET}).to_string(),
        json!({"AWS_SECRET_ACCESS_KEY": SECRET}).to_string(),
        json!({"credentials": {"x": SECRET}}).to_string(),
        json!({"response_url": SECRET}).to_string(),
        json!([{"name": "Authorization", "value": SECRET}]).to_string(),
        json!({"Headers": [{"Name": "X-Auth-Token", "Value": SECRET}]}).to_string(),
        json!([["Authorization", SECRET], ["Date", "today"]]).to_string(),
        json!({"x": format!("curl -H \"Authorization: Bearer {SECRET}\" https://example.com")}).to_string(),
        json!({"x": format!("the password: {SECRET}, he said")}).to_string(),
        json!({"x": format!("password=\"{SECRET}\"")}).to_string(),
        json!({"x": format!("failed body: {{\"password\": \"{SECRET}\"}}")}).to_string(),
        json!({"x": format!("https://ada:{SECRET}@example.com/")}).to_string(),
        json!({"x": format!("https://example.com/?X-Amz-Signature={SECRET}&a=1")}).to_string(),
        json!({"x": format!("https://example.com/?u=https%3A%2F%2Fx%2F%3Ftoken%3D{SECRET}")}).to_string(),
        format!("\u{feff}{{\"password\": \"{SECRET}\"}}"),
        format!(")]}}',\n{{\"password\":\"{SECRET}\"}}"),
        json!(json!({"password": SECRET}).to_string()).to_string(),
    ] {
        let kept = redacted(&payload);
        assert!(
            !kept.contains(SECRET) && kept.contains(REDACTED),
            "{payload}\n{kept}"
        );
    }
    for card in [
        "4111.1111.1111.1111",
        "4111\u{a0}1111\u{a0}1111\u{a0}1111",
        "4111\u{2009}1111\u{2009}1111\u{2009}1111",
        "4111  1111  1111  1111",
        "2200700000000009",
        "gb82west12345698765432",
    ] {
        let kept = redacted(&json!({ "x": format!("it is {card}.") }).to_string());
        assert_eq!(kept, r#"{"x":"it is [redacted]."}"#, "{card}");
    }
}

#[test]
fn words_that_only_sound_like_secrets_stay() {
    for payload in [
        json!({"x": "Session: Monday 10:00, my card: the blue one, author: Ada"}).to_string(),
        json!({"x": "secretary=Ada, tokens 5; ratio 4111.111111111111"}).to_string(),
        json!({"name": "Ada", "value": "42"}).to_string(),
        json!(["Ada", "Grace"]).to_string(),
        json!({"x": "https://example.com:8080/@ada?a=b:c"}).to_string(),
        json!({"x": "10.20.30.40 1111.2222"}).to_string(),
    ] {
        assert_eq!(redacted(&payload), payload);
    }
}

//! Redaction: secrets planted everywhere are nowhere in the database, in logs or in metrics.

use mailroom_providers::signing::{Outgoing, SIGNERS};
use serde_json::{Value, json};
use sqlx::Row;

use crate::accounts::{self, fixtures, send, signed};
use crate::house::House;
use crate::talk::{SMS, sms, with};

const CARD: &str = "4111111111111111";
const SPACED: &str = "5500 0000 0000 0004";
const PASSWORD: &str = "hunter2-canary";
const TOKEN: &str = "tok-canary-8f14e45f";
const POINTED: &str = "pointed-canary";

/// Everything that may be written down anywhere, as text.
async fn everything(house: &House) -> String {
    let tables = "select table_schema || '.' || table_name from information_schema.tables \
                  where table_schema in ('messaging', 'directory', 'mailbox')";
    let mut text = String::new();
    for table in house.texts(tables).await {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!("select t::text, t from {table} t")));
        for row in rows.fetch_all(&house.pool).await.unwrap() {
            text.push_str(row.get::<&str, _>(0));
            text.push('\n');
        }
        // Bytes are shown in hexadecimal.
        let columns =
            format!("select encode(payload_bytes, 'escape') from {table} where payload_bytes is not null");
        if let Ok(rows) = sqlx::query_scalar::<_, String>(sqlx::AssertSqlSafe(columns))
            .fetch_all(&house.pool)
            .await
        {
            text.push_str(&rows.join("\n"));
        }
    }
    text.push_str(&house.log().await.join("\n"));
    text.push_str(&house.get_admin("/metrics").await.body);
    text
}

/// Secrets in every corner of an object.
fn planted() -> Value {
    json!({
        "password": PASSWORD,
        "Pass\u{77}ord": PASSWORD,
        "nested": [{"deep": {"access-token": TOKEN, "cardNumber": CARD}}],
        "said": format!("my card is {SPACED}, thanks"),
        "link": format!("https://example.com/x?a=1&token={TOKEN}&b=2"),
        "inner": json!({"secret": PASSWORD}).to_string(),
        CARD: "in a name",
        "elsewhere": {"pointed": POINTED},
    })
}

/// Fields in which people write, by whatever name.
const SAID: [&str; 12] = [
    "Body",
    "HtmlBody",
    "Message",
    "Subject",
    "TextBody",
    "body",
    "body-plain",
    "caption",
    "content",
    "subject",
    "text",
    "title",
];

/// What somebody says who should not have.
fn confession() -> String {
    format!(" [x] my card is {SPACED} or {CARD}, password={PASSWORD} https://example.com/?token={TOKEN} ")
}

/// Has everybody say it wherever they say anything.
fn confess(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(confess),
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text) if SAID.contains(&name.as_str()) && !text.starts_with('{') => {
                        *text = format!("{}{text}{}", confession(), confession());
                    }
                    other => confess(other),
                }
            }
        }
        _ => {}
    }
}

/// The same in the parts of a multipart form.
fn confess_in_parts(body: &[u8]) -> Vec<u8> {
    // What is not text stays as it is: each byte as the character of its number.
    let mut text: String = body.iter().copied().map(char::from).collect();
    for name in SAID {
        let head = format!("name=\"{name}\"\r\n\r\n");
        text = text.replace(&head, &format!("{head}{}", confession()));
    }
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect()
}

fn plant(request: &mut Outgoing) {
    let content_type = request
        .headers
        .iter()
        .find(|(name, _)| name == "content-type")
        .map(|(_, value)| value.clone());
    match content_type.as_deref().unwrap_or_default() {
        form if form.starts_with("application/x-www-form-urlencoded") => {
            let mut more = form_urlencoded::Serializer::new(String::new());
            more.append_pair("password", PASSWORD)
                .append_pair("note", &format!("card {CARD} {SPACED}"));
            more.append_pair("Auth-Token", TOKEN);
            request
                .body
                .extend_from_slice(format!("&{}", more.finish()).as_bytes());
        }
        multipart if multipart.starts_with("multipart/") => {
            request.body = confess_in_parts(&request.body);
        }
        _ => {
            if let Ok(mut body) = serde_json::from_slice::<Value>(&request.body) {
                confess(&mut body);
                let place = match &mut body {
                    Value::Array(items) => items.first_mut(),
                    other => Some(other),
                };
                if let Some(Value::Object(object)) = place {
                    object.insert("planted".to_owned(), planted());
                    request.body = body.to_string().into_bytes();
                }
            }
        }
    }
}

#[tokio::test]
async fn no_secret_is_written_down_anywhere() {
    let pointer = "/planted/elsewhere/pointed, /*/planted/elsewhere/pointed";
    let variables: Vec<String> = SIGNERS
        .iter()
        .map(|signer| {
            format!(
                "MAILROOM__ENDPOINTS__{}__REDACT__POINTERS",
                signer.name().to_uppercase()
            )
        })
        .collect();
    let more: Vec<(&str, &str)> = variables
        .iter()
        .map(|variable| (variable.as_str(), pointer))
        .collect();
    let house = accounts::with(&more).await.employ().await;
    for signer in SIGNERS {
        for (nonce, (name, mut fixture)) in (1..).zip(fixtures(signer.name())) {
            plant(&mut fixture);
            let answer = send(&house, &signed(*signer, fixture, nonce)).await;
            assert_eq!(answer.status, 200, "{} {name}: {answer:?}", signer.name());
        }
    }
    house
        .accept(
            SMS,
            &with(
                sms("direct"),
                &json!({"body": format!("card {CARD}"), "password": PASSWORD, "x": planted()}),
            ),
        )
        .await;
    // Broken JSON is put aside, and redacted all the same.
    let slack = mailroom_providers::signing::signer_named("slack").unwrap();
    let (_, mut broken) = fixtures("slack").swap_remove(0);
    broken.body =
        format!(r#"{{"type":"event_callback","password":"{PASSWORD}","x":"{CARD}","token":"{TOKEN}"#)
            .into_bytes();
    assert_eq!(send(&house, &signed(slack, broken, 1)).await.status, 200);
    house
        .until(
            "select count(*) from messaging.inbound_events where status in ('received', 'processing')",
            0,
        )
        .await;

    let text = everything(&house).await;
    assert!(text.contains("[redacted"), "something was redacted");
    for canary in [CARD, SPACED, PASSWORD, TOKEN] {
        let place = text
            .find(canary)
            .map(|at| text[..at].chars().rev().take(300).collect::<String>());
        let place: Option<String> = place.map(|text| text.chars().rev().collect());
        assert_eq!(place, None, "{canary} was written down after this");
    }
}

//! Requests that are wrong before their body is read: type, encoding, method, path.

use crate::house::House;
use crate::refusals::{CANARY, Refused, all_are_refused};
use crate::socket::head;
use crate::talk::{CONVERSATIONS, EMAIL, SMS, email, sms};

const MESSAGES: &str = "/api/conversations/00000000-0000-4000-8000-000000000000/messages";
const TWILIO: &str = "/webhooks/twilio/demo";

/// Both JSON routes with a body that would be accepted.
fn routes() -> [(&'static str, String); 2] {
    [(SMS, sms(CANARY).to_string()), (EMAIL, email(CANARY).to_string())]
}

#[tokio::test]
async fn another_content_type_or_any_encoding() {
    let house = House::open().await;
    let mut table = Vec::new();
    for (route, body) in routes() {
        let unsupported = |name: &str| {
            Refused::new(
                format!("{route} {name}"),
                "POST",
                route,
                415,
                "unsupported_media_type",
            )
            .with_body(body.clone())
        };
        table.push(unsupported("no type").says("application/json"));
        for content_type in [
            "",
            "text/plain",
            "text/json",
            "application/jsonp",
            "application/x-www-form-urlencoded",
            "application/json; charset=utf-16",
            "application/json; charset=utf-7",
            "application/json;charset=iso-8859-1",
            CANARY,
        ] {
            table.push(
                unsupported(content_type)
                    .header("content-type", content_type)
                    .says("application/json"),
            );
        }
        for encoding in [
            "gzip",
            "br",
            "zstd",
            "deflate",
            "gzip, gzip",
            "identity",
            "",
            CANARY,
        ] {
            let encoded = unsupported(encoding).header("content-type", "application/json");
            table.push(encoded.header("content-encoding", encoding).says("encoded"));
        }
    }
    let form = Refused::new("a form encoded", "POST", TWILIO, 415, "unsupported_media_type");
    table.push(
        form.header("content-type", "application/x-www-form-urlencoded")
            .header("content-encoding", "gzip")
            .with_body(CANARY),
    );
    for content_type in ["application/xml", "text/plain", "multipart/form-data; boundary=x"] {
        let form = Refused::new(content_type, "POST", TWILIO, 415, "unsupported_media_type");
        table.push(
            form.header("content-type", content_type)
                .with_body(CANARY)
                .says("this provider"),
        );
    }
    all_are_refused(&house, &table).await;
}

#[tokio::test]
async fn nothing_but_json_to_be_had() {
    let house = House::open().await;
    let mut table = Vec::new();
    for accept in [
        "text/html",
        "application/xml, text/*;q=0.5",
        "application/json;q=0",
        "*/*, application/json;q=0",
        CANARY,
    ] {
        for (route, body) in routes() {
            table.push(
                Refused::new(format!("{route} {accept}"), "POST", route, 406, "not_acceptable")
                    .header("accept", accept)
                    .header("content-type", "application/json")
                    .with_body(body),
            );
        }
        for route in [CONVERSATIONS, MESSAGES] {
            let name = format!("{route} {accept}");
            table.push(Refused::new(name, "GET", route, 406, "not_acceptable").header("accept", accept));
        }
    }
    all_are_refused(&house, &table).await;
    for accept in ["*/*", "application/*", "text/html, application/json;q=0.1"] {
        let request = house.client.get(format!("{}{CONVERSATIONS}", house.base_url));
        assert_eq!(
            request.header("accept", accept).send().await.unwrap().status(),
            200,
            "{accept}"
        );
    }
}

#[tokio::test]
async fn another_method() {
    let house = House::open().await;
    let mut table = Vec::new();
    for (route, allowed) in [
        (SMS, "POST"),
        (EMAIL, "POST"),
        (TWILIO, "POST"),
        (CONVERSATIONS, "GET"),
        (MESSAGES, "GET"),
        ("/healthz", "GET, HEAD"),
        ("/openapi.json", "GET, HEAD"),
    ] {
        for method in [
            "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW", CANARY,
        ] {
            if !allowed.split(", ").any(|it| it == method) {
                let name = format!("{method} {route}");
                let one = Refused::new(name, method, route, 405, "method_not_allowed");
                table.push(
                    one.allow(allowed)
                        .with_body(if method == "GET" { "" } else { CANARY }),
                );
            }
        }
    }
    all_are_refused(&house, &table).await;
}

#[tokio::test]
async fn a_head_request_is_refused_without_a_body() {
    let house = House::open().await;
    for route in [SMS, TWILIO] {
        let mut socket = house.socket().await;
        socket.send(&head("HEAD", route, &[])).await;
        let answer = socket.head().await;
        assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
        assert!(
            answer.to_ascii_lowercase().contains("\r\nallow: post\r\n"),
            "{answer}"
        );
        assert!(answer.ends_with("\r\n\r\n"), "a body: {answer}");
    }
}

#[tokio::test]
async fn a_head_request_is_answered_without_a_body_where_balancers_look() {
    let house = House::open().await;
    for (route, length) in [
        ("/healthz", Some(r#"{"status":"healthy"}"#.len())),
        ("/openapi.json", None),
    ] {
        let mut socket = house.socket().await;
        socket.send(&head("HEAD", route, &[])).await;
        let answer = socket.head().await.to_ascii_lowercase();
        assert!(answer.starts_with("http/1.1 200 "), "{answer}");
        let announced = length.map(|length| format!("\r\ncontent-length: {length}\r\n"));
        assert!(
            announced.is_none_or(|announced| answer.contains(&announced)),
            "{answer}"
        );
        // The next answer begins right behind the head.
        socket.send(&head("HEAD", route, &[])).await;
        let again = socket.head().await.to_ascii_lowercase();
        assert!(again.starts_with("http/1.1 200 "), "{again}");
    }
}

#[tokio::test]
async fn a_path_there_is_not() {
    let house = House::open().await;
    let mut table = Vec::new();
    for path in [
        "/",
        "/api",
        "/api/",
        "/api/webhooks",
        "/api/webhooks/sms/",
        "//api/webhooks/sms",
        "/api//webhooks/sms",
        "/API/webhooks/sms",
        "/api/webhooks/sms/../email",
        "/api/webhooks/%2e%2e/conversations",
        "/webhooks/twilio",
        "/webhooks/twilio/demo/more",
        "/metrics",
        "/readyz",
        &format!("/{CANARY}"),
        &format!("/api/{CANARY}?{CANARY}={CANARY}"),
    ] {
        for method in ["GET", "POST"] {
            let one = Refused::new(format!("{method} {path}"), method, path, 404, "not_found");
            let one = one.header("content-type", "application/json");
            table.push(one.with_body(if method == "POST" { CANARY } else { "" }));
        }
    }
    all_are_refused(&house, &table).await;
}

//! Targets and methods that lead nowhere.

use super::case::{Case, case, plain, post};
use crate::accounts::VERIFY_TOKEN;
use crate::socket::{head, request};
use crate::talk::{EMAIL, SMS, sms};

const P: &str = "/webhooks/slack/slack";

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for method in [
        "GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW", "post", "PROPFIND", "M-SEARCH",
    ] {
        cases.push(
            plain(&format!("{method} on a route that takes POST"), method, SMS)
                .gets(405)
                .with("allow", "POST"),
        );
    }
    for (method, target, status) in [
        ("GET", P, 405),
        ("BREW", P, 405),
        ("PUT", "/webhooks/whatsapp/whatsapp", 405),
        ("DELETE", "/api/conversations", 405),
        ("POST", "/healthz", 405),
        ("TRACE", "/", 404),
        ("OPTIONS", "/", 404),
        ("POST", "/", 404),
        ("GET", "/metrics", 404),
        ("GET", "/readyz", 404),
        ("GET", "/.env", 404),
        ("GET", "/webhooks/%2e%2e/%2e%2e/etc/passwd", 404),
        ("POST", "/webhooks/%2e%2e/admin", 401),
        ("POST", "/webhooks/../admin", 401),
        ("POST", "/webhooks/..%2fadmin", 404),
        ("POST", "/webhooks//slack", 404),
        ("POST", "//webhooks/slack/slack", 404),
        ("POST", "/webhooks/slack/slack/", 404),
        ("POST", "/webhooks/slack", 404),
        ("POST", "/WEBHOOKS/slack/slack", 404),
        ("POST", "/webhooks/Slack/slack", 401),
        ("POST", "/webhooks/slack/slack%00", 401),
        ("POST", "/webhooks/slack/%c0%ae%c0%ae", 401),
        ("POST", "/webhooks/slack/%ff%fe", 401),
        ("POST", "/webhooks/slack/%", 401),
        ("POST", "/webhooks/slack/%zz", 401),
        ("POST", "/webhooks/slack/..\\..\\x", 401),
        ("POST", "/webhooks/slack/no-such-endpoint", 401),
        ("POST", "/webhooks/no-such-provider/slack", 401),
        ("POST", "/webhooks/github/slack", 401),
        ("POST", "/webhooks/slack/slack;jsessionid=1", 401),
        ("POST", "/api/webhooks/sms;x=y", 404),
        ("POST", "/api/webhooks/sms%2f", 404),
        ("POST", "/api/%77ebhooks/fax", 404),
    ] {
        let name = format!("{method} {target}");
        let body: &[u8] = if method == "POST" { b"{}" } else { b"" };
        let refused_unread = method == "POST" && status != 401;
        let case = case(name, request(method, target, &[super::case::JSON], body));
        cases.push(if refused_unread {
            case.ends_with(status)
        } else {
            case.gets(status)
        });
    }
    let body = sms("absolute").to_string();
    cases.extend([
        plain("HEAD on a webhook", "HEAD", SMS).gets(405).without_body(),
        plain("HEAD on a provider's webhook", "HEAD", P)
            .gets(405)
            .without_body(),
        case("OPTIONS *", head("OPTIONS", "*", &[])).gets(404),
        case("CONNECT to elsewhere", head("CONNECT", "example.com:443", &[])).ends_with(400),
        case("CONNECT with a path", head("CONNECT", SMS, &[])).ends_with(400),
        post(
            "a target with a scheme and a host",
            "http://elsewhere.example/api/webhooks/sms",
            &body,
        )
        .gets(202)
        .records(1),
        case(
            "a target of another scheme",
            head("GET", "gopher://elsewhere.example/", &[]),
        )
        .gets(404),
        post(
            "a long query",
            &format!("{EMAIL}?x={}", "a".repeat(9 << 10)),
            b"{}",
        )
        .ends_with(414),
        post(
            "a query on a provider's route that is too long",
            &format!("{P}?{}", "a&".repeat(5_000)),
            b"{}",
        )
        .ends_with(414),
        post(
            "the longest target",
            &format!("{SMS}?{}", "a".repeat(8_192 - SMS.len() - 1)),
            sms("long").to_string(),
        )
        .gets(202)
        .records(1),
        post(
            "a byte more",
            &format!("{SMS}?{}", "a".repeat(8_192 - SMS.len())),
            b"{}",
        )
        .ends_with(414),
        post("a long path", &format!("/{}", "a/".repeat(5_000)), b"{}").ends_with(414),
        post(
            "a query of 70 KiB",
            &format!("{SMS}?{}", "a".repeat(70 << 10)),
            b"{}",
        )
        .ends_with(431),
        plain("a fragment", "GET", "/healthz#x").gets(200),
        case(
            "a space in the target",
            "GET /heal thz HTTP/1.1\r\nhost: x\r\n\r\n",
        )
        .ends_with(400),
        case(
            "a tab in the target",
            "GET /heal\tthz HTTP/1.1\r\nhost: x\r\n\r\n",
        )
        .ends_with(400),
        case(
            "a NUL in the target",
            "GET /heal\0thz HTTP/1.1\r\nhost: x\r\n\r\n",
        )
        .ends_with(400),
        case("no target", "GET HTTP/1.1\r\nhost: x\r\n\r\n").ends_with(400),
        case(
            "a target without a slash",
            "GET healthz HTTP/1.1\r\nhost: x\r\n\r\n",
        )
        .gets(404),
        plain(
            "a handshake with the wrong token",
            "GET",
            &handshake("wrong", "1234"),
        )
        .gets(403),
        plain(
            "a handshake without a token",
            "GET",
            "/webhooks/whatsapp/whatsapp?hub.mode=subscribe&hub.challenge=1",
        )
        .gets(403),
        plain(
            "a handshake with the right token",
            "GET",
            &handshake(VERIFY_TOKEN, "1234-ab_C"),
        )
        .gets(200),
        plain(
            "a handshake that would have a page shown",
            "GET",
            &handshake(VERIFY_TOKEN, "%3Cscript%3E"),
        )
        .gets(403),
        plain(
            "a handshake with a challenge of 5 KiB",
            "GET",
            &handshake(VERIFY_TOKEN, &"1".repeat(5 << 10)),
        )
        .gets(403),
        plain(
            "a handshake at an unknown endpoint",
            "GET",
            "/webhooks/whatsapp/nobody?hub.mode=subscribe",
        )
        .gets(403),
    ]);
    cases
}

fn handshake(token: &str, challenge: &str) -> String {
    format!(
        "/webhooks/whatsapp/whatsapp?hub.mode=subscribe&hub.verify_token={token}&hub.challenge={challenge}"
    )
}

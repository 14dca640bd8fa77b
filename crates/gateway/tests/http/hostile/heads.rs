//! Request lines and headers that are no HTTP, or more of it than anybody needs.

use super::case::{Case, case};
use crate::socket::head;

/// The first bytes of a TLS handshake.
const CLIENT_HELLO: &[u8] = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x9d\x10\xaf\x7e\x01\x02\x03\x04";
const H2_PREFACE: &str = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A request for `/healthz` with these lines after its first.
fn lines(lines: &str) -> Vec<u8> {
    format!("GET /healthz HTTP/1.1\r\n{lines}\r\n").into_bytes()
}

/// The same with a first line of its own.
fn first(line: &str) -> Vec<u8> {
    format!("{line}\r\nhost: x\r\n\r\n").into_bytes()
}

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn cases() -> Vec<Case> {
    let many = |count: usize| {
        let more: Vec<_> = (2..=count).map(|n| format!("x-{n}: y\r\n")).collect();
        lines(&format!("host: x\r\n{}", more.concat()))
    };
    let mut cases = vec![
        case("TLS to the plain port", CLIENT_HELLO).ends_with(400),
        case("HTTP/2 without asking", H2_PREFACE).ends_with(400),
        case("SSH", "SSH-2.0-OpenSSH_9.6\r\n").ends_with(400),
        case("SMTP", "EHLO mailroom.example\r\n").ends_with(400),
        case(
            "a proxy's line before the request",
            "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n",
        )
        .ends_with(400),
        case("nothing but NULs", vec![0; 1_000]).ends_with(400),
        case("bytes that are no text", (128..=255).collect::<Vec<u8>>()).ends_with(400),
        case("HTTP/0.9", "GET /healthz\r\n").ends_with(400),
        case("HTTP/1.2", first("GET /healthz HTTP/1.2")).ends_with(400),
        case("HTTP/9.9", first("GET /healthz HTTP/9.9")).ends_with(400),
        case("http in lower case", first("GET /healthz http/1.1")).ends_with(400),
        case("more after the version", first("GET /healthz HTTP/1.1 x")).ends_with(400),
        case("an empty method", first(" /healthz HTTP/1.1")).ends_with(400),
        case("a method with a slash", first("G/T /healthz HTTP/1.1")).ends_with(400),
        case(
            "a method of 6 KiB",
            first(&format!("{} /healthz HTTP/1.1", "M".repeat(6 << 10))),
        )
        .gets(405),
        case(
            "empty lines before the request",
            [b"\r\n\r\n".as_slice(), &lines("host: x\r\n")].concat(),
        )
        .gets(200),
        case("lines that end in LF", "GET /healthz HTTP/1.1\nhost: x\n\n").gets(200),
        case("lines that end in CR", "GET /healthz HTTP/1.1\rhost: x\r\r").ends_with(400),
        case("no Host", lines("")).ends_with(400),
        case("two Hosts", lines("host: x\r\nhost: y\r\n")).ends_with(400),
        case("the same Host twice", lines("host: x\r\nhost: x\r\n")).ends_with(400),
        case("an empty Host", lines("host:\r\n")).gets(200),
        case("HTTP/1.0 without a Host", "GET /healthz HTTP/1.0\r\n\r\n").ends_with(200),
        case("96 headers", many(96)).gets(200),
        case("97 headers", many(97)).ends_with(431),
        case("10,000 headers", many(10_000)).ends_with(431),
        case(
            "a header of 10 KiB",
            lines(&format!("host: x\r\nx: {}\r\n", "a".repeat(10 << 10))),
        )
        .gets(200),
        case(
            "a header of 40 KiB",
            lines(&format!("host: x\r\nx: {}\r\n", "a".repeat(40 << 10))),
        )
        .ends_with(431),
        case(
            "a header of 200 KiB",
            lines(&format!("host: x\r\nx: {}\r\n", "a".repeat(200 << 10))),
        )
        .ends_with(431),
        case(
            "a header of 20 KiB that does not end",
            format!("GET / HTTP/1.1\r\nx: {}", "a".repeat(20 << 10)),
        )
        .ends_with(431),
        case("a method that does not end", "M".repeat(20 << 10)).ends_with(431),
        case(
            "a header's name of 70 KiB",
            lines(&format!("host: x\r\n{}: a\r\n", "a".repeat(70 << 10))),
        )
        .ends_with(431),
        case(
            "h2c asked for",
            head(
                "GET",
                "/healthz",
                &[
                    ("connection", "upgrade, http2-settings"),
                    ("upgrade", "h2c"),
                    ("http2-settings", "AAMAAABk"),
                ],
            ),
        )
        .ends_with(200),
        case(
            "a WebSocket asked for",
            head(
                "GET",
                "/healthz",
                &[("connection", "upgrade"), ("upgrade", "websocket")],
            ),
        )
        .ends_with(400),
        case(
            "a client that says that it goes",
            head("GET", "/healthz", &[("connection", "close")]),
        )
        .ends_with(200),
        case(
            "a long Connection header",
            head("GET", "/healthz", &[("connection", &"x, ".repeat(4_000))]),
        )
        .gets(200),
        case(
            "an id for logs that is none",
            head("GET", "/healthz", &[("x-request-id", "a b\tc")]),
        )
        .gets(200),
    ];
    for (name, line) in [
        ("a header folded onto the next line", "x: a\r\n b"),
        ("a folded first header", " x: a"),
        ("a space before the colon", "x : a"),
        ("a space in a header's name", "x y: a"),
        ("no colon", "x"),
        ("no name", ": a"),
        ("a NUL in a header's name", "x\0: a"),
        ("a NUL in a header's value", "x: a\0b"),
        ("a CR in a header's value", "x: a\rb"),
        ("a control character in a header's value", "x: a\u{1}b"),
        ("a delete in a header's value", "x: a\u{7f}b"),
        ("a bracket in a header's name", "x[]: a"),
        ("a name that is no ASCII", "\u{e4}: a"),
    ] {
        cases.push(case(name, lines(&format!("host: x\r\n{line}\r\n"))).ends_with(400));
    }
    cases.push(case("a value that is no ASCII", lines("host: x\r\nx: \u{e4}\r\n")).gets(200));
    cases
}

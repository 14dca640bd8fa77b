//! Where a body ends: every way of saying it that two readers could understand differently is refused.

use super::case::{Case, JSON, case};
use crate::socket::head;
use crate::talk::{SMS, sms};

/// A request whose headers say this of its body, and the body.
fn framed(fields: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut headers = vec![JSON];
    headers.extend(fields);
    [head("POST", SMS, &headers), body.into()].concat()
}

pub(super) fn cases() -> Vec<Case> {
    const TE: &str = "transfer-encoding";
    const CL: &str = "content-length";
    let mut cases = Vec::new();
    let valid = sms("framing").to_string();
    let length = valid.len().to_string();
    for value in [
        "+5",
        "-1",
        "0x5",
        "5,5",
        "5, 5",
        "5 5",
        "5.0",
        "5e0",
        "",
        "five",
        "\u{665}",
        "18446744073709551616",
        "99999999999999999999999999",
        "5;",
        "\"5\"",
        "05x",
    ] {
        cases.push(case(format!("Content-Length: {value}"), framed(&[(CL, value)], "{}")).ends_with(400));
    }
    for value in [
        "chunked, identity",
        "identity, chunked",
        "gzip, chunked",
        "chunked, chunked",
        "chunked;q=1",
        "xchunked",
        "identity",
        "gzip",
        "",
        "chunked,",
        "\u{b}chunked",
        "ch\u{fc}nked",
    ] {
        cases.push(
            case(
                format!("Transfer-Encoding: {value:?}"),
                framed(&[(TE, value)], "0\r\n\r\n"),
            )
            .ends_with(400),
        );
    }
    let chunked = format!("{:x}\r\n{valid}\r\n0\r\n\r\n", valid.len());
    cases.extend([
        case("two lengths", framed(&[(CL, "5"), (CL, "6")], "{}")).ends_with(400),
        case("the same length twice", framed(&[(CL, &length), (CL, &length)], &valid)).ends_with(400),
        case("a length and chunks", framed(&[(CL, &length), (TE, "chunked")], &chunked)).ends_with(400),
        case("chunks and a length", framed(&[(TE, "chunked"), (CL, "0")], &chunked)).ends_with(400),
        case("chunks said twice", framed(&[(TE, "chunked"), (TE, "chunked")], &chunked)).ends_with(400),
        case("a space before the colon of Transfer-Encoding", framed(&[("transfer-encoding ", "chunked")], &chunked))
            .ends_with(400),
        case("a space before the colon of Content-Length", framed(&[("content-length ", &length)], &valid)).ends_with(400),
        case(
            "chunks in HTTP/1.0",
            format!("POST {SMS} HTTP/1.0\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n{chunked}"),
        )
        .ends_with(400),
        case("a POST in HTTP/1.0 that tells no length", format!("POST {SMS} HTTP/1.0\r\n\r\n{valid}")).ends_with(400),
        case("a POST that tells no length", framed(&[], "")).gets(400),
        case("a length with spaces around it", framed(&[(CL, &format!("  {length}  "))], &valid)).gets(202).records(1),
        case("a length with zeros before it", framed(&[(CL, &format!("000{length}"))], &valid)).gets(202),
        case("chunks in capitals", framed(&[(TE, "CHUNKED")], &chunked)).gets(202),
        case("a WebSocket asked for by a POST with a length", framed(&[("connection", "upgrade"), ("upgrade", "websocket"), (CL, &length)], &valid))
            .ends_with(400),
        case("nothing but a length that is too large", framed(&[(CL, "1073741824")], "")).ends_with(413),
        case("a body of 1 GiB that wants to be asked for", framed(&[(CL, "1073741824"), ("expect", "100-continue")], ""))
            .ends_with(413),
        case("a body of a byte too many that wants to be asked for", framed(&[(CL, "262145"), ("expect", "100-continue")], ""))
            .ends_with(413),
        case("a body that wants to be asked for", framed(&[(CL, &length), ("expect", "100-continue")], &valid))
            .gets_each(&[100, 202]),
        case("a body that expects something else", framed(&[(CL, &length), ("expect", "200-ok")], &valid)).gets(202),
        case(
            "a batch that wants to be asked for",
            head(
                "POST",
                "/webhooks/sendgrid/sendgrid",
                &[JSON, (CL, "4194305"), ("expect", "100-continue")],
            ),
        )
        .ends_with(413),
    ]);
    cases
}

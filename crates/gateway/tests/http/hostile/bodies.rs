//! Bodies that are too large, too short, or none.

use super::case::{Case, JSON, case, post};
use crate::socket::{head, request};
use crate::talk::{EMAIL, SMS, email, sms};

const LIMIT: usize = 262_144;

/// A valid SMS of exactly so many bytes.
fn of_size(id: &str, size: usize) -> String {
    let body = sms(id).to_string();
    " ".repeat(size - body.len()) + &body
}

pub(super) fn cases() -> Vec<Case> {
    let announced = |length: &str| head("POST", SMS, &[JSON, ("content-length", length)]);
    let chunks = |size: usize| {
        let chunk = format!("8000\r\n{}\r\n", " ".repeat(0x8000));
        let head = head("POST", SMS, &[JSON, ("transfer-encoding", "chunked")]);
        [head, chunk.repeat(size / 0x8000).into_bytes()].concat()
    };
    vec![
        post("no body", SMS, "").gets(400),
        post("no body to a provider's route", "/webhooks/slack/slack", "").gets(401),
        post("a body of one byte", SMS, "{").gets(400),
        post("the largest body", SMS, of_size("largest", LIMIT))
            .gets(202)
            .records(1),
        post(
            "a byte more than the largest",
            SMS,
            of_size("too large", LIMIT + 1),
        )
        .ends_with(413),
        post("a body of 1 MiB", EMAIL, vec![b' '; 1 << 20]).ends_with(413),
        case("a body of 1 MiB in chunks", chunks(1 << 20)).ends_with(413),
        case("a length of 2^64 - 1", announced("18446744073709551615")).ends_with(413),
        case(
            "half a body, and the end",
            [announced("10"), b"{\"a\":".to_vec()].concat(),
        )
        .finishes()
        .ends_with(400),
        case("a body that does not begin, and the end", announced("10"))
            .finishes()
            .ends_with(400),
        case(
            "half a head, and the end",
            "POST /api/webhooks/sms HTTP/1.1\r\nhost: x\r\n",
        )
        .finishes(),
        case("nothing, and the end", "").finishes(),
        case(
            "a good request, and the end",
            request("POST", EMAIL, &[JSON], email("the end").to_string().as_bytes()),
        )
        .finishes()
        .ends_with(202)
        .records(1),
        post(
            "5 MiB to a provider that sends batches",
            "/webhooks/sendgrid/sendgrid",
            vec![b' '; 5 << 20],
        )
        .ends_with(413),
        post(
            "4 MiB of white space to a provider that sends batches",
            "/webhooks/sendgrid/sendgrid",
            vec![b' '; 4 << 20],
        )
        .gets(401),
        post(
            "300 KiB to nobody",
            "/webhooks/nobody/nobody",
            vec![b' '; 300 << 10],
        )
        .ends_with(413),
        post(
            "300 KiB to a path there is not",
            "/nothing",
            vec![b' '; 300 << 10],
        )
        .ends_with(404),
    ]
}

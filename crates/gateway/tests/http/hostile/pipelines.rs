//! Several requests on a connection at once, some of them hidden in others.

use super::case::{Case, JSON, case};
use crate::socket::{head, request};
use crate::talk::{SMS, sms};

fn valid(id: &str) -> Vec<u8> {
    request("POST", SMS, &[JSON], sms(id).to_string().as_bytes())
}

pub(super) fn cases() -> Vec<Case> {
    let hundred: Vec<_> = (0..100).map(|n| valid(&format!("pipelined {n}"))).collect();
    let mixed = [
        valid("mixed 1"),
        head("GET", "/nothing", &[]),
        head("GET", "/healthz", &[]),
        valid("mixed 2"),
    ];
    let hidden = String::from_utf8(valid("hidden")).unwrap();
    let healthz = head("GET", "/healthz", &[]);
    vec![
        case("100 good requests at once", hundred.concat())
            .gets_each(&[202; 100])
            .records(100),
        case("good and wrong ones at once", mixed.concat())
            .gets_each(&[202, 404, 200, 202])
            .records(2),
        case(
            "a good one, then none",
            [valid("then none"), b"\0\0\0\0\r\n\r\n".to_vec()].concat(),
        )
        .gets_each(&[202])
        .ends_with(400)
        .records(1),
        case(
            "200 requests for nothing at once",
            head("GET", "/nothing", &[]).repeat(200),
        )
        .gets_each(&[404; 200]),
        case(
            "a request in a body",
            request("POST", SMS, &[JSON], hidden.as_bytes()),
        )
        .gets(400),
        case(
            "a request in the body of a request that has none",
            request("GET", "/healthz", &[], hidden.as_bytes()),
        )
        .ends_with(200),
        case(
            "a request in a body that is not read",
            request("POST", "/nothing", &[JSON], hidden.as_bytes()),
        )
        .ends_with(404),
        case(
            "a request after a body of no length",
            [
                head("POST", SMS, &[JSON, ("content-length", "0")]),
                healthz.clone(),
            ]
            .concat(),
        )
        .gets_each(&[400, 200]),
        case(
            "more than the length says",
            [
                head("POST", SMS, &[JSON, ("content-length", "2")]),
                b"{}{}\r\n\r\n".to_vec(),
            ]
            .concat(),
        )
        .ends_with(400)
        .ends_with(400),
        case(
            "a request after one that is refused unread",
            [
                head("POST", SMS, &[JSON, ("content-length", "300000")]),
                healthz.clone(),
            ]
            .concat(),
        )
        .ends_with(413),
        case(
            // actix answers what came together with it, though it should not; nothing after that.
            "a request together with one that ends the connection",
            [head("GET", "/healthz", &[("connection", "close")]), healthz].concat(),
        )
        .ends_with(200)
        .ends_with(200),
    ]
}

//! Questions about conversations that have no answer.

use super::case::{Case, plain};

const NOWHERE: &str = "/api/conversations/00000000-0000-4000-8000-000000000000/messages";

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (query, status) in [
        ("page=0", 400),
        ("page=-1", 400),
        ("page=99999999999999999999", 400),
        ("page=1e3", 400),
        ("page=%00", 400),
        ("page[]=1", 200),
        ("pageSize=99999999999999999999", 400),
        ("pageSize=0x10", 400),
        ("cursor=AAAA", 400),
        ("cursor=%ff%fe", 400),
        ("cursor=../../etc/passwd", 400),
        ("cursor=' or 1=1 --", 400),
        ("page=1&page=2", 200),
        ("&&&&=&=", 200),
    ] {
        let query = query.replace(' ', "+");
        cases.push(
            plain(
                &format!("?{query}"),
                "GET",
                &format!("/api/conversations?{query}"),
            )
            .gets(status),
        );
    }
    for (name, id) in [
        ("no id", "x"),
        ("an id too long", "00000000-0000-4000-8000-0000000000000"),
        ("SQL for an id", "1%27%20or%20%271%27=%271"),
        ("a NUL for an id", "%00"),
        ("bytes for an id", "%ff%fe"),
        ("dots for an id", "%2e%2e"),
    ] {
        cases.push(plain(name, "GET", &format!("/api/conversations/{id}/messages")).gets(404));
    }
    cases.push(plain("a conversation there is not", "GET", NOWHERE).gets(404));
    cases.push(
        plain(
            "a page of a conversation there is not",
            "GET",
            &format!("{NOWHERE}?page=4294967295&pageSize=200"),
        )
        .gets(404),
    );
    cases
}

//! Which conversation a message belongs to, by the contract's words and none of the mailroom's code.
#![cfg(test)]

/// An address in the form that conversations are grouped by.
pub(crate) fn normalised(channel: &str, address: &str) -> String {
    if channel == "email" {
        let lower = address.to_lowercase();
        let (local, domain) = lower.rsplit_once('@').unwrap();
        format!("{}@{domain}", local.split('+').next().unwrap())
    } else {
        let plus = if address.trim_start().starts_with('+') {
            "+"
        } else {
            ""
        };
        address
            .chars()
            .filter(char::is_ascii_digit)
            .fold(plus.to_owned(), |digits, digit| format!("{digits}{digit}"))
    }
}

/// The two participants in byte order.
pub(crate) fn participants(channel: &str, from: &str, to: &str) -> (String, String) {
    let (one, other) = (normalised(channel, from), normalised(channel, to));
    if one <= other { (one, other) } else { (other, one) }
}

#[test]
fn formatting_case_tags_and_direction_make_no_other_conversation() {
    assert_eq!(normalised("sms", "+1 (212) 555-0142"), "+12125550142");
    assert_eq!(
        normalised("mms", "+44 7700 900123"),
        normalised("mms", "+447700900123")
    );
    assert_eq!(normalised("sms", "72355"), "72355");
    assert_eq!(
        normalised("email", "Jonas.B+fjall+2027@Example.COM"),
        "jonas.b@example.com"
    );
    assert_eq!(
        participants("sms", "72355", "+1617"),
        participants("sms", "+1617", "72355")
    );
    assert_eq!(
        participants("sms", "72355", "+1617").0,
        "+1617",
        "byte order: + comes before digits"
    );
}

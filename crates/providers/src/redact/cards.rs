//! Payment card numbers: 13 to 19 digits with an issuer's prefix and a right check digit, however they are grouped.

use std::ops::Range;

const SHORTEST: usize = 13;

/// Where card numbers stand in a text.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let (mut found, mut at) = (Vec::new(), 0);
    if bytes.iter().filter(|byte| byte.is_ascii_digit()).count() < SHORTEST {
        return found; // as most texts
    }
    while at < bytes.len() {
        // In a form the digits of an escape are none of what they stand before.
        if bytes[at] == b'%'
            && bytes
                .get(at + 1..at + 3)
                .is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit))
        {
            at += 3;
            continue;
        }
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let (digits, end) = run(bytes, at);
        if !follows_number(&bytes[..at]) {
            found.extend(cards_in(&digits));
        }
        at = end;
    }
    found
}

/// A digit of a run.
struct Digit {
    at: usize,
    value: u8,
    /// Whether it is the first of its group.
    begins: bool,
}

/// Whether what begins behind this is a phone number (a plus, which in a form is also a space between words) or a
/// fraction.
fn follows_number(before: &[u8]) -> bool {
    match before {
        [.., one, b'+'] => !one.is_ascii_alphanumeric(),
        [b'+'] => true,
        [.., one, b'.'] => one.is_ascii_digit(),
        _ => false,
    }
}

/// Digits with single spaces or dashes between, also as forms write them, as far as they go; and where that is.
fn run(bytes: &[u8], start: usize) -> (Vec<Digit>, usize) {
    let (mut digits, mut at, mut begins) = (Vec::with_capacity(19), start, true);
    while let Some(byte) = bytes.get(at) {
        let gap = match byte {
            b'0'..=b'9' => {
                let value = byte - b'0';
                digits.push(Digit { at, value, begins });
                begins = false;
                at += 1;
                continue;
            }
            b' ' if bytes.get(at + 1) == Some(&b' ') => 2,
            b' ' | b'-' | b'+' => 1,
            // Of dots only those between groups of four: others are of fractions, dates and addresses.
            b'.' if stands_between_fours(bytes, at) => 1,
            0xc2 if bytes.get(at + 1) == Some(&0xa0) => 2,
            0xe2 if matches!(&bytes[at..], [_, 0x80, 0x80..=0x8a | 0xaf, ..]) => 3,
            b'%' if matches!(&bytes[at..], [_, b'2', b'0' | b'D' | b'd', ..]) => 3,
            _ => break,
        };
        if begins || !bytes.get(at + gap).is_some_and(u8::is_ascii_digit) {
            break;
        }
        begins = true;
        at += gap;
    }
    (digits, at)
}

/// Whether exactly four digits stand before this place, and behind it.
fn stands_between_fours(bytes: &[u8], at: usize) -> bool {
    let fours = |digits: &mut dyn Iterator<Item = &u8>| {
        digits.take(5).take_while(|byte| byte.is_ascii_digit()).count() == 4
    };
    fours(&mut bytes[..at].iter().rev()) && fours(&mut bytes[at + 1..].iter())
}

/// The card numbers in a run: whole groups of it, as many as possible at a time.
fn cards_in(run: &[Digit]) -> Vec<Range<usize>> {
    let (mut found, mut at) = (Vec::new(), 0);
    while at < run.len() {
        let card = run[at].begins.then(|| longest_card(&run[at..])).flatten();
        if let Some(length) = card {
            found.push(run[at].at..run[at + length - 1].at + 1);
        }
        at += card.unwrap_or(1);
    }
    found
}

/// How many digits the longest card number has that begins here and ends where a group ends.
fn longest_card(rest: &[Digit]) -> Option<usize> {
    let values: Vec<u8> = rest.iter().take(19).map(|digit| digit.value).collect();
    let ends = |length: usize| rest.get(length).is_none_or(|next| next.begins);
    (13..=values.len())
        .rev()
        .find(|&length| ends(length) && is_card(&values[..length]))
}

fn is_card(digits: &[u8]) -> bool {
    (13..=19).contains(&digits.len()) && is_issued(digits) && checks(digits)
}

/// Prefixes and lengths that issuers use (ISO/IEC 7812; the networks' published ranges).
fn is_issued(digits: &[u8]) -> bool {
    let prefix = |count: usize| {
        digits[..count]
            .iter()
            .fold(0_u32, |number, digit| number * 10 + u32::from(*digit))
    };
    let length = digits.len();
    match (prefix(1), prefix(2), prefix(3), prefix(4)) {
        (4, ..) => [13, 16, 19].contains(&length),
        (_, 51..=55, ..) | (.., 2221..=2720) => length == 16,
        (.., 2200..=2204) => (16..=19).contains(&length),
        (_, 34 | 37, ..) => length == 15,
        (.., 6011 | 3528..=3589) | (_, 62 | 65, ..) | (_, _, 644..=649, _) => (16..=19).contains(&length),
        (_, 36 | 38 | 39, ..) | (_, _, 300..=305, _) => (14..=19).contains(&length),
        (.., 5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763) => true,
        _ => false,
    }
}

/// The check digit of ISO/IEC 7812-1, annex B (Luhn).
fn checks(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(*digit);
            match (place % 2, digit) {
                (0, _) => digit,
                (_, 0..=4) => digit * 2,
                _ => digit * 2 - 9,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::find;

    /// The only one found.
    fn only(text: &str) -> Option<Range<usize>> {
        let mut found = find(text).into_iter();
        found.next().filter(|_| found.next().is_none())
    }

    #[test]
    fn cards_are_found_however_they_are_grouped() {
        for text in [
            "4111111111111111",
            "4111 1111 1111 1111",
            "4111-1111-1111-1111",
            "3782 822463 10005",
            "5555555555554444",
            "2223003122003222",
            "6011111111111117",
            "30569309025904",
            "3530111333300000",
            "4111+1111+1111+1111",
            "4111%201111%201111%201111",
        ] {
            assert_eq!(only(text), Some(0..text.len()), "{text}");
            assert_eq!(find(&format!("x{text}, and")).len(), 1, "{text}");
        }
        assert_eq!(only("12 4111 1111 1111 1111 34"), Some(3..22), "groups beside it");
    }

    #[test]
    fn other_numbers_are_left_alone() {
        for text in [
            "4111111111111112",
            "+4111111111111111",
            "1793600000000",
            "1531420618.000100",
            "0.4111111111111111",
            "14111111111111111",
            "41111111111111110000",
            "2026-11-21 09:30:00",
            "+1 (555) 010-0101",
            "102290129340398",
        ] {
            assert_eq!(find(text), [], "{text}");
        }
    }
}

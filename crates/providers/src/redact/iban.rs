//! Bank account numbers (IBAN, ISO 13616): a country's length and a right check number, in groups of four or not.

use std::ops::Range;

/// Countries and their lengths, from the registry of SWIFT.
const LENGTHS: &[(&[u8; 2], usize)] = &[
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"BH", 22),
    (b"BR", 29),
    (b"CH", 21),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DK", 18),
    (b"EE", 20),
    (b"ES", 24),
    (b"FI", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GR", 27),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"KW", 30),
    (b"LB", 28),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MT", 31),
    (b"NL", 18),
    (b"NO", 15),
    (b"PK", 24),
    (b"PL", 28),
    (b"PT", 25),
    (b"QA", 29),
    (b"RO", 24),
    (b"RS", 22),
    (b"SA", 24),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"TN", 24),
    (b"TR", 26),
    (b"UA", 29),
    (b"XK", 20),
];

/// Where IBANs stand in a text.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let (mut found, mut at) = (Vec::new(), 0);
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return found; // as most texts
    }
    let upper = text.to_ascii_uppercase();
    let bytes = upper.as_bytes();
    while at + 15 <= bytes.len() {
        let begins = bytes[at].is_ascii_uppercase() && (at == 0 || !bytes[at - 1].is_ascii_alphanumeric());
        match begins.then(|| iban_at(bytes, at)).flatten() {
            Some(end) => {
                found.push(at..end);
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

/// Where the IBAN that begins here ends.
fn iban_at(bytes: &[u8], start: usize) -> Option<usize> {
    let country = &bytes[start..start + 2];
    if !bytes[start + 2..start + 4].iter().any(u8::is_ascii_digit) {
        return None; // a word
    }
    let &(_, length) = LENGTHS.iter().find(|(name, _)| name.as_slice() == country)?;
    let (mut taken, mut at) = (Vec::with_capacity(length), start);
    while taken.len() < length {
        match *bytes.get(at)? {
            byte if byte.is_ascii_digit() || byte.is_ascii_uppercase() => taken.push(byte),
            b' ' if !taken.is_empty() && bytes[at - 1] != b' ' => {}
            _ => return None,
        }
        at += 1;
    }
    let ends = !bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
    (ends && taken[2..4].iter().all(u8::is_ascii_digit) && checks(&taken)).then_some(at)
}

/// The check of ISO 7064, MOD 97-10.
fn checks(iban: &[u8]) -> bool {
    let remainder = iban[4..]
        .iter()
        .chain(&iban[..4])
        .fold(0_u32, |remainder, &byte| {
            let value = char::from(byte).to_digit(36).unwrap_or(0);
            let shift = if value > 9 { 100 } else { 10 };
            (remainder * shift + value) % 97
        });
    remainder == 1
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
    fn ibans_are_found_grouped_or_not() {
        for text in [
            "DE89370400440532013000",
            "GB29 NWBK 6016 1331 9268 19",
            "NO9386011117947",
        ] {
            assert_eq!(only(text), Some(0..text.len()), "{text}");
        }
        assert_eq!(only("to FR1420041010050500013M02606, please"), Some(3..30));
        for text in [
            "DE89370400440532013001",
            "XX89370400440532013000",
            "ADE89370400440532013000",
            "DEAR ALL OF YOU OUT THERE",
        ] {
            assert_eq!(find(text), [], "{text}");
        }
    }
}

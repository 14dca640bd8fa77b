//! `application/x-www-form-urlencoded`, decoded to bytes: a raw e-mail in a form need not be UTF-8.

/// The names and values of a body (WHATWG URL standard, section 5.1); never fails.
pub(super) fn decode(body: &[u8]) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    let pairs = body.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| {
        let end = pair.iter().position(|&byte| byte == b'=').unwrap_or(pair.len());
        let value = pair.get(end + 1..).unwrap_or_default();
        (unescaped(&pair[..end]), unescaped(value))
    })
}

fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += 1;
        let escaped = text.get(at..at + 2).and_then(hex_pair);
        bytes.push(match (byte, escaped) {
            (b'+', _) => b' ',
            (b'%', Some(escaped)) => {
                at += 2;
                escaped
            }
            _ => byte,
        });
    }
    bytes
}

fn hex_pair(digits: &[u8]) -> Option<u8> {
    digits.iter().try_fold(0, |value: u8, &digit| {
        let digit = char::from(digit).to_digit(16)?;
        u8::try_from(u32::from(value) * 16 + digit).ok()
    })
}

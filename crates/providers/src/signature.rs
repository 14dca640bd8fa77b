//! Comparing signatures: every key is tried, in constant time.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{Key, Unverified};

/// Which of the keys makes this HMAC-SHA256 over the parts one after another. An empty key never fits.
pub(crate) fn hmac_sha256<'k>(
    keys: impl IntoIterator<Item = &'k [u8]>,
    parts: &[&[u8]],
    claimed: &[u8],
) -> Result<usize, Unverified> {
    let mut fitting = None;
    for (index, key) in keys.into_iter().enumerate() {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
            continue;
        };
        for part in parts {
            mac.update(part);
        }
        if mac.verify_slice(claimed).is_ok() && !key.is_empty() {
            fitting = fitting.or(Some(index));
        }
    }
    fitting.ok_or(Unverified::Mismatch)
}

/// Which of the keys is this text, compared in constant time whatever their lengths.
pub(crate) fn equal(keys: &[Key], claimed: &str) -> Result<usize, Unverified> {
    // Comparing digests instead of texts hides lengths and where they first differ.
    let digest = |text: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(b"compare").ok()?;
        mac.update(text.as_bytes());
        Some(mac)
    };
    let mut fitting = None;
    for (index, key) in keys.iter().enumerate() {
        let (Some(ours), Some(theirs)) = (digest(key.expose()), digest(claimed)) else {
            continue;
        };
        if ours.verify(&theirs.finalize().into_bytes()).is_ok() && !key.expose().is_empty() {
            fitting = fitting.or(Some(index));
        }
    }
    fitting.ok_or(Unverified::Mismatch)
}

/// Bytes from lower- or upper-case hex digits and nothing else.
pub(crate) fn hex(text: &str) -> Result<Vec<u8>, Unverified> {
    let digits = text.as_bytes();
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        return Err(Unverified::Malformed);
    }
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|value| u8::try_from(value).ok())
    };
    digits
        .chunks_exact(2)
        .map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?))
        .collect::<Option<_>>()
        .ok_or(Unverified::Malformed)
}

/// The keys as bytes.
pub(crate) fn bytes(keys: &[Key]) -> impl Iterator<Item = &[u8]> {
    keys.iter().map(|key| key.expose().as_bytes())
}

//! RSA signatures over SHA-1 (RFC 8017, 8.2), which ring verifies but does not make, and SNS makes unless it is told
//! otherwise. For the demo key only: it takes no care to hide a key.

use std::cmp::Ordering;

use sha1::{Digest, Sha1};

/// What stands before a SHA-1 digest in the signed block (RFC 8017, 9.2, note 1).
const DIGEST_INFO: &[u8] = &[
    0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14,
];

/// Signs with a PKCS#8 key. `None` when it is not an RSA key.
pub(super) fn sign(pkcs8: &[u8], text: &[u8]) -> Option<Vec<u8>> {
    let (modulus, exponent) = numbers(pkcs8)?;
    let padding = modulus.len().checked_sub(3 + DIGEST_INFO.len() + 20)?;
    let mut block = vec![0, 1];
    block.resize(2 + padding, 0xff);
    block.push(0);
    block.extend(DIGEST_INFO);
    block.extend(Sha1::digest(text));
    Some(power(&block, exponent, modulus))
}

/// The modulus and the private exponent, big-endian.
fn numbers(pkcs8: &[u8]) -> Option<(&[u8], &[u8])> {
    let (info, _) = element(pkcs8)?;
    let (_version, rest) = element(info)?;
    let (_algorithm, rest) = element(rest)?;
    let (octets, _) = element(rest)?;
    let (key, _) = element(octets)?;
    let (_version, rest) = element(key)?;
    let (modulus, rest) = element(rest)?;
    let (_public, rest) = element(rest)?;
    let (exponent, _) = element(rest)?;
    Some((modulus.strip_prefix(&[0]).unwrap_or(modulus), exponent))
}

/// The content of the first DER element, and what follows it.
fn element(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&length, rest) = der.get(1..)?.split_first()?;
    let (length, rest) = if length < 0x80 {
        (usize::from(length), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
        let length = digits.iter().try_fold(0_usize, |length, digit| {
            Some(length.checked_mul(256)? + usize::from(*digit))
        });
        (length?, rest)
    };
    rest.split_at_checked(length)
}

/// `base` to the power of `exponent`, modulo the odd `modulus`: by squaring, in Montgomery's form.
fn power(base: &[u8], exponent: &[u8], modulus: &[u8]) -> Vec<u8> {
    let modulus = Modulus::new(limbs(modulus));
    let count = modulus.limbs.len();
    let one: Vec<u32> = std::iter::once(1)
        .chain(std::iter::repeat_n(0, count - 1))
        .collect();
    // 2 to the power of twice the width brings numbers into the form.
    let square = (0..count * 64).fold(one.clone(), |number, _| modulus.double(&number));
    let base = modulus.multiply(&limbs(base), &square);
    let mut result = modulus.multiply(&one, &square);
    for bit in exponent
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1))
    {
        result = modulus.multiply(&result, &result);
        if bit == 1 {
            result = modulus.multiply(&result, &base);
        }
    }
    let result = modulus.multiply(&result, &one);
    result.iter().rev().flat_map(|limb| limb.to_be_bytes()).collect()
}

/// Big-endian bytes as limbs, the least first. Their number is a multiple of four, as in keys of 2048 bits and more.
fn limbs(bytes: &[u8]) -> Vec<u32> {
    let limb = |bytes: &[u8]| bytes.iter().fold(0, |limb, byte| limb << 8 | u32::from(*byte));
    bytes.rchunks(4).map(limb).collect()
}

struct Modulus {
    limbs: Vec<u32>,
    /// Minus its inverse modulo 2^32.
    inverse: u32,
}

impl Modulus {
    fn new(limbs: Vec<u32>) -> Self {
        // Newton: each step doubles the number of right bits, beginning with three (odd squares are 1 modulo 8).
        let lowest = limbs[0];
        let inverse = (0..4).fold(lowest, |inverse, _| {
            inverse.wrapping_mul(2_u32.wrapping_sub(lowest.wrapping_mul(inverse)))
        });
        Self {
            limbs,
            inverse: inverse.wrapping_neg(),
        }
    }

    /// A number plus itself.
    fn double(&self, number: &[u32]) -> Vec<u32> {
        let mut carry = 0;
        let mut doubled: Vec<u32> = number
            .iter()
            .map(|limb| {
                let low = limb << 1 | carry;
                carry = limb >> 31;
                low
            })
            .collect();
        doubled.push(carry);
        self.reduced(doubled)
    }

    /// The product of two numbers, divided by 2 to the power of the width.
    fn multiply(&self, one: &[u32], other: &[u32]) -> Vec<u32> {
        let mut sum = vec![0_u32; self.limbs.len() + 1];
        for limb in one {
            let over = add(&mut sum, *limb, other);
            let factor = sum[0].wrapping_mul(self.inverse);
            let over = over + add(&mut sum, factor, &self.limbs);
            // The lowest limb is zero now: everything moves down by one.
            sum.rotate_left(1);
            if let Some(top) = sum.last_mut() {
                *top = over;
            }
        }
        self.reduced(sum)
    }

    /// A number below twice the modulus, brought below it.
    fn reduced(&self, mut number: Vec<u32>) -> Vec<u32> {
        let count = self.limbs.len();
        let is_below =
            number[count] == 0 && number[..count].iter().rev().cmp(self.limbs.iter().rev()) == Ordering::Less;
        if !is_below {
            let mut borrowed = false;
            for (limb, taken) in number.iter_mut().zip(&self.limbs) {
                let (rest, first) = limb.overflowing_sub(*taken);
                let (rest, second) = rest.overflowing_sub(u32::from(borrowed));
                borrowed = first || second;
                *limb = rest;
            }
        }
        number.truncate(count);
        number
    }
}

/// Adds `factor * number`; returns what goes over the top.
fn add(sum: &mut [u32], factor: u32, number: &[u32]) -> u32 {
    let mut carry = 0_u64;
    for (index, limb) in sum.iter_mut().enumerate() {
        let product = u64::from(factor) * number.get(index).map_or(0, |limb| u64::from(*limb));
        let total = u64::from(*limb) + product + carry;
        *limb = low(total);
        carry = total >> 32;
    }
    low(carry)
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is meant")]
const fn low(number: u64) -> u32 {
    number as u32
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_STANDARD};
    use rustls_pki_types::{PrivatePkcs8KeyDer, pem::PemObject};

    use super::*;

    // `openssl dgst -sha1 -sign key.pem`
    const BY_OPENSSL: &str = "gj0Nc2iZIaRRg2sRHM1zbXnotb4AIQtZQ0WksyuWZ+85DQ7ddEEvWHOtvJkQ7hQRI+eMIzRzNt+nTDpNXZKV6xhX\
        VS6Z+dEzXNlanFdtSh+eenDfDNHas7J9/JNt+ZQ89X/7DLCEdeL9KJkzQJKE2gLNMkNlgXozrDZmjYIpCIMA/VHts6VkxepfZabzB0pIBPnJmr\
        Kzbn+b69agfuGhcLKcQ2cvZ37PDU7k3DHjirHa+QuwUBrsnQKDkncXSPnOIqDO8zqOZ/C64+Uue32YYRFupJl0hXxbQNLOqj7ASmv2CBt0X45S\
        lT8cnpQcZykXtpc0/llYCIxdiniea1vFww==";

    #[test]
    fn it_signs_as_openssl_does() {
        let key = PrivatePkcs8KeyDer::from_pem_slice(super::super::DEMO_KEY.as_bytes()).unwrap();
        let signature = sign(key.secret_pkcs8_der(), b"Message\nHello\n").unwrap();
        assert_eq!(BASE64_STANDARD.encode(signature), BY_OPENSSL);
    }

    #[test]
    fn what_is_no_key_signs_nothing() {
        for bytes in [
            &b""[..],
            b"0",
            b"0\x80",
            b"0\x84\xff\xff\xff\xff",
            b"0\x03\x02\x01\x00",
        ] {
            assert_eq!(sign(bytes, b""), None);
        }
    }
}

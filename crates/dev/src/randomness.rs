//! Randomness from the system, for passwords and names nobody else has.

use std::fs::File;
use std::io::Read;

use crate::error::DevError;

/// 96 random bits in hex, which needs no escaping anywhere.
pub(crate) fn random_hex() -> Result<String, DevError> {
    Ok(random_bytes::<12>()?
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}")))
}

/// Random bytes.
pub(crate) fn random_bytes<const N: usize>() -> Result<[u8; N], DevError> {
    let mut bytes = [0; N];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .map_err(DevError::io("read randomness"))?;
    Ok(bytes)
}

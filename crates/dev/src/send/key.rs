//! The key to sign with: from a file or the environment, where other users of the machine do not see it.

use std::env;
use std::fs;
use std::path::Path;

use crate::error::DevError;

/// The variable that holds a key.
const VARIABLE: &str = "MAILROOM_SEND_KEY";

/// The key of the file, else of the environment; `None` when there is neither.
///
/// # Errors
/// [`DevError`] when the file cannot be read, or what is there is empty or no text.
pub(super) fn find(file: Option<&Path>) -> Result<Option<String>, DevError> {
    let (key, place) = match file {
        Some(file) => {
            let key = fs::read_to_string(file).map_err(DevError::io("read the file of --key-file"))?;
            (key, "the file of --key-file")
        }
        None => match env::var(VARIABLE) {
            Ok(key) => (key, VARIABLE),
            Err(env::VarError::NotPresent) => return Ok(None),
            Err(env::VarError::NotUnicode(_)) => {
                return Err(DevError::Failed(format!("{VARIABLE} is not UTF-8")));
            }
        },
    };
    // An editor ends a file with a line feed; no key does.
    let key = key.trim_end_matches(['\r', '\n']);
    if key.is_empty() {
        return Err(DevError::Failed(format!("{place} is empty")));
    }
    Ok(Some(key.to_owned()))
}

//! A provider's name, as operators write it: a misspelt one is told where it would look as if all were well.

use super::ToolError;
use crate::paused::provider_names;

/// Whether this release knows a provider of this name.
///
/// # Errors
/// [`ToolError`] with the names there are.
pub(crate) fn known(name: &str) -> Result<(), ToolError> {
    let names: Vec<_> = provider_names().collect();
    if names.contains(&name) {
        return Ok(());
    }
    Err(ToolError::usage(format!(
        "there is no provider of this name; there are {}",
        names.join(", ")
    )))
}

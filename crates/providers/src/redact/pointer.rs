//! JSON pointers (RFC 6901), with `*` for any key or index.

use super::settings::BadRedaction;

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pointer(Vec<String>);

impl Pointer {
    pub(super) fn parse(text: &str) -> Result<Self, BadRedaction> {
        let path = text.strip_prefix('/').ok_or(BadRedaction::Pointer)?;
        Ok(Self(
            path.split('/')
                .map(|segment| segment.replace("~1", "/").replace("~0", "~"))
                .collect(),
        ))
    }

    /// Whether it points at what stands at the end of this path.
    pub(super) fn points_at<'p>(
        &self,
        path: impl ExactSizeIterator<Item = std::borrow::Cow<'p, str>>,
    ) -> bool {
        path.len() == self.0.len()
            && self
                .0
                .iter()
                .zip(path)
                .all(|(wanted, there)| wanted == "*" || *wanted == there)
    }
}

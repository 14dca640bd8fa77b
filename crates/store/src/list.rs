//! Lists: a page of rows, from a numbered page or after a known row.

/// Where a list begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start<K> {
    /// After this many rows. Costs more the deeper it goes.
    Skip(u64),
    /// After the row with this place in the order. Costs the same at any depth.
    After(K),
}

/// A page of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Whether more follow.
    pub more: bool,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            more: false,
        }
    }
}

impl<T> Listed<T> {
    /// Cuts the one row too many that was asked for to see whether more follow.
    pub(crate) fn cut(mut rows: Vec<T>, size: u32) -> Self {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        rows.truncate(size);
        Self { rows, more }
    }
}

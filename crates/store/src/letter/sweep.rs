//! Sweep: go once over all dead letters that a filter means, oldest first, a batch at a time.

use mailroom_domain::EventId;

use super::{Counted, Filter, Stretch, count, list};
use crate::{Pool, StoreError};

/// How far a sweep has come. What is done with each batch is the caller's: it may stop after any, and a sweep that begins
/// again finds what is left.
#[derive(Debug, Clone)]
pub struct Sweep {
    filter: Filter,
    stretch: Stretch,
    left: u64,
}

impl Sweep {
    /// Looks what there is, and sets the end: what arrives later than the last of them is not swept, nor is one swept
    /// twice that is buried anew meanwhile. An event from before that is buried meanwhile may be.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin(
        pool: &Pool,
        filter: Filter,
        limit: Option<u64>,
    ) -> Result<(Self, Vec<Counted>), StoreError> {
        let counted = count(pool, &filter, limit).await?;
        let sweep = Self {
            filter,
            stretch: Stretch {
                after: None,
                up_to: counted.iter().map(|counted| counted.last_arrival).max(),
            },
            left: counted.iter().map(|counted| counted.letters).sum(),
        };
        Ok((sweep, counted))
    }

    /// The next batch of up to `size`, in order of arrival: each conversation's letters come in line. Empty at the end.
    ///
    /// # Errors
    /// [`StoreError`]; the same batch can be asked for again.
    pub async fn next(&mut self, pool: &Pool, size: u32) -> Result<Vec<EventId>, StoreError> {
        let size = size.min(u32::try_from(self.left).unwrap_or(u32::MAX));
        if size == 0 {
            return Ok(Vec::new());
        }
        let page = list(pool, &self.filter, self.stretch, size).await?;
        if let Some(last) = page.rows.last() {
            self.stretch.after = Some(last.arrival);
        }
        // Somebody else may have taken some: what was counted is a bound, and an empty page is the end.
        self.left = self
            .left
            .saturating_sub(u64::try_from(page.rows.len()).unwrap_or(u64::MAX));
        Ok(page.rows.into_iter().map(|letter| letter.id).collect())
    }
}

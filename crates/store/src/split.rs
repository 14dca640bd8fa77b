//! A set that the database refuses is halved until the row at fault stands alone, so that a bad row never
//! fails its neighbours.

use crate::StoreError;

/// Runs `operation` on all of `items`; when it is refused, on each half, and so on. Gives back what each
/// successful run gave, and each item that was refused on its own with the refusal.
///
/// # Errors
/// [`StoreError`] of the first run that failed for another reason than its values; runs before it stand.
pub(crate) async fn isolating<T, R>(
    items: &[T],
    mut operation: impl AsyncFnMut(&[T]) -> Result<R, StoreError>,
) -> Result<(Vec<R>, Vec<(usize, StoreError)>), StoreError> {
    let (mut done, mut refused) = (Vec::new(), Vec::new());
    let mut pending = vec![(0, items.len())];
    while let Some((start, end)) = pending.pop() {
        let range = start..end;
        if range.is_empty() {
            continue;
        }
        match operation(&items[range.clone()]).await {
            Ok(result) => done.push(result),
            Err(refusal @ StoreError::Refused { .. }) if range.len() == 1 => {
                refused.push((start, refusal));
            }
            Err(StoreError::Refused { .. }) => {
                let middle = usize::midpoint(start, end);
                pending.push((middle, end));
                pending.push((start, middle));
            }
            Err(other) => return Err(other),
        }
    }
    Ok((done, refused))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn only_the_bad_ones_are_left_out(bad in proptest::collection::vec(any::<bool>(), 0..40)) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let (kept, refused) = runtime.block_on(isolating(&bad, async |part| {
                if part.contains(&true) {
                    Err(StoreError::Refused { code: "23514".to_owned(), constraint: None })
                } else {
                    Ok(part.len())
                }
            })).unwrap();
            let expected: Vec<_> = (0..bad.len()).filter(|&n| bad[n]).collect();
            prop_assert_eq!(refused.iter().map(|(n, _)| *n).collect::<Vec<_>>(), expected);
            prop_assert_eq!(kept.iter().sum::<usize>(), bad.iter().filter(|bad| !**bad).count());
        }
    }
}

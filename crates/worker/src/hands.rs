//! The hands of a worker, at work together: lanes are dealt out among them, and each works in its own.

use std::panic::resume_unwind;

use mailroom_domain::Lane;
use mailroom_store::StoreError;
use tokio::task::JoinSet;

use crate::{
    hand::{Done, Hand, Order},
    pace::Pace,
};

/// For fewer lanes than this another hand is not worth its two commits.
const LANES_OF_A_HAND: usize = 16;

/// Deals the lanes out and waits until every hand is done, so that what they found is known before anything is claimed
/// again.
///
/// # Errors
/// [`StoreError`] of the first that failed, when all are done.
pub(crate) async fn work_together(
    hands: &mut Vec<Hand>,
    places: &[(Lane, i64)],
    paused: &[String],
    pace: &Pace,
) -> Result<Vec<Done>, StoreError> {
    let mut at_work = JoinSet::new();
    let wanted = places
        .len()
        .div_ceil(LANES_OF_A_HAND)
        .min(pace.hands(hands.len()));
    if let ([hand, ..], 1) = (hands.as_mut_slice(), wanted) {
        // Here, not in a task of its own: to hand it over and back takes as long as a statement.
        let order = Order {
            places: places.to_vec(),
            paused: paused.to_vec(),
        };
        return Ok(vec![hand.fulfil(order).await?]);
    }
    let idle = hands.split_off(wanted);
    let count = hands.len();
    for (number, mut hand) in std::mem::replace(hands, idle).into_iter().enumerate() {
        let order = Order {
            places: places.iter().skip(number).step_by(count).copied().collect(),
            paused: paused.to_vec(),
        };
        at_work.spawn(async move {
            let done = hand.fulfil(order).await;
            (hand, done)
        });
    }
    let mut all_done = Vec::with_capacity(count);
    while let Some(joined) = at_work.join_next().await {
        // A panic is a defect: the process ends, and another worker takes over.
        let (hand, done) = joined.unwrap_or_else(|panicked| resume_unwind(panicked.into_panic()));
        hands.push(hand);
        all_done.push(done);
    }
    all_done.into_iter().collect()
}

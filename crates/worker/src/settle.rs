//! Settling a claim: finish what became messages, bury what cannot, put aside what may later.

use std::collections::HashSet;

use mailroom_domain::{
    ClaimToken, ClaimedEvent, ErrorCode, EventId, Failure, Next, RetryPolicy, SnippetLength,
};
use mailroom_store::{
    Kept, LONGEST_STATEMENT, Pool, StoreError,
    event::{self, Finishing, Outcome},
};
use rand::{RngExt, rngs::StdRng};

use crate::{measures, reading::Read};

/// What is left of a claim that was settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(crate) enum Settled {
    /// Nothing.
    Whole,
    /// Events that were no longer ours: others hold them, or a crash of the server took our claim back, and they wait in
    /// line again. Our place in their lanes may be past them.
    ClaimLost,
}

impl Settled {
    /// Of both together.
    pub(crate) const fn and(self, other: Self) -> Self {
        match self {
            Self::Whole => other,
            Self::ClaimLost => Self::ClaimLost,
        }
    }

    /// When so many were no longer ours.
    fn but_for(lost: usize) -> Self {
        measures::claims_lost(lost);
        if lost == 0 {
            return Self::Whole;
        }
        tracing::warn!(events = lost, "claims were lost; nothing of them was kept");
        Self::ClaimLost
    }
}

/// Settles a whole claim. What a failing database leaves unsettled is brought back by the reaper.
///
/// # Errors
/// [`StoreError`] when something was left unsettled.
#[expect(clippy::too_many_arguments, reason = "what a hand has, and what it claimed")]
pub(crate) async fn settle(
    pool: &Pool,
    results: &mut Kept,
    token: ClaimToken,
    events: &[ClaimedEvent],
    mut read: Read,
    snippet: SnippetLength,
    policy: &RetryPolicy,
    randomness: &mut StdRng,
) -> Result<Settled, StoreError> {
    // First what nothing can be made of: were this process killed in between, it would stand before what is finished, and
    // another release may make something of it.
    let unreadable = std::mem::take(&mut read.failures);
    let mut lost = bury(pool, token, &unreadable).await?;
    let finished = match record_split(pool, &mut read).await {
        Ok(()) => within(finish(results, token, snippet, &read.finishing)).await,
        Err(trouble) => Err(trouble),
    };
    match finished {
        Ok(outcome) => {
            measures::finished(&outcome.finished);
            for (index, refusal) in outcome.refused {
                let event = read.finishing[index].event;
                tracing::error!(event_id = %event, cause = %refusal, "refused by the database");
                read.failures.push((event, refused(&refusal)));
            }
            let settled: HashSet<EventId> = outcome
                .finished
                .iter()
                .map(|finished| finished.event)
                .chain(unreadable.iter().chain(&read.failures).map(|(id, _)| *id))
                .collect();
            lost += events.iter().filter(|event| !settled.contains(&event.id)).count();
        }
        Err(trouble) => {
            lost += put_aside(pool, token, events, &read, &trouble, policy, randomness).await?;
        }
    }
    lost += bury(pool, token, &read.failures).await?;
    Ok(Settled::but_for(lost))
}

async fn finish(
    results: &mut Kept,
    token: ClaimToken,
    snippet: SnippetLength,
    finishing: &[Finishing],
) -> Result<Outcome, StoreError> {
    let mut connection = results.take().await?;
    let outcome = event::finish(&mut connection, token, snippet, finishing).await?;
    results.keep(connection);
    Ok(outcome)
}

/// Records what quarantined events turned out to hold. They are finished afterwards: should that fail, the same events
/// are recorded again, which changes nothing.
async fn record_split(pool: &Pool, read: &mut Read) -> Result<(), StoreError> {
    for (quarantined, events) in std::mem::take(&mut read.split) {
        let recorded = within(async { event::record(&mut pool.acquire().await?, &events).await }).await?;
        if let Some(refusal) = recorded.into_iter().find_map(Result::err) {
            tracing::error!(event_id = %quarantined, cause = %refusal, "what it holds was refused by the database");
            read.finishing.retain(|finishing| finishing.event != quarantined);
            read.failures.push((quarantined, refused(&refusal)));
        }
    }
    Ok(())
}

fn refused(refusal: &StoreError) -> Failure {
    Failure {
        code: ErrorCode::Refused,
        cause: refusal.to_string(),
    }
}

/// Puts aside what could not be finished for the database's own reasons, or buries it when its attempts are spent; where
/// the database is unwell it spends none. How many were no longer ours.
async fn put_aside(
    pool: &Pool,
    token: ClaimToken,
    events: &[ClaimedEvent],
    read: &Read,
    trouble: &StoreError,
    policy: &RetryPolicy,
    randomness: &mut StdRng,
) -> Result<usize, StoreError> {
    tracing::warn!(error = %trouble, events = read.finishing.len(), "events could not be finished, trying again later");
    let unfinished: HashSet<EventId> = read.finishing.iter().map(|finishing| finishing.event).collect();
    let (mut unwell, mut later, mut never) = (Vec::new(), Vec::new(), Vec::new());
    for event in events.iter().filter(|event| unfinished.contains(&event.id)) {
        let failure = Failure {
            code: ErrorCode::Unavailable,
            cause: trouble.to_string(),
        };
        if matches!(trouble, StoreError::Unwell { .. }) {
            unwell.push((event.id, policy.while_unwell(randomness.random()), failure));
            continue;
        }
        match policy.after(event.attempt, randomness.random()) {
            Next::RetryAfter(delay) => later.push((event.id, delay, failure)),
            Next::Bury => never.push((event.id, failure)),
        }
    }
    let kept = if unwell.is_empty() {
        within(async { event::retry(&mut pool.acquire().await?, token, &later).await }).await?
    } else {
        within(async { event::postpone(&mut pool.acquire().await?, token, &unwell).await }).await?
    };
    measures::errored(ErrorCode::Unavailable, kept.len());
    Ok(unwell.len() + later.len() - kept.len() + bury(pool, token, &never).await?)
}

/// Buries; how many were no longer ours.
async fn bury(pool: &Pool, token: ClaimToken, failures: &[(EventId, Failure)]) -> Result<usize, StoreError> {
    if failures.is_empty() {
        return Ok(0);
    }
    let buried: HashSet<EventId> =
        within(async { event::bury(&mut pool.acquire().await?, token, failures).await })
            .await?
            .into_iter()
            .collect();
    for (_, failure) in failures.iter().filter(|(id, _)| buried.contains(id)) {
        measures::buried(failure.code, 1);
    }
    Ok(failures.len() - buried.len())
}

/// Waits for a statement, but not for ever.
///
/// # Errors
/// As the statement's; [`StoreError::Unavailable`] when it takes too long.
pub(crate) async fn within<T>(
    statement: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    mailroom_store::within(LONGEST_STATEMENT, statement).await
}

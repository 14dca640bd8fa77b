//! Certificates that providers sign with, fetched from the providers' own places and kept.
//!
//! Fetching comes before a signature can be checked, so a stranger decides when it is done. What a stranger can cause
//! is bounded: one fetch at a time for each URL, none again within 10 s of one that failed, and only so many URLs.
//! Certificates that are there are never given up for those that may not be.

#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync;

use crate::fetch::{Fetcher, NotFetched};

/// How old a certificate may be before it is fetched again. Providers give a new one a new URL.
const KEPT: Duration = Duration::from_hours(24);
/// How many certificates are kept.
const MOST_KEPT: usize = 16;
/// For how long a URL is left alone after it could not be fetched.
const LEFT_ALONE: Duration = Duration::from_secs(10);
/// How many URLs may be under way or left alone. With all of them taken no further one is tried.
const MOST_TRIED: usize = 16;

/// Where certificates are fetched from.
pub(crate) trait Source {
    /// What stands at a URL.
    fn fetch(&self, url: &str) -> impl Future<Output = Result<Vec<u8>, NotFetched>> + Send;
}

impl Source for Fetcher {
    fn fetch(&self, url: &str) -> impl Future<Output = Result<Vec<u8>, NotFetched>> + Send {
        self.get(url)
    }
}

/// Why there is no certificate. Never names the URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoCertificate {
    /// It cannot be fetched.
    #[error("it cannot be fetched: {0}")]
    NotFetched(#[from] NotFetched),
    /// It could not be fetched a moment ago.
    #[error("it could not be fetched within the last 10 s")]
    LeftAlone,
    /// Too many others could not be fetched lately, as happens when somebody makes them up.
    #[error("too many others could not be fetched within the last 10 s")]
    TooMany,
}

/// The certificates fetched so far.
#[derive(Debug)]
pub(crate) struct Certificates<S = Fetcher> {
    source: S,
    kept: Mutex<HashMap<String, Kept>>,
    tried: Mutex<HashMap<String, Arc<Tried>>>,
}

#[derive(Debug)]
struct Kept {
    bytes: Arc<[u8]>,
    fetched: Instant,
    used: Instant,
}

/// When a URL was last tried. Whoever holds it is the one who fetches.
type Tried = sync::Mutex<Option<Instant>>;

impl<S: Source> Certificates<S> {
    /// None yet.
    pub(crate) fn new(source: S) -> Self {
        Self {
            source,
            kept: Mutex::default(),
            tried: Mutex::default(),
        }
    }

    /// The certificate at this URL, which the provider's adapter has found to be one of the provider's places.
    ///
    /// # Errors
    /// [`NoCertificate`] says why there is none.
    pub(crate) async fn get(&self, url: &str, now: Instant) -> Result<Arc<[u8]>, NoCertificate> {
        if let Some(bytes) = self.kept(url, now, KEPT) {
            return Ok(bytes);
        }
        // An old one is better than none: it is as much the provider's as it was.
        self.fetch(url, now)
            .await
            .or_else(|cause| self.kept(url, now, Duration::MAX).ok_or(cause))
    }

    async fn fetch(&self, url: &str, now: Instant) -> Result<Arc<[u8]>, NoCertificate> {
        let turn = self.turn(url, now)?;
        let mut tried = turn.lock().await;
        // Whoever was before us has fetched it, or failed to.
        if let Some(bytes) = self.kept(url, now, KEPT) {
            return Ok(bytes);
        }
        if tried.is_some_and(|at| now.saturating_duration_since(at) < LEFT_ALONE) {
            return Err(NoCertificate::LeftAlone);
        }
        // Noted before it is tried: a caller that hangs up meanwhile has tried as well.
        *tried = Some(now);
        let bytes: Arc<[u8]> = self.source.fetch(url).await?.into();
        self.keep(url, &bytes, now);
        locked(&self.tried).remove(url);
        Ok(bytes)
    }

    fn kept(&self, url: &str, now: Instant, within: Duration) -> Option<Arc<[u8]>> {
        let mut all = locked(&self.kept);
        let kept = all.get_mut(url)?;
        if now.saturating_duration_since(kept.fetched) >= within {
            return None;
        }
        kept.used = now;
        Some(Arc::clone(&kept.bytes))
    }

    fn keep(&self, url: &str, bytes: &Arc<[u8]>, now: Instant) {
        let mut all = locked(&self.kept);
        while all.len() >= MOST_KEPT {
            let Some(oldest) = all
                .iter()
                .min_by_key(|(_, kept)| kept.used)
                .map(|(url, _)| url.clone())
            else {
                break;
            };
            all.remove(&oldest);
        }
        let kept = Kept {
            bytes: Arc::clone(bytes),
            fetched: now,
            used: now,
        };
        all.insert(url.to_owned(), kept);
    }

    /// A place among those that are tried.
    fn turn(&self, url: &str, now: Instant) -> Result<Arc<Tried>, NoCertificate> {
        let mut all = locked(&self.tried);
        all.retain(|_, turn| {
            // What cannot be looked at is being fetched.
            let is_over = |tried: &Option<Instant>| {
                tried.is_none_or(|at| now.saturating_duration_since(at) >= LEFT_ALONE)
            };
            Arc::strong_count(turn) > 1 || !turn.try_lock().is_ok_and(|tried| is_over(&tried))
        });
        if let Some(turn) = all.get(url) {
            return Ok(Arc::clone(turn));
        }
        if all.len() >= MOST_TRIED {
            return Err(NoCertificate::TooMany);
        }
        let turn = Arc::<Tried>::default();
        all.insert(url.to_owned(), Arc::clone(&turn));
        Ok(turn)
    }
}

/// A panic elsewhere leaves the maps as they are, which is good enough: they can be fetched anew.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

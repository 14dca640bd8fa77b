//! Whether this process should be given work: named checks, and whether it is draining.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

const STARTING: Cow<'static, str> = Cow::Borrowed("starting");

/// The health of this process. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Health(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    draining: AtomicBool,
    failing: Mutex<BTreeMap<&'static str, Option<Cow<'static, str>>>>,
}

impl Shared {
    fn checks(&self) -> MutexGuard<'_, BTreeMap<&'static str, Option<Cow<'static, str>>>> {
        // Every change is a single insertion: a panic elsewhere leaves nothing half done.
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Health {
    /// No checks yet: not ready, for the service has not come to register them.
    pub fn new() -> Self {
        Self::default()
    }

    /// Registers a check, or takes up the one of that name. A new one fails ("starting") until it passes.
    pub fn check(&self, name: &'static str) -> Check {
        self.0.checks().entry(name).or_insert(Some(STARTING));
        Check {
            name,
            health: self.0.clone(),
        }
    }

    /// Makes the process not ready for good: it is stopping.
    pub fn drain(&self) {
        self.0.draining.store(true, Ordering::Release);
    }

    /// What `/readyz` says right now.
    pub fn readiness(&self) -> Readiness {
        let checks = self.0.checks();
        let failing = if checks.is_empty() {
            BTreeMap::from([("service", STARTING)])
        } else {
            checks
                .iter()
                .filter_map(|(name, why)| Some((*name, why.clone()?)))
                .collect()
        };
        Readiness {
            draining: self.0.draining.load(Ordering::Acquire),
            failing,
        }
    }
}

/// One thing that must be well for the process to be ready.
#[derive(Debug, Clone)]
pub struct Check {
    name: &'static str,
    health: Arc<Shared>,
}

impl Check {
    /// It is well.
    pub fn pass(&self) {
        self.health.checks().insert(self.name, None);
    }

    /// It is not. `why` is shown to whoever asks: no addresses, no URLs, no secrets.
    pub fn fail(&self, why: impl Into<Cow<'static, str>>) {
        self.health.checks().insert(self.name, Some(why.into()));
    }
}

/// The answer to "may I send you work?".
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Readiness {
    /// The process is stopping.
    pub draining: bool,
    /// The checks that fail, with the reason.
    pub failing: BTreeMap<&'static str, Cow<'static, str>>,
}

impl Readiness {
    /// All checks pass and the process is not stopping.
    pub fn is_ready(&self) -> bool {
        !self.draining && self.failing.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::Health;

    #[test]
    fn ready_when_every_check_passes() {
        let health = Health::new();
        assert_eq!(health.readiness().failing["service"], "starting");
        let (database, lanes) = (health.check("database"), health.check("lanes"));
        assert_eq!(health.readiness().failing["database"], "starting");
        database.pass();
        assert!(!health.readiness().is_ready());
        lanes.pass();
        assert!(health.readiness().is_ready());
        database.fail("no connection");
        assert_eq!(health.readiness().failing["database"], "no connection");
    }

    #[test]
    fn registering_again_keeps_the_state() {
        let health = Health::new();
        health.check("database").pass();
        let _again = health.check("database");
        assert!(health.readiness().is_ready());
    }

    #[test]
    fn draining_is_for_good() {
        let health = Health::new();
        let database = health.check("database");
        health.drain();
        database.pass();
        assert!(!health.readiness().is_ready());
    }
}

//! What is paused, as far as this worker knows: read anew every half second, before it claims.

use std::collections::BTreeSet;

use mailroom_providers::{PROVIDERS, direct};
use mailroom_store::pause::{Pause, Scope};

use crate::measures;

/// Every provider that this release knows.
pub(crate) fn provider_names() -> impl Iterator<Item = &'static str> {
    std::iter::once(direct::NAME).chain(PROVIDERS.iter().map(|provider| provider.name()))
}

/// What is paused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Paused {
    scopes: BTreeSet<Scope>,
    providers: Vec<String>,
}

impl Paused {
    /// Whether nothing may be claimed at all.
    pub(crate) fn is_everything(&self) -> bool {
        self.scopes.contains(&Scope::Everything)
    }

    /// The providers whose events are left alone.
    pub(crate) fn providers(&self) -> &[String] {
        &self.providers
    }

    /// Takes over what holds now, and tells of what changed. Says whether something goes on again.
    pub(crate) fn take_over(&mut self, pauses: &[Pause]) -> bool {
        let scopes: BTreeSet<Scope> = pauses.iter().map(|pause| pause.scope.clone()).collect();
        for scope in scopes.difference(&self.scopes) {
            tracing::warn!(
                scope = scope.as_str(),
                "paused by an operator; its events are left alone"
            );
            measures::paused(scope, true);
        }
        let mut resumed = false;
        for scope in self.scopes.difference(&scopes) {
            tracing::info!(scope = scope.as_str(), "resumed by an operator");
            measures::paused(scope, false);
            resumed = true;
        }
        self.providers = scopes
            .iter()
            .filter_map(|scope| match scope {
                Scope::Provider(name) => Some(name.clone()),
                Scope::Everything => None,
            })
            .collect();
        self.scopes = scopes;
        resumed
    }
}

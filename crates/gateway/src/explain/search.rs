//! The search: checks the request as it is, then with one thing changed at a time, then with two.

use std::time::Duration;

use chrono::{DateTime, Utc};
use mailroom_providers::{Endpoint, Key, Provider, Request, Unverified, Verified};

use super::{body, captured::Captured, url};

/// A request, and everything it is checked against.
pub(super) struct Case<'c> {
    pub provider: &'static dyn Provider,
    pub captured: &'c Captured,
    pub endpoint: Endpoint,
    pub certificate: Option<Vec<u8>>,
    pub now: DateTime<Utc>,
    /// Names and keys of the other endpoints of the same provider.
    pub others: Vec<(String, Vec<Key>)>,
}

/// What came of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Explanation {
    /// Which key fits as everything is.
    pub accepted: Option<usize>,
    /// Why it is refused as everything is.
    pub refused: Option<Unverified>,
    /// What would make it fit: each entry is enough, all of its changes together.
    pub fits: Vec<Vec<String>>,
}

/// One change to what is checked.
#[derive(Clone)]
struct Change {
    what: String,
    apply: Applied,
}

#[derive(Clone)]
enum Applied {
    Url(String),
    Query(String),
    Body(Vec<u8>),
    Keys(Vec<Key>),
    AnyTime,
}

impl Change {
    fn new(what: impl Into<String>, apply: Applied) -> Self {
        Self {
            what: what.into(),
            apply,
        }
    }

    /// Two changes of the same thing are one change.
    fn goes_with(&self, other: &Self) -> bool {
        std::mem::discriminant(&self.apply) != std::mem::discriminant(&other.apply)
    }
}

pub(super) fn explain(case: &Case<'_>) -> Explanation {
    let refused = match verify(case, &[]) {
        Ok(verified) => {
            return Explanation {
                accepted: Some(verified.key),
                ..Explanation::default()
            };
        }
        Err(refused) => refused,
    };
    let changes = changes(case);
    let mut fits: Vec<Vec<String>> = changes
        .iter()
        .filter(|change| verify(case, &[change]).is_ok())
        .map(|change| vec![change.what.clone()])
        .collect();
    if fits.is_empty() {
        fits = pairs(case, &changes);
    }
    Explanation {
        accepted: None,
        refused: Some(refused),
        fits,
    }
}

/// What fits with two changes.
fn pairs(case: &Case<'_>, changes: &[Change]) -> Vec<Vec<String>> {
    let mut fits = Vec::new();
    for (index, one) in changes.iter().enumerate() {
        if let Applied::Url(url) = &one.apply {
            // Two things may be different about one URL.
            for (url, what) in url::variants(url, case.captured.host(), &case.captured.path) {
                let both = Change::new(what, Applied::Url(url));
                if verify(case, &[&both]).is_ok() {
                    fits.push(vec![one.what.clone(), both.what]);
                }
            }
        }
        for other in changes[index + 1..].iter().filter(|other| one.goes_with(other)) {
            if verify(case, &[one, other]).is_ok() {
                fits.push(vec![one.what.clone(), other.what.clone()]);
            }
        }
    }
    fits
}

fn verify(case: &Case<'_>, changes: &[&Change]) -> Result<Verified, Unverified> {
    let mut endpoint = case.endpoint.clone();
    let (mut query, mut body) = (case.captured.query.as_str(), case.captured.body.as_slice());
    for change in changes {
        match &change.apply {
            Applied::Url(url) => endpoint.public_urls = vec![url.clone()],
            Applied::Query(other) => query = other,
            Applied::Body(other) => body = other,
            Applied::Keys(keys) => endpoint.keys.clone_from(keys),
            Applied::AnyTime => endpoint.tolerance = Some(Duration::MAX),
        }
    }
    let request = Request {
        is_get: case.captured.is_get,
        query,
        headers: case.captured.headers(),
        body,
        certificate: case.certificate.as_deref(),
        now: case.now,
    };
    case.provider.verify(&request, &endpoint)
}

fn changes(case: &Case<'_>) -> Vec<Change> {
    let mut changes = vec![Change::new(
        "time: it was signed too long before or after the time it is checked at (--at says when it came)",
        Applied::AnyTime,
    )];
    for configured in &case.endpoint.public_urls {
        for (url, what) in url::variants(configured, case.captured.host(), &case.captured.path) {
            changes.push(Change::new(what, Applied::Url(url)));
        }
    }
    if !case.captured.query.is_empty() {
        changes.push(Change::new(
            "query: the provider signs none, the request has one",
            Applied::Query(String::new()),
        ));
    }
    for (variant, what) in body::variants(&case.captured.body) {
        changes.push(Change::new(what, Applied::Body(variant)));
    }
    let trimmed: Vec<Key> = case
        .endpoint
        .keys
        .iter()
        .map(|key| Key::new(key.expose().trim()))
        .collect();
    if trimmed != case.endpoint.keys {
        changes.push(Change::new(
            "secret: it fits without the white space around it",
            Applied::Keys(trimmed),
        ));
    }
    for (name, keys) in &case.others {
        changes.push(Change::new(
            format!("secret: it is signed with that of endpoint `{name}`"),
            Applied::Keys(keys.clone()),
        ));
    }
    changes
}

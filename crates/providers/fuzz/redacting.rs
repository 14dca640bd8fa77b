//! What the fuzz target of redaction does, and the property tests in `tests/adapters/anything.rs` as well: whatever the
//! bytes, nothing panics, and what is redacted has nothing more to redact.

use mailroom_domain::{Channel, ErrorCode, Headers};
use mailroom_providers::{Incoming, Redaction, RedactionSettings};

/// Redacts arbitrary bytes, twice.
pub(crate) fn redaction(data: &[u8]) {
    let why = (ErrorCode::Unreadable, "fuzzed");
    let mut once = Incoming::quarantined("fuzz", "demo", Channel::Webhook, Headers::new(), data, why);
    let redaction = Redaction::new(&RedactionSettings::default()).expect("the defaults make sense");
    redaction.apply(&mut once, &[]);
    let mut twice = once.clone();
    redaction.apply(&mut twice, &[]);
    assert_eq!(once, twice);
}

//! Slack's interactivity: buttons pressed and forms filled in. Who waits for those answers at once, which a mailroom
//! does not; they are kept, and done.

use serde_json::Value;

use super::{
    event::{by_content, notice},
    fields::{Object, Problem, part, text},
};
use crate::{
    Incoming,
    incoming::{fit, hash},
};

/// What to write down of an interaction.
pub(super) fn incoming(
    kind: &str,
    fields: &Object,
    kept: &[u8],
    endpoint: &str,
) -> Result<Incoming, Problem> {
    let mut lasting = fields.clone();
    lasting.remove("token");
    let body_hash = hash(Value::from(lasting).to_string().as_bytes());
    let id = match text(fields, "trigger_id") {
        Some(id) => fit(id).ok_or(Problem::BadId("trigger_id"))?.to_owned(),
        None => by_content(body_hash),
    };
    let of = |name| part(fields, name).and_then(|object| text(object, "id"));
    Ok(notice(
        &format!("{kind}/{id}"),
        endpoint,
        kept,
        [of("user"), of("channel")],
        body_hash,
    ))
}

//! What GitHub tells, as a message in the conversation about the thing it tells of.

use chrono::{DateTime, Utc};
use mailroom_domain::{Channel, IncomingMessage, MessageReference, displayable, participant};
use serde_json::Value;

use super::{
    NAME,
    fields::{Object, Problem, part, text},
    said::said,
    time::time,
};

/// What is known of a delivery beside its fields.
pub(super) struct Told<'a> {
    pub(super) event: &'a str,
    pub(super) delivery: &'a str,
    pub(super) endpoint: &'a str,
    pub(super) recorded_at: DateTime<Utc>,
}

/// Reads a delivery into a message: all that is told of one issue, pull request or discussion, or else of one
/// repository or organization, is one conversation with the endpoint, whoever did it.
pub(super) fn read(told: &Told<'_>, fields: &Object) -> Result<IncomingMessage, Problem> {
    let (topic, named) = topic(fields);
    let normalised =
        |address: &str, name| participant(Channel::Webhook, address).map_err(|_| Problem::BadName(name));
    let sender = part(fields, "sender").and_then(|sender| text(sender, "login"));
    Ok(IncomingMessage {
        channel: Channel::Webhook,
        from: displayable(sender.unwrap_or(NAME).to_owned()),
        from_participant: normalised(&topic, named)?,
        to_participant: normalised(told.endpoint, "endpoint")?,
        to: displayable(topic),
        body: displayable(said(told.event, fields)),
        attachments: None,
        files: Vec::new(),
        email: None,
        reference: Some(MessageReference::new(NAME, told.delivery)),
        timestamp: time(told.event, fields).unwrap_or(told.recorded_at),
    })
}

/// What it tells of, and the field that says so.
fn topic(fields: &Object) -> (String, &'static str) {
    if let Some(repository) = part(fields, "repository").and_then(|repository| text(repository, "full_name"))
    {
        let topic = match number(fields) {
            Some(number) => format!("{repository}#{number}"),
            None => repository.to_owned(),
        };
        return (topic, "repository.full_name");
    }
    let within =
        |object: Option<&Object>, name| object.and_then(|object| text(object, name)).map(str::to_owned);
    let account = |of| part(fields, of).and_then(|object| part(object, "account"));
    [
        (
            within(part(fields, "organization"), "login"),
            "organization.login",
        ),
        (
            within(account("installation"), "login"),
            "installation.account.login",
        ),
        (
            within(account("marketplace_purchase"), "login"),
            "marketplace_purchase.account.login",
        ),
        (within(part(fields, "account"), "login"), "account.login"),
        (within(part(fields, "enterprise"), "slug"), "enterprise.slug"),
        (within(part(fields, "sender"), "login"), "sender.login"),
    ]
    .into_iter()
    .find_map(|(topic, named)| Some((topic?, named)))
    // Security advisories are about nobody's repository and sent by nobody.
    .unwrap_or_else(|| (NAME.to_owned(), "repository"))
}

/// The number of the issue, pull request or discussion, which share one sequence in a repository.
fn number(fields: &Object) -> Option<u64> {
    ["issue", "pull_request", "discussion"]
        .iter()
        .find_map(|name| part(fields, name)?.get("number").and_then(Value::as_u64))
}

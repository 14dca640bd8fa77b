//! When what GitHub tells of happened.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::fields::{Object, part, text};

/// The objects that events are about, the closest first: a comment comes with its issue.
const OBJECTS: &[&str] = &[
    "comment",
    "review",
    "alert",
    "release",
    "deployment_status",
    "workflow_job",
    "workflow_run",
    "check_run",
    "check_suite",
    "deployment",
    "milestone",
    "package",
    "registry_package",
    "discussion",
    "issue",
    "pull_request",
];

/// Fields with a time, the latest first.
const TIMES: &[&str] = &[
    "updated_at",
    "submitted_at",
    "completed_at",
    "published_at",
    "started_at",
    "starred_at",
    "created_at",
];

/// The time of the thing told of, if it says one.
pub(super) fn time(event: &str, fields: &Object) -> Option<DateTime<Utc>> {
    if event == "push" {
        return pushed_at(fields);
    }
    OBJECTS
        .iter()
        .filter_map(|name| part(fields, name))
        .chain([fields])
        .find_map(|object| TIMES.iter().find_map(|name| parse(text(object, name)?)))
}

/// A commit bears whatever time its author's clock showed, so GitHub's own is taken where it is told: in pushes, and
/// only there, as a number.
fn pushed_at(fields: &Object) -> Option<DateTime<Utc>> {
    let by_github = || {
        let seconds = part(fields, "repository")?
            .get("pushed_at")
            .and_then(Value::as_u64)?;
        DateTime::from_timestamp(u32::try_from(seconds).ok()?.into(), 0)
    };
    by_github().or_else(|| parse(text(part(fields, "head_commit")?, "timestamp")?))
}

fn parse(time: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(time).ok().map(|time| time.to_utc())
}

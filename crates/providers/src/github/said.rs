//! The text of a message: what somebody said on GitHub, or a line about what happened.

use super::fields::{Object, part, text};

/// An event in which somebody says something.
struct Saying {
    event: &'static str,
    /// The actions that say it; others happen to what was said before.
    actions: &'static [&'static str],
    /// The object it stands in, under `body`.
    object: &'static str,
    /// The field with its title, where it has one.
    title: &'static str,
}

const SAYINGS: &[Saying] = &[
    comment("issue_comment"),
    comment("commit_comment"),
    comment("discussion_comment"),
    comment("pull_request_review_comment"),
    Saying {
        event: "pull_request_review",
        actions: &["submitted", "edited"],
        object: "review",
        title: "",
    },
    titled("issues", "issue", "title", &["opened", "edited"]),
    titled("pull_request", "pull_request", "title", &["opened", "edited"]),
    titled("discussion", "discussion", "title", &["created", "edited"]),
    // A release that is published is told of three times, as created, published and released.
    titled("release", "release", "name", &["published", "edited"]),
];

const fn comment(event: &'static str) -> Saying {
    Saying {
        event,
        actions: &["created", "edited"],
        object: "comment",
        title: "",
    }
}

const fn titled(
    event: &'static str,
    object: &'static str,
    title: &'static str,
    actions: &'static [&'static str],
) -> Saying {
    Saying {
        event,
        actions,
        object,
        title,
    }
}

/// What was said, or a line such as `push refs/heads/main by octocat`.
pub(super) fn said(event: &str, fields: &Object) -> String {
    words(event, fields).unwrap_or_else(|| line(event, fields))
}

fn words(event: &str, fields: &Object) -> Option<String> {
    let action = text(fields, "action")?;
    let saying = SAYINGS
        .iter()
        .find(|saying| saying.event == event && saying.actions.contains(&action))?;
    let object = part(fields, saying.object)?;
    let said: Vec<_> = [saying.title, "body"]
        .into_iter()
        .filter_map(|name| text(object, name))
        .collect();
    // A title, an empty line, a text; an approval of a pull request need not have any.
    (!said.is_empty()).then(|| said.join("\n\n"))
}

fn line(event: &str, fields: &Object) -> String {
    let mut line = event.to_owned();
    let state = || part(fields, "review").and_then(|review| text(review, "state"));
    for word in [text(fields, "action"), state(), text(fields, "ref")]
        .into_iter()
        .flatten()
    {
        line.push(' ');
        line.push_str(word);
    }
    if let Some(sender) = part(fields, "sender").and_then(|sender| text(sender, "login")) {
        line.push_str(" by ");
        line.push_str(sender);
    }
    line
}

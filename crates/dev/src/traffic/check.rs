//! The check: waits until everything that was played can be read back, and finds what is wrong with it.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::compare::{Shown, compare};
use super::counters::Counters;
use super::expected::Totals;
use super::play::Played;
use super::reading::Said;
use super::report::{Report, Row};
use super::{Gateway, Recording, TrafficError, listing};

/// Between two looks while something is still missing.
const LOOK_AGAIN: Duration = Duration::from_millis(150);
/// After everything is there: time for a double to turn up.
const SETTLE: Duration = Duration::from_millis(400);

/// Reads back what came of `played` until all is right twice in a row or `patience` is over; `before` are the
/// gateway's counters before it was played. Conversations that are not in the recording are passed over, and
/// it makes no difference whether the recording was played into the same database before.
///
/// # Errors
/// [`TrafficError`] when the gateway cannot be asked. What it answers wrongly is in the report.
pub(crate) async fn check(
    gateway: &Gateway,
    recording: &Recording,
    played: &Played,
    before: Counters,
    patience: Duration,
) -> Result<Report, TrafficError> {
    let messages = recording.messages()?;
    let deadline = Instant::now() + patience;
    let mut clean_before = false;
    loop {
        let report = look(gateway, recording, &messages, played, before).await?;
        // What was answered wrongly stays so: waiting is for the rest.
        let clean = report.findings.is_empty() && report.miscount.is_none();
        if (clean && clean_before) || Instant::now() >= deadline {
            return Ok(report);
        }
        sleep(if clean { SETTLE } else { LOOK_AGAIN }).await;
        clean_before = clean;
    }
}

async fn look(
    gateway: &Gateway,
    recording: &Recording,
    messages: &[Vec<Said>],
    played: &Played,
    before: Counters,
) -> Result<Report, TrafficError> {
    let expected = recording.expected();
    let keys: HashSet<&str> = expected.conversations.iter().map(|it| it.key.as_str()).collect();
    let mut there = listing::conversations(gateway, |key| keys.contains(key), keys.len()).await?;
    let (mut rows, mut findings) = (Vec::new(), Vec::new());
    for (conversation, said) in expected.conversations.iter().zip(messages) {
        let shown = match there.remove(&conversation.key) {
            Some(it) => Some(Shown {
                messages: listing::messages(gateway, &it.id).await?,
                conversation: it,
            }),
            None => None,
        };
        findings.extend(compare(conversation, said, shown.as_ref()));
        rows.extend(shown.map(|shown| row(shown, conversation.message_count)));
    }
    rows.sort_by_key(|row| Reverse(row.last_activity_at));
    let counted = Counters::read(gateway).await?.since(before);
    Ok(Report {
        sent: played.sent,
        accepted: played.accepted,
        refused: played.refused,
        recorded: counted.recorded,
        duplicate: counted.duplicate,
        messages: expected.totals.messages,
        conversations: rows,
        mismatches: played.mismatches.clone(),
        findings,
        miscount: miscount(counted, played, expected.totals),
    })
}

fn row(shown: Shown, expected: usize) -> Row {
    let Shown {
        conversation,
        mut messages,
    } = shown;
    Row {
        id: conversation.id,
        channel: conversation.channel,
        participant_a: conversation.participant_a,
        participant_b: conversation.participant_b,
        expected,
        message_count: conversation.message_count,
        last_activity_at: conversation.last_activity_at,
        last_body: messages.pop().map(|message| message.body).unwrap_or_default(),
    }
}

/// Every event of an accepted request is recorded or a duplicate (more than accepted is no fault: a request may have
/// been written down without its answer getting through), and no event is recorded twice.
fn miscount(counted: Counters, played: &Played, totals: Totals) -> Option<String> {
    let Counters { recorded, duplicate } = counted;
    if counted.total() < played.delivered as u64 {
        let delivered = played.delivered;
        Some(format!(
            "{delivered} events accepted, but {recorded} recorded and {duplicate} duplicates counted"
        ))
    } else if recorded > totals.events as u64 {
        Some(format!(
            "{recorded} events recorded of {} that there are",
            totals.events
        ))
    } else {
        None
    }
}

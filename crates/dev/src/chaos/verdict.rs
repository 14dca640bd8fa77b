//! Compares what was acknowledged with what the database holds.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use mailroom_store::server::evidence::{self, Count, Line};
use serde::Serialize;

use super::event::Event;
use crate::error::DevError;

/// What is wrong, if anything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Verdict {
    /// Acknowledged events without a message.
    pub(crate) lost: u64,
    /// Messages that are there more than once.
    pub(crate) doubled: u64,
    /// Messages that stand before one that was sent earlier, or became visible before it.
    pub(crate) disordered: u64,
    /// Events that are not finished, or were buried.
    pub(crate) stuck: u64,
    /// Messages that nobody sent, or that stand in another's conversation.
    pub(crate) strange: u64,
    /// Conversations whose count or last activity is wrong.
    pub(crate) miscounted: u64,
}

impl Verdict {
    /// Whether all is as it should be.
    pub(crate) fn is_clean(&self) -> bool {
        *self == Self::default()
    }
}

/// Looks at the whole database.
pub(super) async fn judge(database: &str, stored: &[(u32, u32)]) -> Result<Verdict, DevError> {
    let mut court = Court::default();
    evidence::messages(database, |line| court.hear(&line)).await?;
    let mut verdict = court.decide(stored);
    for Count { status, events } in evidence::events(database).await? {
        if status != "processed" {
            verdict.stuck += events.unsigned_abs();
        }
    }
    verdict.miscounted = evidence::miscounted_conversations(database).await?.unsigned_abs();
    Ok(verdict)
}

/// A message's number in its conversation, and when it became visible.
type Place = (u32, DateTime<Utc>);

/// Hears one message after the other.
#[derive(Debug, Default)]
struct Court {
    /// By the conversation that the message says it is of: under which key it stands, and the places as they follow
    /// each other, each with when it became visible.
    heard: BTreeMap<u32, (String, Vec<Place>)>,
    strange: u64,
}

impl Court {
    fn hear(&mut self, line: &Line) {
        let Some(event) = Event::of_text(&line.body).filter(|event| event.id() == line.provider_message_id)
        else {
            self.strange += 1;
            return;
        };
        let (key, places) = self
            .heard
            .entry(event.conversation)
            .or_insert_with(|| (line.conversation.clone(), Vec::new()));
        if *key == line.conversation {
            places.push((event.number, line.visible_at));
        } else {
            self.strange += 1;
        }
    }

    fn decide(mut self, stored: &[(u32, u32)]) -> Verdict {
        let mut verdict = Verdict {
            strange: self.strange,
            ..Verdict::default()
        };
        for &(conversation, acknowledged) in stored {
            let (_, heard) = self.heard.remove(&conversation).unwrap_or_default();
            // Those of one transaction become visible at the same moment.
            let is_behind = |pair: &&[Place]| pair[0].0 > pair[1].0 || pair[0].1 > pair[1].1;
            verdict.disordered += count(heard.windows(2).filter(is_behind).count());
            let mut places: Vec<u32> = heard.into_iter().map(|(number, _)| number).collect();
            places.sort_unstable();
            let before = places.len();
            places.dedup();
            verdict.doubled += count(before - places.len());
            let kept = places.partition_point(|&place| place < acknowledged);
            verdict.lost += u64::from(acknowledged) - count(kept);
            verdict.strange += count(places.len() - kept);
        }
        verdict.strange += self
            .heard
            .values()
            .map(|(_, places)| count(places.len()))
            .sum::<u64>();
        verdict
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(heard: &[(u32, u32)], stored: &[(u32, u32)]) -> Verdict {
        let mut court = Court::default();
        for &(conversation, number) in heard {
            let event = Event::new(conversation, number);
            court.hear(&Line {
                conversation: format!("key-{conversation}"),
                provider_message_id: event.id(),
                body: event.text(),
                visible_at: DateTime::UNIX_EPOCH,
            });
        }
        court.decide(stored)
    }

    #[test]
    fn what_is_there_once_and_in_order_is_clean() {
        let heard = [(1, 0), (1, 1), (2, 0), (1, 2)];
        assert!(verdict(&heard, &[(1, 3), (2, 1), (3, 0)]).is_clean());
    }

    #[test]
    fn each_fault_is_told_apart() {
        let stored = [(1, 3)];
        assert_eq!(verdict(&[(1, 0), (1, 2)], &stored).lost, 1);
        assert_eq!(verdict(&[], &stored).lost, 3);
        assert_eq!(verdict(&[(1, 0), (1, 1), (1, 1), (1, 2)], &stored).doubled, 1);
        let disordered = verdict(&[(1, 0), (1, 2), (1, 1)], &stored);
        assert_eq!((disordered.disordered, disordered.lost), (1, 0));
        assert_eq!(verdict(&[(1, 0), (1, 1), (1, 2), (1, 3)], &stored).strange, 1);
        assert_eq!(verdict(&[(1, 0), (1, 1), (1, 2), (2, 0)], &stored).strange, 1);
    }

    #[test]
    fn what_became_visible_before_an_earlier_one_is_disordered() {
        let mut court = Court::default();
        for (number, second) in [(0, 1), (1, 3), (2, 2), (3, 3)] {
            let event = Event::new(1, number);
            court.hear(&Line {
                conversation: "a".to_owned(),
                provider_message_id: event.id(),
                body: event.text(),
                visible_at: DateTime::from_timestamp(second, 0).unwrap(),
            });
        }
        let verdict = court.decide(&[(1, 4)]);
        assert_eq!((verdict.disordered, verdict.lost), (1, 0));
    }

    #[test]
    fn a_message_in_anothers_conversation_or_with_anothers_text_is_strange() {
        let mut court = Court::default();
        let line = |key: &str, id: &str, body: &str| Line {
            conversation: key.to_owned(),
            provider_message_id: id.to_owned(),
            body: body.to_owned(),
            visible_at: DateTime::UNIX_EPOCH,
        };
        court.hear(&line("a", "chaos-1-0", "1/0"));
        court.hear(&line("b", "chaos-1-1", "1/1"));
        court.hear(&line("a", "chaos-1-1", "1/2"));
        court.hear(&line("a", "other", "hello"));
        let verdict = court.decide(&[(1, 1)]);
        assert_eq!((verdict.strange, verdict.lost), (3, 0));
    }
}

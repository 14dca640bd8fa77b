//! Fills a database with conversations and messages, by COPY, as workers would have written them over a long time: the
//! messages of a conversation lie far apart.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection};

use crate::error::BenchError;

/// So many conversations are long.
pub const LONG: u64 = 100;
/// So many messages each of them has.
pub const LONG_MESSAGES: u64 = 1_000;

const CHUNK: usize = 1 << 20;
const TEXT: &str = "Your parcel is at the door, please let our driver know where he may leave it: \
                    with a neighbour, in the garage, or at the shop around the corner?";

/// How much is filled in.
#[derive(Debug, Clone, Copy)]
pub struct Fill {
    /// Messages in all.
    pub messages: u64,
    /// Conversations, more than [`LONG`] of them.
    pub conversations: u64,
}

impl Fill {
    /// Empties the tables and fills them.
    ///
    /// # Errors
    /// [`BenchError`].
    pub async fn run(self, database: &str) -> Result<(), BenchError> {
        if self.messages < LONG * LONG_MESSAGES + self.conversations {
            let least = LONG * LONG_MESSAGES;
            let why = format!("{least} messages and one for each conversation are needed at least");
            return Err(std::io::Error::other(why).into());
        }
        let mut connection = PgConnection::connect(database).await?;
        let tables =
            "messaging.conversations, messaging.messages, messaging.files, messaging.conversation_counts";
        execute(&mut connection, format!("truncate {tables}")).await?;
        let columns = "messaging.messages (lane, id, conversation_id, event_id, arrival, direction, channel, sender, \
                       recipient, body, snippet, status, timestamp)";
        copy(&mut connection, columns, self.messages, |number| {
            let conversation = self.conversation_of(number);
            let (lane, id) = (lane(conversation), id(conversation, number + 1));
            let (of, from, at) = (id_of(conversation), address(conversation), time(number));
            let body = format!("{number}: {TEXT}");
            let snippet = &body[..100];
            format!("{lane}\t{id}\t{of}\t{id}\t{}\tinbound\tsms\t{from}\t{HOUSE}\t{body}\t{snippet}\tdelivered\t{at}\n", number + 1)
        })
        .await?;
        let columns = "messaging.conversations (lane, id, key, channel, participant_a, participant_b, message_count, \
                       last_activity_at)";
        copy(&mut connection, columns, self.conversations, |conversation| {
            let (lane, id, from) = (lane(conversation), id_of(conversation), address(conversation));
            let (count, last) = self.messages_of(conversation);
            let at = time(last);
            format!("{lane}\t{id}\tsms:{from}<->{HOUSE}\tsms\t{from}\t{HOUSE}\t{count}\t{at}\n")
        })
        .await?;
        let count = "insert into messaging.conversation_counts select lane, count(*) from messaging.conversations group by 1";
        execute(&mut connection, count.to_owned()).await?;
        execute(&mut connection, "vacuum (analyze)".to_owned()).await?;
        execute(&mut connection, "checkpoint".to_owned()).await?;
        connection.close().await?;
        Ok(())
    }

    /// In turn: first the others have theirs, then the long ones, which so stand first in the list.
    const fn conversation_of(self, number: u64) -> u64 {
        let others = self.messages - LONG * LONG_MESSAGES;
        if number < others {
            LONG + number % (self.conversations - LONG)
        } else {
            (number - others) % LONG
        }
    }

    /// How many a conversation has, and the last of them.
    const fn messages_of(self, conversation: u64) -> (u64, u64) {
        let others = self.messages - LONG * LONG_MESSAGES;
        if conversation < LONG {
            return (LONG_MESSAGES, others + (LONG_MESSAGES - 1) * LONG + conversation);
        }
        let (place, turn) = (conversation - LONG, self.conversations - LONG);
        let count = (others - place).div_ceil(turn);
        (count, place + (count - 1) * turn)
    }
}

/// The other side; its number comes after those of all senders.
const HOUSE: &str = "+15559900000";

async fn execute(connection: &mut PgConnection, statement: String) -> Result<(), BenchError> {
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(connection)
        .await?;
    Ok(())
}

async fn copy(
    connection: &mut PgConnection,
    into: &str,
    rows: u64,
    row: impl Fn(u64) -> String,
) -> Result<(), BenchError> {
    let mut copy = connection.copy_in_raw(&format!("copy {into} from stdin")).await?;
    let mut text = String::with_capacity(CHUNK + 4_096);
    for number in 0..rows {
        text.push_str(&row(number));
        if text.len() >= CHUNK {
            copy.send(text.as_bytes()).await?;
            text.clear();
        }
    }
    copy.send(text.as_bytes()).await?;
    copy.finish().await?;
    Ok(())
}

const fn lane(conversation: u64) -> u64 {
    conversation % 256
}

fn address(conversation: u64) -> String {
    format!("+1555{conversation:07}")
}

fn id_of(conversation: u64) -> String {
    id(conversation, 0)
}

/// A UUID of the conversation's lane, in no order (the finaliser of `SplitMix64`).
fn id(conversation: u64, number: u64) -> String {
    let mut mixed = (conversation << 32 | number).wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    let (six, four, three) = (mixed & 0xff_ffff, mixed >> 24 & 0xffff, mixed >> 40 & 0xfff);
    format!(
        "{:02x}{six:06x}-{four:04x}-4{three:03x}-8{:03x}-{:012x}",
        lane(conversation),
        mixed >> 52,
        conversation << 24 | number & 0xff_ffff
    )
}

/// A message a second.
fn time(number: u64) -> String {
    let begin = chrono::DateTime::UNIX_EPOCH + chrono::Duration::days(20_000);
    let seconds = i64::try_from(number).unwrap_or(i64::MAX);
    (begin + chrono::Duration::seconds(seconds)).to_rfc3339()
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;

    #[test]
    fn every_message_is_counted_in_its_conversation() {
        let fill = Fill {
            messages: 101_234,
            conversations: 345,
        };
        let (mut seen, mut ids): (HashMap<u64, (u64, u64)>, HashSet<String>) = Default::default();
        for number in 0..fill.messages {
            let conversation = fill.conversation_of(number);
            let (count, last) = seen.entry(conversation).or_default();
            (*count, *last) = (*count + 1, number);
            assert!(ids.insert(id(conversation, number + 1)));
        }
        for conversation in 0..fill.conversations {
            assert_eq!(seen[&conversation], fill.messages_of(conversation));
            assert!(ids.insert(id_of(conversation)));
        }
    }
}

//! Wake-up: a hint that events were recorded. Polling is the truth; this only shortens the wait.

use mailroom_domain::Lane;
use sqlx::{Executor, PgExecutor, Row, postgres::PgListener};

use crate::{Pool, StoreError};

/// What workers listen to; replaying tells them there.
pub(crate) const CHANNEL: &str = "mailroom_events";

/// Tells listening workers in which lanes something waits. NOTIFY takes a lock of the whole database until its
/// transaction ends, so it is never part of the recording.
///
/// # Errors
/// [`StoreError`]; workers find the events by polling.
pub async fn notify(database: impl PgExecutor<'_>, lanes: &[Lane]) -> Result<(), StoreError> {
    let numbers: Vec<String> = lanes.iter().map(|lane| lane.index().to_string()).collect();
    sqlx::query!("select pg_notify($1, $2)", CHANNEL, numbers.join(","))
        .execute(database)
        .await?;
    Ok(())
}

/// Where something waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// In these lanes.
    Lanes(Vec<Lane>),
    /// In these lanes, from these arrivals on, which may lie behind the place of whoever tends them: something was
    /// replayed there.
    Behind(Vec<(Lane, i64)>),
    /// Perhaps anywhere: hints may have been missed.
    Anywhere,
}

/// Listens on a connection of its own, which must not go through a transaction pooler.
#[derive(Debug)]
pub struct Wakes {
    listener: PgListener,
    is_direct: bool,
}

impl Wakes {
    /// Starts to listen.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be reached.
    pub async fn listen(pool: &Pool) -> Result<Self, StoreError> {
        let mut listener = PgListener::connect_with(pool.direct()).await?;
        listener.listen(CHANNEL).await?;
        // Unprepared: a pooler may be there after all.
        let setting = "select coalesce(current_setting('mailroom.direct', true), '') = 'on'";
        let row = listener.fetch_one(sqlx::raw_sql(setting)).await?;
        let is_direct = row.try_get(0)?;
        Ok(Self { listener, is_direct })
    }

    /// Whether the settings of our connection arrived. A pooler that was told to ignore them drops them, and what we listen
    /// for comes to whoever has its connection then.
    pub const fn is_direct(&self) -> bool {
        self.is_direct
    }

    /// Waits for the next hint.
    ///
    /// # Errors
    /// [`StoreError`] when the connection is lost and cannot be had again.
    pub async fn next(&mut self) -> Result<Hint, StoreError> {
        Ok(match self.listener.try_recv().await? {
            Some(notification) => hint(notification.payload()),
            None => Hint::Anywhere,
        })
    }
}

fn hint(payload: &str) -> Hint {
    lanes(payload)
        .map(Hint::Lanes)
        .or_else(|| behind(payload).map(Hint::Behind))
        .unwrap_or(Hint::Anywhere)
}

fn lanes(payload: &str) -> Option<Vec<Lane>> {
    payload.split(',').map(lane).collect()
}

fn behind(payload: &str) -> Option<Vec<(Lane, i64)>> {
    let place = |place: &str| {
        let (number, arrival) = place.split_once('@')?;
        Some((lane(number)?, arrival.parse().ok()?))
    };
    payload.split(',').map(place).collect()
}

fn lane(number: &str) -> Option<Lane> {
    number.parse().ok().map(Lane::from_index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_may_name_a_place_behind() {
        let place = |lane, arrival| (Lane::from_index(lane), arrival);
        assert_eq!(
            hint("3@17,200@9000000000"),
            Hint::Behind(vec![place(3, 17), place(200, 9_000_000_000)])
        );
    }

    #[test]
    fn a_hint_that_is_not_understood_means_anywhere() {
        assert_eq!(
            hint("3,200"),
            Hint::Lanes(vec![Lane::from_index(3), Lane::from_index(200)])
        );
        for payload in ["", "256", "x", "1,,2", "1@2,3", "1@", "@2", "256@1"] {
            assert_eq!(hint(payload), Hint::Anywhere, "{payload}");
        }
    }
}

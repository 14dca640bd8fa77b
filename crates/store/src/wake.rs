//! Wake-up: a hint that events were recorded. Polling is the truth; this only shortens the wait.

use mailroom_domain::Lane;
use sqlx::{PgPool, postgres::PgListener};

use crate::StoreError;

const CHANNEL: &str = "mailroom_events";

/// Tells listening workers in which lanes something waits. NOTIFY takes a lock of the whole database until its
/// transaction ends, so it is never part of the recording.
///
/// # Errors
/// [`StoreError`]; workers find the events by polling.
pub async fn notify(pool: &PgPool, lanes: &[Lane]) -> Result<(), StoreError> {
    let numbers: Vec<String> = lanes.iter().map(|lane| lane.index().to_string()).collect();
    sqlx::query!("select pg_notify($1, $2)", CHANNEL, numbers.join(","))
        .execute(pool)
        .await?;
    Ok(())
}

/// Where something waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// In these lanes.
    Lanes(Vec<Lane>),
    /// Perhaps anywhere: hints may have been missed.
    Anywhere,
}

/// Listens on a connection of its own, which must not go through a transaction pooler.
#[derive(Debug)]
pub struct Wakes(PgListener);

impl Wakes {
    /// Starts to listen.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be reached.
    pub async fn listen(pool: &PgPool) -> Result<Self, StoreError> {
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(CHANNEL).await?;
        Ok(Self(listener))
    }

    /// Waits for the next hint.
    ///
    /// # Errors
    /// [`StoreError`] when the connection is lost and cannot be had again.
    pub async fn next(&mut self) -> Result<Hint, StoreError> {
        Ok(match self.0.try_recv().await? {
            Some(notification) => lanes(notification.payload()),
            None => Hint::Anywhere,
        })
    }
}

fn lanes(payload: &str) -> Hint {
    let numbers: Result<Vec<u8>, _> = payload.split(',').map(str::parse).collect();
    numbers.map_or(Hint::Anywhere, |numbers| {
        Hint::Lanes(numbers.into_iter().map(Lane::from_index).collect())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_that_is_not_understood_means_anywhere() {
        assert_eq!(
            lanes("3,200"),
            Hint::Lanes(vec![Lane::from_index(3), Lane::from_index(200)])
        );
        for payload in ["", "256", "x", "1,,2"] {
            assert_eq!(lanes(payload), Hint::Anywhere, "{payload}");
        }
    }
}

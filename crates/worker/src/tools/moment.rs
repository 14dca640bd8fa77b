//! Moments on the command line: `2026-11-21T08:00:00Z`, or how long ago, as in `2h`.

use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use mailroom_store::{Pool, StoreError, clock};

/// A moment, as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// This one.
    At(DateTime<Utc>),
    /// So long before now, by the clock of the database.
    Ago(Duration),
}

const EXPECTED: &str = "a time as in 2026-11-21T08:00:00Z, or how long ago as in 90s, 30m, 2h, 7d";
/// A hundred years: nothing is older.
const LONGEST: Duration = Duration::from_hours(24 * 36_525);

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(at) = DateTime::parse_from_rfc3339(text) {
            return Ok(Self::At(at.to_utc()));
        }
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let number: u64 = digits.parse().map_err(|_| EXPECTED.to_owned())?;
        let seconds = match &text[digits.len()..] {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            _ => return Err(EXPECTED.to_owned()),
        };
        let ago = Duration::from_secs(number.saturating_mul(seconds));
        if ago > LONGEST {
            return Err("at most a hundred years ago".to_owned());
        }
        Ok(Self::Ago(ago))
    }
}

impl Moment {
    /// The time that is meant.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not tell its time.
    pub(crate) async fn resolve(self, pool: &Pool) -> Result<DateTime<Utc>, StoreError> {
        match self {
            Self::At(at) => Ok(at),
            Self::Ago(ago) => clock::before_now(pool, ago).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_times_and_how_long_ago() {
        let at: DateTime<Utc> = "2026-11-21T08:00:00Z".parse().unwrap();
        assert_eq!("2026-11-21T09:00:00+01:00".parse(), Ok(Moment::At(at)));
        for (text, seconds) in [("90s", 90), ("30m", 1_800), ("2h", 7_200), ("7d", 604_800)] {
            assert_eq!(
                text.parse(),
                Ok(Moment::Ago(Duration::from_secs(seconds))),
                "{text}"
            );
        }
    }

    #[test]
    fn refuses_the_rest() {
        for text in [
            "",
            "2",
            "h",
            "-1h",
            "1.5h",
            "2 h",
            "2w",
            "2026-11-21",
            "99999999999999d",
        ] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }
}

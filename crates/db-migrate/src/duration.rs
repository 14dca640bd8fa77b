//! Durations on the command line: `30`, `30s`, `500ms`, `2m`.

use std::time::Duration;

/// No wait of this program makes sense for longer, and sums of such durations cannot overflow.
const LONGEST: Duration = Duration::from_hours(24);

/// Reads a duration; a bare number is seconds.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let wrong = || "a number with ms, s or m, as in 500ms, 30s, 2m".to_owned();
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    let duration = match &text[digits.len()..] {
        "ms" => Duration::from_millis(number),
        "" | "s" => Duration::from_secs(number),
        "m" => Duration::from_secs(number.saturating_mul(60)),
        _ => return Err(wrong()),
    };
    if duration > LONGEST {
        Err("at most a day".to_owned())
    } else {
        Ok(duration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        assert_eq!(parse("30"), Ok(Duration::from_secs(30)));
        assert_eq!(parse("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(parse("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse("2m"), Ok(Duration::from_mins(2)));
    }

    #[test]
    fn refuses_the_rest() {
        for text in [
            "",
            "s",
            "-1",
            "1.5s",
            "1h",
            "1 s",
            "+",
            "2d",
            "99999999999999999999",
            "1441m",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}

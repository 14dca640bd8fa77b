//! The logs of what we started: their last lines, and the addresses written in them.

use serde_json::Value;

/// How many lines are enough to see why something ended.
const LINES: usize = 15;

/// The last lines of a log.
pub(crate) fn tail(log: &str) -> &str {
    let log = log.trim_end();
    match log.rmatch_indices('\n').nth(LINES - 1) {
        Some((at, _)) => &log[at + 1..],
        None => log,
    }
}

/// The `address` of the first line of a JSON log with this `message`.
pub(crate) fn address(log: &str, message: &str) -> Option<String> {
    log.lines().find_map(|line| {
        let line: Value = serde_json::from_str(line).ok()?;
        (line["message"] == message)
            .then(|| line["address"].as_str().map(str::to_owned))
            .flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_the_end_and_never_more() {
        let log = (1..=20)
            .map(|line| line.to_string())
            .collect::<Vec<_>>()
            .join("\n");
        assert_eq!(tail(&log).lines().count(), LINES);
        assert!(tail(&log).starts_with("6\n") && tail(&log).ends_with("20"));
        assert_eq!(tail("one\ntwo\n"), "one\ntwo");
    }

    #[test]
    fn an_address_is_taken_from_the_line_that_says_it() {
        let log = "plain\n{\"message\":\"admin listening\",\"address\":\"a:1\"}\n{\"message\":\"listening\",\"address\":\"b:2\"}";
        assert_eq!(address(log, "listening").as_deref(), Some("b:2"));
        assert_eq!(address(log, "gone"), None);
    }
}

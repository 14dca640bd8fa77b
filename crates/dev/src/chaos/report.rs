//! What a run has to show: a summary for people, one object for programs, and a line for the ledger.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use super::player::Played;
use super::verdict::Verdict;
use crate::cli::Output;
use crate::error::DevError;

/// A run that came to its end.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Report {
    pub(super) seed: u64,
    /// When it ended, to the second.
    pub(super) at: String,
    /// The commit that was tried.
    pub(super) commit: String,
    pub(super) seconds: u64,
    /// Events that were acknowledged.
    pub(super) events: u64,
    /// Requests by what became of them.
    pub(super) requests: Requests,
    /// Whether processes were only restarted in good order, which no request may notice.
    pub(super) rolling: bool,
    /// Faults by kind.
    pub(super) faults: BTreeMap<&'static str, u64>,
    pub(super) verdict: Verdict,
    /// How often rare paths were taken.
    pub(super) paths: BTreeMap<&'static str, u64>,
    /// Whether there were faults enough for a clean run to mean something.
    pub(super) counts: bool,
    /// Rare paths that were not taken, though there were faults enough to.
    pub(super) untried: Vec<&'static str>,
    /// The longest from an event's recording to its message, in seconds.
    pub(super) longest_s: f64,
    /// From when the world could work again until every gateway had acknowledged a request, in seconds: middle, 95 %,
    /// most.
    pub(super) recovery_s: [f64; 3],
    /// The same after failovers alone.
    pub(super) failover_s: [f64; 3],
}

/// Requests by what became of them.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Requests {
    pub(super) ok: u64,
    pub(super) failed: u64,
    pub(super) unknown: u64,
    pub(super) refused: u64,
    pub(super) hung_up: u64,
}

impl Report {
    /// Whether nothing was found, and enough was tried for that to mean something.
    pub(super) fn is_clean(&self) -> bool {
        self.verdict.is_clean()
            && self.requests.refused == 0
            && self.untried.is_empty()
            && self.longest_s < 60.0
            && self.failover_s[1] < 3.0
            && !(self.rolling && self.requests.failed + self.requests.unknown > 0)
    }

    /// Prints it.
    pub(super) fn print(&self, output: Output) -> Result<(), DevError> {
        let text = match output {
            Output::Json => serde_json::to_string(self)
                .map_err(|error| DevError::Failed(format!("the report cannot be written: {error}")))?,
            Output::Text => self.text(),
        };
        writeln!(std::io::stdout(), "{text}").map_err(DevError::io("print the report"))
    }

    fn text(&self) -> String {
        let verdict = &self.verdict;
        let mut lines = vec![
            format!("seed {}, {} s", self.seed, self.seconds),
            format!(
                "{} events acknowledged; requests: {} ok, {} failed, {} unknown, {} refused, {} hung up",
                self.events,
                self.requests.ok,
                self.requests.failed,
                self.requests.unknown,
                self.requests.refused,
                self.requests.hung_up
            ),
            format!(
                "{} faults: {}",
                self.faults.values().sum::<u64>(),
                list(&self.faults)
            ),
            format!("paths taken: {}", list(&self.paths)),
            format!(
                "recovery: {}; after a failover: {}; longest until visible: {:.1} s",
                spread(self.recovery_s),
                spread(self.failover_s),
                self.longest_s
            ),
            format!(
                "{} lost, {} doubled, {} disordered, {} stuck, {} strange, {} miscounted",
                verdict.lost,
                verdict.doubled,
                verdict.disordered,
                verdict.stuck,
                verdict.strange,
                verdict.miscounted
            ),
        ];
        if !self.counts {
            lines.push("too few faults to count: rare paths may not have been taken".to_owned());
        }
        if !self.untried.is_empty() {
            lines.push(format!(
                "does not count, since these paths were not taken: {}",
                self.untried.join(", ")
            ));
        }
        lines.join("\n")
    }

    /// Adds it to a ledger, which is begun if it is not there.
    pub(super) fn enter(&self, ledger: &Path) -> Result<(), DevError> {
        const HEAD: &str = "# Fault runs\n\nEach line is a run of `cargo dev chaos`: what was acknowledged, what was done to the \
            world meanwhile, and what was\nfound at the end. Recovery is from when the world could work again until every \
            gateway had acknowledged a request: middle,\n95 %, most. The longest is from an event's recording to its \
            message.\n\n| when | commit | seed | events | faults | lost | doubled | disordered | stuck | strange, miscounted, \
            refused | recovery, s | after a failover, s | longest, s | in all | faults by kind |\n\
            |---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n";
        let what = || format!("write {}", ledger.display());
        let begins = !ledger.exists();
        let mut file = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(ledger)
            .map_err(DevError::io(what()))?;
        let head = if begins { HEAD } else { "" };
        let verdict = &self.verdict;
        let in_all = match (self.is_clean(), self.counts) {
            (true, true) => "clean",
            (true, false) => "clean, too few faults to count",
            (false, _) => "not clean",
        };
        let line = format!(
            "{head}| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {:.1} | {in_all} | {} |\n",
            self.at,
            self.commit,
            self.seed,
            self.events,
            self.faults.values().sum::<u64>(),
            verdict.lost,
            verdict.doubled,
            verdict.disordered,
            verdict.stuck,
            verdict.strange + verdict.miscounted + self.requests.refused,
            spread(self.recovery_s),
            spread(self.failover_s),
            self.longest_s,
            list(&self.faults),
        );
        file.write_all(line.as_bytes()).map_err(DevError::io(what()))
    }
}

fn list(counts: &BTreeMap<&str, u64>) -> String {
    let counts = counts.iter().map(|(name, count)| format!("{name} {count}"));
    counts.collect::<Vec<_>>().join(", ")
}

fn spread([middle, most, longest]: [f64; 3]) -> String {
    format!("{middle:.2} / {most:.2} / {longest:.2}")
}

/// Middle, 95 % and most of the recoveries of those that `are`.
pub(super) fn recoveries(played: &[Played], are: impl Fn(&Played) -> bool) -> [f64; 3] {
    let mut times: Vec<f64> = played
        .iter()
        .filter(|it| are(it))
        .map(|it| it.recovery.as_secs_f64())
        .collect();
    times.sort_by(f64::total_cmp);
    let Some(last) = times.len().checked_sub(1) else {
        return [0.0; 3];
    };
    [
        times[last / 2],
        times[(times.len() * 95).div_ceil(100).saturating_sub(1)],
        times[last],
    ]
}

/// The time of day to the second, and never more.
pub(super) fn stamp(now: chrono::DateTime<chrono::Utc>) -> String {
    now.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// Whole seconds.
pub(super) fn seconds(time: Duration) -> u64 {
    time.as_secs()
}

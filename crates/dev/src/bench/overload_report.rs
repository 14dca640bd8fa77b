//! What the overload benchmark shows.

use super::overload::{Measured, Phase};
use super::report::Report;

type PhaseOf = fn(&Measured) -> Phase;

/// The figures of its rounds.
pub(super) fn report(rounds: &[Measured]) -> Report {
    let mut report = Report::new("overload", &rounds);
    report.row("peak", "/s", rounds, |round| round.peak_per_second);
    let phases: [(&str, PhaseOf); 3] = [
        ("half the peak", |round| round.before),
        ("ten times the peak", |round| round.during),
        ("half the peak, at once afterwards", |round| round.after),
    ];
    for (name, phase) in phases {
        let mut row = |what: &str, unit, figure: fn(Phase) -> f64| {
            report.row(format!("{name}: {what}"), unit, rounds, |round| {
                figure(phase(round))
            });
        };
        row("answered", "/s", |phase| phase.answered_per_second);
        row("to 202, p50", " ms", |phase| phase.to_202.p50);
        row("to 202, p95", " ms", |phase| phase.to_202.p95);
        row("refused", "", |phase| count(phase.refused));
        row("to 503, p95", " ms", |phase| phase.to_503.p95);
        row("answered otherwise", "", |phase| count(phase.wrong));
    }
    report.row("most memory of the gateway", " MiB", rounds, |round| {
        round.memory_mib
    });
    report
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

//! What the overload benchmark shows.

use std::io::Write;

use serde_json::json;

use super::overload::{Measured, Phase};
use crate::cli::{Bench, Output};
use crate::error::DevError;
use mailroom_bench::figures::Spread;

type PhaseOf = fn(&Measured) -> Phase;

/// Its rounds.
pub(super) struct Overload<'a> {
    pub(super) rounds: &'a [Measured],
}

impl Overload<'_> {
    /// Whether every request was answered as it has to be.
    pub(super) fn is_right(&self) -> bool {
        self.rounds.iter().all(Measured::is_right)
    }

    /// Prints what the rounds came to.
    pub(super) fn print(&self, wishes: &Bench) -> Result<(), DevError> {
        let text = match wishes.output {
            Output::Json => {
                let document = json!({
                    "benchmark": "overload", "seconds": wishes.seconds, "workers": wishes.workers,
                    "rounds": self.rounds, "is_right": self.is_right(),
                });
                format!("{document:#}\n")
            }
            Output::Text => self.table(),
        };
        std::io::stdout()
            .write_all(text.as_bytes())
            .map_err(DevError::io("print the figures"))
    }

    fn table(&self) -> String {
        let mut table = comfy_table::Table::new();
        table.load_style(comfy_table::presets::UTF8_BORDERS_ONLY);
        table.set_header([
            format!("{} rounds", self.rounds.len()),
            "min".into(),
            "median".into(),
            "max".into(),
        ]);
        let mut row = |name: &str, unit: &str, figure: &dyn Fn(&Measured) -> f64| {
            let spread = Spread::of(self.rounds.iter().map(figure));
            let cell = |figure: f64| format!("{figure:.1}{unit}");
            table.add_row([
                name.to_owned(),
                cell(spread.min),
                cell(spread.median),
                cell(spread.max),
            ]);
        };
        row("peak", "/s", &|round| round.peak_per_second);
        let phases: [(&str, PhaseOf); 3] = [
            ("half the peak", |round| round.before),
            ("ten times the peak", |round| round.during),
            ("half the peak, at once afterwards", |round| round.after),
        ];
        for (name, phase) in phases {
            row(&format!("{name}: answered"), "/s", &move |round| {
                phase(round).answered_per_second
            });
            row(&format!("{name}: to 202, p50"), " ms", &move |round| {
                phase(round).to_202.p50
            });
            row(&format!("{name}: to 202, p95"), " ms", &move |round| {
                phase(round).to_202.p95
            });
            row(&format!("{name}: refused"), "", &move |round| {
                count(phase(round).refused)
            });
            row(&format!("{name}: to 503, p95"), " ms", &move |round| {
                phase(round).to_503.p95
            });
            row(&format!("{name}: answered otherwise"), "", &move |round| {
                count(phase(round).wrong)
            });
        }
        row("most memory of the gateway", " MiB", &|round| round.memory_mib);
        format!("{table}\n")
    }
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

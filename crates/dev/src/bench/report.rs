//! What a benchmark came to: a table for people, an object for machines.

use std::io::Write;

use mailroom_bench::figures::Spread;
use serde::Serialize;
use serde_json::{Value, json};

use crate::cli::{Bench, Output};
use crate::error::DevError;

/// A figure, over all rounds.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    unit: &'static str,
    #[serde(flatten)]
    spread: Spread,
}

/// The figures of a benchmark, the one that matters first.
#[derive(Debug)]
pub(super) struct Report {
    benchmark: &'static str,
    about: Value,
    rows: Vec<Row>,
}

impl Report {
    /// One without figures yet; `about` is what a reader has to know of the machine and the server.
    pub(super) fn new(benchmark: &'static str, about: &impl Serialize) -> Self {
        Self {
            benchmark,
            about: json!(about),
            rows: Vec::new(),
        }
    }

    /// Adds a figure: one number of each round.
    pub(super) fn row<R>(
        &mut self,
        name: impl Into<String>,
        unit: &'static str,
        rounds: &[R],
        figure: impl Fn(&R) -> f64,
    ) {
        self.rows.push(Row {
            name: name.into(),
            unit,
            spread: Spread::of(rounds.iter().map(figure)),
        });
    }

    /// Adds what pgbench did in the same rounds, and ours beside it; nothing where there is no pgbench.
    pub(super) fn beside_pgbench<R>(
        &mut self,
        ours: &str,
        rounds: &[R],
        rate: impl Fn(&R) -> f64,
        pgbench: impl Fn(&R) -> Option<f64>,
    ) {
        let inserted: Option<Vec<f64>> = rounds.iter().map(pgbench).collect();
        let Some(inserted) = inserted else { return };
        let both: Vec<(f64, f64)> = rounds.iter().map(rate).zip(inserted).collect();
        self.row("pgbench, one row a commit", "/s", &both, |(_, inserted)| {
            *inserted
        });
        self.row(format!("{ours} / pgbench"), " x", &both, |(ours, inserted)| {
            ours / inserted
        });
    }

    /// Prints it on standard output.
    pub(super) fn print(&self, wishes: &Bench) -> Result<(), DevError> {
        let text = match wishes.output {
            Output::Json => {
                let document = json!({
                    "benchmark": self.benchmark, "rounds": wishes.rounds, "seconds": wishes.seconds,
                    "workers": wishes.workers, "about": self.about, "figures": self.rows,
                });
                format!("{document:#}\n")
            }
            Output::Text => self.table(wishes),
        };
        std::io::stdout()
            .write_all(text.as_bytes())
            .map_err(DevError::io("print the figures"))
    }

    fn table(&self, wishes: &Bench) -> String {
        let mut table = comfy_table::Table::new();
        table.load_style(comfy_table::presets::UTF8_BORDERS_ONLY);
        let title = format!("{}, {} rounds", self.benchmark, wishes.rounds);
        table.set_header([title, "min".into(), "median".into(), "max".into()]);
        for Row { name, unit, spread } in &self.rows {
            let cell = |figure: f64| match figure {
                figure if figure.abs() >= 100.0 => format!("{figure:.0}{unit}"),
                figure if figure.abs() >= 10.0 => format!("{figure:.1}{unit}"),
                figure => format!("{figure:.2}{unit}"),
            };
            table.add_row([
                name.clone(),
                cell(spread.min),
                cell(spread.median),
                cell(spread.max),
            ]);
        }
        format!("{table}\n")
    }
}

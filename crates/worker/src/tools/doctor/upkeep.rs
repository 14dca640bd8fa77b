//! Words on tables that are not looked after.

use mailroom_store::doctor::{Ages, Table};

use super::{finding::Report, size::bytes};
use crate::tools::output::time;

/// So many dead rows are none to speak of.
const FEW_ROWS: i64 = 10_000;
/// Half of the way to where nothing can be written any more. Autovacuum works against it from a tenth on.
const OLD: i32 = 1_000_000_000;

pub(super) fn tables(report: &mut Report, found: &[Table]) {
    for table in found {
        dead_rows(report, table);
        let (name, live) = (&table.name, table.live);
        if table.analyzed_at.is_none() && live > FEW_ROWS {
            report.finding(
                "never_analyzed",
                format!("messaging.{name} has {live} rows and was never analysed: the planner guesses, and may guess badly."),
                format!("Run analyze messaging.{name}, and see why autovacuum did not."),
            );
        }
        if table.is_left_alone {
            report.finding(
                "autovacuum_off_for_table",
                format!("autovacuum_enabled is off for messaging.{name}: dead rows pile up, and statistics grow old."),
                format!("Run alter table messaging.{name} reset (autovacuum_enabled)."),
            );
        }
    }
    let total = found.iter().map(|table| table.bytes).sum();
    let largest: Vec<_> = found
        .iter()
        .take(5)
        .map(|table| format!("{} {}", table.name, bytes(table.bytes)))
        .collect();
    report.note(format!(
        "The messaging tables take {} of the disk with their indexes; the largest: {}.",
        bytes(total),
        largest.join(", ")
    ));
}

/// More than a fifth of a table.
fn dead_rows(report: &mut Report, table: &Table) {
    let Table { name, live, dead, .. } = table;
    let all = live.saturating_add(*dead);
    if *dead <= FEW_ROWS || dead.saturating_mul(5) <= all {
        return;
    }
    let vacuumed = table.vacuumed_at.map_or_else(
        || "They were never cleared away.".to_owned(),
        |at| format!("They were last cleared away at {}.", time(at)),
    );
    report.finding(
        "dead_rows",
        format!(
            "messaging.{name} has {dead} dead rows, {} % of it: every look at it reads them too. {vacuumed}",
            dead.saturating_mul(100) / all
        ),
        format!(
            "Look for a transaction, a slot or a standby above that holds them back, then run vacuum (analyze) \
             messaging.{name}; where it comes back, give autovacuum more (autovacuum_vacuum_cost_limit)."
        ),
    );
}

pub(super) fn ages(report: &mut Report, ages: Ages) {
    for (what, age) in [("transaction", ages.transactions), ("multixact", ages.multixacts)] {
        if age > OLD {
            report.finding(
                "wraparound",
                format!(
                    "The oldest {what} number that is not frozen is {age} old. At 2147483647 the server stops writing, \
                     and every webhook gets 503."
                ),
                "End what holds old snapshots, then run vacuum (freeze) as the owner, the largest tables first.",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(live: i64, dead: i64) -> Vec<&'static str> {
        let mut report = Report::default();
        let table = Table {
            name: "messages".to_owned(),
            live,
            dead,
            vacuumed_at: None,
            analyzed_at: Some(chrono::DateTime::UNIX_EPOCH),
            is_left_alone: false,
            bytes: 8192,
        };
        tables(&mut report, &[table]);
        report.codes()
    }

    #[test]
    fn dead_rows_are_many_and_a_fifth() {
        assert!(of(0, 0).is_empty() && of(100, 10_000).is_empty() && of(80_000, 20_000).is_empty());
        assert_eq!(of(79_999, 20_001), ["dead_rows"]);
    }

    #[test]
    fn numbers_that_run_out() {
        for (transactions, multixacts, found) in [(OLD, OLD, 0), (OLD + 1, 0, 1), (0, OLD + 1, 1)] {
            let mut report = Report::default();
            ages(
                &mut report,
                Ages {
                    transactions,
                    multixacts,
                },
            );
            assert_eq!(report.codes().len(), found);
        }
    }
}

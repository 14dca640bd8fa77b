//! Words on indexes, and on plans that do without them.

use mailroom_store::doctor::{BadIndex, Fault, Strayed};

use super::finding::Report;

pub(super) fn indexes(report: &mut Report, found: &[BadIndex]) {
    for BadIndex { name, table, fault } in found {
        match fault {
            Fault::Missing => report.finding(
                "index_missing",
                format!(
                    "The index {name} of messaging.{table} is not there, or migrations are pending: what it leads to is looked \
                     for in the whole table, and what it forbids can happen."
                ),
                "db-migrate verify prints the statement that makes it: run it with concurrently after index.",
            ),
            Fault::Invalid => report.finding(
                "index_invalid",
                format!(
                    "The index {name} of messaging.{table} is invalid: making it was broken off. It costs with every write and \
                     is not used."
                ),
                format!(
                    "Unless it is being built now: drop index concurrently messaging.{name}, then db-migrate up; where its \
                     migration is applied already, reindex index concurrently messaging.{name} instead."
                ),
            ),
        }
    }
}

pub(super) fn plans(report: &mut Report, found: &[Strayed]) {
    for it in found {
        let instead = match &it.used {
            Some(index) => format!("by {index}"),
            None => "in the whole table".to_owned(),
        };
        report.finding(
            "plan_strayed",
            format!(
                "In messaging.{} the server would look for {} {instead}, and not by {}: it takes longer the more there is.",
                it.table, it.what, it.expected
            ),
            format!(
                "Run analyze messaging.{}; if that does not help, see whether the index is there and whole.",
                it.table
            ),
        );
    }
}

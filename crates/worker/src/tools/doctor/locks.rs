//! Words on sessions that hold something for too long.

use mailroom_store::doctor::{Prepared, Statement, Transaction};

use super::{finding::Report, size::seconds};
use crate::tools::output::time;

const HOLDS_BACK: &str =
    "While it lasts, no row that died since can be cleared away, and every look at the tables gets slower.";

pub(super) fn transactions(report: &mut Report, found: &[Transaction]) {
    for it in found {
        let (pid, name) = (it.pid, named(&it.application_name));
        let state = if it.is_idle {
            ", and nothing is being done in it"
        } else {
            ""
        };
        let means = match it.holds_back {
            Some(begun) => format!("{HOLDS_BACK} {begun} transactions began since its snapshot."),
            None => "It keeps the locks that it took.".to_owned(),
        };
        let (code, prevent) = if it.is_idle {
            (
                "idle_transaction",
                ", and set idle_in_transaction_session_timeout for that role",
            )
        } else {
            ("long_transaction", "; reports belong on a replica")
        };
        report.finding(
            code,
            format!(
                "pid {pid}{name} has had a transaction open since {}{state}. {means}",
                time(it.since)
            ),
            format!("End it with pg_terminate_backend({pid}) if it does not end by itself{prevent}."),
        );
    }
}

pub(super) fn prepared(report: &mut Report, found: &[Prepared]) {
    for it in found {
        report.finding(
            "prepared_transaction",
            format!(
                "The transaction {} was prepared at {} and never ended. It outlives restarts. {HOLDS_BACK}",
                it.name,
                time(it.since)
            ),
            "Mailroom prepares none: ask whoever does, then commit prepared or rollback prepared.",
        );
    }
}

pub(super) fn statements(report: &mut Report, found: &[Statement]) {
    for it in found {
        let (pid, name, took) = (it.pid, named(&it.application_name), seconds(it.seconds));
        if it.blocked_by.is_empty() {
            report.finding(
                "slow_statement",
                format!("pid {pid}{name} has been at one statement for {took}."),
                format!("See what it is in pg_stat_activity; pg_cancel_backend({pid}) ends it."),
            );
        } else {
            let by: Vec<_> = it.blocked_by.iter().map(ToString::to_string).collect();
            report.finding(
                "blocked_statement",
                format!(
                    "pid {pid}{name} has waited {took} for a lock that is held by pid {}.",
                    by.join(", ")
                ),
                "See what the holder does in pg_stat_activity; pg_terminate_backend of its pid ends it.",
            );
        }
    }
}

fn named(application_name: &str) -> String {
    if application_name.is_empty() {
        String::new()
    } else {
        format!(" ({application_name})")
    }
}

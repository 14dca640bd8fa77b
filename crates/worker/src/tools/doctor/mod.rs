//! `mailroom-worker doctor`: what is wrong with the database, in plain words. Asks, has each answer judged, and tells.

mod finding;
mod locks;
mod queue;
mod schema;
mod server;
mod size;
mod upkeep;

use std::{process::ExitCode, time::Duration};

use clap::Args;
use mailroom_store::{
    Pool, StoreError,
    doctor::{LIMIT, Session},
    within,
};

use super::{ToolError, output::Output};
use finding::Report;

pub(super) const EXIT_CODES: &str = "\
A line for each finding: what is wrong, what it means, what to do. Notes are worth knowing, and nothing is wrong with them.
Asks the direct database URL where one is set. Each question may take 3 s.

Exit codes:
  0  nothing is wrong
  1  it could not be asked; with findings the exit code is 4
  2  the arguments are wrong
  4  there are findings";
/// As `db-migrate` has it for a database that is not as it should be; 3 is taken.
const UNWELL: u8 = 4;

/// What counts as long, and how to tell.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Transactions that are open for longer are a finding
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    transactions_over: u32,
    /// Statements that run for longer are a finding
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 500)]
    statements_over: u32,
    /// Form of the answer
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

pub(super) async fn examine(pool: &Pool, wanted: &Doctor) -> Result<ExitCode, ToolError> {
    // Whoever cannot connect has no findings to tell.
    let mut session = within(LIMIT, Session::open(pool)).await?;
    let mut report = Report::default();
    let asked = ask(&mut session, wanted, &mut report).await;
    // What answers nothing any more keeps what it had to say.
    if let Err(error) = &asked {
        report.unanswered("the rest", error);
    }
    report.tell(wanted.output);
    Ok(if report.has_findings() {
        ExitCode::from(UNWELL)
    } else if report.is_complete() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Everything, one question after the other.
///
/// # Errors
/// When the database is lost on the way: nothing more can be asked then.
async fn ask(session: &mut Session, wanted: &Doctor, report: &mut Report) -> Result<(), StoreError> {
    let long = Duration::from_secs(wanted.transactions_over.into());
    let slow = Duration::from_millis(wanted.statements_over.into());
    if let Some(settings) = report.answer("settings", session.settings().await)? {
        let standbys = report.answer("standbys", session.standbys().await)?;
        server::settings(report, &settings, standbys.as_deref());
    }
    if let Some(slots) = report.answer("replication slots", session.slots().await)? {
        server::slots(report, &slots);
    }
    if let Some(connections) = report.answer("connections", session.connections().await)? {
        server::connections(report, connections);
    }
    if let Some(transactions) = report.answer("transactions", session.transactions(long).await)? {
        locks::transactions(report, &transactions);
    }
    if let Some(prepared) = report.answer("prepared transactions", session.prepared(long).await)? {
        locks::prepared(report, &prepared);
    }
    if let Some(statements) = report.answer("statements", session.statements(slow).await)? {
        locks::statements(report, &statements);
    }
    if let Some(tables) = report.answer("tables", session.tables().await)? {
        upkeep::tables(report, &tables);
    }
    if let Some(ages) = report.answer("transaction numbers", session.ages().await)? {
        upkeep::ages(report, ages);
    }
    if let Some(indexes) = report.answer("indexes", session.bad_indexes().await)? {
        schema::indexes(report, &indexes);
    }
    if let Some(strayed) = report.answer("plans", session.strayed_plans().await)? {
        schema::plans(report, &strayed);
    }
    if let Some(tending) = report.answer("lanes", session.tending().await)? {
        queue::tending(report, tending);
    }
    if let Some(depth) = report.answer("the queue", session.depth().await)? {
        queue::depth(report, &depth);
    }
    Ok(())
}

//! `cargo dev chaos`: a private world of real programs, a provider who remembers everything, and faults.
//!
//! At the end the database has to hold every acknowledged event once, in order, and nothing may be stuck.

mod balancer;
mod client;
mod event;
mod fault;
mod lines;
mod mutant;
mod mutated;
mod node;
mod pair;
mod player;
mod process;
mod proxy;
mod report;
mod roll;
mod stalling;
mod trial;
mod verdict;
mod witness;
mod world;

use std::process::ExitCode;

use clap::ValueEnum;
use report::Report;

pub(crate) use self::mutant::Mutant;
use crate::cli::{Chaos, Output};
use crate::error::DevError;
use crate::interrupt::Interrupt;
use crate::postgres::Choice;
use crate::runs::Run;
use crate::workspace::Workspace;
use crate::{randomness, talk};

/// Runs it; fails when anything was lost, doubled, disordered or stuck, or when that was wanted and was not found.
pub(crate) async fn run(wishes: Chaos) -> Result<ExitCode, DevError> {
    let workspace = Workspace::find()?;
    if wishes.mutants {
        return every_mutant(&workspace, wishes).await;
    }
    let report = played(&workspace, &wishes).await?;
    report.print(wishes.output)?;
    if let Some(ledger) = &wishes.ledger {
        report.enter(ledger)?;
    }
    Ok(ExitCode::from(u8::from(!report.is_clean())))
}

/// Whether each mutant is found out.
async fn every_mutant(workspace: &Workspace, mut wishes: Chaos) -> Result<ExitCode, DevError> {
    let mut missed = 0;
    for mutant in Mutant::value_variants() {
        wishes.mutant = Some(*mutant);
        let name = mutant
            .to_possible_value()
            .map_or_else(String::new, |value| value.get_name().to_owned());
        match played(workspace, &wishes).await {
            Err(DevError::Interrupted) => return Err(DevError::Interrupted),
            Err(error) => {
                missed += 1;
                talk::line(format_args!("{name}: no verdict: {error}"));
            }
            Ok(report) => {
                report.print(Output::Text)?;
                let found_out = mutant.finding(&report.verdict) > 0;
                missed += usize::from(!found_out);
                talk::line(format_args!(
                    "{name}: {}",
                    if found_out { "found out" } else { "NOT found out" }
                ));
            }
        }
    }
    Ok(ExitCode::from(u8::from(missed > 0)))
}

/// One run, from the build to the verdict.
async fn played(workspace: &Workspace, wishes: &Chaos) -> Result<Report, DevError> {
    let mutated = match wishes.mutant {
        Some(mutant) => Some(mutated::tree(workspace, mutant).await?),
        None => None,
    };
    let workspace = mutated.as_ref().unwrap_or(workspace);
    let seed = match wishes.seed {
        Some(seed) => seed,
        None => u64::from(u32::from_be_bytes(randomness::random_bytes()?)),
    };
    let interrupt = Interrupt::listen()?;
    let mut run = Run::start(&Choice::private()?.temp())?;
    talk::line(format_args!("seed {seed}; logs in {}", run.directory().display()));
    let outcome = interrupt
        .unless(trial::live(&mut run, workspace, wishes, seed))
        .await;
    let keep = wishes.keep || wishes.mutant.is_none() && !outcome.as_ref().is_ok_and(Report::is_clean);
    let directory = run.directory().to_owned();
    run.finish(keep)?;
    if keep {
        talk::line(format_args!("kept: {}", directory.display()));
    }
    outcome
}

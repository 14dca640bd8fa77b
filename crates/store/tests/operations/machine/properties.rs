//! 100,000 histories in memory: nothing lost, doubled or out of line after any step of any of them.

use std::cell::RefCell;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use super::crew::Crew;
use super::mutants::Mutant;
use super::operation::{Operation, history};
use super::paths::Paths;

const HISTORIES: u32 = 100_000;
const THREADS: u32 = 2;

/// Draws the same histories in every run, other ones for each seed.
pub(super) fn runner(cases: u32, seed: u8) -> TestRunner {
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new_with_rng(
        config,
        TestRng::from_seed(RngAlgorithm::XorShift, &[seed + 1; 16]),
    )
}

/// Lives a history to its end. The error tells the first thing that was wrong, and all that was done until then.
pub(super) fn live(operations: &[Operation], mutant: Option<Mutant>) -> Result<Crew, TestCaseError> {
    let mut crew = Crew::new(mutant);
    for operation in operations {
        crew.perform(operation);
        if crew.watch.wrong.is_some() {
            break;
        }
    }
    let left = if crew.watch.wrong.is_none() {
        crew.drain().err()
    } else {
        None
    };
    match crew.watch.wrong.clone().or(left) {
        None => Ok(crew),
        Some(wrong) => {
            let told: Vec<_> = crew
                .told
                .iter()
                .map(|(call, outcome)| format!("\n  {call:?}: {outcome:?}"))
                .collect();
            Err(TestCaseError::fail(format!("{wrong}{}", told.concat())))
        }
    }
}

#[test]
fn whatever_happens_nothing_is_lost_doubled_or_out_of_line() {
    let runs: Vec<_> = (0..THREADS)
        .map(|run| std::thread::spawn(move || run_some(u8::try_from(run).unwrap())))
        .collect();
    let mut paths = Paths::default();
    for run in runs {
        paths.add(&run.join().unwrap());
    }
    paths.assert_all_gone();
}

fn run_some(seed: u8) -> Paths {
    let paths = RefCell::new(Paths::default());
    let lived = runner(HISTORIES / THREADS, seed).run(&history(40), |operations| {
        let crew = live(&operations, None)?;
        paths.borrow_mut().add(&crew.watch.paths);
        Ok(())
    });
    if let Err(error) = lived {
        panic!("{error}");
    }
    paths.into_inner()
}

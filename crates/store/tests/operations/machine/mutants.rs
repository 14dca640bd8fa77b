//! Machines and workers with a defect each: the properties must see every one of them.

use super::operation::{Delivery, Operation, Settling, history};
use super::properties::{live, runner};
use super::state::LANES;

/// A known defect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mutant {
    /// A claim does not ask whether an earlier event of the conversation is unfinished.
    ClaimsOutOfLine,
    /// Whoever settles need not show the token of the claim.
    SettlesWithoutToken,
    /// The reaper does not ask whether the lane is still its worker's.
    ReapsLanesOfOthers,
    /// The reaper does not look whether what was noted is over.
    ReapsWithoutLooking,
    /// Events whose worker vanished are claimed together with any others.
    TrustsSuspects,
    /// A worker claims in a lane of which it has something in hand.
    ClaimsWhereItWorks,
    /// A worker claims in a lane before it has reaped there.
    ClaimsBeforeItReaps,
    /// Whoever settles is not asked whether the lane is still his.
    SettlesInLanesOfOthers,
    /// A worker takes the note of a claim away of which something was lost.
    ForgetsWhatItLost,
    /// A worker's places stay where they are when it did not hear of a claim.
    KeepsPlacesWhenUnheard,
}

/// Histories tried on each mutant; each is caught within far fewer.
const TRIES: u32 = 20_000;

fn assert_caught(mutant: Mutant, by: &str) {
    let caught = runner(TRIES, 1).run(&history(40), |operations| {
        live(&operations, Some(mutant)).map(|_| ())
    });
    let error = caught.expect_err("nobody saw the defect").to_string();
    assert!(error.contains(by), "{mutant:?} was caught otherwise: {error}");
}

#[test]
fn claiming_out_of_line_is_seen() {
    assert_caught(Mutant::ClaimsOutOfLine, "passed");
}

#[test]
fn settling_without_the_token_is_seen() {
    assert_caught(Mutant::SettlesWithoutToken, "without holding it");
}

#[test]
fn reaping_lanes_of_others_is_seen() {
    assert_caught(Mutant::ReapsLanesOfOthers, "from a worker that lives");
}

#[test]
fn reaping_without_a_second_look_is_seen() {
    assert_caught(Mutant::ReapsWithoutLooking, "was over");
}

#[test]
fn claiming_suspects_with_others_is_seen() {
    assert_caught(Mutant::TrustsSuspects, "a suspect");
}

#[test]
fn claiming_in_a_lane_at_work_is_seen() {
    assert_caught(Mutant::ClaimsWhereItWorks, "held twice");
}

/// The last attempt was claimed, but the answer did not come; so the worker's own reaper buries it. What was held
/// behind it is free then, and the worker's place is past it already.
pub(super) fn reaped_and_buried() -> Vec<Operation> {
    let member = 0;
    let says = || Operation::Record(vec![Delivery::New(0)]);
    let claim = || Operation::Claim {
        member,
        depth: 1,
        look_back: false,
        unheard: false,
    };
    let due = |unheard| Operation::ClaimDue {
        member,
        limit: 1,
        unheard,
    };
    let settle = |how| Operation::Settle {
        claim: 0,
        how,
        some: 0,
    };
    let again = || settle(Settling::Retry { hours: 0 });
    vec![
        Operation::Take {
            member,
            most: LANES,
            reap: true,
        },
        says(),
        claim(),
        again(),
        due(false),
        again(),
        says(),
        claim(),
        due(true),
        Operation::Reap { member },
        says(),
        claim(),
        settle(Settling::Finish),
    ]
}

#[test]
fn claiming_before_reaping_is_seen() {
    assert_caught(Mutant::ClaimsBeforeItReaps, "held twice");
}

#[test]
fn settling_in_lanes_of_others_is_seen() {
    assert_caught(Mutant::SettlesInLanesOfOthers, "of which another tends the lane");
}

/// Its part that was put aside is tried again before its part that was lost.
#[test]
fn forgetting_what_was_lost_is_seen() {
    assert_caught(Mutant::ForgetsWhatItLost, "is held by");
}

/// A retry is claimed and given back, and what waits behind it is claimed when it is done.
pub(super) fn released_retry() -> Vec<Operation> {
    let member = 0;
    let claim = || Operation::Claim {
        member,
        depth: 1,
        look_back: true,
        unheard: false,
    };
    let due = || Operation::ClaimDue {
        member,
        limit: 1,
        unheard: false,
    };
    let settle = |how| Operation::Settle {
        claim: 0,
        how,
        some: 0,
    };
    vec![
        Operation::Take {
            member,
            most: LANES,
            reap: true,
        },
        Operation::Record(vec![Delivery::New(0), Delivery::New(0)]),
        claim(),
        settle(Settling::Retry { hours: 0 }),
        due(),
        settle(Settling::Release),
        claim(),
        due(),
        settle(Settling::Finish),
        claim(),
        settle(Settling::Finish),
    ]
}

#[test]
fn places_kept_when_a_claim_was_not_heard_of_are_seen() {
    let operations = reaped_and_buried();
    live(&operations, None).unwrap();
    let error = live(&operations, Some(Mutant::KeepsPlacesWhenUnheard)).unwrap_err();
    assert!(error.to_string().contains("2 passed 1"), "{error}");
}

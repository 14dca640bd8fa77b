//! Machines and workers with a defect each: the properties must see every one of them.

use super::operation::{Delivery, Operation, Settling, history};
use super::properties::{live, runner};
use super::state::{LANES, LEASE_HOURS};

/// A known defect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mutant {
    /// A claim does not ask whether an earlier event of the conversation is unfinished.
    ClaimsOutOfLine,
    /// Whoever settles need not show the token of the claim.
    SettlesWithoutToken,
    /// The reaper does not ask whether the lane is still its worker's.
    ReapsLanesOfOthers,
    /// The reaper does not test status and token again, but goes by what was claimed at the last heartbeat.
    ReapsWhatItSawBefore,
    /// Events whose worker vanished are claimed together with any others.
    TrustsSuspects,
    /// A worker claims in a lane before it has reaped there.
    ClaimsBeforeItReaps,
    /// A worker's places stay where they are when it reaped something.
    KeepsPlacesWhenItReaps,
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
    assert_caught(Mutant::ReapsWhatItSawBefore, "was over");
}

#[test]
fn claiming_suspects_with_others_is_seen() {
    assert_caught(Mutant::TrustsSuspects, "a suspect");
}

/// The claim of a worker that came too late is given back at a place that its heir is past.
#[test]
fn claiming_before_reaping_is_seen() {
    let (late, heir) = (0, 1);
    let says = |talk| Operation::Record(vec![Delivery::New(talk)]);
    let claim = |member| Operation::Claim {
        member,
        depth: 1,
        look_back: false,
        unheard: false,
    };
    let take = |member, reap| Operation::Take {
        member,
        most: LANES,
        reap,
    };
    let operations = [
        take(late, true),
        says(0),
        claim(late),
        Operation::Wait { hours: LEASE_HOURS },
        take(heir, false),
        says(1),
        claim(heir),
        Operation::Settle {
            claim: 1,
            how: Settling::Release,
            some: 0,
        },
        says(0),
        claim(heir),
        Operation::Settle {
            claim: 0,
            how: Settling::Finish,
            some: 0,
        },
    ];
    live(&operations, None).unwrap();
    let error = live(&operations, Some(Mutant::ClaimsBeforeItReaps)).unwrap_err();
    assert!(error.to_string().contains("2 passed 0"), "{error}");
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
fn places_kept_when_something_was_reaped_are_seen() {
    let operations = reaped_and_buried();
    live(&operations, None).unwrap();
    let error = live(&operations, Some(Mutant::KeepsPlacesWhenItReaps)).unwrap_err();
    assert!(error.to_string().contains("2 passed 1"), "{error}");
}

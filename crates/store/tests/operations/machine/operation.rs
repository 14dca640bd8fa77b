//! What happens in a history, and how histories are drawn and made smaller.

use proptest::collection::vec;
use proptest::prelude::*;

use super::member::MEMBERS;
use super::state::{LANES, TALKS};

/// One message delivered.
#[derive(Debug, Clone, Copy)]
pub(super) enum Delivery {
    /// A new one of this conversation.
    New(usize),
    /// An earlier one again, counted back from the last.
    Again(usize),
}

/// How claimed events are settled.
#[derive(Debug, Clone, Copy)]
pub(super) enum Settling {
    Finish,
    Retry { hours: i64 },
    Bury,
    Release,
}

/// What happens next. Claims are counted back from the last, so that an operation keeps its meaning when others before
/// it are left out.
#[derive(Debug, Clone)]
pub(super) enum Operation {
    Record(Vec<Delivery>),
    Wait {
        hours: i64,
    },
    Heartbeat {
        member: usize,
    },
    /// Takes lanes, and reaps in them at once or later.
    Take {
        member: usize,
        most: usize,
        reap: bool,
    },
    Reap {
        member: usize,
    },
    GiveBack {
        member: usize,
        most: usize,
    },
    Leave {
        member: usize,
    },
    /// Gone without a word. What it had in hand may yet be settled: its last statements are on their way.
    Die {
        member: usize,
    },
    Claim {
        member: usize,
        depth: u32,
        look_back: bool,
        /// The connection was lost before the answer came.
        unheard: bool,
    },
    ClaimDue {
        member: usize,
        limit: u32,
        unheard: bool,
    },
    /// Settles some of a claim in hand.
    Settle {
        claim: usize,
        how: Settling,
        some: usize,
    },
    /// Settles once more what this claim settled or lost before.
    SettleAgain {
        claim: usize,
        how: Settling,
    },
}

fn delivery() -> impl Strategy<Value = Delivery> {
    prop_oneof![
        7 => (0..TALKS).prop_map(Delivery::New),
        1 => (0..4_usize).prop_map(Delivery::Again),
    ]
}

fn settling() -> impl Strategy<Value = Settling> {
    prop_oneof![
        4 => Just(Settling::Finish),
        4 => (0..2_i64).prop_map(|hours| Settling::Retry { hours }),
        1 => Just(Settling::Bury),
        3 => Just(Settling::Release),
    ]
}

fn operation() -> impl Strategy<Value = Operation> {
    let member = 0..MEMBERS;
    let seldom = || prop::bool::weighted(0.15);
    prop_oneof![
        6 => vec(delivery(), 1..4).prop_map(Operation::Record),
        5 => (1..3_i64).prop_map(|hours| Operation::Wait { hours }),
        4 => member.clone().prop_map(|member| Operation::Heartbeat { member }),
        3 => (member.clone(), 1..=LANES, prop::bool::weighted(0.8))
            .prop_map(|(member, most, reap)| Operation::Take { member, most, reap }),
        2 => member.clone().prop_map(|member| Operation::Reap { member }),
        1 => (member.clone(), 1..=LANES).prop_map(|(member, most)| Operation::GiveBack { member, most }),
        1 => member.clone().prop_map(|member| Operation::Leave { member }),
        1 => member.clone().prop_map(|member| Operation::Die { member }),
        8 => (member.clone(), 1..4_u32, prop::bool::weighted(0.2), seldom()).prop_map(
            |(member, depth, look_back, unheard)| Operation::Claim { member, depth, look_back, unheard }),
        8 => (member, prop::sample::select(vec![1, 2, 3, 24_u32]), seldom())
            .prop_map(|(member, limit, unheard)| Operation::ClaimDue { member, limit, unheard }),
        10 => (0..4_usize, settling(), 0..4_usize)
            .prop_map(|(claim, how, some)| Operation::Settle { claim, how, some }),
        1 => (0..4_usize, settling()).prop_map(|(claim, how)| Operation::SettleAgain { claim, how }),
    ]
}

/// Up to `most` operations.
pub(super) fn history(most: usize) -> impl Strategy<Value = Vec<Operation>> {
    vec(operation(), 5..=most)
}

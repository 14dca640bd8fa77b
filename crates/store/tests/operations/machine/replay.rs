//! 2,000 histories against PostgreSQL: every statement gives what the machine gives, and leaves what it leaves.

use proptest::strategy::{Strategy, ValueTree};
use tokio::task::JoinSet;

use super::crew::Crew;
use super::database::Database;
use super::image::Image;
use super::mutants::{Mutant, reaped_and_buried, released_retry};
use super::operation::{Delivery, Operation, Settling, history};
use super::paths::Paths;
use super::properties::{live, runner};

const HISTORIES: u32 = 2_000;
/// One database each.
const AT_ONCE: u32 = 3;
/// Deleted rows are swept out that often, so that histories do not slow each other down.
const SWEEP_EVERY: u32 = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn postgresql_does_what_the_machine_does() {
    let mut players = JoinSet::new();
    for player in 0..AT_ONCE {
        players.spawn(async move { play(player).await });
    }
    let mut paths = Paths::default();
    for played in players.join_all().await {
        paths.add(&played);
    }
    paths.assert_all_gone();
}

/// That the comparison can fail: a machine that claims out of line does what PostgreSQL does not.
#[tokio::test]
#[should_panic(expected = "step 5")]
async fn a_difference_is_seen() {
    let (member, most, depth) = (0, 3, 1);
    let claim = Operation::Claim {
        member,
        depth,
        look_back: true,
        unheard: false,
    };
    let take = Operation::Take {
        member,
        most,
        reap: false,
    };
    let reap = Operation::Reap { member };
    let says = Operation::Record(vec![Delivery::New(0); 2]);
    let fails = Operation::Settle {
        claim: 0,
        how: Settling::Retry { hours: 1 },
        some: 0,
    };
    let operations = [take, reap, says, claim.clone(), fails, claim];
    let crew = live(&operations, Some(Mutant::ClaimsOutOfLine)).unwrap();
    compare(&mut Database::new().await, &crew, "a history").await;
}

/// Histories other than those that ran in memory only.
fn draw(player: u32) -> impl Iterator<Item = Vec<Operation>> {
    let mut runner = runner(1, u8::try_from(100 + player).unwrap());
    let histories = history(40);
    std::iter::from_fn(move || Some(histories.new_tree(&mut runner).unwrap().current()))
}

async fn play(player: u32) -> Paths {
    let mut database = Database::new().await;
    let mut paths = Paths::default();
    let share = HISTORIES.div_ceil(AT_ONCE);
    // What chance brings seldom is played by each.
    let histories = [reaped_and_buried(), released_retry()]
        .into_iter()
        .chain(draw(player))
        .take(share as usize);
    for (number, operations) in (0_u32..).zip(histories.collect::<Vec<_>>()) {
        let crew = live(&operations, None).unwrap();
        paths.add(&crew.watch.paths);
        compare(
            &mut database,
            &crew,
            &format!("player {player}, history {number}: {operations:?}"),
        )
        .await;
        database.clear().await;
        if number % SWEEP_EVERY == 0 {
            database.sweep().await;
        }
    }
    paths
}

async fn compare(database: &mut Database, crew: &Crew, history: &str) {
    let (lived, before_the_drain) = crew.before_the_drain.as_ref().unwrap();
    for (at, (call, expected)) in crew.told.iter().enumerate() {
        if at == *lived {
            let image = Image::of_database(database).await;
            assert_eq!(
                image,
                Image::of_machine(before_the_drain),
                "before the end of {history}"
            );
        }
        let outcome = database.apply(call).await;
        assert_eq!(&outcome, expected, "step {at}, {call:?}, of {history}");
    }
    let image = Image::of_database(database).await;
    assert_eq!(image, Image::of_machine(&crew.machine), "at the end of {history}");
}

//! Requests that no well-meaning client sends: a table of them, each played over a raw socket, and what must hold after
//! each: the answer, the connection, the rows, and a gateway that goes on as if nothing had been.

mod backlog;
mod bodies;
mod budget;
mod case;
mod chunks;
mod encodings;
mod framing;
mod hang_ups;
mod heads;
mod lists;
mod memory;
mod payloads;
mod pipelines;
mod play;
mod process;
mod provider_bodies;
mod routing;
mod signatures;
mod slow;
mod unread;

use case::Case;
use play::Player;

use crate::accounts;

/// Bytes that a gateway may hold in memory (the limit for far more than this table).
const MOST_MEMORY: u64 = 192 << 20;

/// Every case, group by group.
fn table() -> Vec<Case> {
    [
        routing::cases(),
        heads::cases(),
        framing::cases(),
        chunks::cases(),
        pipelines::cases(),
        bodies::cases(),
        encodings::cases(),
        signatures::cases(),
        payloads::cases(),
        provider_bodies::cases(),
        lists::cases(),
    ]
    .concat()
}

#[tokio::test]
async fn every_case_is_answered_as_the_table_says() {
    let house = accounts::with(&signatures::OTHER_ENDPOINT).await;
    let mut player = Player::new(&house);
    let table = table();
    let mut wrong = Vec::new();
    for case in &table {
        if let Err(problem) = player.play(case).await {
            wrong.push(format!("{}: {problem}", case.name));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} cases:\n{}",
        wrong.len(),
        table.len(),
        wrong.join("\n")
    );
    assert!(table.len() >= 150, "only {} cases", table.len());
    player.assert_quiet().await;
}

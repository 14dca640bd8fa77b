//! Whether a program of mailroom is ready, as it says itself.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Pause between two looks.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// Whether the program with this admin port is ready before so long is over.
pub(crate) async fn is_ready_within(client: &reqwest::Client, admin: u16, within: Duration) -> bool {
    let until = Instant::now() + within;
    let url = format!("http://127.0.0.1:{admin}/readyz");
    loop {
        let answer = client.get(&url).send().await;
        if answer.is_ok_and(|answer| answer.status().is_success()) {
            return true;
        }
        if Instant::now() > until {
            return false;
        }
        sleep(LOOK_AGAIN).await;
    }
}

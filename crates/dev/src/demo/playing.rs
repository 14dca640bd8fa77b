//! The recorded traffic played at the running gateway, and what came of it.

use std::time::Duration;

use super::progress::Bar;
use crate::error::DevError;
use crate::traffic::report::Report;
use crate::traffic::{Counters, Gateway, Recording, TrafficError, check, play};

/// Conversations that are played at the same time.
const CONCURRENCY: usize = 8;
/// How long the workers may take for what is still under way when the last request is answered.
const PATIENCE: Duration = Duration::from_secs(30);

/// Plays the recording and reads back what came of it.
pub(super) async fn play_and_check(base_url: &str, admin_url: &str) -> Result<Report, DevError> {
    through(base_url, admin_url)
        .await
        .map_err(|error| DevError::Failed(error.to_string()))
}

async fn through(base_url: &str, admin_url: &str) -> Result<Report, TrafficError> {
    let recording = Recording::load()?;
    let gateway = Gateway::new(base_url, admin_url)?;
    let before = Counters::read(&gateway).await?;
    let bar = Bar::new(recording.requests().len());
    let played = play(&recording, &gateway, CONCURRENCY, |progress| bar.show(progress)).await?;
    bar.finish();
    check(&gateway, &recording, &played, before, PATIENCE).await
}

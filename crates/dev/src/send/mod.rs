//! `cargo dev send`: one request, signed as its provider signs, to any URL.

mod answer;
mod content;
mod key;
mod report;
mod request;
mod sample;
#[cfg(test)]
mod tests;

use std::process::ExitCode;

use crate::cli::Sending;
use crate::error::DevError;
use crate::{clock, randomness};
use answer::Sender;
use report::Report;

/// Sends it; fails unless every time it was answered with 2xx.
pub(crate) async fn run(wishes: Sending) -> Result<ExitCode, DevError> {
    let key = key::find(wishes.key_file.as_deref())?;
    let place = request::Place::of(&wishes, key.is_some())?;
    let unsigned = content::read(&wishes, &place)?;
    let nonce = randomness::random_bytes()?;
    let signed = request::sign(&wishes.provider, unsigned, key.as_deref(), clock::now(), nonce)?;
    let sender = Sender::new(&place, &signed)?;
    let mut report = Report::new(&wishes, &place, &signed);
    for _ in 0..wishes.times {
        report.add(sender.send().await)?;
    }
    report.finish()
}

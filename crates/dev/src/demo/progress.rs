//! How far the player is: a bar on a terminal, a line now and then elsewhere.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::talk;
use crate::traffic::play::Progress;

/// Requests between two lines where there is no terminal.
const STEP: usize = 50;

/// Shows the progress of one playing.
pub(super) struct Bar(Option<ProgressBar>);

impl Bar {
    /// A bar of `total` requests, or none where nobody could see it move.
    pub(super) fn new(total: usize) -> Self {
        talk::line(format_args!("playing {total} recorded provider requests"));
        if !std::io::stderr().is_terminal() {
            return Self(None);
        }
        let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("  {bar:40} {pos}/{len} requests  {msg}");
        Self(Some(bar.with_style(
            style.unwrap_or_else(|_| ProgressStyle::default_bar()),
        )))
    }

    /// Shows how far it is now.
    pub(super) fn show(&self, progress: Progress) {
        let Progress {
            sent,
            total,
            accepted,
            refused,
            retried,
        } = progress;
        match &self.0 {
            Some(bar) => {
                bar.set_position(sent as u64);
                bar.set_message(format!(
                    "{accepted} accepted, {refused} refused, {retried} sent again"
                ));
            }
            None if sent.is_multiple_of(STEP) || sent == total => {
                talk::line(format_args!(
                    "{sent}/{total} requests, {accepted} accepted, {refused} refused"
                ));
            }
            None => {}
        }
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

//! What is told of the answers: a line each and their sum, or one JSON object.

use std::io::{self, Write};
use std::process::ExitCode;

use mailroom_providers::signing::Outgoing;
use serde_json::json;

use super::answer::Answer;
use super::request::Place;
use crate::cli::{Output, Sending};
use crate::error::DevError;
use crate::talk;

/// Of an answer's body, so many characters are shown in a line.
const SHOWN: usize = 200;

/// The answers so far.
#[derive(Debug)]
pub(super) struct Report {
    output: Output,
    provider: String,
    url: String,
    public_url: String,
    bytes: usize,
    answers: Vec<Answer>,
}

impl Report {
    /// Of no answers yet.
    pub(super) fn new(wishes: &Sending, place: &Place, signed: &Outgoing) -> Self {
        let report = Self {
            output: wishes.output,
            provider: wishes.provider.clone(),
            url: place.url.clone(),
            public_url: place.public_url.clone(),
            bytes: signed.body.len(),
            answers: Vec::new(),
        };
        talk::line(format_args!(
            "{} bytes, signed by {} for {}, to {}",
            report.bytes, report.provider, report.public_url, report.url
        ));
        report
    }

    /// Takes one in, and shows it.
    pub(super) fn add(&mut self, answer: Answer) -> Result<(), DevError> {
        if self.output == Output::Text {
            print(&format!("{}\n", line(self.answers.len() + 1, &answer)))?;
        }
        self.answers.push(answer);
        Ok(())
    }

    /// Shows the sum; success when all were taken.
    pub(super) fn finish(self) -> Result<ExitCode, DevError> {
        let taken = self.answers.iter().filter(|answer| answer.is_taken()).count();
        let unanswered = self
            .answers
            .iter()
            .filter(|answer| answer.status.is_none())
            .count();
        let refused = self.answers.len() - taken - unanswered;
        print(&match self.output {
            Output::Text => {
                format!(
                    "{} sent: {taken} taken, {refused} refused, {unanswered} unanswered\n",
                    self.answers.len()
                )
            }
            Output::Json => {
                let document = json!({
                    "provider": self.provider, "to": self.url, "public_url": self.public_url, "bytes": self.bytes,
                    "sent": self.answers.len(), "taken": taken, "refused": refused, "unanswered": unanswered,
                    "answers": self.answers,
                });
                format!("{document:#}\n")
            }
        })?;
        Ok(if taken == self.answers.len() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

/// One answer in one line: what somebody else sends must not steer the terminal.
pub(super) fn line(number: usize, answer: &Answer) -> String {
    let (status, told) = match (&answer.error, answer.status) {
        (Some(error), _) => ("no answer".to_owned(), error.as_str()),
        (None, status) => (status.unwrap_or_default().to_string(), answer.body.as_str()),
    };
    let told: String = told
        .chars()
        .take(SHOWN)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    format!("{number}: {status} after {:.1} ms  {told}", answer.ms)
        .trim_end()
        .to_owned()
}

fn print(text: &str) -> Result<(), DevError> {
    io::stdout()
        .write_all(text.as_bytes())
        .map_err(DevError::io("print the answers"))
}

//! What the doctor found: findings, notes, and questions without an answer.

use mailroom_store::StoreError;
use serde_json::{Value, json};

use crate::tools::output::{Output, say};

/// Something that is wrong.
#[derive(Debug)]
struct Finding {
    /// For programs; does not change between releases.
    code: &'static str,
    /// What it is and what it means.
    what: String,
    /// What to do.
    remedy: String,
}

/// Everything that was found.
#[derive(Debug, Default)]
pub(super) struct Report {
    findings: Vec<Finding>,
    notes: Vec<String>,
    unanswered: Vec<String>,
}

impl Report {
    /// Something is wrong; both texts are whole sentences.
    pub(super) fn finding(&mut self, code: &'static str, what: impl Into<String>, remedy: impl Into<String>) {
        self.findings.push(Finding {
            code,
            what: what.into(),
            remedy: remedy.into(),
        });
    }

    /// Something is worth knowing.
    pub(super) fn note(&mut self, what: impl Into<String>) {
        self.notes.push(what.into());
    }

    /// A question was not answered.
    pub(super) fn unanswered(&mut self, question: &str, error: &StoreError) {
        self.unanswered.push(format!("{question}: {error}"));
    }

    /// The answer, if there is one.
    ///
    /// # Errors
    /// When the database is lost, not when it only refuses this question.
    pub(super) fn answer<T>(
        &mut self,
        question: &str,
        answer: Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        match answer {
            Ok(answer) => Ok(Some(answer)),
            Err(error @ (StoreError::Unreachable | StoreError::Unavailable { .. })) => Err(error),
            Err(error) => {
                self.unanswered(question, &error);
                Ok(None)
            }
        }
    }

    pub(super) fn has_findings(&self) -> bool {
        !self.findings.is_empty()
    }

    /// Whether every question was answered.
    pub(super) fn is_complete(&self) -> bool {
        self.unanswered.is_empty()
    }

    /// Says all of it on standard output.
    pub(super) fn tell(&self, output: Output) {
        if output == Output::Json {
            return say(self.as_json());
        }
        for Finding { code, what, remedy } in &self.findings {
            say(format_args!("{code}: {what} {remedy}"));
        }
        for question in &self.unanswered {
            say(format_args!("not answered: {question}"));
        }
        if self.findings.is_empty() && self.is_complete() {
            say("nothing is wrong");
        }
        for note in &self.notes {
            say(format_args!("note: {note}"));
        }
    }

    /// What was found, for tests of what is not made for real.
    #[cfg(test)]
    pub(super) fn codes(&self) -> Vec<&'static str> {
        self.findings.iter().map(|it| it.code).collect()
    }

    fn as_json(&self) -> Value {
        let findings: Vec<Value> = self
            .findings
            .iter()
            .map(|it| json!({"code": it.code, "what": it.what, "remedy": it.remedy}))
            .collect();
        json!({
            "healthy": self.findings.is_empty() && self.is_complete(),
            "findings": findings,
            "notes": self.notes,
            "unanswered": self.unanswered,
        })
    }
}

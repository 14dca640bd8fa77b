//! E-mail, however its provider hands it over: parsed into fields, or raw.

pub(crate) mod headers;
#[cfg(test)]
mod hostile_tests;
pub(crate) mod mailbox;
pub(crate) mod mime;
mod nesting;
#[cfg(test)]
mod tests;

pub(crate) use mailbox::mailbox;

use chrono::{DateTime, Utc};
use mailroom_domain::{
    Channel, Email, File, IncomingMessage, MessageReference, attachments, displayable, participant,
};

/// What there is to an e-mail beside who sent it to whom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mail {
    /// Its subject, decoded.
    pub(crate) subject: Option<String>,
    /// Its text, decoded.
    pub(crate) text: Option<String>,
    /// Its HTML, decoded.
    pub(crate) html: Option<String>,
    /// Its headers as they came, in order; ids and thread are taken from them.
    pub(crate) headers: Vec<(String, String)>,
    /// What is attached to it.
    pub(crate) files: Vec<File>,
    /// When it says it was written.
    pub(crate) date: Option<DateTime<Utc>>,
}

/// Why an e-mail is no message. Names fields, never values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    /// The sender's address is none.
    #[error("the sender is not an e-mail address")]
    Sender,
    /// The recipient's address is none.
    #[error("the recipient is not an e-mail address")]
    Recipient,
}

impl Mail {
    /// The first header of this name, in whatever case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        headers::first(&self.headers, name)
    }

    /// Its own id, without the angle brackets.
    pub(crate) fn message_id(&self) -> Option<String> {
        self.ids("message-id").into_iter().next()
    }

    /// The message that it is. `from` and `to` may be bare addresses or header values, of which the first mailbox counts.
    /// Its time is when it says it was written, else when it was recorded.
    ///
    /// # Errors
    /// [`Problem`] when one of them holds no address.
    pub(crate) fn into_message(
        self,
        from: &str,
        to: &str,
        reference: Option<MessageReference>,
        recorded_at: DateTime<Utc>,
    ) -> Result<IncomingMessage, Problem> {
        let (from, from_participant) = address(from).ok_or(Problem::Sender)?;
        let (to, to_participant) = address(to).ok_or(Problem::Recipient)?;
        let clean = |text: Option<String>| text.map(displayable);
        let mut email = Email {
            subject: clean(self.subject.clone()),
            message_id: self.message_id(),
            in_reply_to: self.ids("in-reply-to"),
            references: self.ids("references"),
            html: None,
            headers: Vec::new(),
        };
        let pairs = self.headers.into_iter();
        email.headers = pairs
            .map(|(name, value)| (displayable(name), displayable(value)))
            .collect();
        email.html = clean(self.html);
        let text = clean(self.text).filter(|text| !text.trim().is_empty());
        Ok(IncomingMessage {
            channel: Channel::Email,
            from,
            to,
            from_participant,
            to_participant,
            body: text.or_else(|| email.html.clone()).unwrap_or_default(),
            attachments: attachments(&self.files),
            files: self.files,
            email: Some(email),
            reference,
            timestamp: self.date.unwrap_or(recorded_at),
        })
    }

    fn ids(&self, name: &str) -> Vec<String> {
        let ids = self.header(name).map(headers::ids).unwrap_or_default();
        ids.into_iter().map(displayable).collect()
    }
}

/// An address as sent, and the participant it is.
fn address(text: &str) -> Option<(String, String)> {
    let sent = mailbox(text)?;
    let participant = participant(Channel::Email, &sent).ok()?;
    Some((sent, participant))
}

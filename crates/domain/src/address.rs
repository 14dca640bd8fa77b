//! Addresses: what counts as one, and the normalised form by which conversations are grouped.

use crate::Channel;

/// Not an address of its channel. Never carries the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// Neither digits nor the usual formatting, or too few or too many digits.
    #[error("not a phone number: 3 to 15 digits, an optional leading +, spaces and ( ) - . / between")]
    Phone,
    /// Not of the form local@domain.
    #[error("not an e-mail address: local@domain, without spaces, at most 320 bytes")]
    Email,
    /// Empty, too long, or with control characters.
    #[error("not a name: 1 to 320 bytes without control characters")]
    Name,
}

/// A phone number in normalised form: digits with an optional leading `+`. With the `+` this is E.164
/// (ITU-T E.164: at most 15 digits); short codes have three digits or more.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads a number as people write it and drops the formatting.
    ///
    /// # Errors
    /// [`BadAddress::Phone`] when it holds anything but digits and formatting, or not 3 to 15 digits.
    pub fn parse(text: &str) -> Result<Self, BadAddress> {
        let trimmed = text.trim();
        let (plus, rest) = match trimmed.strip_prefix('+') {
            Some(rest) => ("+", rest),
            None => ("", trimmed),
        };
        if text.len() > 64
            || !rest
                .chars()
                .all(|c| c.is_ascii_digit() || " ()-./\u{a0}".contains(c))
        {
            return Err(BadAddress::Phone);
        }
        let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
        if (3..=15).contains(&digits.len()) {
            Ok(Self(format!("{plus}{digits}")))
        } else {
            Err(BadAddress::Phone)
        }
    }

    /// The normalised number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An e-mail address in normalised form: lower-cased, without its plus-tag. For grouping only: mail is
/// answered at the address as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads a bare address.
    ///
    /// # Errors
    /// [`BadAddress::Email`] when it is not local@domain, holds white space, control or bracket characters,
    /// or is longer than 320 bytes.
    pub fn parse(text: &str) -> Result<Self, BadAddress> {
        let text = text.trim();
        let forbidden = |c: char| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"".contains(c);
        let (local, domain) = text.rsplit_once('@').ok_or(BadAddress::Email)?;
        if text.len() > 320
            || local.is_empty()
            || domain.is_empty()
            || local.contains('@')
            || text.contains(forbidden)
        {
            return Err(BadAddress::Email);
        }
        let untagged = match local.split_once('+') {
            Some((before, _)) if !before.is_empty() => before,
            _ => local,
        };
        Ok(Self(format!("{untagged}@{domain}").to_lowercase()))
    }

    /// The normalised address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The normalised participant for an address on a channel.
///
/// # Errors
/// [`BadAddress`] when it is not an address of that channel.
pub fn participant(channel: Channel, address: &str) -> Result<String, BadAddress> {
    match channel {
        Channel::Sms | Channel::Mms => PhoneNumber::parse(address).map(|number| number.0),
        Channel::Email => EmailAddress::parse(address).map(|address| address.0),
        Channel::Whatsapp => whatsapp(address),
        Channel::Telegram | Channel::Slack | Channel::Webhook => name(address),
    }
}

/// A number in E.164 however it is written (`whatsapp:+1555...`, or bare digits, which WhatsApp's own ids are), or the
/// id of a user who shows no number, as it is.
fn whatsapp(address: &str) -> Result<String, BadAddress> {
    let bare = address.trim();
    let bare = bare.strip_prefix("whatsapp:").unwrap_or(bare);
    match PhoneNumber::parse(bare) {
        Ok(number) => Ok(format!("+{}", number.0.trim_start_matches('+'))),
        Err(_) => name(bare),
    }
}

fn name(text: &str) -> Result<String, BadAddress> {
    let text = text.trim();
    if (1..=320).contains(&text.len()) && !text.contains(char::is_control) {
        Ok(text.to_owned())
    } else {
        Err(BadAddress::Name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn phone(text: &str) -> Option<String> {
        PhoneNumber::parse(text).ok().map(|number| number.0)
    }

    fn email(text: &str) -> Option<String> {
        EmailAddress::parse(text).ok().map(|address| address.0)
    }

    #[test]
    fn formatting_does_not_make_another_number() {
        for written in [
            "+1 (555) 010-0101",
            "+1.555.010.0101",
            " +15550100101 ",
            "+1-555-010-0101",
        ] {
            assert_eq!(phone(written).as_deref(), Some("+15550100101"), "{written}");
        }
        assert_eq!(phone("22395").as_deref(), Some("22395"));
        assert_ne!(
            phone("15550100101"),
            phone("+15550100101"),
            "the country is known only with a +"
        );
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for written in [
            "",
            "+",
            "12",
            "1234567890123456",
            "+1555CALLNOW",
            "1+5550100101",
            "++15550100101",
            "5550\u{0}101",
        ] {
            assert_eq!(phone(written), None, "{written:?}");
        }
    }

    #[test]
    fn case_and_plus_tags_do_not_make_another_address() {
        assert_eq!(
            email("User+tag+more@Example.COM").as_deref(),
            Some("user@example.com")
        );
        assert_eq!(email("+only@example.com").as_deref(), Some("+only@example.com"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for written in ["", "@", "a@", "@b", "a b@c", "a@b@c", "Name <a@b>", "a\0@b", "ab"] {
            assert_eq!(email(written), None, "{written:?}");
        }
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(text in "\\PC{0,40}") {
            for channel in [Channel::Sms, Channel::Email] {
                if let Ok(once) = participant(channel, &text) {
                    prop_assert_eq!(participant(channel, &once), Ok(once));
                }
            }
        }
    }
}

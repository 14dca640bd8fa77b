//! Headers of an e-mail (RFC 5322): from raw bytes, and what stands in those that tell its time and its thread.

use chrono::{DateTime, Utc};
use mail_parser::DateTime as MailDate;

/// Headers from raw bytes, up to the first empty line: in order, unfolded, otherwise as they came. What is not UTF-8
/// becomes U+FFFD, and lines that are no headers are left out.
pub(crate) fn parse(raw: &[u8]) -> Vec<(String, String)> {
    let lines = raw
        .split(|&byte| byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .skip_while(|line| line.is_empty())
        .take_while(|line| !line.is_empty());
    let mut headers: Vec<(String, String)> = Vec::new();
    let mut continues = false;
    for line in lines {
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            if let Some((_, value)) = headers.last_mut().filter(|_| continues) {
                value.push_str(&String::from_utf8_lossy(line));
            }
            continue;
        }
        let header = split(line);
        continues = header.is_some();
        headers.extend(header);
    }
    for (_, value) in &mut headers {
        let trimmed = value.trim();
        if trimmed.len() < value.len() {
            *value = trimmed.to_owned();
        }
    }
    headers
}

/// Name and value of a line; a name is visible ASCII (RFC 5322, 3.6.8).
fn split(line: &[u8]) -> Option<(String, String)> {
    let colon = line.iter().position(|&byte| byte == b':')?;
    let name = line[..colon].trim_ascii_end();
    let is_name = !name.is_empty() && name.iter().all(u8::is_ascii_graphic);
    is_name.then(|| {
        let [name, value] = [name, &line[colon + 1..]].map(|part| String::from_utf8_lossy(part).into_owned());
        (name, value)
    })
}

/// The value of the first header of this name, in whatever case.
pub(crate) fn first<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    headers
        .iter()
        .find(|(given, _)| given.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}

/// The ids in a `Message-ID`, `In-Reply-To` or `References` header, without angle brackets, which some senders forget.
pub(crate) fn ids(value: &str) -> Vec<String> {
    let ids: Vec<&str> = if value.contains('<') {
        let opened = value.split('<').skip(1);
        opened.filter_map(|rest| Some(rest.split_once('>')?.0)).collect()
    } else {
        value
            .split_whitespace()
            .filter(|word| word.contains('@'))
            .collect()
    };
    // A folded header may break an id in two.
    let whole = ids
        .into_iter()
        .map(|id| id.split_whitespace().collect::<String>());
    whole.filter(|id| !id.is_empty()).collect()
}

/// The time in a `Date` header, if it is one that can be: of the years 1970 to 9999.
pub(crate) fn date(value: &str) -> Option<DateTime<Utc>> {
    let date = MailDate::parse_rfc822(&format!("{}\n", value.replace(['\r', '\n'], " ")))?;
    let time = DateTime::from_timestamp(date.to_timestamp(), 0)?;
    (date.is_valid() && date.year >= 1970 && time >= DateTime::UNIX_EPOCH).then_some(time)
}

//! `multipart/form-data` bodies, held in memory, and the one type in which all forms of mail providers are read.

mod fields;
#[cfg(test)]
mod tests;
mod urlencoded;

pub(crate) use fields::Fields;

use std::convert::Infallible;

use futures_util::{FutureExt, stream};
use mail_parser::parsers::MessageStream;
use multer::{Field, Multipart, bytes::Bytes};

/// A form with more parts than this is no provider's.
pub(crate) const MOST_PARTS: usize = 1_000;

/// One part of a multipart form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// The field's name; empty when it has none.
    pub(crate) name: String,
    /// The file's name, if it is a file; empty when that could not be read.
    pub(crate) file_name: Option<String>,
    /// Its media type as sent.
    pub(crate) content_type: Option<String>,
    /// What it holds, undecoded.
    pub(crate) content: Vec<u8>,
}

/// The body is not what its `Content-Type` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a multipart form")]
pub(crate) struct Broken;

/// All parts of a form; `None` when it is broken or has more than [`MOST_PARTS`].
pub(crate) fn decode(content_type: &str, body: &[u8]) -> Option<Vec<Part>> {
    let parts = Parts::new(content_type, body)?.take(MOST_PARTS + 1);
    let parts: Vec<Part> = parts.collect::<Result<_, Broken>>().ok()?;
    (parts.len() <= MOST_PARTS).then_some(parts)
}

/// The parts of a form one after another; a broken one is the last.
pub(crate) struct Parts(Option<Multipart<'static>>);

impl Parts {
    /// The parts of this body; `None` when its type is another or names no boundary.
    pub(crate) fn new(content_type: &str, body: &[u8]) -> Option<Self> {
        let boundary = multer::parse_boundary(content_type).ok()?;
        let body = Bytes::copy_from_slice(body);
        let body = stream::once(async move { Ok::<_, Infallible>(body) });
        Some(Self(Some(Multipart::new(body, boundary))))
    }
}

impl Iterator for Parts {
    type Item = Result<Part, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        // The whole body is there, so nothing is ever awaited: what would wait is broken.
        let part = match self.0.as_mut()?.next_field().now_or_never() {
            Some(Ok(Some(field))) => part(field).ok_or(Broken),
            Some(Ok(None)) => {
                self.0 = None;
                return None;
            }
            Some(Err(_)) | None => Err(Broken),
        };
        if part.is_err() {
            self.0 = None;
        }
        Some(part)
    }
}

fn part(field: Field<'static>) -> Option<Part> {
    let header = |name| {
        let value = field.headers().get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let file_name = match field.file_name() {
        Some(name) => Some(name.to_owned()),
        None => header("content-disposition").and_then(|disposition| extended_file_name(&disposition)),
    };
    Some(Part {
        name: field.name().unwrap_or_default().to_owned(),
        file_name,
        content_type: header("content-type"),
        content: field.bytes().now_or_never()?.ok()?.to_vec(),
    })
}

/// A file name written as e-mail does (RFC 2231: `filename*=UTF-8''...`), which forms should not have, but do.
fn extended_file_name(disposition: &str) -> Option<String> {
    if !disposition.contains("filename") {
        return None;
    }
    let line = format!("{disposition}\n");
    let parsed = MessageStream::new(line.as_bytes())
        .parse_content_type()
        .into_content_type();
    let name = parsed.and_then(|parsed| parsed.attribute("filename").map(str::to_owned));
    Some(name.unwrap_or_default())
}

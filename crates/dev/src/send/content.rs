//! What to send: the built-in sample, or a file with the exact body or a whole request.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use mailroom_providers::signing::Outgoing;
use mailroom_providers::{MediaType, provider_named};

use super::request::Place;
use super::sample;
use crate::cli::Sending;
use crate::error::DevError;

/// The unsigned request.
///
/// # Errors
/// [`DevError`] when there is nothing to send, or nothing to tell its media type from.
pub(super) fn read(wishes: &Sending, place: &Place) -> Result<Outgoing, DevError> {
    let mut request = match &wishes.file {
        None => whole(
            place,
            sample::of(&wishes.provider).ok_or_else(|| {
                DevError::Failed(format!(
                    "there is no sample of `{}`: give --file",
                    wishes.provider
                ))
            })?,
        )?,
        Some(file) if file.extension().is_some_and(|extension| extension == "http") => {
            whole(place, &bytes(file)?)?
        }
        Some(file) => Outgoing {
            url: place.public_url.clone(),
            body: bytes(file)?,
            ..Outgoing::default()
        },
    };
    if let Some(query) = &place.query {
        query.clone_into(&mut request.query);
    }
    for (name, value) in &wishes.headers {
        request.set(name, value.clone());
    }
    if !request.headers.iter().any(|(name, _)| name == "content-type") {
        let media_type = media_type(&wishes.provider, &request.body).ok_or_else(|| {
            DevError::Failed(
                "say what the body is: --header 'content-type: multipart/form-data; boundary=...'".into(),
            )
        })?;
        request.set("content-type", media_type.to_owned());
    }
    Ok(request)
}

/// A file that holds headers as well.
fn whole(place: &Place, file: &[u8]) -> Result<Outgoing, DevError> {
    Outgoing::from_file(&place.public_url, file).ok_or_else(|| {
        DevError::Failed("a file .http has lines `name: value`, an empty line, and the body".into())
    })
}

fn bytes(file: &Path) -> Result<Vec<u8>, DevError> {
    if file == Path::new("-") {
        let mut body = Vec::new();
        io::stdin()
            .read_to_end(&mut body)
            .map_err(DevError::io("read standard input"))?;
        return Ok(body);
    }
    fs::read(file).map_err(DevError::io(format!("read {}", file.display())))
}

/// The media type in which the provider would post such a body, as far as one can tell.
fn media_type(provider: &str, body: &[u8]) -> Option<&'static str> {
    let posted = provider_named(provider)?.media_types();
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    let likely = match first {
        Some(b'{' | b'[') => [MediaType::Text, MediaType::Json, MediaType::Form],
        Some(b'-') if posted.contains(&MediaType::Multipart) => return None,
        _ => [MediaType::Form, MediaType::Text, MediaType::Json],
    };
    likely
        .into_iter()
        .find(|media_type| posted.contains(media_type))
        .map(|media_type| match media_type {
            MediaType::Text => "text/plain; charset=UTF-8",
            MediaType::Form => "application/x-www-form-urlencoded",
            MediaType::Json | MediaType::Multipart => "application/json",
        })
}

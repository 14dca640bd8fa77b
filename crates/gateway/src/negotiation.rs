//! Whether the caller can take what it would get: JSON.

use actix_web::http::header::{ACCEPT, HeaderMap};

/// Whether the `Accept` headers, if there are any, admit `application/json` (RFC 9110, 12.5.1: the most specific
/// range that matches decides, and a quality of 0 excludes).
pub(crate) fn accepts_json(headers: &HeaderMap) -> bool {
    let ranges: Vec<&str> = headers
        .get_all(ACCEPT)
        .flat_map(|value| value.to_str().unwrap_or_default().split(','))
        .map(str::trim)
        .filter(|range| !range.is_empty())
        .collect();
    if ranges.is_empty() {
        return true;
    }
    let decides = ["application/json", "application/*", "*/*"]
        .into_iter()
        .find_map(|wanted| {
            ranges.iter().find_map(|range| {
                let (media, parameters) = range.split_once(';').unwrap_or((range, ""));
                media
                    .trim()
                    .eq_ignore_ascii_case(wanted)
                    .then(|| quality(parameters))
            })
        });
    decides.is_some_and(|quality| quality > 0.0)
}

fn quality(parameters: &str) -> f32 {
    parameters
        .split(';')
        .filter_map(|parameter| parameter.trim().split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
        .map_or(1.0, |(_, value)| value.trim().parse().unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn accepts(accept: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        accepts_json(&headers)
    }

    #[test]
    fn json_is_given_unless_excluded() {
        assert!(accepts_json(&HeaderMap::new()));
        for accept in [
            "*/*",
            "application/json",
            "text/html, application/*;q=0.1",
            "text/html,*/*;q=0.8",
            "",
        ] {
            assert!(accepts(accept), "{accept}");
        }
        for accept in [
            "text/html",
            "application/xml, text/*",
            "application/json;q=0",
            "*/*, application/json;q=0",
        ] {
            assert!(!accepts(accept), "{accept}");
        }
    }
}

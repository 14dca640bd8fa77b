//! Around every request: its id, its place in a trace, its metrics, and one line in the log when it is refused.

use std::time::Instant;

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{CACHE_CONTROL, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use mailroom_providers::Unverified;
use tracing::{Instrument, Level, field::Empty};

use crate::{app::App, error::ApiError, measures, trace};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The middleware.
pub(crate) async fn observe(
    app: Data<App>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let began = Instant::now();
    let request_id = request_id(&request).unwrap_or_else(|| app.ids.request().to_string());
    let route = request.match_pattern().unwrap_or_else(|| "none".to_owned());
    let method = known(request.method());
    let span = tracing::info_span!(
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        request_id,
    );
    trace::join(&span, request.headers());
    let response = next
        .call(request)
        .instrument(span.clone())
        .await?
        .map_into_boxed_body();
    let _entered = span.enter();
    let refusal = response
        .response()
        .error()
        .and_then(|error| error.as_error::<ApiError>());
    let outcome = refusal.map_or("ok", ApiError::metric_label);
    let status = response.status().as_u16();
    span.record("http.response.status_code", status);
    measures::request(&route, outcome, began.elapsed().as_secs_f64());
    let mut response = match refusal {
        None => response,
        Some(refusal) => {
            log(refusal, status);
            let answer = refusal.answer(Some(request_id.clone()), app.ids.retry_after());
            ServiceResponse::new(response.request().clone(), answer)
        }
    };
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// A method by its name, if it has one: anybody can make up others, and what callers write stays out of logs.
fn known(method: &Method) -> &'static str {
    const NAMES: [&str; 8] = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE",
    ];
    let name = NAMES.into_iter().find(|name| *name == method.as_str());
    name.unwrap_or("_OTHER") // as OpenTelemetry's conventions have it
}

/// The caller's own id for the request, if it is one to put into logs.
fn request_id(request: &ServiceRequest) -> Option<String> {
    let given = request.headers().get(REQUEST_ID)?.to_str().ok()?;
    let sane = (1..=64).contains(&given.len())
        && given
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    sane.then(|| given.to_owned())
}

fn log(refusal: &ApiError, status: u16) {
    let code = refusal.metric_label();
    match (refusal.log_level(), refusal) {
        (_, ApiError::Internal(cause)) => tracing::error!(code, status, %cause, "request failed"),
        (Level::WARN, _) => tracing::warn!(code, status, reason = %refusal, "request could not be served"),
        _ => {
            let cause = refusal.unverified().map(Unverified::label);
            tracing::info!(code, status, cause, reason = %refusal, "request refused");
        }
    }
}

//! `GET /openapi.json`: all of this, for machines.

use actix_web::{HttpResponse, web::Data};
use utoipa::{OpenApi, openapi};

/// The specification, made once.
#[derive(Debug)]
pub(crate) struct Specification(String);

#[derive(OpenApi)]
#[openapi(
    info(title = "mailroom", description = "Webhooks in, conversations out."),
    paths(
        super::webhook_sms::receive,
        super::webhook_email::receive,
        super::webhook_provider::receive,
        super::webhook_provider::ask,
        super::conversations::list,
        super::messages::list,
        super::healthz::show,
    )
)]
struct Described;

/// Describes every route.
pub(crate) fn describe() -> Specification {
    let document: openapi::OpenApi = Described::openapi();
    Specification(
        document
            .to_json()
            .expect("a document made of derived parts serialises"),
    )
}

pub(crate) async fn show(specification: Data<Specification>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(specification.0.clone())
}

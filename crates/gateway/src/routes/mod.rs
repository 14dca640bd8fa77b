//! Routes: one file each.

mod conversations;
mod healthz;
mod messages;
mod specification;
mod webhook_email;
mod webhook_provider;
mod webhook_sms;

use actix_web::{
    HttpResponse, Resource, Route,
    web::{self, ServiceConfig},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::ApiError;

pub(crate) use specification::describe;

/// Registers every route.
pub(crate) fn all(config: &mut ServiceConfig) {
    config
        .service(resource(
            "/api/webhooks/sms",
            "POST",
            web::post().to(webhook_sms::receive),
        ))
        .service(resource(
            "/api/webhooks/email",
            "POST",
            web::post().to(webhook_email::receive),
        ))
        .service(resource(
            "/webhooks/{provider}/{endpoint}",
            "POST",
            web::post().to(webhook_provider::receive),
        ))
        .service(resource(
            "/api/conversations",
            "GET",
            web::get().to(conversations::list),
        ))
        .service(resource(
            "/api/conversations/{id}/messages",
            "GET",
            web::get().to(messages::list),
        ))
        .service(resource("/healthz", "GET", web::get().to(healthz::show)))
        .service(resource(
            "/openapi.json",
            "GET",
            web::get().to(specification::show),
        ))
        .default_service(web::to(async || Err::<HttpResponse, _>(ApiError::NotFound)));
}

/// A path with the one method it takes; any other is answered with 405 and `Allow`.
fn resource(path: &str, method: &'static str, route: Route) -> Resource {
    let refusal = move || async move { Err::<HttpResponse, _>(ApiError::MethodNotAllowed(method)) };
    web::resource(path).route(route).default_service(web::to(refusal))
}

/// What every accepted webhook of ours is answered with.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Accepted {
    /// Always `accepted`: the event is committed, as this delivery or an earlier one of it.
    #[schema(example = "accepted")]
    status: &'static str,
}

fn accepted() -> HttpResponse {
    HttpResponse::Accepted().json(Accepted { status: "accepted" })
}

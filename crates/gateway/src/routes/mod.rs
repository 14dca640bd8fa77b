//! Routes: one file each.

mod accepted;
mod conversations;
mod healthz;
mod message_pieces;
mod messages;
mod specification;
mod time;
mod webhook_email;
mod webhook_provider;
mod webhook_sms;

use actix_web::{
    HttpResponse, Resource, Route, guard,
    web::{self, ServiceConfig},
};

use crate::{app::App, body, config::RefusalStatuses, error::ApiError};

pub(crate) use specification::describe;

const SMS: &str = "/api/webhooks/sms";
const EMAIL: &str = "/api/webhooks/email";
const PROVIDER: &str = "/webhooks/{provider}/{endpoint}";
const CONVERSATIONS: &str = "/api/conversations";
const MESSAGES: &str = "/api/conversations/{id}/messages";
const HEALTHZ: &str = "/healthz";
const SPECIFICATION: &str = "/openapi.json";

/// Every path there is.
pub(crate) const ROUTES: &[&str] = &[
    SMS,
    EMAIL,
    PROVIDER,
    CONVERSATIONS,
    MESSAGES,
    HEALTHZ,
    SPECIFICATION,
];

/// Registers every route.
pub(crate) fn all(config: &mut ServiceConfig) {
    config
        .service(resource(SMS, "POST", web::post().to(webhook_sms::receive)))
        .service(resource(EMAIL, "POST", web::post().to(webhook_email::receive)))
        .service(
            resource(PROVIDER, "POST", web::post().to(webhook_provider::receive))
                .route(web::get().to(webhook_provider::ask))
                .default_service(web::to(webhook_provider::refuse)),
        )
        .service(resource(CONVERSATIONS, "GET", web::get().to(conversations::list)))
        .service(resource(MESSAGES, "GET", web::get().to(messages::list)))
        .service(resource(HEALTHZ, "GET, HEAD", get_or_head().to(healthz::show)))
        .service(resource(
            SPECIFICATION,
            "GET, HEAD",
            get_or_head().to(specification::show),
        ))
        .default_service(web::to(async || Err::<HttpResponse, _>(ApiError::NotFound)));
}

/// How large a body may be that is announced for this path, and how it is refused beyond.
pub(crate) fn limits_at(app: &App, path: &str) -> (usize, RefusalStatuses) {
    let names = path
        .strip_prefix("/webhooks/")
        .and_then(|names| names.split_once('/'));
    names.map_or(
        (body::LIMIT, RefusalStatuses::default()),
        |(provider, endpoint)| webhook_provider::limits_at(app, provider, endpoint),
    )
}

/// For what looks whether something is there, as balancers do.
fn get_or_head() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// A path with what it takes; any other is answered with 405 and `Allow`.
fn resource(path: &str, method: &'static str, route: Route) -> Resource {
    let refusal = move || async move { Err::<HttpResponse, _>(ApiError::MethodNotAllowed(method)) };
    web::resource(path).route(route).default_service(web::to(refusal))
}

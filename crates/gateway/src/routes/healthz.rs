//! `GET /healthz`: the process answers.

use actix_web::HttpResponse;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Healthy {
    #[schema(example = "healthy")]
    status: &'static str,
}

/// Says that the process answers. Whether it should be sent work is for `/readyz` on the admin port.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, body = Healthy)))]
pub(crate) async fn show() -> HttpResponse {
    HttpResponse::Ok().json(Healthy { status: "healthy" })
}

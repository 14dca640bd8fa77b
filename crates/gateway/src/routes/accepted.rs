//! What an accepted webhook of our own is answered with.

use actix_web::HttpResponse;
use serde::Serialize;
use utoipa::ToSchema;

/// What every accepted webhook of ours is answered with.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Accepted {
    /// Always `accepted`: the event is committed, as this delivery or an earlier one of it.
    #[schema(example = "accepted")]
    status: &'static str,
}

pub(super) fn accepted() -> HttpResponse {
    HttpResponse::Accepted().json(Accepted { status: "accepted" })
}

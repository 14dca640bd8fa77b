//! What a user would write: a handler that inserts one row for each request and answers when it is committed.

use std::net::SocketAddr;

use actix_web::web::{Bytes, Data, PayloadConfig};
use actix_web::{App, HttpResponse, HttpServer, Responder, web};
use serde::Deserialize;
use serde_json::value::RawValue;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

use crate::error::BenchError;

/// Its table: what was sent, and its id once.
pub const TABLE: &str = "
    drop table if exists public.hand_written;
    create table public.hand_written (
        id                   uuid primary key default gen_random_uuid(),
        provider_message_id  text not null unique,
        sender               text not null,
        recipient            text not null,
        payload              jsonb not null,
        created_at           timestamptz not null default now()
    )";
/// One row, committed when the statement ends.
const INSERT: &str = "
    insert into public.hand_written (provider_message_id, sender, recipient, payload) values ($1, $2, $3, $4::jsonb)
    on conflict (provider_message_id) do nothing";
/// The same row as a script of `pgbench`: what PostgreSQL does when nothing stands in between.
pub const PGBENCH: &str = "insert into public.hand_written (provider_message_id, sender, recipient, payload)
values (gen_random_uuid()::text, '+15550000001', '+15550199000',
        jsonb_build_object('from', '+15550000001', 'to', '+15550199000', 'type', 'sms', 'body', repeat('Your parcel is at the door. ', 30)));
";
/// Connections of its pool. More made it slower, fewer as well.
const POOL: u32 = 20;

#[derive(Deserialize)]
struct Message<'a> {
    messaging_provider_id: &'a str,
    from: &'a str,
    to: &'a str,
}

/// Serves until the process is ended.
///
/// # Errors
/// [`BenchError`] when it cannot begin.
pub async fn serve(listen: SocketAddr, database: &str) -> Result<(), BenchError> {
    let pool = PgPoolOptions::new()
        .max_connections(POOL)
        .min_connections(POOL)
        .connect(database)
        .await?;
    sqlx::raw_sql(TABLE).execute(&pool).await?;
    let server = HttpServer::new(move || {
        App::new()
            .app_data(PayloadConfig::new(1 << 20))
            .app_data(Data::new(pool.clone()))
            .route("/api/webhooks/sms", web::post().to(take))
    });
    Ok(server.workers(2).bind(listen)?.run().await?)
}

async fn take(pool: Data<PgPool>, body: Bytes) -> impl Responder {
    let (Ok(message), Ok(payload)) = (
        serde_json::from_slice::<Message<'_>>(&body),
        serde_json::from_slice::<&RawValue>(&body),
    ) else {
        return HttpResponse::BadRequest();
    };
    let insert = sqlx::query(INSERT)
        .bind(message.messaging_provider_id)
        .bind(message.from)
        .bind(message.to)
        .bind(payload.get());
    match insert.execute(pool.get_ref()).await {
        Ok(_) => HttpResponse::Accepted(),
        Err(_) => HttpResponse::ServiceUnavailable(),
    }
}

//! Puts the gateway together and runs it until it is told to stop.

use std::{io, sync::Arc};

use actix_web::web::Data;
use mailroom_bootstrap::process::Context;
use mailroom_providers::{BadRedaction, Redaction};
use mailroom_store::Shelf;
use rand::rngs::StdRng;

use crate::{
    announcer::Announcer,
    app::App,
    clock::Clock,
    config::GatewayConfig,
    endpoints::Endpoints,
    ids::Ids,
    in_flight::InFlight,
    measures,
    outside::Outside,
    patience::Patience,
    pools::{self, Pools, PoolsError},
    reads::{self, Looks, Reads, Replica},
    recorder::{NotRecorded, Recorder},
    routes, server,
    watch::watch,
};

/// Why the gateway did not come to serve, or stopped serving.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The database settings are wrong.
    #[error(transparent)]
    Database(#[from] PoolsError),
    /// The redaction settings make no sense.
    #[error("redact: {0}")]
    Redaction(#[from] BadRedaction),
    /// An endpoint needs certificates from the internet, and none can be fetched.
    #[error("{0}; install them, or set the endpoint's `certificate`")]
    Outside(String),
    /// The public address cannot be had.
    #[error("cannot listen on {address}: {source}; set MAILROOM__SERVER__LISTEN to a free address")]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The server failed.
    #[error("the HTTP server failed: {0}")]
    Server(#[from] io::Error),
}

/// Serves until asked to stop, then goes on serving for the drain delay, stops accepting, answers what it has
/// taken, and writes down what was handed in.
///
/// # Errors
/// [`ServeError`] when it cannot begin.
pub async fn serve(
    config: GatewayConfig,
    context: Context,
    clock: Clock,
    randomness: StdRng,
) -> Result<(), ServeError> {
    let endpoints = Endpoints::new(&config.endpoints)?;
    let outside = Outside::new(&endpoints).map_err(|problem| ServeError::Outside(problem.to_string()))?;
    measures::describe(routes::ROUTES, NotRecorded::LABELS, &endpoints);
    let pools = Pools::new(&config)?;
    let announcer = Announcer::default();
    tokio::spawn(announcer.clone().run(pools.announcements));
    let (recorder, writers) = Recorder::start(&config.recording, &pools.recording, &announcer);
    let replica = pools.replica.map(|pool| {
        let looks = Looks::new(config.reads.max_staleness());
        tokio::spawn(reads::watch(pools.log, looks.clone()));
        Replica::new(Shelf::of(pool), looks)
    });
    let reads = Arc::new(Reads::new(Shelf::of(pools.reads), replica));
    tokio::spawn(watch(
        pools.health,
        (pools.recording, pools::needed(&config)),
        Arc::clone(&reads),
        context.health.check("database"),
        context.health.check("schema"),
    ));
    if !config.allows_unsigned() {
        tracing::info!("unsigned calls to /api are refused (profile, server.allow_unsigned)");
    }

    let address = config.server.listen;
    let listen = |source| ServeError::Listen { address, source };
    let listener = server::listen(&config.server).map_err(listen)?;
    let bound = listener.local_addr().map_err(listen)?;
    let app = Data::new(App {
        reads,
        tokens: pools.tokens,
        recorder,
        endpoints,
        direct_redaction: Redaction::new(&config.direct.redact)?,
        clock,
        outside,
        ids: Ids::new(randomness),
        in_flight: InFlight::new(config.server.max_bytes_in_flight, config.largest_body()),
        patience: Patience::new(&config.server, context.stop.clone()),
        allows_unsigned: config.allows_unsigned(),
    });
    let shutdown_timeout = config
        .shutdown
        .deadline()
        .saturating_sub(config.shutdown.drain_delay());
    let server = server::start(&config.server, shutdown_timeout, listener, &app)?;
    tracing::info!(address = %bound, "listening");

    let handle = server.handle();
    let stop = context.stop.clone();
    tokio::spawn(async move {
        stop.drained().await;
        handle.stop(true).await;
    });
    server.await?;
    drop(app);
    for writer in writers {
        // A writer that panicked has been logged; nobody waits for its orders any more.
        let _ = writer.await;
    }
    Ok(())
}

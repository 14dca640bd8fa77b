//! The public server: threads, connections, and on each of them HTTP/1.1.

use std::{
    future::ready,
    io,
    net::{SocketAddr, TcpListener},
    rc::Rc,
    time::Duration,
};

use actix_http::{
    HttpService, KeepAlive, Request, Response,
    body::BoxBody,
    error::{DispatchError, ParseError},
};
use actix_server::{Server, ServerBuilder};
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::{
    App as Actix,
    dev::AppConfig,
    middleware::from_fn,
    web::{Data, PayloadConfig},
};
use mailroom_bootstrap::open_files;
use tokio::net::{TcpSocket, TcpStream};

use crate::{
    app::App,
    body,
    config::ServerConfig,
    connection::{self, Connection, HEAD_TOO_LARGE, Pace, Patience},
    head, observe, routes,
};

/// How long a client that was answered early may go on sending before it is cut off: closed at once, it might not
/// see the answer.
const LINGER: Duration = Duration::from_secs(1);

/// Listens on the public address.
///
/// # Errors
/// Whatever the system says.
pub(crate) fn listen(config: &ServerConfig) -> io::Result<TcpListener> {
    let socket = match config.listen {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    socket.set_reuseaddr(true)?;
    socket.bind(config.listen)?;
    socket.listen(config.backlog)?.into_std()
}

/// A server that runs when it is awaited. Stopping it in good order may take `shutdown_timeout`.
///
/// # Errors
/// Whatever the system says.
pub(crate) fn start(
    config: &ServerConfig,
    shutdown_timeout: Duration,
    listener: TcpListener,
    app: &Data<App>,
) -> io::Result<Server> {
    let patience = Patience {
        head: config.head_timeout(),
        idle: config.keep_alive(),
        unread: config.body_timeout(),
        linger: LINGER,
    };
    let connections = connections(config, open_files::limit());
    let builder = ServerBuilder::new()
        .workers(config.threads())
        .max_concurrent_connections(connections.div_ceil(config.threads()))
        .shutdown_timeout(shutdown_timeout.as_secs())
        .disable_signals();
    let stopping = builder.graceful_shutdown_signal();
    let specification = Data::new(routes::describe());
    let app = app.clone();
    let server = builder.listen("public", listener, move || {
        let stopping = stopping.clone();
        let announced = app.clone();
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            // The connection itself knows better how long to wait for what.
            .keep_alive(KeepAlive::Os)
            .client_request_timeout(Duration::ZERO)
            .client_disconnect_timeout(LINGER)
            .on_connect_ext(|connection: &Connection, data| {
                data.insert(connection.pace());
            })
            .expect(fn_service(move |request| ready(expect(&announced, request))))
            .h1(map_config(
                Actix::new()
                    .app_data(app.clone())
                    .app_data(specification.clone())
                    .app_data(PayloadConfig::new(body::LIMIT))
                    .wrap(from_fn(observe::observe))
                    .configure(routes::all)
                    .into_factory(),
                |()| AppConfig::default(),
            ));
        fn_service(move |stream: TcpStream| {
            let peer = stream.peer_addr().ok();
            ready(Ok((Connection::new(stream, patience), peer)))
        })
        .and_then(http)
        .map_err(|error| tell(&error))
    })?;
    Ok(server.run())
}

/// How many connections are taken: no more than there may be files, and some are left for the database and the platform. Those
/// that come then wait for a place instead of being turned away, and nothing else fails for want of one.
fn connections(config: &ServerConfig, open_files: Option<u64>) -> usize {
    let room = open_files.map_or(usize::MAX, |most| {
        usize::try_from(most - most / 8).unwrap_or(usize::MAX)
    });
    if room < config.max_connections {
        tracing::warn!(
            connections = room,
            wanted = config.max_connections,
            "this process may not open as many files as server.max_connections wants: raise the limit (ulimit -n, LimitNOFILE)"
        );
    }
    config.max_connections.min(room)
}

/// What is done about `Expect: 100-continue`: a body that would be refused is not asked for.
fn expect(app: &App, request: Request) -> Result<Request, Response<BoxBody>> {
    match head::check_announced(app, request.head()) {
        Ok(()) => Ok(request),
        Err(refusal) => {
            if let Some(pace) = request.conn_data::<Rc<Pace>>() {
                Rc::clone(pace).answering().early();
            }
            Err(observe::refuse_early(app, request.head(), &refusal).into())
        }
    }
}

/// Counts who does not speak HTTP. It is no trouble of ours; actix would log it as an error.
fn tell(error: &DispatchError) {
    let cause = match error {
        DispatchError::Parse(ParseError::TooLarge) => HEAD_TOO_LARGE,
        DispatchError::Parse(_) => "malformed",
        _ => return,
    };
    connection::cut(cause);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_connections_are_taken_than_there_may_be_files() {
        let config = ServerConfig {
            max_connections: 10_000,
            ..ServerConfig::default()
        };
        for (files, taken) in [(Some(1_024), 896), (Some(20_000), 10_000), (None, 10_000)] {
            assert_eq!(connections(&config, files), taken);
        }
    }
}

//! The admin listener: a small HTTP/1 server for probes and metrics that serves until the process is gone.

mod routes;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use crate::health::Health;
use crate::metrics::Metrics;
use crate::service::Service;

/// Probes and a few scrapers; further ones wait their turn.
const CONNECTIONS: usize = 32;
/// How long a client may take to send its request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(2);
/// How long one connection may last in all, so that slow readers cannot keep the places.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(10);

/// What the routes tell about.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) service: Service,
    pub(crate) health: Health,
    pub(crate) metrics: Metrics,
}

/// A bound listener that does not serve yet.
#[derive(Debug)]
pub(crate) struct Admin {
    listener: TcpListener,
    address: SocketAddr,
}

impl Admin {
    /// Binds `address`; port 0 takes a free one. Must be called inside the runtime.
    pub(crate) fn bind(address: SocketAddr) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok(Self {
            listener: TcpListener::from_std(listener)?,
            address,
        })
    }

    /// The address it is really bound to.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves for as long as it is polled.
    pub(crate) async fn serve(self, told: Told) {
        let told = Arc::new(told);
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            let Ok(place) = places.clone().acquire_owned().await else {
                return;
            };
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    let told = told.clone();
                    tokio::spawn(async move {
                        // A client that goes away or dawdles is its own affair.
                        let _ = timeout(CONNECTION_TIMEOUT, converse(stream, told)).await;
                        drop(place);
                    });
                }
                // Out of file descriptors, most likely: wait for some to come free.
                Err(_) => sleep(Duration::from_millis(50)).await,
            }
        }
    }
}

async fn converse(stream: TcpStream, told: Arc<Told>) -> hyper::Result<()> {
    let service = service_fn(|request| {
        let answer = routes::answer(&request, &told);
        async move { Ok::<_, std::convert::Infallible>(answer) }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .keep_alive(false)
        .max_buf_size(16 * 1024)
        .serve_connection(TokioIo::new(stream), service)
        .await
}

#[cfg(test)]
mod tests;

//! A load balancer before the gateways, as simple as they get: connections go in turn to whoever says that it is ready.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::error::DevError;

/// How often it asks. A gateway goes on serving for longer than this once it says that it is not ready any more.
const ASK_AGAIN: Duration = Duration::from_millis(100);

/// A gateway behind it.
struct Backend {
    port: u16,
    admin: u16,
    ready: AtomicBool,
}

/// The balancer.
pub(super) struct Balancer {
    /// Where it listens.
    pub(super) port: u16,
    tasks: [JoinHandle<()>; 2],
}

impl Balancer {
    /// Opens it before gateways with these public and admin ports.
    ///
    /// # Errors
    /// No port is free.
    pub(super) async fn open(
        gateways: impl Iterator<Item = (u16, u16)>,
        client: reqwest::Client,
    ) -> Result<Self, DevError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .map_err(DevError::io("open the balancer"))?;
        let port = listener
            .local_addr()
            .map_err(DevError::io("open the balancer"))?
            .port();
        let backends: Arc<[Backend]> = gateways
            .map(|(port, admin)| Backend {
                port,
                admin,
                ready: AtomicBool::new(true),
            })
            .collect();
        let asking = tokio::spawn(ask(Arc::clone(&backends), client));
        let accepting = tokio::spawn(accept(listener, backends));
        Ok(Self {
            port,
            tasks: [asking, accepting],
        })
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn ask(backends: Arc<[Backend]>, client: reqwest::Client) {
    loop {
        for backend in backends.iter() {
            let url = format!("http://127.0.0.1:{}/readyz", backend.admin);
            let ready = client
                .get(url)
                .send()
                .await
                .is_ok_and(|answer| answer.status().is_success());
            backend.ready.store(ready, Relaxed);
        }
        sleep(ASK_AGAIN).await;
    }
}

async fn accept(listener: TcpListener, backends: Arc<[Backend]>) {
    let turn = AtomicUsize::new(0);
    loop {
        let Ok((mut client, _)) = listener.accept().await else {
            sleep(ASK_AGAIN).await;
            continue;
        };
        let first = turn.fetch_add(1, Relaxed);
        let chosen = (first..first + backends.len())
            .map(|at| &backends[at % backends.len()])
            .find(|backend| backend.ready.load(Relaxed));
        if let Some(backend) = chosen {
            let port = backend.port;
            tokio::spawn(async move {
                if let Ok(mut gateway) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await {
                    // However it ends, the client sees it end.
                    let _ = copy_bidirectional(&mut client, &mut gateway).await;
                }
            });
        }
    }
}

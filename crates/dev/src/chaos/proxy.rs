//! The line between a process and the database, which can be cut, held up, led elsewhere, or lose its answers.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::error::DevError;

/// What the line does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State {
    /// The port it leads to.
    to: u16,
    /// Connections made before it last rose are cut.
    cut: u64,
    /// Connections that hear an answer after it last rose lose that answer and are cut.
    swallow: u64,
    /// Whether what the process says gets through.
    says: bool,
    /// Whether what it is told gets through.
    hears: bool,
}

/// A line with its own port.
#[derive(Debug)]
pub(super) struct Proxy {
    port: u16,
    state: watch::Sender<State>,
}

impl Proxy {
    /// Opens a line to the server at this port of the loopback.
    ///
    /// # Errors
    /// No port is free.
    pub(super) async fn open(to: u16) -> Result<Self, DevError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .map_err(DevError::io("open a line to the database"))?;
        let port = listener
            .local_addr()
            .map_err(DevError::io("open a line to the database"))?
            .port();
        let (state, watched) = watch::channel(State {
            to,
            cut: 0,
            swallow: 0,
            says: true,
            hears: true,
        });
        tokio::spawn(async move {
            loop {
                match listener.accept().await {
                    Ok((client, _)) => drop(tokio::spawn(carry(client, watched.clone()))),
                    // Out of descriptors: whoever called calls again.
                    Err(_) => sleep(Duration::from_millis(50)).await,
                }
            }
        });
        Ok(Self { port, state })
    }

    /// Its own port.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Leads new connections to another server and cuts the old ones.
    pub(super) fn lead_to(&self, port: u16) {
        self.state.send_modify(|state| {
            state.to = port;
            state.cut += 1;
        });
    }

    /// Leads new connections to another server and leaves the old ones as they are.
    pub(super) fn lead_others_to(&self, port: u16) {
        self.state.send_modify(|state| state.to = port);
    }

    /// Resets every connection.
    pub(super) fn cut(&self) {
        self.state.send_modify(|state| state.cut += 1);
    }

    /// Every statement that is under way is done, and its answer lost with the connection.
    pub(super) fn swallow(&self) {
        self.state.send_modify(|state| state.swallow += 1);
    }

    /// Holds up what the process says, what it is told, or both; nothing is lost, as in a partition that heals.
    pub(super) fn hold(&self, says: bool, hears: bool) {
        self.state.send_modify(|state| {
            state.says = !says;
            state.hears = !hears;
        });
    }
}

/// Carries one connection until an end of it closes or the line is cut.
async fn carry(client: TcpStream, mut state: watch::Receiver<State>) {
    let born = *state.borrow_and_update();
    let server = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, born.to))).await;
    let Ok(server) = server else {
        reset(&client);
        return;
    };
    for stream in [&client, &server] {
        // Without it small packets wait for each other, and the line would be slower than none.
        let _ = stream.set_nodelay(true);
    }
    // With the socket closed abruptly the other end sees a reset, as after a cut, and not a polite end.
    reset(&client);
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        _ = pump(from_client, to_server, state.clone(), |state| state.says, None) => {}
        _ = pump(from_server, to_client, state.clone(), |state| state.hears, Some(born.swallow)) => {}
        _ = state.wait_for(|now| now.cut != born.cut) => {}
    }
}

/// Moves bytes one way while they may pass.
async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut state: watch::Receiver<State>,
    may_pass: fn(&State) -> bool,
    swallowed: Option<u64>,
) -> io::Result<()> {
    let mut buffer = vec![0; 16 << 10];
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 || swallowed.is_some_and(|before| state.borrow().swallow != before) {
            return Ok(());
        }
        if state.wait_for(may_pass).await.is_err() {
            return Ok(());
        }
        to.write_all(&buffer[..read]).await?;
    }
}

fn reset(stream: &TcpStream) {
    // Where it cannot be set the end is polite, which is a fault as well.
    let _ = stream.set_zero_linger();
}

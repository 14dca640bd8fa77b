//! The admin listener over a real socket.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{Admin, CONNECTIONS, Told};
use crate::health::Health;
use crate::metrics::Metrics;
use crate::service::Service;

fn started() -> (SocketAddr, Health) {
    let health = Health::new();
    let service = Service {
        name: "mailroom-test",
        version: "1.2.3",
        about: "",
    };
    let admin = Admin::bind(([127, 0, 0, 1], 0).into()).unwrap();
    let address = admin.address();
    tokio::spawn(admin.serve(Told {
        service,
        health: health.clone(),
        metrics: Metrics::detached(),
    }));
    (address, health)
}

/// Status and body.
async fn ask(address: SocketAddr, method: &str, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(format!("{method} {path} HTTP/1.1\r\nHost: admin\r\n\r\n").as_bytes())
        .await
        .unwrap();
    let mut answer = String::new();
    timeout(Duration::from_secs(9), stream.read_to_string(&mut answer))
        .await
        .unwrap()
        .unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

#[tokio::test]
async fn ready_follows_the_checks_and_the_drain() {
    let (address, health) = started();
    let check = health.check("database");
    assert_eq!(
        ask(address, "GET", "/readyz").await,
        (
            503,
            r#"{"failing":{"database":"starting"},"status":"not ready"}"#.to_owned()
        )
    );
    check.pass();
    assert_eq!(
        ask(address, "GET", "/readyz").await,
        (200, r#"{"failing":{},"status":"ready"}"#.to_owned())
    );
    health.drain();
    assert_eq!(
        ask(address, "GET", "/readyz").await,
        (503, r#"{"failing":{},"status":"draining"}"#.to_owned())
    );
    assert_eq!(ask(address, "GET", "/livez").await.0, 200);
}

#[tokio::test]
async fn tells_its_version_and_metrics() {
    let (address, _health) = started();
    let (status, body) = ask(address, "GET", "/version").await;
    assert_eq!(status, 200);
    assert!(
        body.starts_with(r#"{"name":"mailroom-test","version":"1.2.3""#),
        "{body}"
    );
    assert_eq!(ask(address, "GET", "/metrics?x=1").await.0, 200);
}

#[tokio::test]
async fn refuses_what_it_does_not_have() {
    let (address, _health) = started();
    assert_eq!(ask(address, "GET", "/").await.0, 404);
    assert_eq!(ask(address, "GET", "/readyz/").await.0, 404);
    assert_eq!(ask(address, "POST", "/readyz").await.0, 405);
    assert_eq!(ask(address, "HEAD", "/livez").await, (200, String::new()));
}

#[tokio::test]
async fn silent_clients_do_not_keep_probes_out() {
    let (address, _health) = started();
    let mut silent = Vec::new();
    for _ in 0..CONNECTIONS * 2 {
        silent.push(TcpStream::connect(address).await.unwrap());
    }
    assert_eq!(ask(address, "GET", "/livez").await.0, 200);
}

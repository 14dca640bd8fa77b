//! Servers that are not there, and what is said about them.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use crate::command::{finish, program, run, start};
use crate::database::Database;

/// A port that nobody listens on, for a moment at least.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

#[test]
fn no_server_is_6_and_the_password_stays_unsaid() {
    let url = format!("postgres://anna:s3cret@127.0.0.1:{}/mail", free_port());
    let commands: [&[&str]; 3] = [&["up"], &["status"], &["wait", "--timeout", "0"]];
    for args in commands {
        let said = run(&url, &[args, &["--output", "json"]].concat()).exits(6);
        assert_eq!(said.json()["error"]["code"], "cannot_connect");
        assert!(said.stderr.contains("127.0.0.1"), "{said:?}");
        assert!(
            !said.stderr.contains("s3cret") && !said.stdout.contains("s3cret"),
            "{said:?}"
        );
    }
}

#[test]
fn a_server_that_may_come_is_waited_for() {
    let url = format!("postgres://anna@127.0.0.1:{}/mail", free_port());
    let start = Instant::now();
    let said = run(&url, &["up", "--wait-for-db", "700ms"]).exits(6);
    assert!(start.elapsed() >= Duration::from_millis(700));
    assert!(said.stderr.starts_with("waiting for 127.0.0.1:"), "{said:?}");
}

#[tokio::test]
async fn a_server_that_comes_is_used() {
    let database = Database::empty().await;
    let address = database.address();
    let port = free_port();
    let url = database
        .url()
        .replacen(&format!(":{}/", address.port()), &format!(":{port}/"), 1);
    let waiting = start(&url, &["up", "--wait-for-db", "20s"]);
    tokio::time::sleep(Duration::from_millis(400)).await;
    // The server appears at the port by way of a forwarder.
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let mut far = tokio::net::TcpStream::connect((address.host(), address.port()))
                .await
                .unwrap();
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut near, &mut far).await });
        }
    });
    tokio::task::spawn_blocking(|| finish(waiting).exits(0))
        .await
        .unwrap();
    run(&database.url(), &["status", "--check"]).exits(0);
}

#[tokio::test]
async fn a_database_that_is_not_there_is_6_at_once() {
    let database = Database::empty().await;
    let url = database
        .url()
        .replace(database.name(), "mailroom_test_no_such_database");
    let start = Instant::now();
    run(&url, &["up", "--wait-for-db", "20s"]).exits(6);
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn without_a_database_or_with_a_wrong_url_it_is_usage() {
    let none = program(&["up"]).output().unwrap();
    assert_eq!(none.status.code(), Some(2));
    assert!(String::from_utf8(none.stderr).unwrap().contains("DATABASE_URL"));
    let wrong = run("anna:s3cret@db", &["up", "--output", "json"]).exits(2);
    assert_eq!(wrong.json()["error"]["code"], "bad_url");
    assert!(
        !wrong.stderr.contains("s3cret") && !wrong.stdout.contains("s3cret"),
        "{wrong:?}"
    );
}

#[tokio::test]
async fn the_direct_url_and_the_file_are_used() {
    let database = Database::empty().await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{}\n", database.url())).unwrap();
    let pooled = format!("postgres://anna@127.0.0.1:{}/mail", free_port());
    let mut command = program(&["up"]);
    command
        .env("DATABASE_URL", pooled)
        .env("MAILROOM_DIRECT_DATABASE_URL_FILE", file.path());
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

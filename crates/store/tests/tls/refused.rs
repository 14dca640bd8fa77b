//! Servers that do not prove who they are: each is refused, by every program, with what is wrong and what to do.

use std::time::{Duration, Instant};

use mailroom_store::{Plans, Pool, PoolSettings, Way, reconnect};
use mailroom_test_support::{RunningProgram, TestProgram, postgres_bin, server_url};
use serde_json::Value;
use tokio::time::sleep;

use crate::certificates::Authority;
use crate::server::{PASSWORD, Server};

pub(crate) fn pool(url: &str) -> Pool {
    let settings = PoolSettings {
        url,
        application_name: "test",
        max_connections: 1,
        min_connections: 0,
        acquire_timeout: Duration::from_secs(5),
        plans: Plans::Usual,
        way: Way::Direct,
        durable: true,
        writes: true,
    };
    mailroom_store::pool(settings).unwrap()
}

/// What the pool and `db-migrate` say of this URL; neither waits for what does not mend itself.
async fn assert_refused(url: &str, why: &str) {
    let said = reconnect::ping(&pool(url)).await.unwrap_err();
    assert!(said.is_transient(), "nothing is given up for it: {said}");
    let said = said.to_string();
    assert!(said.contains(why), "{said}");
    assert!(
        !said.contains("localhost") && !said.contains("127.0.0.1"),
        "{said}"
    );

    let begun = Instant::now();
    let migrate = TestProgram::db_migrate(url).arg("up").arg("--output").arg("json");
    let output = migrate.arg("--wait-for-db").arg("60s").output().await;
    assert_eq!(output.status.code(), Some(6), "{output:?}");
    assert!(begun.elapsed() < Duration::from_secs(30), "it waited in vain");
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["error"]["code"], "cannot_connect");
    assert!(
        answer["error"]["message"].as_str().unwrap().contains(why),
        "{answer}"
    );
    let all = format!("{output:?}");
    assert!(!all.contains(PASSWORD), "{all}");
}

/// What a program tells those who ask whether it is ready.
async fn assert_not_ready(program: &RunningProgram, why: &str) {
    let readyz = format!("{}/readyz", program.admin_url().await);
    let mut said = String::new();
    for _ in 0..200 {
        let answer = reqwest::get(&readyz).await.unwrap();
        assert_eq!(answer.status(), 503);
        said = answer.text().await.unwrap();
        if said.contains(why) {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    assert!(said.contains(why) && !said.contains("localhost"), "{said}");
    let log = program.stderr_lines().join("\n");
    assert!(log.contains(why) && !log.contains(PASSWORD), "{log}");
}

#[tokio::test]
async fn another_name_another_authority_and_none_at_all() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let Some(server) = Server::start(&ours.sign("localhost", (2020, 2090))) else {
        return;
    };
    assert_refused(
        &server.url("127.0.0.1", &ours),
        "is for another name than the host of the URL",
    )
    .await;
    let unknown = "no authority that is trusted here signed the server's certificate";
    assert_refused(&server.url("localhost", &theirs), unknown).await;
    assert_refused(&server.url_with("localhost", "sslmode=verify-full"), unknown).await;
    assert_refused(&server.url_with("localhost", "sslmode=verify-ca"), unknown).await;

    let url = server.url("localhost", &theirs);
    assert_not_ready(&TestProgram::worker(&url).spawn(), unknown).await;
    assert_not_ready(&TestProgram::gateway(&url).spawn(), unknown).await;
}

#[tokio::test]
async fn a_certificate_out_of_its_time() {
    let ours = Authority::new("ours");
    let expired = "the server's certificate has expired: have it renewed";
    for (years, why) in [
        ((2020, 2021), expired),
        ((2088, 2090), "is not valid yet: set the clocks right"),
    ] {
        let Some(server) = Server::start(&ours.sign("localhost", years)) else {
            return;
        };
        assert_refused(&server.url("localhost", &ours), why).await;
    }
}

#[tokio::test]
async fn an_authority_that_cannot_be_read() {
    let ours = Authority::new("ours");
    let Some(server) = Server::start(&ours.sign("localhost", (2020, 2090))) else {
        return;
    };
    let url = server.url_with("localhost", "sslmode=verify-full&sslrootcert=/nowhere/ca.pem");
    let said = reconnect::ping(&pool(&url)).await.unwrap_err().to_string();
    assert!(said.contains("a file is not there: sslrootcert"), "{said}");
    let output = TestProgram::db_migrate(&url).arg("status").output().await;
    assert_eq!(output.status.code(), Some(6));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("a file is not there: sslrootcert"), "{said}");
}

#[tokio::test]
async fn a_server_without_tls() {
    if postgres_bin().is_none() {
        eprintln!("skipped: the server of these tests is not ours, and may have TLS");
        return;
    }
    let url = format!("{}?sslmode=verify-full", server_url());
    assert_refused(
        &url,
        "the server offers no TLS, and sslmode of the URL asks for it",
    )
    .await;
}

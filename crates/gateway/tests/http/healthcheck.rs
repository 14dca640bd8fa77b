//! `healthcheck`: what a container's health check hears of a gateway.

use std::time::Duration;

use mailroom_test_support::{TestDatabase, TestProgram};

#[tokio::test]
async fn a_gateway_is_ready_until_it_is_gone() {
    let database = TestDatabase::create().await;
    let gateway = TestProgram::gateway(database.url())
        .env("MAILROOM__PROFILE", "development")
        .start()
        .await;
    let listen = gateway.admin_url().await.replace("http://", "");
    let healthcheck = TestProgram::gateway("")
        .env("MAILROOM__ADMIN__LISTEN", listen)
        .arg("healthcheck");
    let output = healthcheck.output().await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    gateway.kill();
    gateway.wait_exit(Duration::from_secs(5)).await;
    let output = healthcheck.output().await;
    assert_eq!(output.status.code(), Some(1));
    let complained = String::from_utf8(output.stderr).unwrap();
    assert!(
        complained.starts_with("mailroom-gateway: nothing answers at 127.0.0.1:")
            && complained.lines().count() == 1,
        "{complained}"
    );
}

//! A server that proves who it is, and every program at it.

use mailroom_test_support::TestProgram;

use crate::certificates::Authority;
use crate::server::Server;

#[tokio::test]
async fn every_program_works_with_a_private_authority() {
    let ours = Authority::new("ours");
    let Some(server) = Server::start(&ours.sign("localhost", (2020, 2090))) else {
        return;
    };
    let url = server.url("localhost", &ours);
    TestProgram::migrate(&url).await;
    let gateway = TestProgram::gateway(&url).start().await;
    let worker = TestProgram::worker(&url).start().await;
    let encrypted = sqlx::query_scalar::<_, bool>(
        "select bool_and(ssl) and count(*) > 2 from pg_stat_ssl join pg_stat_activity using (pid)
         where application_name like 'mailroom-%'",
    );
    let pool = crate::refused::pool(&url);
    assert!(encrypted.fetch_one(&pool).await.unwrap());
    drop((gateway, worker));
}

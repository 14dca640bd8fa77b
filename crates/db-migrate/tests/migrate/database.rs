//! An empty database of its own for each test, and a look at it from outside.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use mailroom_store::server;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// An empty database, dropped at the end.
pub(crate) struct Database {
    server: String,
    name: String,
}

impl Database {
    pub(crate) async fn empty() -> Self {
        let server = std::env::var("MAILROOM_TEST_SERVER_URL").expect("run the tests with `cargo dev test`");
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("mailroom_test_migrate_{}_{number}", std::process::id());
        server::create_database(&server, &name).await.unwrap();
        Self { server, name }
    }

    pub(crate) fn address(&self) -> server::Address {
        server::Address::parse(&self.url()).unwrap()
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn url(&self) -> String {
        server::Address::parse(&self.server).unwrap().url_of(&self.name)
    }

    pub(crate) async fn session(&self) -> PgConnection {
        PgConnection::connect(&self.url()).await.unwrap()
    }

    /// Runs statements on a session of their own.
    pub(crate) async fn execute(&self, sql: &str) {
        execute(&mut self.session().await, sql).await;
    }

    /// The first column of what a question returns, as text.
    pub(crate) async fn ask(&self, sql: &str) -> Vec<String> {
        let rows = sqlx::query(AssertSqlSafe(sql.to_owned()))
            .fetch_all(&mut self.session().await)
            .await;
        rows.unwrap().iter().map(|row| row.get(0)).collect()
    }

    /// Waits until a question returns something.
    pub(crate) async fn until(&self, sql: &str) {
        for _ in 0..200 {
            if !self.ask(sql).await.is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("10 s passed without: {sql}");
    }

    /// Everything that migrations make, as text: columns, constraints, indexes, sequences, settings, comments.
    pub(crate) async fn schema(&self) -> Vec<String> {
        self.ask(SCHEMA).await
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            // The cluster may be gone before its databases; that is as good.
            drop(runtime.block_on(server::drop_database(&server, &name)));
        });
        drop(dropping.join());
    }
}

pub(crate) async fn execute(session: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(session)
        .await
        .unwrap();
}

const SCHEMA: &str = "
with ours as (select oid, nspname from pg_namespace where nspname in ('messaging', 'directory', 'mailbox')),
relations as (
    select c.oid, n.nspname || '.' || c.relname as name, c.relkind, c.reloptions
    from pg_class c join ours n on n.oid = c.relnamespace)
select 'schema ' || nspname as line from ours
union all select format('%s %s %s', relkind, name, reloptions) from relations
union all select format('column %s.%s %s %s %s', r.name, a.attname, format_type(a.atttypid, a.atttypmod),
        a.attnotnull, pg_get_expr(d.adbin, d.adrelid))
    from relations r join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = r.oid and d.adnum = a.attnum where r.relkind = 'r'
union all select format('constraint %s %s %s', r.name, c.conname, pg_get_constraintdef(c.oid))
    from relations r join pg_constraint c on c.conrelid = r.oid
union all select format('index %s', pg_get_indexdef(i.indexrelid))
    from relations r join pg_index i on i.indrelid = r.oid
union all select format('comment %s.%s %s', r.name, d.objsubid, d.description)
    from relations r join pg_description d on d.objoid = r.oid
order by 1";

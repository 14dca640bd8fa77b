//! A database that belongs to one test, and goes when the test is over.

use std::sync::atomic::{AtomicU32, Ordering};
use std::{process, thread};

use mailroom_store::Way;
use mailroom_store::server::{Address, create_database, create_database_from, drop_database};

use crate::detour;
use crate::environment::{server_url, template};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A database of one test. Dropping it drops the database, with whoever is still connected.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    url: String,
}

impl TestDatabase {
    /// Makes a migrated database: a copy of the template.
    ///
    /// # Panics
    /// Outside `cargo dev test`, or when the server refuses.
    pub async fn create() -> Self {
        let database = Self::name_one();
        if let Err(error) = create_database_from(&server_url(), &database.name, &template()).await {
            panic!("no database for this test: {error}");
        }
        database
    }

    /// Makes a database with nothing in it: for what migrates it.
    ///
    /// # Panics
    /// Outside `cargo dev test`, or when the server refuses.
    pub async fn create_empty() -> Self {
        let database = Self::name_one();
        match create_database(&server_url(), &database.name).await {
            Ok(made) => assert!(made, "{} is there already", database.name),
            Err(error) => panic!("no database for this test: {error}"),
        }
        database
    }

    fn name_one() -> Self {
        // The template's name is the run's own; the rest tells apart the test programs and the tests in one.
        let name = format!(
            "{}_{}_{}",
            template(),
            process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let url = match Address::parse(&server_url()) {
            Ok(address) => address.url_of(&name),
            Err(error) => panic!("MAILROOM_TEST_SERVER_URL: {error}"),
        };
        Self { name, url }
    }

    /// Its URL, with the right to do anything in it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The URL and the way to it for a pool, which may lead through a pooler.
    pub fn way(&self) -> (String, Way) {
        detour::for_pool(&self.url)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let name = self.name.clone();
        // A thread of its own: this one may be inside a runtime, which can not wait for another.
        let dropped = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map(|runtime| runtime.block_on(drop_database(&server_url(), &name)))
        });
        // One that stays goes with the server, or by the name of the run; a test does not fail for it.
        let _ = dropped.join();
    }
}

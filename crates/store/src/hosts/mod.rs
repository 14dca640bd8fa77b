//! Pools whose URL names several servers: whoever cannot work any more looks which of them it is now.

mod url;

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use sqlx::{
    Connection, PgConnection, PgPool, Row,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::time::timeout;

pub(crate) use url::servers;

use crate::read_only;

/// A server that does not answer in this time is passed over.
const PATIENCE: Duration = Duration::from_secs(2);

/// Nobody looks more often: whoever is in trouble asks again and again.
const PAUSE: Duration = Duration::from_secs(1);

/// Pools whose URL names several servers.
static FOLLOWING: Mutex<Vec<Following>> = Mutex::new(Vec::new());
/// When somebody looked the last time, for those who write and for the others. One looks at a time: an older finding must
/// not replace a newer one.
static LOOKED: [tokio::sync::Mutex<Option<Instant>>; 2] = [const { tokio::sync::Mutex::const_new(None) }; 2];
/// By then every attempt to connect that began before has ended.
const ATTEMPTS_END: Duration = Duration::from_secs(5);

#[derive(Clone)]
struct Following {
    pool: PgPool,
    servers: Vec<PgConnectOptions>,
    kind: Kind,
    /// To which of them it is led.
    at: usize,
}

/// Makes a pool of connections to the first of these servers. Where there are several, [`follow`] leads it to another.
pub(crate) fn connect_lazy(
    options: PgPoolOptions,
    servers: Vec<PgConnectOptions>,
    kind: Kind,
) -> Option<PgPool> {
    let several = servers.len() > 1;
    // To keep as many open, sqlx would go on for minutes to connect to a server that was left meanwhile.
    let options = if several {
        options.min_connections(0)
    } else {
        options
    };
    let pool = options.connect_lazy_with(servers.first()?.clone());
    if several {
        following().push(Following {
            pool: pool.clone(),
            servers,
            kind,
            at: 0,
        });
    }
    Some(pool)
}

/// Whose servers to look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Pools that write: a server that can.
    Writers,
    /// Pools that read from standbys: a standby.
    Standbys,
}

/// Looks, without keeping anybody waiting, where such pools are to be led whose URL names several servers.
pub fn look(kind: Kind) {
    let is_wanted = following().iter().any(|following| following.kind == kind);
    if is_wanted {
        tokio::spawn(follow(kind));
    }
}

/// Looks which servers can be worked with, and leads such pools there whose URL names several; one that fits where it is stays.
/// What is connected to another is not used again for writing.
pub async fn follow(kind: Kind) {
    let mut looked = LOOKED[kind as usize].lock().await;
    if looked.is_some_and(|at| at.elapsed() < PAUSE) {
        return;
    }
    let pools: Vec<Following> = {
        let mut following = following();
        following.retain(|following| !following.pool.is_closed());
        following
            .iter()
            .filter(|following| following.kind == kind)
            .cloned()
            .collect()
    };
    let mut found: HashMap<(Vec<Place>, usize), Option<usize>> = HashMap::new();
    for following in pools {
        let group = (following.servers.iter().map(place).collect(), following.at);
        let at = if let Some(&at) = found.get(&group) {
            at
        } else {
            let at = following.first_fit().await;
            found.insert(group, at);
            at
        };
        if let Some(at) = at.filter(|&at| at != following.at) {
            following.lead_to(at);
        }
    }
    *looked = Some(Instant::now());
}

impl Following {
    /// Where it is, if that will do; the first that will otherwise.
    async fn first_fit(&self) -> Option<usize> {
        let others = (0..self.servers.len()).filter(|&at| at != self.at);
        for at in std::iter::once(self.at).chain(others) {
            let server = self.servers.get(at)?;
            if let Ok(Ok(true)) = timeout(PATIENCE, fits(server, self.kind)).await {
                return Some(at);
            }
        }
        None
    }

    fn lead_to(&self, at: usize) {
        let Some(server) = self.servers.get(at) else {
            return;
        };
        self.pool.set_connect_options(server.clone());
        if self.kind == Kind::Writers {
            read_only::left();
            // What was on its way to the server before when this was decided counts as made afterwards.
            tokio::spawn(async {
                tokio::time::sleep(ATTEMPTS_END).await;
                read_only::left();
            });
        }
        let is_same = |other: &&mut Self| std::ptr::eq(self.pool.options(), other.pool.options());
        if let Some(known) = following().iter_mut().find(is_same) {
            known.at = at;
        }
    }
}

/// Server, port, socket, user and database: what decides whether two can be worked with alike.
type Place = (String, u16, Option<PathBuf>, String, Option<String>);

fn place(server: &PgConnectOptions) -> Place {
    (
        server.get_host().to_owned(),
        server.get_port(),
        server.get_socket().cloned(),
        server.get_username().to_owned(),
        server.get_database().map(str::to_owned),
    )
}

async fn fits(server: &PgConnectOptions, kind: Kind) -> Result<bool, sqlx::Error> {
    let mut connection = PgConnection::connect_with(server).await?;
    let fits = match kind {
        Kind::Writers => !is_read_only(&mut connection).await?,
        Kind::Standbys => asked(&mut connection, "select pg_is_in_recovery()").await?,
    };
    // That it answered is enough.
    drop(connection.close().await);
    Ok(fits)
}

/// Whether a server cannot write: it is a standby, or set to read only.
pub(crate) async fn is_read_only(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    asked(
        connection,
        "select current_setting('transaction_read_only') = 'on'",
    )
    .await
}

async fn asked(connection: &mut PgConnection, question: &'static str) -> Result<bool, sqlx::Error> {
    // The simple protocol: nothing is prepared for what is asked once.
    sqlx::raw_sql(question).fetch_one(connection).await?.try_get(0)
}

fn following() -> MutexGuard<'static, Vec<Following>> {
    // Every change is whole before the lock is let go.
    FOLLOWING.lock().unwrap_or_else(PoisonError::into_inner)
}

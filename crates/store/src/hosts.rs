//! URLs that name several servers, of which one writes: `postgres://user@one:5432,two:5432/database`, as libpq reads them
//! (PostgreSQL manual, 34.1.1.3). Whoever cannot work any more looks which of them it is now.

use std::{
    collections::HashMap,
    path::PathBuf,
    str::FromStr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use sqlx::{
    Connection, PgConnection, PgPool, Row,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::time::timeout;

use crate::read_only;

/// A server that does not answer in this time is passed over.
const PATIENCE: Duration = Duration::from_secs(2);

/// Nobody looks more often: whoever is in trouble asks again and again.
const PAUSE: Duration = Duration::from_secs(1);

/// Pools whose URL names several servers.
static FOLLOWING: Mutex<Vec<Following>> = Mutex::new(Vec::new());
/// When somebody looked the last time. One looks at a time: an older finding must not replace a newer one.
static LOOKED: tokio::sync::Mutex<Option<Instant>> = tokio::sync::Mutex::const_new(None);

#[derive(Clone)]
struct Following {
    pool: PgPool,
    servers: Vec<PgConnectOptions>,
    /// Whether it must be a server that can write; a standby otherwise.
    writes: bool,
    /// To which of them it is led.
    at: usize,
}

/// How to connect to each server that a URL names, in its order; `None` when it cannot be read.
pub(crate) fn servers(url: &str) -> Option<Vec<PgConnectOptions>> {
    each(url)
        .iter()
        .map(|url| PgConnectOptions::from_str(url).ok())
        .collect()
}

/// The URL of each server that a URL names.
fn each(url: &str) -> Vec<String> {
    let url = without_session_attributes(url);
    let Some(begin) = url.find("://").map(|at| at + 3) else {
        return vec![url];
    };
    let end = url[begin..].find(['/', '?']).map_or(url.len(), |at| begin + at);
    let hosts = url[begin..end].rfind('@').map_or(begin, |at| begin + at + 1);
    let one = |host| format!("{}{host}{}", &url[..hosts], &url[end..]);
    url[hosts..end].split(',').map(one).collect()
}

/// What pools are for, they know: libpq's word for it is not needed, and unknown to sqlx.
fn without_session_attributes(url: &str) -> String {
    let Some((base, query)) = url.split_once('?') else {
        return url.to_owned();
    };
    let kept: Vec<&str> = query
        .split('&')
        .filter(|parameter| !parameter.starts_with("target_session_attrs="))
        .collect();
    match kept.join("&") {
        kept if kept.is_empty() => base.to_owned(),
        kept => format!("{base}?{kept}"),
    }
}

/// Makes a pool of connections to the first of these servers. Where there are several, [`follow`] leads it to another.
pub(crate) fn connect_lazy(
    options: PgPoolOptions,
    servers: Vec<PgConnectOptions>,
    writes: bool,
) -> Option<PgPool> {
    let pool = options.connect_lazy_with(servers.first()?.clone());
    if servers.len() > 1 {
        following().push(Following {
            pool: pool.clone(),
            servers,
            writes,
            at: 0,
        });
    }
    Some(pool)
}

/// Looks which servers can be worked with, and leads the pools there whose URL names several: those that write to one that
/// can, the others to a standby. Connections that were made to another server are not used again.
pub async fn follow() {
    let mut looked = LOOKED.lock().await;
    if looked.is_some_and(|at| at.elapsed() < PAUSE) {
        return;
    }
    let pools = {
        let mut following = following();
        following.retain(|following| !following.pool.is_closed());
        following.clone()
    };
    let mut found: HashMap<(Vec<Place>, bool), Option<usize>> = HashMap::new();
    for following in pools {
        let group = (following.servers.iter().map(place).collect(), following.writes);
        let at = if let Some(&at) = found.get(&group) {
            at
        } else {
            let at = first_fit(&following.servers, following.writes).await;
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
    fn lead_to(&self, at: usize) {
        let Some(server) = self.servers.get(at) else {
            return;
        };
        self.pool.set_connect_options(server.clone());
        read_only::left();
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

async fn first_fit(servers: &[PgConnectOptions], writes: bool) -> Option<usize> {
    for (at, server) in servers.iter().enumerate() {
        if let Ok(Ok(true)) = timeout(PATIENCE, fits(server, writes)).await {
            return Some(at);
        }
    }
    None
}

async fn fits(server: &PgConnectOptions, writes: bool) -> Result<bool, sqlx::Error> {
    let mut connection = PgConnection::connect_with(server).await?;
    let fits = is_read_only(&mut connection).await? != writes;
    // That it answered is enough.
    drop(connection.close().await);
    Ok(fits)
}

/// Whether a server cannot write: it is a standby, or set to read only.
pub(crate) async fn is_read_only(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    // The simple protocol: nothing is prepared for what is asked once.
    sqlx::raw_sql("select current_setting('transaction_read_only') = 'on'")
        .fetch_one(connection)
        .await?
        .try_get(0)
}

fn following() -> MutexGuard<'static, Vec<Following>> {
    // Every change is whole before the lock is let go.
    FOLLOWING.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_may_name_several_servers() {
        assert_eq!(
            each("postgres://a:p%40,w@one:1,two,[::1]:3/mail?sslmode=require"),
            [
                "postgres://a:p%40,w@one:1/mail?sslmode=require",
                "postgres://a:p%40,w@two/mail?sslmode=require",
                "postgres://a:p%40,w@[::1]:3/mail?sslmode=require",
            ]
        );
        assert_eq!(each("postgres://one,two"), ["postgres://one", "postgres://two"]);
        for one in ["postgres://one/mail", "postgres:///mail?host=/run,x", "nonsense"] {
            assert_eq!(each(one), [one]);
        }
    }

    #[test]
    fn what_libpq_wants_to_be_told_is_known() {
        let one = |query: &str| each(&format!("postgres://one/mail?{query}")).remove(0);
        assert_eq!(one("target_session_attrs=read-write"), "postgres://one/mail");
        assert_eq!(
            one("a=b&target_session_attrs=any&c=d"),
            "postgres://one/mail?a=b&c=d"
        );
    }

    #[test]
    fn a_server_that_cannot_be_read_makes_all_of_it_unreadable() {
        assert!(servers("postgres://one:1,two:x/mail").is_none());
        assert_eq!(
            servers("postgres://one:1,two:2/mail").map(|all| all.len()),
            Some(2)
        );
    }
}

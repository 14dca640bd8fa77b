//! The server of one run, given or private, behind one face.

use std::path::{Path, PathBuf};

use mailroom_store::server::Address;

use super::places::Surroundings;
use super::{Account, Cluster, Durability, Fetching, Installation, given, resolve};
use crate::error::DevError;
use crate::runs::Run;

/// Which server to use.
pub(crate) enum Choice {
    /// The one `DATABASE_URL` names.
    Given {
        /// The URL as given.
        url: String,
        /// Where it points.
        address: Address,
    },
    /// One of our own.
    Private {
        /// Its programs.
        installation: Installation,
        /// The account it runs under, if not ours.
        account: Option<Account>,
    },
}

impl Choice {
    /// Follows the environment: `DATABASE_URL`, or else a server of our own.
    pub(crate) fn make(allow_remote: bool) -> Result<Self, DevError> {
        match std::env::var("DATABASE_URL").ok().filter(|url| !url.is_empty()) {
            Some(url) => {
                let address = Address::parse(&url)?;
                given::allow(&address, allow_remote)?;
                Ok(Self::Given { url, address })
            }
            None => Self::private(),
        }
    }

    /// A server of our own, after a search told line by line.
    pub(crate) fn private() -> Result<Self, DevError> {
        let account = Account::for_server()?;
        let search = Self::search(account.as_ref(), Fetching::Allowed);
        // One that finds nothing is told whole in the error.
        if search.findings.iter().any(|finding| finding.outcome.is_ok()) {
            for finding in &search.findings {
                crate::talk::line(format_args!("{finding}"));
            }
        }
        Ok(Self::Private {
            installation: search.chosen()?,
            account,
        })
    }

    /// The URL that was given, if one was.
    pub(crate) fn given_url(&self) -> Option<String> {
        match self {
            Self::Given { url, .. } => Some(url.clone()),
            Self::Private { .. } => None,
        }
    }

    /// The search for programs in the world as it is.
    pub(crate) fn search(account: Option<&Account>, fetching: Fetching) -> super::Search {
        let named = std::env::var_os("MAILROOM_PG_BIN")
            .filter(|folder| !folder.is_empty())
            .map(PathBuf::from);
        resolve(&Surroundings::here(account.is_some()), named, account, fetching)
    }

    /// The folder for the run's directory: one that the server's account can get to.
    pub(crate) fn temp(&self) -> PathBuf {
        let usual = std::env::temp_dir();
        match self {
            Self::Private { account: Some(_), .. } if !Account::can_reach(&usual) => PathBuf::from("/tmp"),
            _ => usual,
        }
    }

    /// Starts the private server, or makes sure the given one is there.
    pub(crate) async fn open(self, run: &mut Run, durability: Durability) -> Result<Server, DevError> {
        match self {
            Self::Given { url, address } => {
                given::ensure(&url, &address).await?;
                Ok(Server::Given { url, address })
            }
            Self::Private {
                installation,
                account,
            } => {
                let cluster = Cluster::start(run, &installation, account.as_ref(), durability).await?;
                let under = account
                    .map(|account| format!(" as user {}", account.name()))
                    .unwrap_or_default();
                crate::talk::line(format_args!(
                    "PostgreSQL {} listens on 127.0.0.1:{}{under}, data in {}",
                    installation.version(),
                    cluster.port(),
                    cluster.data().display()
                ));
                Ok(Server::Private {
                    cluster: Box::new(cluster),
                    installation,
                })
            }
        }
    }
}

/// A server that answers.
pub(crate) enum Server {
    /// Somebody else's: used, never stopped, its other databases left alone.
    Given {
        /// The URL as given.
        url: String,
        /// Where it points.
        address: Address,
    },
    /// Ours.
    Private {
        /// The running server.
        cluster: Box<Cluster>,
        /// Its programs.
        installation: Installation,
    },
}

impl Server {
    /// A URL with the right to make databases.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Given { url, .. } => url.clone(),
            Self::Private { cluster, .. } => cluster.url("postgres"),
        }
    }

    /// The URL of the database called `name`.
    pub(crate) fn url_of(&self, name: &str) -> String {
        match self {
            Self::Given { address, .. } => address.url_of(name),
            Self::Private { cluster, .. } => cluster.url(name),
        }
    }

    /// The folder of its programs, where we have them.
    pub(crate) fn bin(&self) -> Option<&Path> {
        match self {
            Self::Given { .. } => None,
            Self::Private { installation, .. } => Some(installation.bin()),
        }
    }

    /// Whether it goes when we go.
    pub(crate) fn is_private(&self) -> bool {
        matches!(self, Self::Private { .. })
    }

    /// The database to work in: the one `DATABASE_URL` names, or `usual` on a server of our own.
    pub(crate) fn database(&self, usual: &str) -> String {
        match self {
            Self::Given { address, .. } => address.database().to_owned(),
            Self::Private { .. } => usual.to_owned(),
        }
    }

    /// A command that opens a database in `psql` without showing a password.
    pub(crate) fn psql(&self, database: &str) -> String {
        match self {
            Self::Given { .. } => "psql \"$DATABASE_URL\"".into(),
            Self::Private { cluster, .. } => format!(
                "PGPASSFILE={} psql -h 127.0.0.1 -p {} -U postgres {database}",
                cluster.passfile().display(),
                cluster.port()
            ),
        }
    }

    /// What a shell exports so that programs find a database of our own server. The password stays in its file.
    pub(crate) fn environment(&self, database: &str) -> Option<String> {
        match self {
            Self::Given { .. } => None,
            Self::Private { cluster, .. } => Some(format!(
                "export PGPASSFILE={} DATABASE_URL=postgres://postgres@127.0.0.1:{}/{database}",
                cluster.passfile().display(),
                cluster.port()
            )),
        }
    }

    /// Waits for the end of our own server, which nobody asked for; a given one is not ours to watch.
    pub(crate) async fn ended(&mut self) -> DevError {
        match self {
            Self::Given { .. } => std::future::pending().await,
            Self::Private { cluster, .. } => cluster.ended().await,
        }
    }
}

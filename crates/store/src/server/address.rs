//! A database URL taken apart: where it points, without ever showing who goes there.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

use super::ServerError;

/// A parsed `postgres://` URL. Its `Display` is `host:port/database`: no user, no password.
#[derive(Clone)]
pub struct Address {
    url: String,
    options: Box<PgConnectOptions>,
}

impl Address {
    /// Reads a URL.
    ///
    /// # Errors
    /// It is not a PostgreSQL URL. The error never repeats it, since it may hold a password.
    pub fn parse(url: &str) -> Result<Self, ServerError> {
        if !(url.starts_with("postgres://") || url.starts_with("postgresql://")) {
            return Err(ServerError::Url(
                "it must begin with postgres:// or postgresql://",
            ));
        }
        let options = PgConnectOptions::from_str(url).map_err(|_| ServerError::Url("it can not be read"))?;
        let options = Box::new(options);
        Ok(Self {
            url: url.to_owned(),
            options,
        })
    }

    /// The host name or address, or the folder of the socket.
    pub fn host(&self) -> String {
        match self.options.get_socket() {
            Some(folder) => folder.display().to_string(),
            None => self.options.get_host().to_owned(),
        }
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.options.get_port()
    }

    /// The user it connects as.
    pub fn user(&self) -> &str {
        self.options.get_username()
    }

    /// The database it names; PostgreSQL takes the user's name when there is none.
    pub fn database(&self) -> &str {
        self.options
            .get_database()
            .unwrap_or_else(|| self.options.get_username())
    }

    /// Whether it stays on this machine: a socket, `localhost`, or a loopback address.
    pub fn is_loopback(&self) -> bool {
        if self.options.get_socket().is_some() {
            return true;
        }
        let host = self.options.get_host().trim_matches(['[', ']']);
        // An absolute path is a socket folder given as `?host=/run/postgresql`.
        host.eq_ignore_ascii_case("localhost")
            || host.starts_with('/')
            || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// The same URL, pointing at another database of the same server. `name` is taken as it is, so it has to be
    /// made of letters, digits, `_` and `-`.
    #[must_use]
    pub fn url_of(&self, name: &str) -> String {
        let (base, query) = match self.url.split_once('?') {
            Some((base, query)) => (base, Some(query)),
            None => (self.url.as_str(), None),
        };
        let after_scheme = base.find("://").map_or(0, |at| at + 3);
        let end = base[after_scheme..]
            .find('/')
            .map_or(base.len(), |at| after_scheme + at);
        let mut url = format!("{}/{name}", &base[..end]);
        if let Some(query) = query {
            url.push('?');
            url.push_str(query);
        }
        url
    }

    pub(super) fn options(&self) -> &PgConnectOptions {
        &self.options
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}/{}", self.host(), self.port(), self.database())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_database_keeps_server_credentials_and_parameters() {
        for (url, expected) in [
            ("postgres://u:p@h:5/one", "postgres://u:p@h:5/two"),
            (
                "postgres://u:p@h:5/one?sslmode=require",
                "postgres://u:p@h:5/two?sslmode=require",
            ),
            ("postgres://u@h", "postgres://u@h/two"),
            (
                "postgresql:///one?host=/run/postgresql",
                "postgresql:///two?host=/run/postgresql",
            ),
        ] {
            assert_eq!(Address::parse(url).unwrap().url_of("two"), expected);
        }
    }

    #[test]
    fn only_this_machine_is_loopback() {
        for url in [
            "postgres://localhost/x",
            "postgres://127.0.0.9:1/x",
            "postgres://[::1]/x",
        ] {
            assert!(Address::parse(url).unwrap().is_loopback(), "{url}");
        }
        for url in [
            "postgres://db.example/x",
            "postgres://10.0.0.1/x",
            "postgres://localhost.example/x",
        ] {
            assert!(!Address::parse(url).unwrap().is_loopback(), "{url}");
        }
    }

    #[test]
    fn nothing_secret_is_shown() {
        let address = Address::parse("postgres://me:hunter2@h:5/mail").unwrap();
        assert_eq!(address.to_string(), "h:5/mail");
        assert!(!format!("{address:?}").contains("hunter2"));
        let error = Address::parse("mysql://me:hunter2@h/mail").unwrap_err();
        assert!(!error.to_string().contains("hunter2"));
    }
}

//! A PostgreSQL server of a test's own that speaks TLS.

use std::fs;

use mailroom_test_support::OwnServer;

use crate::certificates::{Authority, Identity};

/// What nobody may see.
pub(crate) const PASSWORD: &str = "hush-hush";

/// A server; dropping it stops it.
pub(crate) struct Server(OwnServer);

impl Server {
    /// Starts one on a free port of the loopback. `None` where the tests run on somebody else's server.
    pub(crate) fn start(identity: &Identity) -> Option<Self> {
        let files = [
            ("server.crt", identity.certificate.as_str()),
            ("server.key", &identity.key),
        ];
        let server = OwnServer::start(&files, |home| {
            vec![
                "ssl=on".to_owned(),
                format!("ssl_cert_file={}", home.join("server.crt").display()),
                format!("ssl_key_file={}", home.join("server.key").display()),
            ]
        });
        server.map(Self)
    }

    /// A URL that has the server at `host` prove itself by this authority.
    pub(crate) fn url(&self, host: &str, authority: &Authority) -> String {
        let file = self.0.folder().join(format!("{}.pem", authority.name));
        fs::write(&file, &authority.pem).unwrap();
        self.url_with(
            host,
            &format!("sslmode=verify-full&sslrootcert={}", file.display()),
        )
    }

    /// A URL with these parameters.
    pub(crate) fn url_with(&self, host: &str, parameters: &str) -> String {
        self.0.url_by(host, "postgres", parameters)
    }
}

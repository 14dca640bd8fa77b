//! Why a connection could not be had, where the remedy stands in the URL or in the server's certificate. No names and no
//! addresses: it is shown to whoever asks whether a process is ready.

use std::fmt;
use std::io;

use rustls::{CertificateError, Error as TlsError};

/// What is wrong. Its text says what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The server offers no TLS, and the URL asks for it.
    NoTls,
    /// Nobody who is trusted signed the certificate.
    UnknownAuthority,
    /// The certificate is for other names.
    OtherName,
    /// The certificate's time is over.
    Expired,
    /// The certificate's time has not come.
    NotYetValid,
    /// Anything else about the certificate.
    BadCertificate,
    /// The two could not agree, or one of them broke off.
    NoHandshake,
    /// A file that the URL names is not there, or the server's socket.
    NoFile,
    /// A file that the URL names cannot be read, or the server's socket not be used.
    NoRight,
}

impl Trouble {
    /// Looks into what the driver said.
    pub(crate) fn of(error: &sqlx::Error) -> Option<Self> {
        match error {
            sqlx::Error::Io(cause) => Self::of_io(cause),
            sqlx::Error::Tls(cause) => Some(match cause.downcast_ref::<TlsError>() {
                Some(error) => Self::of_tls(error),
                // It has a type for whatever comes of the library, and this text for what does not.
                None if cause.to_string().contains("does not support TLS") => Self::NoTls,
                None => Self::NoHandshake,
            }),
            _ => None,
        }
    }

    fn of_io(cause: &io::Error) -> Option<Self> {
        if let Some(error) = cause.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>()) {
            return Some(Self::of_tls(error));
        }
        match cause.kind() {
            io::ErrorKind::NotFound => Some(Self::NoFile),
            io::ErrorKind::PermissionDenied => Some(Self::NoRight),
            _ => None,
        }
    }

    fn of_tls(error: &TlsError) -> Self {
        let TlsError::InvalidCertificate(fault) = error else {
            return Self::NoHandshake;
        };
        match fault {
            CertificateError::UnknownIssuer | CertificateError::BadSignature => Self::UnknownAuthority,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Self::OtherName
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Self::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Self::NotYetValid,
            _ => Self::BadCertificate,
        }
    }

    /// Whether it stays so until somebody changes the URL, a certificate or a setting of the server.
    pub(crate) const fn stays(self) -> bool {
        // A socket comes with its server, and a server that is stopped breaks off.
        !matches!(self, Self::NoFile | Self::NoHandshake)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoTls => {
                "the server offers no TLS, and sslmode of the URL asks for it: set ssl = on on the server, or have the URL \
                 name the server that has it"
            }
            Self::UnknownAuthority => {
                "no authority that is trusted here signed the server's certificate: sslrootcert of the URL must name the file \
                 with the CA that did"
            }
            Self::OtherName => {
                "the server's certificate is for another name than the host of the URL: connect by a name that it holds, or \
                 have one issued for this name"
            }
            Self::Expired => "the server's certificate has expired: have it renewed, and the server reloaded",
            Self::NotYetValid => "the server's certificate is not valid yet: set the clocks right, here and where it was issued",
            Self::BadCertificate => "the server's certificate is refused: have it issued anew",
            Self::NoHandshake => "TLS failed: see the server's log",
            Self::NoFile => {
                "a file is not there: sslrootcert, sslcert or sslkey of the URL names it, or it is the server's socket"
            }
            Self::NoRight => {
                "a file cannot be read: sslrootcert, sslcert or sslkey of the URL names it, or it is the server's socket"
            }
        })
    }
}

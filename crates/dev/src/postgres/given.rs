//! The server that `DATABASE_URL` names: looked at before it is touched, and touched as little as can be.

use std::time::Duration;

use mailroom_store::server::{Address, ServerError, create_database, wait_until_ready};

use crate::error::DevError;

/// How long a server may take to answer; it may itself be starting.
const ANSWERS_WITHIN: Duration = Duration::from_secs(15);

/// Refuses a server on another machine unless that was asked for: `cargo dev` plays, and that may be production.
pub(super) fn allow(address: &Address, allow_remote: bool) -> Result<(), DevError> {
    if allow_remote || address.is_loopback() {
        return Ok(());
    }
    Err(DevError::Refused(format!(
        "DATABASE_URL points at {address}, which is not this machine. `cargo dev` records demonstration traffic \
         there; say --allow-remote if that is meant, or unset DATABASE_URL for a private server."
    )))
}

/// Makes sure that the database asked for is there; makes that one and nothing else.
pub(super) async fn ensure(url: &str, address: &Address) -> Result<(), DevError> {
    crate::talk::line(format_args!("asking {address} (DATABASE_URL)"));
    match wait_until_ready(url, ANSWERS_WITHIN).await {
        Ok(version) => {
            crate::talk::line(format_args!("PostgreSQL {version} answers"));
            Ok(())
        }
        Err(error) if error.is_unknown_database() => {
            if create_database(&address.url_of("postgres"), address.database()).await? {
                crate::talk::line(format_args!(
                    "made database {} (DATABASE_URL)",
                    address.database()
                ));
            }
            wait_until_ready(url, ANSWERS_WITHIN).await?;
            Ok(())
        }
        Err(error @ ServerError::Connect { .. }) => Err(DevError::Failed(format!(
            "{error}\nDATABASE_URL is set, so that server is the one used; unset it for a private one."
        ))),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_machine_has_to_be_asked_for() {
        let remote = Address::parse("postgres://me:hunter2@db.example/mail").unwrap();
        let error = allow(&remote, false).unwrap_err().to_string();
        assert!(
            error.contains("db.example:5432/mail") && error.contains("--allow-remote"),
            "{error}"
        );
        assert!(!error.contains("hunter2"), "{error}");
        assert!(allow(&remote, true).is_ok());
        assert!(allow(&Address::parse("postgres://localhost/mail").unwrap(), false).is_ok());
    }
}

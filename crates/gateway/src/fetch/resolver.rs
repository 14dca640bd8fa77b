//! Where a host's name leads.

use std::net::SocketAddr;

use super::{NotFetched, address::is_global};

/// Finds the addresses of a host. The connection goes to the very addresses that it gives: a name that leads elsewhere
/// a moment later gains nothing.
pub(crate) trait Resolver {
    /// The addresses to connect to.
    fn resolve(&self, host: &str) -> impl Future<Output = Result<Vec<SocketAddr>, NotFetched>> + Send;
}

/// Gives addresses of the open internet only.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Global;

impl Resolver for Global {
    async fn resolve(&self, host: &str) -> Result<Vec<SocketAddr>, NotFetched> {
        let found = tokio::net::lookup_host((host, 443)).await;
        let found: Vec<SocketAddr> = found.map_err(|_| NotFetched::Unreachable)?.collect();
        // One inward address among others is no accident.
        if found.iter().all(|found| is_global(found.ip())) {
            Ok(found)
        } else {
            Err(NotFetched::NotGlobal)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn names_that_lead_inward_are_refused() {
        for host in [
            "localhost",
            "127.0.0.1",
            "2130706433",
            "0x7f.1",
            "::1",
            "169.254.169.254",
        ] {
            assert_eq!(Global.resolve(host).await, Err(NotFetched::NotGlobal), "{host}");
        }
    }

    #[tokio::test]
    async fn addresses_of_the_open_internet_are_given() {
        assert_eq!(
            Global.resolve("1.1.1.1").await,
            Ok(vec![([1, 1, 1, 1], 443).into()])
        );
    }
}

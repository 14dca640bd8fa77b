//! Waits for a server that is still starting.

use std::time::Duration;

use mailroom_store::migration::Target;
use tokio::time::Instant;

use crate::answer::tell;
use crate::failure::Failure;

const PAUSE: Duration = Duration::from_millis(250);

/// Returns once the server accepts a connection, or with the last refusal when `patience` is over. A refusal
/// that waiting does not mend (a wrong password, a database that is not there) is returned at once.
pub(crate) async fn reach(target: &Target, patience: Duration) -> Result<(), Failure> {
    if patience.is_zero() {
        return Ok(());
    }
    let start = Instant::now();
    let mut told = false;
    while let Err(refusal) = target.reach().await {
        if !refusal.is_not_yet() || start.elapsed() >= patience {
            return Err(refusal.into());
        }
        if !told {
            told = true;
            tell(format_args!("waiting for {target} to accept connections"));
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

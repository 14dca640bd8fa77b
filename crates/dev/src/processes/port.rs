//! Ports for processes whose address must be known before they start.

use std::net::{Ipv4Addr, TcpListener};

use crate::error::DevError;

/// A port of the loopback address that is free now.
pub(crate) fn free_port() -> Result<u16, DevError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(DevError::io("find a free port"))
}

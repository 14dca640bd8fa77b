//! `healthcheck`: asks this program's own admin port whether it is ready, for containers that hold nothing else that
//! could ask. Needs no database, no runtime and no telemetry.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use clap::Command;
use serde_json::Value;

/// The subcommand.
pub(crate) const NAME: &str = "healthcheck";

/// Everything together, from connecting to the last byte.
const WITHIN: Duration = Duration::from_secs(2);
/// Our own answers are far shorter.
const LONGEST_ANSWER: usize = 64 * 1024;

const ABOUT: &str = "Ask the program that runs here whether it is ready, and exit with 0 if it is";
const HELP: &str = "\
Asks for /readyz at admin.listen, which must be set as it is for the program that runs (0.0.0.0 and [::] are asked on the
loopback), and waits 2 s at most. Nothing else of the settings is used.

Exit codes:
  0  it is ready
  1  it is not, or does not answer; standard error says why
  2  the arguments are wrong";

/// Why the program that runs here is not known to be ready.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotReady {
    #[error("admin.listen has port 0, so nobody knows where to ask; set MAILROOM__ADMIN__LISTEN to a port")]
    NoPort,
    #[error("nothing answers at {address} ({source}): the program does not run, or listens elsewhere")]
    Unreachable { address: SocketAddr, source: io::Error },
    #[error("{address} does not answer within 2 s")]
    Silent { address: SocketAddr },
    #[error("what listens at {address} is not an admin port of mailroom: check MAILROOM__ADMIN__LISTEN")]
    Strange { address: SocketAddr },
    #[error("not ready: {0}")]
    Told(String),
}

/// The subcommand as the command line describes it.
pub(crate) fn command() -> Command {
    Command::new(NAME).about(ABOUT).after_help(HELP)
}

/// Asks the program that listens at `listen`.
pub(crate) fn ask(listen: SocketAddr) -> Result<(), NotReady> {
    let address = reachable(listen);
    if address.port() == 0 {
        return Err(NotReady::NoPort);
    }
    let answer = get(address, Instant::now() + WITHIN).map_err(|source| match source.kind() {
        // A read that waited for too long is the one or the other, by system.
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => NotReady::Silent { address },
        _ => NotReady::Unreachable { address, source },
    })?;
    judge(&answer).unwrap_or(Err(NotReady::Strange { address }))
}

/// Where to ask: an address that stands for all of the machine's is none to connect to.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

fn get(address: SocketAddr, until: Instant) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect_timeout(&address, left(until)?)?;
    stream.set_write_timeout(Some(left(until)?))?;
    write!(
        stream,
        "GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    let mut some = [0; 4096];
    while answer.len() < LONGEST_ANSWER {
        stream.set_read_timeout(Some(left(until)?))?;
        match stream.read(&mut some) {
            Ok(0) => break,
            Ok(read) => answer.extend_from_slice(&some[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(answer)
}

/// The time that is left, which is more than none.
fn left(until: Instant) -> io::Result<Duration> {
    until
        .checked_duration_since(Instant::now())
        .filter(|left| !left.is_zero())
        .ok_or_else(|| io::ErrorKind::TimedOut.into())
}

/// What an answer says; `None` when it is not one of `/readyz`.
fn judge(answer: &[u8]) -> Option<Result<(), NotReady>> {
    let answer = std::str::from_utf8(answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.strip_prefix("HTTP/1.1 ")?.split_whitespace().next()?;
    let told: Value = serde_json::from_str(body).ok()?;
    let word = told["status"].as_str()?;
    match status {
        "200" if word == "ready" => Some(Ok(())),
        "503" => Some(Err(NotReady::Told(reasons(word, &told["failing"])))),
        _ => None,
    }
}

/// `draining`, `database: ...; schema: ...`, in one line.
fn reasons(word: &str, failing: &Value) -> String {
    let mut reasons: Vec<String> = failing.as_object().into_iter().flatten().map(reason).collect();
    if word != "not ready" || reasons.is_empty() {
        reasons.insert(0, word.to_owned());
    }
    reasons.join("; ").replace(char::is_control, " ")
}

fn reason((check, why): (&String, &Value)) -> String {
    format!("{check}: {}", why.as_str().unwrap_or("fails"))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// Listens, answers each request with this, and keeps the line open for a while.
    fn answering(answer: &'static str, open_for: Duration) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            // To its end: a connection that is closed with something unread is reset.
            let (mut request, mut piece) = (Vec::new(), [0; 1024]);
            while !request.ends_with(b"\r\n\r\n") {
                match stream.read(&mut piece) {
                    Ok(read) if read > 0 => request.extend_from_slice(&piece[..read]),
                    _ => break,
                }
            }
            let _ = stream.write_all(answer.as_bytes());
            thread::sleep(open_for);
        });
        address
    }

    fn said(answer: &'static str) -> String {
        ask(answering(answer, Duration::ZERO)).map_or_else(|error| error.to_string(), |()| "ready".to_owned())
    }

    #[test]
    fn every_address_is_asked_where_it_can_be() {
        for (listen, asked) in [
            ("0.0.0.0:9090", "127.0.0.1:9090"),
            ("[::]:9090", "[::1]:9090"),
            ("10.0.0.7:9090", "10.0.0.7:9090"),
        ] {
            assert_eq!(reachable(listen.parse().unwrap()).to_string(), asked);
        }
        assert!(matches!(ask("0.0.0.0:0".parse().unwrap()), Err(NotReady::NoPort)));
    }

    #[test]
    fn an_answer_is_one_line() {
        assert_eq!(
            said("HTTP/1.1 200 OK\r\n\r\n{\"status\":\"ready\",\"failing\":{}}"),
            "ready"
        );
        assert_eq!(
            said(
                "HTTP/1.1 503 x\r\n\r\n{\"status\":\"not ready\",\"failing\":{\"a\":\"gone\\nfar\",\"b\":\"c\"}}"
            ),
            "not ready: a: gone far; b: c"
        );
        assert_eq!(
            said("HTTP/1.1 503 x\r\n\r\n{\"status\":\"draining\",\"failing\":{}}"),
            "not ready: draining"
        );
    }

    #[test]
    fn what_is_no_admin_port_is_not_taken_for_one() {
        for answer in [
            "",
            "SSH-2.0-OpenSSH\r\n",
            "HTTP/1.1 200 OK\r\n\r\nhello",
            "HTTP/1.1 404 Not Found\r\n\r\n{\"status\":\"ready\"}",
            "HTTP/1.1 200 OK\r\n\r\n{\"status\":\"not ready\",\"failing\":{}}",
        ] {
            assert!(said(answer).contains("is not an admin port"), "{answer}");
        }
    }

    #[test]
    fn nobody_is_waited_for_longer_than_said() {
        let address = answering("HTTP/1.1 200 OK\r\n", Duration::from_secs(8));
        let begun = Instant::now();
        assert!(matches!(ask(address), Err(NotReady::Silent { .. })));
        assert!(begun.elapsed() >= WITHIN && begun.elapsed() < Duration::from_secs(6));
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert!(matches!(ask(closed), Err(NotReady::Unreachable { .. })));
    }
}

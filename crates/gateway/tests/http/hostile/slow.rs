//! Clients that take their time: each is cut off at its limit, and not before. All at once, since they wait.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::time::sleep;

use super::case::JSON;
use crate::house::House;
use crate::socket::{Socket, head};
use crate::talk::{SMS, sms};

/// Limits that are far enough apart to tell which one it was.
const SETTINGS: [(&str, &str); 5] = [
    ("MAILROOM__SERVER__HEAD_TIMEOUT_MS", "1000"),
    ("MAILROOM__SERVER__KEEP_ALIVE_MS", "2000"),
    ("MAILROOM__SERVER__BODY_GRACE_MS", "3000"),
    ("MAILROOM__SERVER__BODY_TIMEOUT_MS", "5000"),
    ("MAILROOM__SERVER__MIN_BODY_RATE", "1000"),
];
const HEAD: Duration = Duration::from_secs(1);
const IDLE: Duration = Duration::from_secs(2);
const GRACE: Duration = Duration::from_secs(3);
const BODY: Duration = Duration::from_secs(5);
/// How long a client that was answered early may go on sending.
const LINGER: Duration = Duration::from_secs(1);
/// How much later something may be noticed on a busy machine.
const SLACK: Duration = Duration::from_secs(4);

/// What is sent at once, what is sent again and again after it, and what must come of it.
struct Slow {
    name: &'static str,
    first: Vec<u8>,
    /// Bytes, and the pause before each time.
    drip: (Vec<u8>, Duration),
    statuses: Vec<u16>,
    /// When the connection ends; `None` for one that is answered at last and goes on.
    ends_after: Option<Duration>,
}

fn slow(name: &'static str, first: impl Into<Vec<u8>>) -> Slow {
    Slow {
        name,
        first: first.into(),
        drip: (Vec::new(), Duration::from_millis(100)),
        statuses: Vec::new(),
        ends_after: None,
    }
}

impl Slow {
    fn dripping(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.drip.0 = bytes.into();
        self
    }

    fn ends(mut self, after: Duration, statuses: &[u16]) -> Self {
        self.ends_after = Some(after);
        self.statuses = statuses.to_vec();
        self
    }

    async fn play(self, house: &House) -> Result<(), String> {
        let name = self.name;
        let began = Instant::now();
        let mut socket = house.socket().await;
        socket.send(&self.first).await;
        let (mut socket, drips) = socket.and_drip(self.drip.0, self.drip.1);
        for status in &self.statuses {
            let answer = socket
                .answer()
                .await
                .map_err(|error| format!("{name}: {status}: {error}"))?;
            if answer.status != *status {
                return Err(format!("{name}: {answer:?}"));
            }
            if *status == 408 && answer.json()["code"] != "timeout" {
                return Err(format!("{name}: {answer:?}"));
            }
        }
        let rest = socket
            .rest()
            .await
            .map_err(|error| format!("{name} does not end: {error}"))?;
        drips.abort();
        let (took, expected) = (began.elapsed(), self.ends_after.unwrap_or_default());
        if !rest.is_empty() || took < expected || took > expected + SLACK {
            return Err(format!(
                "{name}: after {took:?}, not {expected:?}, and then {:?}",
                String::from_utf8_lossy(&rest)
            ));
        }
        Ok(())
    }
}

fn table() -> Vec<Slow> {
    let post = |fields: &[(&str, &str)]| {
        let mut headers = vec![JSON];
        headers.extend(fields);
        head("POST", SMS, &headers)
    };
    let chunked = post(&[("transfer-encoding", "chunked")]);
    let body = sms("slow").to_string();
    let whole_chunk = format!("{:x}\r\n{body}\r\n", body.len()).into_bytes();
    let healthz = head("GET", "/healthz", &[]);
    let begun = b"GET /healthz HTTP/1.1\r\nx: ".to_vec();
    let announced = post(&[("content-length", "100000")]);
    let nobody = head("POST", "/nothing", &[JSON, ("transfer-encoding", "chunked")]);
    vec![
        slow("silence", "").ends(HEAD, &[]),
        slow("half a head", begun.clone()).ends(HEAD, &[408]),
        slow("a head that comes in drops", begun.clone())
            .dripping("a")
            .ends(HEAD, &[408]),
        slow("empty lines without end", "\r\n")
            .dripping("\r\n")
            .ends(HEAD, &[408]),
        slow("silence after a request", healthz.clone()).ends(IDLE, &[200]),
        slow(
            "half a head after a request",
            [healthz.clone(), begun.clone()].concat(),
        )
        .ends(IDLE, &[200]),
        slow("drops of a head after a request", healthz.clone())
            .dripping("G")
            .ends(HEAD, &[200, 408]),
        slow("no body", announced.clone()).ends(GRACE, &[408]),
        slow("drops of a body", announced.clone())
            .dripping(" ")
            .ends(GRACE, &[408]),
        slow("a body that comes fast enough, for too long", announced.clone())
            .dripping(" ".repeat(500))
            .ends(BODY, &[408]),
        slow("a body that begins fast", [announced, vec![b' '; 1_500]].concat())
            .ends(GRACE + Duration::from_millis(1_500), &[408]),
        slow(
            "a body that is asked for and does not come",
            post(&[("content-length", "10"), ("expect", "100-continue")]),
        )
        .ends(GRACE, &[100, 408]),
        slow("chunks that do not come", chunked.clone()).ends(GRACE, &[408]),
        slow(
            "an extension without end",
            [chunked.clone(), b"2;".to_vec()].concat(),
        )
        .dripping("a".repeat(1_000))
        .ends(GRACE + LINGER, &[408]),
        slow(
            "trailers without end",
            [chunked, whole_chunk, b"0\r\n".to_vec()].concat(),
        )
        .dripping("x: y\r\n")
        .ends(GRACE + LINGER, &[408]),
        slow("a body without end that nobody wants", nobody)
            .dripping("2\r\n{}\r\n")
            .ends(LINGER, &[404]),
    ]
}

#[tokio::test]
async fn each_is_cut_off_at_its_limit() {
    let house = House::with(&SETTINGS).await;
    let all = table().into_iter().map(|slow| slow.play(&house));
    let patient = async {
        // Slower than a body may be for long, but done in time.
        let body = sms("patient").to_string();
        let length = body.len().to_string();
        let mut socket: Socket = house.socket().await;
        socket
            .send(&head("POST", SMS, &[JSON, ("content-length", &length)]))
            .await;
        for piece in body.as_bytes().chunks(body.len().div_ceil(20)) {
            sleep(Duration::from_millis(100)).await;
            socket.send(piece).await;
        }
        let answer = socket.answer().await.map_err(|error| error.to_string())?;
        if answer.status == 202 {
            Ok(())
        } else {
            Err(format!("patient: {answer:?}"))
        }
    };
    let (mut outcomes, patient) = tokio::join!(join_all(all), patient);
    outcomes.push(patient);
    let wrong: Vec<_> = outcomes.into_iter().filter_map(Result::err).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(house.events().await, 1, "the patient one's");
    let metrics = house.get_admin("/metrics").await.body;
    for (cause, times) in [("idle", 3), ("head_too_slow", 4), ("malformed", 0)] {
        let series = format!("mailroom_connections_cut_total{{cause=\"{cause}\"}} {times}");
        assert!(metrics.contains(&series), "{series} in\n{metrics}");
    }
}

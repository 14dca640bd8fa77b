//! The player: sends the recording to a gateway, each conversation in order, several at a time.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::header::RETRY_AFTER;
use reqwest::{Method, StatusCode};
use serde::Serialize;

use super::outgoing::outgoing;
use super::recording::{Recording, Request};
use super::{Gateway, TrafficError};

/// How often a request is sent when the gateway is out of breath or out of reach.
const TRIES: u32 = 6;
const DEFAULT_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How far the player is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Requests answered for good.
    pub(crate) sent: usize,
    /// Requests in the recording.
    pub(crate) total: usize,
    /// Answered with 2xx.
    pub(crate) accepted: usize,
    /// Answered with 4xx.
    pub(crate) refused: usize,
    /// Sent once more after a 503 or a broken connection.
    pub(crate) retried: usize,
}

/// A request that was not answered as recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Mismatch {
    /// The request's name in the recording.
    pub(crate) name: String,
    /// What is worth a look in it.
    pub(crate) why: String,
    /// The recorded status.
    pub(crate) expected: u16,
    /// The status it got; none when there was no answer.
    pub(crate) answered: Option<u16>,
}

/// What became of the requests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Played {
    /// Requests sent, however often each.
    pub(crate) sent: usize,
    /// Answered with 2xx.
    pub(crate) accepted: usize,
    /// Events in those.
    pub(crate) delivered: usize,
    /// Answered with 4xx.
    pub(crate) refused: usize,
    /// Sent once more after a 503 or a broken connection.
    pub(crate) retried: usize,
    /// Not answered as recorded.
    pub(crate) mismatches: Vec<Mismatch>,
}

/// Sends the recording: the requests of one conversation one after another, `concurrency` at a time in all.
/// `progress` hears of every answer.
///
/// # Errors
/// [`TrafficError::Unreadable`] when a recorded request is no HTTP request. Answers are never errors.
pub(crate) async fn play(
    recording: &Recording,
    gateway: &Gateway,
    concurrency: usize,
    progress: impl Fn(Progress),
) -> Result<Played, TrafficError> {
    let played = Mutex::new(Played::default());
    let note = |request: &Request, answered: Option<StatusCode>, tries: u32| {
        let mut played = played.lock().unwrap_or_else(PoisonError::into_inner);
        played.note(request, answered, tries);
        let so_far = played.progress(recording.requests().len());
        drop(played);
        progress(so_far);
    };
    let queues = queues(recording, concurrency.max(1));
    let runs = queues.iter().map(|queue| play_queue(gateway, queue, &note));
    join_all(runs).await.into_iter().collect::<Result<(), _>>()?;
    Ok(played.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Sends one request after another and waits for each to be answered.
async fn play_queue(
    gateway: &Gateway,
    queue: &[&Request],
    note: impl Fn(&Request, Option<StatusCode>, u32),
) -> Result<(), TrafficError> {
    for request in queue {
        let (answered, tries) = send(gateway, request).await?;
        note(request, answered, tries);
    }
    Ok(())
}

/// Deals the requests out so that a conversation has one queue and every queue keeps the order of sending.
fn queues(recording: &Recording, concurrency: usize) -> Vec<Vec<&Request>> {
    let mut queues = vec![Vec::new(); concurrency];
    for (place, request) in recording.requests().iter().enumerate() {
        let queue = recording.line_of(request).unwrap_or(place) % concurrency;
        queues[queue].push(request);
    }
    queues
}

/// The last answer's status, if any, and how often the request was sent.
async fn send(gateway: &Gateway, request: &Request) -> Result<(Option<StatusCode>, u32), TrafficError> {
    let method = Method::from_bytes(request.method.as_bytes()).map_err(|why| TrafficError::Unreadable {
        name: request.name.clone(),
        why: why.to_string(),
    })?;
    for attempt in 1.. {
        let outgoing = outgoing(request)?;
        let path = match outgoing.query.as_str() {
            "" => request.path.clone(),
            query => format!("{}?{query}", request.path),
        };
        let mut call = gateway.request(method.clone(), &path).body(outgoing.body);
        for (name, value) in &outgoing.headers {
            call = call.header(name, value);
        }
        let (status, pause) = match call.send().await {
            Ok(answer) => {
                let pause = answer
                    .headers()
                    .get(RETRY_AFTER)
                    .and_then(|value| value.to_str().ok()?.parse().ok());
                let status = answer.status();
                // Read to its end, or the connection cannot be kept.
                let _ = answer.bytes().await;
                (Some(status), pause.map_or(DEFAULT_PAUSE, Duration::from_secs))
            }
            Err(why) if why.is_builder() => {
                return Err(TrafficError::Unreadable {
                    name: request.name.clone(),
                    why: why.without_url().to_string(),
                });
            }
            Err(_) => (None, DEFAULT_PAUSE),
        };
        let again = matches!(status, None | Some(StatusCode::SERVICE_UNAVAILABLE));
        if !again || attempt == TRIES {
            return Ok((status, attempt));
        }
        tokio::time::sleep(pause.min(LONGEST_PAUSE)).await;
    }
    Ok((None, TRIES))
}

impl Played {
    fn note(&mut self, request: &Request, answered: Option<StatusCode>, tries: u32) {
        self.sent += 1;
        self.accepted += usize::from(answered.is_some_and(|status| status.is_success()));
        if answered.is_some_and(|status| status.is_success()) {
            self.delivered += request.events().count();
        }
        self.refused += usize::from(answered.is_some_and(|status| status.is_client_error()));
        self.retried += usize::from(tries > 1);
        let answered = answered.map(|status| status.as_u16());
        if answered != Some(request.answer) {
            let (name, why) = (request.name.clone(), request.why.clone());
            self.mismatches.push(Mismatch {
                name,
                why,
                expected: request.answer,
                answered,
            });
        }
    }

    fn progress(&self, total: usize) -> Progress {
        let Self {
            sent,
            accepted,
            refused,
            retried,
            ..
        } = *self;
        Progress {
            sent,
            total,
            accepted,
            refused,
            retried,
        }
    }
}

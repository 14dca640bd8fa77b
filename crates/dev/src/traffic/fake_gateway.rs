//! A stand-in for gateway and worker on a real socket, right or wrong in chosen ways, to try player and check on.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Duration, Utc};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::reading::Said;
use super::{Gateway, Recording};

/// How it is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Not at all.
    None,
    /// Every tenth request is told to come back.
    Busy,
    /// The hundredth message is acknowledged and lost.
    Loses,
    /// The fiftieth message appears twice.
    Doubles,
    /// What must be refused is accepted.
    Trusts,
    /// Duplicates are not counted.
    Uncounted,
    /// Everything is listed by arrival instead of time.
    Unsorted,
}

#[derive(Default)]
struct Book {
    asked: usize,
    duplicate: usize,
    /// Bodies of the requests answered for good, in order.
    heard: Vec<String>,
    /// Place of the conversation, event, message and its time; in order of arrival.
    messages: Vec<(usize, String, Said, DateTime<Utc>)>,
}

/// The stand-in.
pub(crate) struct FakeGateway {
    recording: Recording,
    fault: Fault,
    book: Mutex<Book>,
}

impl FakeGateway {
    /// Starts one; it ends with the test's runtime.
    pub(crate) async fn start(recording: &Recording, fault: Fault) -> (Arc<Self>, Gateway) {
        let fake = Arc::new(Self {
            recording: recording.clone(),
            fault,
            book: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = Arc::clone(&fake);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = Arc::clone(&server);
                let service = service_fn(move |request| answer(Arc::clone(&server), request));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        (fake, Gateway::new(&url, &url).unwrap())
    }

    /// Bodies of the requests it answered for good, in order.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.book.lock().unwrap().heard.clone()
    }

    fn receive(&self, path: &str, body: &str) -> u16 {
        let mut book = self.book.lock().unwrap();
        book.asked += 1;
        if self.fault == Fault::Busy && book.asked.is_multiple_of(10) {
            return 503;
        }
        let found = self
            .recording
            .requests()
            .iter()
            .find(|it| it.path == path && it.body == body);
        let request = found.expect("nothing but the recording is sent");
        book.heard.push(body.to_owned());
        let Some(event) = request.event.clone() else {
            return if self.fault == Fault::Trusts {
                202
            } else {
                request.answer
            };
        };
        if book.messages.iter().any(|(_, known, ..)| *known == event) {
            book.duplicate += usize::from(self.fault != Fault::Uncounted);
            return request.answer;
        }
        let said = request.said().unwrap();
        let now = DateTime::UNIX_EPOCH + Duration::seconds(i64::try_from(book.asked).unwrap());
        let at = said.timestamp.unwrap_or(now);
        let place = self.recording.conversation_of(request).unwrap();
        book.messages.push((place, event, said, at));
        request.answer
    }

    /// Messages of a conversation as listed.
    fn listed(&self, conversation: usize) -> Vec<Value> {
        let book = self.book.lock().unwrap();
        let mut listed = Vec::new();
        for (number, (place, _, said, at)) in book.messages.iter().enumerate() {
            let times = match (self.fault, number) {
                (Fault::Loses, 100) => 0,
                (Fault::Doubles, 50) => 2,
                _ => 1,
            };
            if *place == conversation {
                let message = json!({"id": number.to_string(), "from": said.from, "to": said.to, "body": said.body,
                    "attachments": said.attachments, "status": said.status, "timestamp": at});
                listed.extend(std::iter::repeat_n((*at, message), times));
            }
        }
        if self.fault != Fault::Unsorted {
            listed.sort_by_key(|(at, _)| *at);
        }
        listed.into_iter().map(|(_, message)| message).collect()
    }

    fn conversations(&self) -> Vec<Value> {
        let stranger = json!({"id": "x", "key": "sms:+9<->+99", "channel": "sms", "participant_a": "+9",
            "participant_b": "+99", "message_count": 1, "last_activity_at": "2026-01-01T00:00:00Z"});
        let mut all = vec![stranger];
        for (place, it) in self.recording.expected().conversations.iter().enumerate() {
            let messages = self.listed(place);
            let latest = messages.iter().map(|it| {
                it["timestamp"]
                    .as_str()
                    .unwrap()
                    .parse::<DateTime<Utc>>()
                    .unwrap()
            });
            if let Some(latest) = latest.max() {
                all.push(
                    json!({"id": place.to_string(), "key": it.key, "channel": it.channel,
                    "participant_a": it.participant_a, "participant_b": it.participant_b,
                    "message_count": messages.len(), "last_activity_at": latest}),
                );
            }
        }
        all
    }
}

async fn answer(
    fake: Arc<FakeGateway>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    let path = parts.uri.path();
    let argument = |name: &str| {
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        form_urlencoded::parse(query)
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    let (status, text) = match path.strip_prefix("/api/conversations") {
        // By cursor, and in smaller pages than were asked for.
        Some("") => {
            let start: usize = argument("cursor").map_or(0, |cursor| cursor.parse().unwrap());
            let all = fake.conversations();
            let next = (start + 20 < all.len()).then(|| (start + 20).to_string());
            let items: Vec<_> = all.iter().skip(start).take(20).collect();
            (
                200,
                json!({"items": items, "meta": {"total": all.len(), "next_cursor": next}}).to_string(),
            )
        }
        // By page alone.
        Some(rest) => {
            let id = rest.trim_start_matches('/').trim_end_matches("/messages");
            let all = fake.listed(id.parse().unwrap());
            let page: usize = argument("page").unwrap().parse().unwrap();
            let items: Vec<_> = all.iter().skip((page - 1) * 2).take(2).collect();
            (
                200,
                json!({"items": items, "meta": {"page": page, "page_size": 2, "total": all.len()}})
                    .to_string(),
            )
        }
        None if path == "/metrics" => {
            let book = fake.book.lock().unwrap();
            let (recorded, duplicate) = (book.messages.len(), book.duplicate);
            let text = format!(
                "mailroom_events_recorded_total{{channel=\"any\"}} {recorded}\n\
                 mailroom_events_duplicate_total{{channel=\"any\"}} {duplicate}\n"
            );
            (200, text)
        }
        None => (fake.receive(path, &body), String::new()),
    };
    let answer = Response::builder()
        .status(status)
        .header("retry-after", "0")
        .body(Full::from(text))
        .unwrap();
    Ok(answer)
}

//! What holds for every refusal: the answer's shape, nothing stored, one line in the log, no word of the input.

use serde_json::Value;

use crate::house::House;
use crate::socket::request;

/// Stands in every input, and must come out nowhere.
pub(crate) const CANARY: &str = "Kanarienvogel";

/// A request that must be refused.
#[derive(Debug)]
pub(crate) struct Refused {
    name: String,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    status: u16,
    code: &'static str,
    /// Part of the message.
    says: String,
    allow: Option<&'static str>,
}

impl Refused {
    /// A JSON body posted to `target`, refused as invalid.
    pub(crate) fn body(
        name: impl Into<String>,
        target: &str,
        body: impl Into<Vec<u8>>,
        says: impl Into<String>,
    ) -> Self {
        Self::new(name, "POST", target, 400, "invalid")
            .header("content-type", "application/json")
            .with_body(body)
            .says(says)
    }

    pub(crate) fn new(
        name: impl Into<String>,
        method: &str,
        target: &str,
        status: u16,
        code: &'static str,
    ) -> Self {
        Self {
            name: name.into(),
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            status,
            code,
            says: String::new(),
            allow: None,
        }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn says(mut self, says: impl Into<String>) -> Self {
        self.says = says.into();
        self
    }

    pub(crate) fn allow(mut self, methods: &'static str) -> Self {
        self.allow = Some(methods);
        self
    }

    async fn check(&self, house: &House, request_id: &str) {
        let mut headers: Vec<_> = self
            .headers
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        headers.push(("x-request-id", request_id));
        let mut socket = house.socket().await;
        socket
            .send(&request(&self.method, &self.target, &headers, &self.body))
            .await;
        let name = &self.name;
        let answer = socket
            .answer()
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(answer.status, self.status, "{name}: {answer:?}");
        assert_eq!(
            answer.header("content-type"),
            Some("application/json"),
            "{name}: {answer:?}"
        );
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{name}");
        assert_eq!(answer.header("x-request-id"), Some(request_id), "{name}");
        assert_eq!(answer.header("allow"), self.allow, "{name}");
        let body = answer.json();
        let keys: Vec<_> = body.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["code", "message", "request_id"], "{name}");
        assert_eq!(body["code"], self.code, "{name}: {body}");
        assert_eq!(body["request_id"], request_id, "{name}");
        let message = body["message"].as_str().unwrap();
        assert!(
            !message.is_empty() && message.contains(&self.says),
            "{name}: {message}"
        );
        assert!(!format!("{answer:?}").contains(CANARY), "{name}: {answer:?}");
    }
}

/// Sends them all and checks what holds for every one.
pub(crate) async fn all_are_refused(house: &House, refused: &[Refused]) {
    for (number, one) in refused.iter().enumerate() {
        one.check(house, &format!("refused-{number}-")).await;
    }
    assert_eq!(house.events().await, 0, "a refused event was recorded");
    assert!(house.gateway.ended().is_none(), "the gateway is gone");
    assert_eq!(house.get("/healthz").await.status, 200);
    let log = house.log().await;
    for (number, one) in refused.iter().enumerate() {
        let id = format!("refused-{number}-");
        let lines: Vec<Value> = log
            .iter()
            .filter(|line| line.contains(&id))
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let [line] = lines.as_slice() else {
            panic!("{} lines for {}: {lines:?}", lines.len(), one.name);
        };
        assert_eq!(line["request_id"], id.as_str(), "{}", one.name);
        assert_eq!(line["status"], one.status, "{}: {line}", one.name);
        assert_eq!(line["code"], one.code, "{}: {line}", one.name);
        assert_eq!(line["level"], "INFO", "{}: {line}", one.name);
    }
    let repeats: Vec<_> = log.iter().filter(|line| line.contains(CANARY)).collect();
    assert!(repeats.is_empty(), "the log repeats what was sent: {repeats:#?}");
}

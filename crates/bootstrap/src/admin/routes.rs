//! The four things the admin listener tells: alive, ready, metrics, version.

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};

use super::Told;
use crate::health::Readiness;
use crate::service::Service;

const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";
const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";

type Answer = Response<Full<Bytes>>;

pub(super) fn answer(request: &Request<Incoming>, told: &Told) -> Answer {
    let route: fn(&Told) -> Answer = match request.uri().path() {
        "/livez" => |_| text(StatusCode::OK, TEXT, "alive\n".to_owned()),
        "/readyz" => |told| ready(&told.health.readiness()),
        "/metrics" => |told| text(StatusCode::OK, PROMETHEUS, told.metrics.render()),
        "/version" => version,
        _ => return text(StatusCode::NOT_FOUND, TEXT, "not found\n".to_owned()),
    };
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        route(told)
    } else {
        let mut refusal = text(
            StatusCode::METHOD_NOT_ALLOWED,
            TEXT,
            "method not allowed\n".to_owned(),
        );
        refusal
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        refusal
    }
}

fn ready(readiness: &Readiness) -> Answer {
    let (status, word) = match readiness {
        ready if ready.is_ready() => (StatusCode::OK, "ready"),
        Readiness { draining: true, .. } => (StatusCode::SERVICE_UNAVAILABLE, "draining"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "not ready"),
    };
    json(status, &json!({ "status": word, "failing": readiness.failing }))
}

fn version(told: &Told) -> Answer {
    let Service { name, version, .. } = told.service;
    let mut body = json!({ "name": name, "version": version });
    if let Some(commit) = told.service.commit() {
        body["commit"] = commit.into();
    }
    json(StatusCode::OK, &body)
}

fn json(status: StatusCode, body: &Value) -> Answer {
    text(status, JSON, body.to_string())
}

fn text(status: StatusCode, kind: &'static str, body: String) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    *answer.status_mut() = status;
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

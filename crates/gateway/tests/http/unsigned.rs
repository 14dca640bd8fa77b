//! Whether `/api` takes calls that nobody signed.

use serde_json::json;

use crate::house::House;
use crate::refusals::{CANARY, Refused, all_are_refused};
use crate::talk::{CONVERSATIONS, EMAIL, SMS, email, sms};

const PRODUCTION: (&str, &str) = ("MAILROOM__PROFILE", "production");
const MESSAGES: &str = "/api/conversations/00000000-0000-4000-8000-000000000000/messages";

#[tokio::test]
async fn in_production_they_are_refused() {
    let house = House::with(&[PRODUCTION]).await;
    let unauthorized = |method: &str, target: &str| Refused::new(target, method, target, 401, "unauthorized");
    let table = [
        unauthorized("POST", SMS)
            .header("content-type", "application/json")
            .with_body(sms(CANARY).to_string()),
        unauthorized("POST", EMAIL)
            .header("content-type", "application/json")
            .with_body(email(CANARY).to_string()),
        unauthorized("GET", CONVERSATIONS),
        unauthorized("GET", MESSAGES),
    ];
    all_are_refused(&house, &table).await;
    for open in ["/healthz", "/openapi.json"] {
        assert_eq!(house.get(open).await.status, 200, "{open}");
    }
}

#[tokio::test]
async fn without_a_word_on_it_this_is_production() {
    let house = House::with(&[("MAILROOM__PROFILE", "")]).await;
    assert_eq!(house.post(SMS, &sms("1")).await.status, 401);
}

#[tokio::test]
async fn a_deployment_may_allow_them_and_forbid_them() {
    let house = House::with(&[PRODUCTION, ("MAILROOM__SERVER__ALLOW_UNSIGNED", "true")]).await;
    assert_eq!(
        house.post(SMS, &sms("1")).await.json(),
        json!({"status": "accepted"})
    );
    let house = House::with(&[("MAILROOM__SERVER__ALLOW_UNSIGNED", "false")]).await;
    assert_eq!(house.post(SMS, &sms("1")).await.status, 401);
}

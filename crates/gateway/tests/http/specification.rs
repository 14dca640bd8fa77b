//! `/openapi.json` and the running gateway say the same.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::house::House;
use crate::talk::{CONVERSATIONS, EMAIL, SMS, email, sms};
use crate::twilio_signing::{PATH, PUBLIC_URL, SETTINGS, TOKEN, message, sign, signed};

/// Every path with its methods.
fn operations(specification: &Value) -> BTreeSet<(String, String)> {
    let paths = specification["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().keys();
            methods.map(move |method| (path.clone(), method.to_uppercase()))
        })
        .collect()
}

/// What a reference to a schema means.
fn resolved<'a>(specification: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => specification
            .pointer(reference.strip_prefix('#').unwrap())
            .unwrap(),
        None => schema,
    }
}

/// Asserts that a value has exactly the properties of its schema, and so on downwards.
fn assert_fits(specification: &Value, schema: &Value, value: &Value, place: &str) {
    let schema = resolved(specification, schema);
    match value {
        Value::Object(found) => {
            let described = schema["properties"]
                .as_object()
                .unwrap_or_else(|| panic!("{place}: {schema}"));
            let names =
                |object: &serde_json::Map<String, Value>| object.keys().cloned().collect::<BTreeSet<_>>();
            assert_eq!(names(found), names(described), "{place}");
            for (name, value) in found {
                assert_fits(specification, &described[name], value, &format!("{place}.{name}"));
            }
        }
        Value::Array(items) => {
            for item in items {
                assert_fits(specification, &schema["items"], item, &format!("{place}[]"));
            }
        }
        leaf => {
            let kind = match leaf {
                Value::Null => "null",
                Value::String(_) => "string",
                Value::Bool(_) => "boolean",
                _ => "integer",
            };
            let allowed = &schema["type"];
            let is_allowed = allowed == kind
                || allowed
                    .as_array()
                    .is_some_and(|kinds| kinds.contains(&json!(kind)));
            assert!(is_allowed, "{place}: {leaf} is no {allowed}");
        }
    }
}

async fn specification(house: &House) -> Value {
    let answer = house.get("/openapi.json").await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("application/json"))
    );
    answer.json()
}

#[tokio::test]
async fn every_operation_is_there_and_every_route_described() {
    let house = House::with(&SETTINGS).await.employ().await;
    house.accept(SMS, &sms("1")).await;
    house.until_messages(1).await;
    let conversation = house.get(CONVERSATIONS).await.json()["items"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let specification = specification(&house).await;
    let described = operations(&specification);
    let expected = [
        ("/api/conversations", "GET"),
        ("/api/conversations/{id}/messages", "GET"),
        ("/api/webhooks/email", "POST"),
        ("/api/webhooks/sms", "POST"),
        ("/healthz", "GET"),
        ("/webhooks/{provider}/{endpoint}", "GET"),
        ("/webhooks/{provider}/{endpoint}", "POST"),
    ];
    assert_eq!(
        described,
        expected
            .map(|(path, method)| (path.to_owned(), method.to_owned()))
            .into()
    );
    for (path, method) in &described {
        let target = path
            .replace("{id}", &conversation)
            .replace("{provider}", if method == "GET" { "whatsapp" } else { "twilio" })
            .replace("{endpoint}", "demo");
        let request = house
            .client
            .request(method.parse().unwrap(), format!("{}{target}", house.base_url));
        let status = request.send().await.unwrap().status().as_u16();
        assert!(![404, 405].contains(&status), "{method} {path}: {status}");
        assert!(
            specification["paths"][path][method.to_lowercase()]["responses"]
                .get(status.to_string())
                .is_some(),
            "{method} {path} answers {status}, which is not described"
        );
    }

    // The routes that are counted are those that are registered.
    let metrics = house.get_admin("/metrics").await.body;
    let counted: BTreeSet<_> = metrics
        .lines()
        .filter(|line| line.starts_with("mailroom_requests_total{") && line.contains("outcome=\"ok\""))
        .map(|line| line.split("route=\"").nth(1).unwrap().split('"').next().unwrap())
        .collect();
    let mut paths: BTreeSet<_> = described.iter().map(|(path, _)| path.as_str()).collect();
    paths.insert("/openapi.json");
    assert_eq!(counted, paths);
}

#[tokio::test]
async fn answers_have_the_properties_that_are_described() {
    let house = House::with(&SETTINGS).await.employ().await;
    let specification = specification(&house).await;
    let fits = |path: &str, method: &str, answer: &Answer| {
        let response = &specification["paths"][path][method]["responses"][answer.status.to_string()];
        let schema = &response["content"]["application/json"]["schema"];
        assert_fits(&specification, schema, &answer.json(), path);
    };
    fits(SMS, "post", &house.post(SMS, &sms("1")).await);
    fits(EMAIL, "post", &house.post(EMAIL, &email("1")).await);
    fits(SMS, "post", &house.post(SMS, &json!({})).await);
    house.until_messages(2).await;
    // A page of one, so that there is a cursor; and the last, where there is none.
    for query in ["?pageSize=1", ""] {
        let listed = house.get(&format!("{CONVERSATIONS}{query}")).await;
        fits(CONVERSATIONS, "get", &listed);
        for item in listed.json()["items"].as_array().unwrap() {
            let path = format!("{CONVERSATIONS}/{}/messages", item["id"].as_str().unwrap());
            fits("/api/conversations/{id}/messages", "get", &house.get(&path).await);
        }
    }
    fits("/healthz", "get", &house.get("/healthz").await);

    let fields = message("SM1");
    let signature = sign(TOKEN, PUBLIC_URL, &fields);
    let answer = signed(&house, PATH, &fields, &signature).await;
    let response = &specification["paths"]["/webhooks/{provider}/{endpoint}"]["post"]["responses"]["200"];
    assert!(
        response["content"]
            .get(answer.header("content-type").unwrap())
            .is_some(),
        "{response}"
    );
}

#[tokio::test]
async fn bodies_are_described_as_they_are_taken() {
    let house = House::open().await;
    let specification = specification(&house).await;
    for (path, valid) in [(SMS, sms("1")), (EMAIL, email("1"))] {
        let content = &specification["paths"][path]["post"]["requestBody"]["content"]["application/json"];
        let schema = resolved(&specification, &content["schema"]);
        let described: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
        assert_eq!(
            described,
            valid.as_object().unwrap().keys().collect::<Vec<_>>(),
            "{path}"
        );
        let required: BTreeSet<_> = schema["required"]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap())
            .collect();
        for field in described {
            let mut without = valid.clone();
            without.as_object_mut().unwrap().remove(field);
            let status = house.post(path, &without).await.status;
            let expected = if required.contains(field.as_str()) {
                400
            } else {
                202
            };
            assert_eq!(status, expected, "{path} without {field}");
        }
    }
}

//! Who may call what: every operation of the API's own description, walked as everybody.

use crate::{client::Client, facts, harness::Running};
use axum::body::Body;
use hyper::Method;
use lenke_console::{Role, openapi_json};
use serde_json::{Value, json};

/// Neither needs a session.
const PUBLIC: [(&str, &str); 1] = [("post", "/api/v1/session")];

/// Every operation, with a made-up id in its path.
pub(crate) fn operations() -> Vec<(Method, String, String)> {
    let document: Value = serde_json::from_str(&openapi_json()).unwrap();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let id = if path.contains("/wearers/") { facts::WEARER.to_string() } else { "ab".repeat(16) };
        for method in item.as_object().unwrap().keys() {
            let verb = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let mut filled = path.replace("{id}", &id);
            if path.ends_with("/export") {
                filled.push_str("?from=1&to=2&format=csv&reason=test");
            }
            operations.push((verb, path.clone(), filled));
        }
    }
    operations
}

fn is_public(method: &Method, path: &str) -> bool {
    PUBLIC.contains(&(method.as_str().to_lowercase().as_str(), path))
}

/// A body that the change takes.
fn body(method: &Method, path: &str) -> Option<Value> {
    let body = match path.rsplit('/').next() {
        Some("session") => json!({ "name": "nobody", "password": "wrong" }),
        Some("place") => json!({ "area": facts::area(), "from": 1, "to": 2, "basis": "test" }),
        Some("note") => json!({ "expected_version": 1, "text": "x" }),
        Some("pursuit") => json!({ "minutes": 30, "reason": "x" }),
        Some("resolve") => json!({ "expected_version": 1, "outcome": "handled", "text": "x" }),
        _ => json!({ "expected_version": 1 }),
    };
    (*method == Method::POST).then_some(body)
}

/// Only the status: a live stream's body would never end.
pub(crate) async fn status(client: &Client, method: &Method, path: &str) -> u16 {
    if path.ends_with("/stream") && client.cookie.is_some() {
        client.stream().await;
        return 200;
    }
    client.send(method.clone(), path, body(method, path)).await.status.as_u16()
}

#[tokio::test]
async fn the_document_describes_every_endpoint_of_the_contract() {
    let mut found: Vec<_> =
        operations().into_iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    found.sort();
    let expected = [
        "DELETE /api/v1/session",
        "GET /api/v1/admin/audit",
        "GET /api/v1/admin/quarantine",
        "GET /api/v1/admin/status",
        "GET /api/v1/alerts",
        "GET /api/v1/alerts/{id}",
        "GET /api/v1/me",
        "GET /api/v1/positions",
        "GET /api/v1/stream",
        "GET /api/v1/wearers/{id}/alerts",
        "GET /api/v1/wearers/{id}/compliance",
        "GET /api/v1/wearers/{id}/gaps",
        "GET /api/v1/wearers/{id}/intervals",
        "GET /api/v1/wearers/{id}/reports",
        "GET /api/v1/wearers/{id}/tags",
        "GET /api/v1/wearers/{id}/trail",
        "GET /api/v1/wearers/{id}/trail/export",
        "GET /api/v1/wearers/{id}/zones",
        "GET /api/v1/zones",
        "POST /api/v1/admin/find/place",
        "POST /api/v1/alerts/{id}/acknowledge",
        "POST /api/v1/alerts/{id}/note",
        "POST /api/v1/alerts/{id}/resolve",
        "POST /api/v1/session",
        "POST /api/v1/wearers/{id}/pursuit",
    ];
    assert_eq!(found, expected);
}

#[test]
fn every_operation_has_a_name_of_its_own_and_describes_its_answers() {
    let document: Value = serde_json::from_str(&openapi_json()).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let mut names = std::collections::HashSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert!(names.insert(operation["operationId"].as_str().unwrap().to_owned()), "{method} {path}");
            assert!(operation["summary"].is_string(), "{method} {path}");
            for (status, answer) in operation["responses"].as_object().unwrap() {
                assert!(answer["description"].is_string(), "{method} {path} {status}");
            }
        }
    }
}

#[test]
fn every_reference_of_the_document_leads_somewhere() {
    let text = openapi_json();
    let document: Value = serde_json::from_str(&text).unwrap();
    for part in text.split("\"#/components/schemas/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(document["components"]["schemas"][name].is_object(), "{name}");
    }
}

#[tokio::test]
async fn without_a_session_every_operation_but_the_login_is_401() {
    let running = Running::start().await;
    let mut forged = running.client();
    forged.cookie = Some("lenke_session=AAAAAAAAAAAAAAAAAAAAAA".to_owned());
    for (method, path, filled) in operations().iter().filter(|(method, path, _)| !is_public(method, path)) {
        for client in [&running.client(), &forged] {
            let answer = client.send(method.clone(), filled, body(method, filled)).await;
            assert_eq!(answer.status, 401, "{method} {path}");
            assert_eq!(answer.header("content-type"), "application/problem+json", "{method} {path}");
        }
    }
    assert_eq!(running.client().get("/api/v1/openapi.json").await.status, 200);
}

#[tokio::test]
async fn operators_are_refused_where_only_administrators_may_go() {
    let running = Running::start().await;
    let operator = running.signed_in("operator", Role::Operator).await;
    let administrator = running.signed_in("administrator", Role::Administrator).await;
    for (method, path, filled) in &operations() {
        if is_public(method, path) || *method == Method::DELETE {
            continue;
        }
        let is_admin = path.contains("/admin/") || path.ends_with("/export");
        assert_eq!(status(&operator, method, filled).await == 403, is_admin, "operator {method} {path}");
        let allowed = status(&administrator, method, filled).await;
        assert!(![401, 403].contains(&allowed) && allowed < 500, "administrator {method} {path}: {allowed}");
    }
}

#[tokio::test]
async fn a_change_without_our_header_is_403() {
    let running = Running::start().await;
    let operator = running.signed_in("operator", Role::Operator).await;
    for (method, path, filled) in operations().iter().filter(|(method, ..)| *method != Method::GET) {
        let request = operator.request(method.clone(), filled).header("content-type", "application/json");
        let answer = operator.raw(request.body(Body::from("{}")).unwrap()).await;
        assert_eq!(answer.status, 403, "{method} {path}");
        assert_eq!(answer.json()["field"], "x-lenke-request", "{method} {path}");
    }
    assert_eq!(operator.get("/api/v1/me").await.status, 200);
}

#[tokio::test]
async fn a_request_that_another_site_sent_is_403() {
    let running = Running::start().await;
    let operator = running.signed_in("operator", Role::Operator).await;
    let request = operator.request(Method::GET, "/api/v1/positions").header("sec-fetch-site", "cross-site");
    assert_eq!(operator.raw(request.body(Body::empty()).unwrap()).await.status, 403);
}

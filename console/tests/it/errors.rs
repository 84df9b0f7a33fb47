//! Bad requests are told what is wrong with which field, and cost little.

use crate::harness::Running;
use axum::body::Body;
use hyper::Method;
use lenke_console::Role;
use serde_json::{Value, json};

#[tokio::test]
async fn bad_parameters_and_bodies_name_the_field() {
    let running = Running::start().await;
    let kari = running.signed_in("kari", Role::Administrator).await;
    let id = running.breach().await;
    for (path, field) in [
        ("/api/v1/alerts/zz".to_owned(), "id"),
        (format!("/api/v1/alerts/{}", id.to_string().to_uppercase()), "id"),
        ("/api/v1/alerts?state=shelved".to_owned(), "state"),
        ("/api/v1/alerts?limit=no".to_owned(), "limit"),
        ("/api/v1/alerts?limit=0".to_owned(), "limit"),
        ("/api/v1/alerts?state=resolved&before=x".to_owned(), "before"),
        ("/api/v1/alerts?colour=red".to_owned(), "colour"),
        ("/api/v1/wearers/42/trail".to_owned(), "id"),
        ("/api/v1/wearers/W-00042/trail?from=yesterday".to_owned(), "from"),
        ("/api/v1/wearers/W-00042/trail?from=5&to=5".to_owned(), "from"),
        ("/api/v1/wearers/W-00042/trail?after=1_2".to_owned(), "after"),
        ("/api/v1/wearers/W-42/zones".to_owned(), "id"),
        ("/api/v1/wearers/%FF/zones".to_owned(), "id"),
        ("/api/v1/admin/quarantine?before=-1".to_owned(), "before"),
        ("/basemap/99/0/0".to_owned(), "z"),
        ("/basemap/1/2/0".to_owned(), "z"),
        ("/basemap/1/x/0".to_owned(), "x"),
    ] {
        let answer = kari.get(&path).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["field"]), (400, &json!(field)), "{path}");
        assert_eq!(answer.header("content-type"), "application/problem+json", "{path}");
        assert!(answer.json()["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{path}");
    }
    for (action, body, field) in [
        ("acknowledge", json!({}), json!("expected_version")),
        ("acknowledge", json!({ "expected_version": -1 }), json!("expected_version")),
        ("acknowledge", json!({ "expected_version": 1, "text": "x" }), json!("text")),
        ("note", json!({ "expected_version": 1, "text": 5 }), json!("text")),
        ("resolve", json!({ "expected_version": 1, "outcome": "won", "text": "x" }), json!("outcome")),
        ("resolve", json!([1]), Value::Null),
    ] {
        let answer = kari.post(&format!("/api/v1/alerts/{id}/{action}"), body.clone()).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["field"]), (400, &field), "{action} {body}");
    }
    assert_eq!(running.desk.open_alerts()[0].version, 1);
}

#[tokio::test]
async fn bodies_that_are_no_json_or_too_large_are_refused() {
    let running = Running::start().await;
    let kari = running.signed_in("kari", Role::Operator).await;
    let path = format!("/api/v1/alerts/{}/note", running.breach().await);
    let post = |kind: &'static str, body: String| {
        let request =
            kari.request(Method::POST, &path).header("x-lenke-request", "1").header("content-type", kind);
        kari.raw(request.body(Body::from(body)).unwrap())
    };
    assert_eq!(post("text/plain", "{}".to_owned()).await.status, 415);
    assert_eq!(post("application/json", "{\"text".to_owned()).await.status, 400);
    assert_eq!(
        post("application/json; charset=utf-8", "{}".to_owned()).await.json()["field"],
        "expected_version"
    );
    let huge = json!({ "expected_version": 1, "text": "x".repeat(40_000) }).to_string();
    assert_eq!(post("application/json", huge).await.json()["type"], "urn:lenke:problem:too-large");
}

#[tokio::test]
async fn unknown_paths_and_methods_of_the_api_are_problems() {
    let running = Running::start().await;
    let anybody = running.client();
    for (method, path, status) in [
        (Method::GET, "/api", 404),
        (Method::GET, "/api/", 404),
        (Method::GET, "/api/v1", 404),
        (Method::GET, "/api/v1/nothing", 404),
        (Method::GET, "/api/v1/alerts/x/y/z", 404),
        (Method::PUT, "/api/v1/alerts", 405),
        (Method::POST, "/healthz", 405),
        (Method::POST, "/", 405),
    ] {
        let answer = anybody.send(method.clone(), path, None).await;
        assert_eq!(answer.status, status, "{method} {path}");
        assert_eq!(answer.header("content-type"), "application/problem+json", "{method} {path}");
    }
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let running = Running::start().await;
    let anybody = running.client();
    let request = anybody.request(Method::GET, "/healthz").header("x-padding", "x".repeat(60_000));
    assert_eq!(anybody.raw(request.body(Body::empty()).unwrap()).await.status, 431);
}

//! What is looked at or done is in the audit log, or it is not answered.

use crate::harness::Running;
use lenke_console::Role;
use serde_json::json;
use std::sync::atomic::Ordering;

#[tokio::test]
async fn looking_and_acting_are_written_down_with_who_and_what() {
    let running = Running::start().await;
    let kari = running.signed_in("kari", Role::Administrator).await;
    let id = running.breach().await.to_string();
    kari.get(&format!("/api/v1/alerts/{id}")).await;
    kari.post(&format!("/api/v1/alerts/{id}/acknowledge"), json!({ "expected_version": 1 })).await;
    kari.get("/api/v1/wearers/W-00042/trail?from=1&to=2").await;
    kari.get("/api/v1/positions").await;
    kari.get("/api/v1/admin/quarantine").await;
    kari.send(hyper::Method::DELETE, "/api/v1/session", None).await;
    let log = running.audit_log().await;
    assert!(log.iter().all(|entry| entry.actor == "kari"));
    let found: Vec<_> =
        log.iter().rev().map(|entry| (entry.action.as_str(), entry.object.as_str())).collect();
    let expected = [
        ("login", "kari"),
        ("alert.read", id.as_str()),
        ("alert.acknowledge", id.as_str()),
        ("trail.read", "W-00042"),
        ("positions.read", "all"),
        ("quarantine.read", "all"),
        ("logout", "kari"),
    ];
    assert_eq!(found, expected);
    assert_eq!(log[3].detail, "from 1 to 2");
}

#[tokio::test]
async fn without_an_audit_log_nothing_is_shown_or_done() {
    let running = Running::start().await;
    let kari = running.signed_in("kari", Role::Administrator).await;
    let password = running.user("ola", Role::Operator).await;
    let id = running.breach().await;
    running.store.audit_fails.store(true, Ordering::Relaxed);
    for path in [
        format!("/api/v1/alerts/{id}"),
        "/api/v1/wearers/W-00042/trail".to_owned(),
        "/api/v1/positions".to_owned(),
        "/api/v1/admin/quarantine".to_owned(),
        "/api/v1/stream".to_owned(),
    ] {
        let answer = kari.get(&path).await;
        assert_eq!(answer.status, 503, "{path}");
        assert!(!answer.json().to_string().contains("disk is full"), "{path}");
    }
    let acknowledge = format!("/api/v1/alerts/{id}/acknowledge");
    assert_eq!(kari.post(&acknowledge, json!({ "expected_version": 1 })).await.status, 503);
    assert_eq!(running.desk.open_alerts()[0].version, 1);
    let mut ola = running.client();
    assert_eq!(ola.sign_in("ola", &password).await.status, 503);
    assert_eq!(ola.cookie, None);
    running.store.audit_fails.store(false, Ordering::Relaxed);
    assert_eq!(kari.post(&acknowledge, json!({ "expected_version": 1 })).await.status, 200);
}

//! What is looked at or done is in the audit log, or it is not answered.

use crate::{access, facts, harness::Running};
use lenke_console::Role;
use lenke_store::Store as _;
use serde_json::{Value, json};
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
    let alert = format!("W-00042/{id}");
    let log = running.audit_log().await;
    assert!(log.iter().all(|entry| entry.actor == "kari"));
    let found: Vec<_> =
        log.iter().rev().map(|entry| (entry.action.as_str(), entry.object.as_str())).collect();
    let expected = [
        ("login", "kari"),
        ("alert.read", alert.as_str()),
        ("alert.acknowledge", alert.as_str()),
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
        "/api/v1/alerts".to_owned(),
        "/api/v1/alerts?state=resolved".to_owned(),
        "/api/v1/zones".to_owned(),
        "/api/v1/wearers/W-00042/zones".to_owned(),
        "/api/v1/admin/audit".to_owned(),
        "/api/v1/wearers/W-00042/trail/export?from=1&to=2&format=gpx&reason=x".to_owned(),
        "/api/v1/wearers/W-00042/trail".to_owned(),
        "/api/v1/positions".to_owned(),
        "/api/v1/admin/quarantine".to_owned(),
        "/api/v1/wearers/W-00042/gaps".to_owned(),
        "/api/v1/wearers/W-00042/reports".to_owned(),
        "/api/v1/wearers/W-00042/alerts".to_owned(),
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

/// Operations that show and change nothing of a person.
const EXEMPT: [(&str, &str); 2] = [
    ("GET /api/v1/me", "shows those who ask their own account"),
    ("GET /api/v1/admin/status", "shows counters, of nobody in particular"),
];

#[tokio::test]
async fn every_operation_of_the_api_leaves_an_entry_with_who_when_and_on_what() {
    let running = Running::start().await;
    let kari = running.signed_in("kari", Role::Administrator).await;
    let alert = running.breach().await.to_string();
    running.store.commit_batch(&facts::walk(facts::WEARER, 3)).await.unwrap();
    let mut exempt = Vec::new();
    let mut operations = access::operations();
    // Signing out ends the session that the others need.
    operations.sort_by_key(|(method, path, _)| (*method == hyper::Method::DELETE, path.clone()));
    for (method, path, filled) in operations {
        let name = format!("{method} {path}");
        let filled = filled.replace(&"ab".repeat(16), &alert);
        let before = running.audit_log().await.len();
        let status = access::status(&kari, &method, &filled).await;
        let log = running.audit_log().await;
        assert!(status < 500, "{name}: {status}");
        if EXEMPT.iter().any(|(exempt, _)| *exempt == name) {
            assert_eq!(log.len(), before, "{name} needs no exemption");
            exempt.push(name);
            continue;
        }
        assert_eq!(log.len(), before + 1, "{name} ({status}) is not in the audit log exactly once");
        let entry = &log[0];
        assert!(!entry.action.is_empty() && !entry.object.is_empty(), "{name}: {entry:?}");
        let signing_in = path == "/api/v1/session" && method == hyper::Method::POST;
        assert_eq!(entry.actor, if signing_in { "unknown" } else { "kari" }, "{name}");
        assert!((running.now() - entry.at.0).abs() < 60_000, "{name}");
        if path.contains("/wearers/") || path.contains("/alerts/") {
            assert!(entry.object.starts_with("W-00042"), "{name} is not found by its wearer: {entry:?}");
        }
    }
    assert_eq!(exempt.len(), EXEMPT.len(), "an exemption is for nothing");
}

#[tokio::test]
async fn the_log_is_searched_by_subject_actor_and_time_in_pages() {
    let running = Running::start().await;
    let admin = running.signed_in("admin", Role::Administrator).await;
    let ola = running.signed_in("ola", Role::Operator).await;
    let id = running.breach().await;
    for _ in 0..3 {
        ola.get("/api/v1/wearers/W-00042/trail?from=1&to=2&reason=phone+call").await;
    }
    ola.get(&format!("/api/v1/alerts/{id}")).await;
    ola.get("/api/v1/wearers/W-00043/trail?from=1&to=2").await;
    let found = admin.get("/api/v1/admin/audit?subject=W-00042&actor=ola").await.json();
    let actions: Vec<_> =
        found.as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["alert.read", "trail.read", "trail.read", "trail.read"]);
    assert_eq!(found[1]["detail"], "from 1 to 2: phone call");
    assert_eq!(found[0]["hash"].as_str().unwrap().len(), 64);
    let mut next = Some("/api/v1/admin/audit?subject=W-00042&actor=ola&from=0&limit=3".to_owned());
    let mut paged: Vec<Value> = Vec::new();
    while let Some(path) = next {
        let page = admin.get(&path).await;
        paged.extend(page.json().as_array().unwrap().clone());
        let link =
            page.header("link").strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\""));
        next = link.map(str::to_owned);
    }
    assert_eq!(json!(paged), found);
    let kind = admin.get("/api/v1/admin/audit?subject=W-00042&actor=ola&action=trail&limit=2").await;
    assert!(kind.header("link").contains("action=trail"), "the next page is of the same kind");
    assert!(kind.json().as_array().unwrap().iter().all(|entry| entry["action"] == "trail.read"));
    let none = admin.get("/api/v1/admin/audit?to=1").await.json();
    assert_eq!(none, json!([]));
    let itself = admin.get("/api/v1/admin/audit?actor=admin&subject=W-00042&limit=1").await.json();
    assert_eq!((&itself[0]["action"], &itself[0]["object"]), (&json!("audit.read"), &json!("W-00042")));
    assert_eq!(admin.get("/api/v1/admin/audit?limit=0").await.json()["field"], "limit");
    let long = format!("/api/v1/admin/audit?actor={}", "x".repeat(101));
    assert_eq!(admin.get(&long).await.json()["field"], "actor");
}

//! The life of an alert over HTTP.

use crate::{facts, harness::Running};
use lenke_alerts::{AlertKind, ConditionId, PermissionReason, PermissionRef};
use lenke_console::Role;
use lenke_notify::DeskInput;
use serde_json::json;

#[tokio::test]
async fn an_alert_goes_from_raised_to_acknowledged_to_resolved() {
    let running = Running::start().await;
    let kari = running.signed_in("kari", Role::Operator).await;
    let id = running.breach().await;
    let listed = kari.get("/api/v1/alerts?state=open").await.json();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    let alert = &listed[0];
    assert_eq!(alert["id"], id.to_string());
    assert_eq!(alert["wearer"], "W-00042");
    assert_eq!(alert["kind"], "exclusion_breach");
    assert_eq!(alert["state"], "raised");
    assert_eq!(
        alert["explanation"]["reason"],
        json!({"code": "inside_surely", "probability": 0.999, "depth_m": 80.0})
    );
    assert_eq!(alert["explanation"]["fixes"][0]["frame"], json!({"epoch": 1, "seq": 0}));

    let path = format!("/api/v1/alerts/{id}");
    let version = alert["version"].clone();
    let taken = kari.post(&format!("{path}/acknowledge"), json!({ "expected_version": version })).await;
    assert_eq!(taken.status, 200, "{}", taken.json());
    let taken = taken.json();
    assert_eq!((&taken["state"], &taken["owner"]), (&json!("acknowledged"), &json!("kari")));

    let note = json!({ "expected_version": taken["version"], "text": "Ringt, ikke svar" });
    let noted = kari.post(&format!("{path}/note"), note).await.json();
    let (reason, to) = (PermissionReason::Work, facts::BEGIN.plus_s(900));
    let permission = Some(PermissionRef { id: ConditionId(12), reason, to });
    let end = DeskInput::End { id, at: facts::BEGIN.plus_s(90), permission };
    running.desk.submit(vec![end]).await.unwrap();
    let mut now = kari.get(&path).await.json();
    while now["active"] == true {
        now = kari.get(&path).await.json();
    }
    assert_eq!(now["version"].as_u64(), noted["version"].as_u64().map(|version| version + 1));
    let close = json!({ "expected_version": now["version"], "outcome": "handled", "text": "Snudde selv" });
    let closed = kari.post(&format!("{path}/resolve"), close).await.json();
    assert_eq!(closed["state"], "resolved");
    let changes: Vec<_> =
        closed["timeline"].as_array().unwrap().iter().map(|entry| &entry["what"]["change"]).collect();
    assert_eq!(changes, ["raised", "acknowledged", "noted", "ended", "resolved"]);
    assert_eq!(closed["timeline"][4]["actor"], "kari");
    let by = json!({ "id": 12, "reason": "work", "to": facts::BEGIN.plus_s(900).0 });
    assert_eq!(closed["timeline"][3]["what"]["permission"], by);

    assert_eq!(kari.get("/api/v1/alerts").await.json(), json!([]));
    running.desk.saved().await.unwrap();
    assert_eq!(kari.get("/api/v1/alerts?state=resolved").await.json()[0], closed);
    assert_eq!(kari.get(&path).await.json(), closed);
}

#[tokio::test]
async fn a_stale_version_is_409_with_the_alert_as_it_is_now() {
    let running = Running::start().await;
    let kari = running.signed_in("kari", Role::Operator).await;
    let ola = running.signed_in("ola", Role::Operator).await;
    let path = format!("/api/v1/alerts/{}", running.breach().await);
    let seen = kari.get(&path).await.json()["version"].clone();
    let body = json!({ "expected_version": seen });
    assert_eq!(kari.post(&format!("{path}/acknowledge"), body.clone()).await.status, 200);
    let late = ola.post(&format!("{path}/acknowledge"), body).await;
    assert_eq!(late.status, 409);
    assert_eq!(late.json(), kari.get(&path).await.json());
    assert_eq!(late.json()["owner"], "kari");
}

#[tokio::test]
async fn an_alert_whose_condition_holds_is_not_resolved_as_handled() {
    let running = Running::start().await;
    let kari = running.signed_in("kari", Role::Operator).await;
    let path = format!("/api/v1/alerts/{}", running.breach().await);
    let version = kari.get(&path).await.json()["version"].clone();
    let close = json!({ "expected_version": version, "outcome": "handled", "text": "ferdig" });
    let refused = kari.post(&format!("{path}/resolve"), close).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.json()["type"], "urn:lenke:problem:refused");
    let excuse = json!({ "expected_version": version, "outcome": "false_alert", "text": "refleksjon" });
    assert_eq!(kari.post(&format!("{path}/resolve"), excuse).await.status, 200);
}

#[tokio::test]
async fn a_note_without_words_names_the_text() {
    let running = Running::start().await;
    let kari = running.signed_in("kari", Role::Operator).await;
    let path = format!("/api/v1/alerts/{}", running.breach().await);
    let version = kari.get(&path).await.json()["version"].clone();
    for text in [String::new(), "  ".to_owned(), "æ".repeat(2001)] {
        let refused =
            kari.post(&format!("{path}/note"), json!({ "expected_version": version, "text": text })).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["field"]), (400, &json!("text")));
    }
    let longest = json!({ "expected_version": version, "text": "æ".repeat(2000) });
    assert_eq!(kari.post(&format!("{path}/note"), longest).await.status, 200);
}

#[tokio::test]
async fn open_alerts_are_listed_most_urgent_first() {
    let running = Running::start().await;
    let kari = running.signed_in("kari", Role::Operator).await;
    for (kind, wearer) in
        [(AlertKind::BatteryLow, 1), (AlertKind::VictimProximity, 2), (AlertKind::CommunicationFailure, 3)]
    {
        running.raise(facts::finding(kind, wearer, 0)).await;
    }
    let listed = kari.get("/api/v1/alerts").await.json();
    let order: Vec<_> =
        listed.as_array().unwrap().iter().map(|alert| alert["priority"].as_str().unwrap()).collect();
    assert!(order.is_sorted() && order.len() == 3, "{order:?}");
    assert_eq!(listed[0]["kind"], "victim_proximity");
}

#[tokio::test]
async fn resolved_alerts_come_in_pages_that_name_the_next() {
    let running = Running::start().await;
    let kari = running.signed_in("kari", Role::Operator).await;
    for wearer in 1..=5 {
        let id = running.raise(facts::finding(AlertKind::BatteryLow, wearer, 0)).await;
        let close = json!({ "expected_version": 1, "outcome": "excused", "text": "ladet" });
        let answer = kari.post(&format!("/api/v1/alerts/{id}/resolve"), close).await;
        assert_eq!(answer.status, 200, "{}", answer.json());
    }
    running.desk.saved().await.unwrap();
    let mut wearers = Vec::new();
    let mut next = Some("/api/v1/alerts?state=resolved&limit=2".to_owned());
    while let Some(path) = next {
        let page = kari.get(&path).await;
        wearers.extend(page.json().as_array().unwrap().iter().map(|alert| alert["wearer"].clone()));
        let link =
            page.header("link").strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\""));
        next = link.map(str::to_owned);
    }
    assert_eq!(wearers, ["W-00005", "W-00004", "W-00003", "W-00002", "W-00001"]);
}

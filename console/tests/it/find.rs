//! Questions about the past.

use crate::{
    client::Client,
    facts::{self, BEGIN, OTHER, VICTIM, WEARER},
    harness::Running,
};
use lenke_console::Role;
use lenke_store::{EventRow, Store as _};
use lenke_wire::{DeviceId, Event, EventKind, FrameId, TimeSource};
use serde_json::{Value, json};

/// Both wearers walk north for `minutes`, with an event a minute of the first.
async fn walked(minutes: i64) -> Running {
    let running = Running::start().await;
    let mut batch = facts::walk(WEARER, minutes);
    let other = facts::walk(OTHER, minutes);
    batch.fixes.extend(other.fixes);
    batch.committed.extend(other.committed);
    for (minute, seq) in (0..minutes).zip(1_000..) {
        let event = Event {
            at: facts::fix(minute).at,
            time_source: TimeSource::Gnss,
            kind: EventKind::ChargeStarted,
            value: i32::try_from(minute).unwrap(),
            position: None,
        };
        let (device, frame, received_at) = (DeviceId::new(WEARER.0), FrameId::new(1, seq), event.at);
        batch.events.push(EventRow { device, frame, event, received_at });
        batch.committed.push((device, frame));
    }
    running.store.commit_batch(&batch).await.unwrap();
    running
}

/// All pages from `path` on.
async fn pages(client: &Client, path: String) -> Vec<Value> {
    let (mut rows, mut next) = (Vec::new(), Some(path));
    while let Some(path) = next {
        let page = client.get(&path).await;
        assert_eq!(page.status, 200, "{path}");
        rows.extend(page.json().as_array().unwrap().clone());
        let link =
            page.header("link").strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\""));
        next = link.map(str::to_owned);
    }
    rows
}

#[tokio::test]
async fn a_place_is_searched_page_by_page_with_its_basis_in_the_log() {
    let running = walked(10).await;
    let admin = running.signed_in("admin", Role::Administrator).await;
    let mut question = json!({
        "area": facts::area(), "from": BEGIN.0, "to": BEGIN.plus_s(3_600).0, "basis": "sak 12/2026", "limit": 3,
    });
    let mut inside = Vec::new();
    loop {
        let answer = admin.post("/api/v1/admin/find/place", question.clone()).await;
        assert_eq!(answer.status, 200, "{}", answer.json());
        inside.extend(answer.json()["inside"].as_array().unwrap().clone());
        match answer.json()["next"].as_str() {
            Some(next) => question["after"] = json!(next),
            None => break,
        }
    }
    // 10 m a minute: four positions of each lie within 35 m.
    let found: Vec<_> =
        inside.iter().map(|row| (row["wearer"].as_str().unwrap(), row["at"].as_i64().unwrap())).collect();
    let expected: Vec<_> = (0..4)
        .flat_map(|minute| ["W-00042", "W-00043"].map(|wearer| (wearer, facts::fix(minute).at.0)))
        .collect();
    assert_eq!(found, expected);
    let log = running.audit_log().await;
    let searches: Vec<_> = log.iter().filter(|entry| entry.action == "place.search").collect();
    assert!(searches.len() > 2 && searches.iter().all(|entry| entry.detail.starts_with("sak 12/2026; ")));
    for (field, value) in [
        ("basis", json!(" ")),
        ("area", json!({ "type": "Point" })),
        ("to", json!(BEGIN.plus_s(8 * 86_400).0)),
        ("from", json!(BEGIN.plus_s(86_400).0)),
        ("after", json!("x")),
        ("limit", json!(0)),
    ] {
        let mut bad = question.clone();
        bad[field] = value;
        let answer = admin.post("/api/v1/admin/find/place", bad).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["field"].as_str()),
            (400, Some(field)),
            "{}",
            answer.json()
        );
    }
    assert_eq!(running.audit_log().await.len(), log.len(), "what is refused read nothing");
}

#[tokio::test]
async fn gaps_reports_and_alerts_of_a_wearer_are_told_in_pages() {
    let running = walked(10).await;
    let kari = running.signed_in("kari", Role::Operator).await;
    let (from, to) = (BEGIN.0, BEGIN.plus_s(3_600).0);
    let gaps =
        kari.get(&format!("/api/v1/wearers/W-00042/gaps?from={from}&to={to}&longer_than=900")).await.json();
    assert_eq!(
        (&gaps["received"], &gaps["gaps"]),
        (&json!(10), &json!([{ "from": facts::fix(9).at.0, "to": to }]))
    );
    let path = format!("/api/v1/wearers/W-00042/reports?kind=events&from={from}&to={to}&limit=3");
    let events = pages(&kari, path).await;
    let values: Vec<_> = events.iter().map(|event| event["told"]["value"].as_i64().unwrap()).collect();
    assert_eq!(values, (0..10).collect::<Vec<_>>());
    assert_eq!(events[0]["told"]["kind"], "charge_started");
    assert_eq!(
        pages(&kari, "/api/v1/wearers/W-00042/reports?kind=health".to_owned()).await,
        [json!(null); 0]
    );
    let id = running.breach().await.to_string();
    while kari.get("/api/v1/wearers/W-00042/alerts").await.json() == json!([]) {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let alerts = pages(&kari, "/api/v1/wearers/W-00042/alerts?state=raised&from=0&limit=1".to_owned()).await;
    assert_eq!((alerts.len(), alerts[0]["id"].as_str()), (1, Some(id.as_str())));
    assert_eq!(kari.get("/api/v1/wearers/W-00042/alerts?state=resolved").await.json(), json!([]));
    for part in ["gaps", "reports", "alerts"] {
        for nobody in [VICTIM.to_string(), "W-00001".to_owned()] {
            assert_eq!(
                kari.get(&format!("/api/v1/wearers/{nobody}/{part}")).await.status,
                404,
                "{nobody} {part}"
            );
        }
    }
    let actions: Vec<_> = running.audit_log().await.into_iter().map(|entry| entry.action).collect();
    for action in ["trail.gaps", "reports.read", "alert.history"] {
        assert!(actions.iter().any(|found| found == action), "{action}");
    }
}

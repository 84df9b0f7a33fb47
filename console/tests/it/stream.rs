//! The live stream.

use crate::{
    facts::{self, WEARER},
    harness::Running,
};
use hyper::Method;
use lenke_alerts::AlertKind;
use lenke_console::Role;
use lenke_notify::{DeskInput, PositionUpdate};
use lenke_wire::{DeviceId, FrameId};
use lenke_zones::WearerId;
use serde_json::json;
use std::time::{Duration, Instant};

/// An alert must be with the operator in this time.
const ALERT_WITHIN: Duration = Duration::from_millis(100);

fn update(wearer: WearerId, minute: i64) -> PositionUpdate {
    let fix = facts::fix(minute);
    PositionUpdate {
        wearer,
        device: DeviceId::new(wearer.0),
        frame: FrameId::new(3, u32::try_from(minute).unwrap()),
        at: fix.at,
        position: fix.position,
        accuracy_m: fix.accuracy_m(),
        speed_m_s: fix.speed_m_s(),
        received_at: fix.at.plus_s(1),
    }
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "measures real time")]
async fn an_alert_on_the_desk_is_on_the_stream_within_100_ms() {
    let running = Running::start().await;
    let kari = running.signed_in("kari", Role::Operator).await;
    let mut events = kari.stream().await;
    let hello = events.next().await.unwrap();
    assert_eq!((hello.name.as_str(), &hello.data["speed"]), ("hello", &json!(1)));
    let mut slowest = Duration::ZERO;
    let mut last_id = 0;
    for wearer in 1..=20 {
        let raised = Instant::now();
        let finding = facts::finding(AlertKind::StrapTamper, wearer, 5);
        running.desk.submit(vec![DeskInput::Raise(finding)]).await.unwrap();
        let event = events.next_named("alert").await;
        slowest = slowest.max(raised.elapsed());
        assert_eq!(event.data["wearer"], WearerId(wearer).to_string());
        assert!(event.id.unwrap() > last_id);
        last_id = event.id.unwrap();
        let shown = kari.get(&format!("/api/v1/alerts/{}", event.data["id"].as_str().unwrap())).await.json();
        assert_eq!(shown, event.data);
    }
    println!("slowest alert: {slowest:?}");
    assert!(slowest < ALERT_WITHIN, "{slowest:?}");
}

#[tokio::test]
async fn positions_are_gathered_and_only_the_newest_of_each_wearer_goes_out() {
    let running = Running::start().await;
    let kari = running.signed_in("kari", Role::Operator).await;
    let mut events = kari.stream().await;
    events.next_named("hello").await;
    running.desk.publish_positions(vec![update(WEARER, 1)]);
    events.next_named("positions").await;
    for minute in [2, 4, 3] {
        running.desk.publish_positions(vec![update(WEARER, minute), update(WearerId(7), minute)]);
    }
    let mut rows = events.next_named("positions").await.data.as_array().unwrap().clone();
    rows.sort_by_key(|row| row[0].as_u64());
    assert_eq!(rows.len(), 2);
    let fix = facts::fix(4);
    assert_eq!(rows[1], json!([42, fix.position.lon(), fix.position.lat(), 5.5, fix.at.0, "lk000042", 3, 4]));
    running.desk.publish_positions(vec![update(WEARER, 2)]);
    running.desk.publish_positions(vec![update(WEARER, 5)]);
    let rows = events.next_named("positions").await.data;
    assert_eq!(
        (rows[0][7].as_u64(), rows.as_array().unwrap().len()),
        (Some(5), 1),
        "a backlog moves nobody back"
    );
}

#[tokio::test]
async fn a_stream_that_lags_is_told_to_read_anew_and_goes_on() {
    let running = Running::start().await;
    let kari = running.signed_in("kari", Role::Operator).await;
    let mut events = kari.stream().await;
    events.next_named("hello").await;
    // About 12 kB each: the sockets' buffers take some hundreds, the stream's queue 1024, the rest is too much.
    for wearer in 1..=2500 {
        let finding = facts::finding(AlertKind::ExclusionBreach, wearer, 60);
        running.desk.submit(vec![DeskInput::Raise(finding)]).await.unwrap();
    }
    let mut seen = 0;
    loop {
        let event = events.next().await.expect("the stream goes on");
        match event.name.as_str() {
            "resync" => break,
            "alert" => seen += 1,
            _ => {}
        }
    }
    assert!(seen < 2500, "{seen}");
    let id = running.raise(facts::finding(AlertKind::Panic, 9999, 0)).await.to_string();
    while events.next_named("alert").await.data["id"] != id {}
}

#[tokio::test]
async fn a_client_that_connects_again_is_told_to_read_anew() {
    let running = Running::start().await;
    let kari = running.signed_in("kari", Role::Operator).await;
    let mut events = kari.stream_after(Some("17")).await;
    assert_eq!(events.next().await.unwrap().name, "hello");
    assert_eq!(events.next().await.unwrap().name, "resync");
}

#[tokio::test]
async fn the_centres_time_is_told_every_few_seconds() {
    let running = Running::start().await;
    let kari = running.signed_in("kari", Role::Operator).await;
    let mut events = kari.stream().await;
    let clock = events.next_named("clock").await;
    assert!(clock.data["now"].as_i64().unwrap() > 1_700_000_000_000);
    assert_eq!(clock.data["speed"], 1);
}

#[tokio::test]
async fn signing_out_ends_the_stream_and_says_why() {
    let running = Running::start().await;
    let kari = running.signed_in("kari", Role::Operator).await;
    let mut events = kari.stream().await;
    events.next_named("hello").await;
    kari.send(Method::DELETE, "/api/v1/session", None).await;
    assert_eq!(events.next_named("end").await.data, json!({ "reason": "session" }));
    assert!(events.next().await.is_none());
}

#[tokio::test]
async fn a_shutdown_ends_streams_and_the_server_in_bounded_time() {
    let running = Running::start().await;
    let kari = running.signed_in("kari", Role::Operator).await;
    let mut events = kari.stream().await;
    events.next_named("hello").await;
    // A connection that never says anything must not delay the end.
    let _silent = tokio::net::TcpStream::connect(running.address).await.unwrap();
    running.stop.cancel();
    assert_eq!(events.next_named("end").await.data, json!({ "reason": "shutdown" }));
    assert!(events.next().await.is_none());
    let served = tokio::time::timeout(Duration::from_secs(5), running.served).await;
    served.expect("the server ends in time").unwrap().unwrap();
}

#[tokio::test]
async fn a_session_has_a_bounded_number_of_streams() {
    let running = Running::start().await;
    let kari = running.signed_in("kari", Role::Operator).await;
    let mut open = Vec::new();
    for _ in 0..8 {
        open.push(kari.stream().await);
    }
    assert_eq!(kari.get("/api/v1/stream").await.status, 429);
    drop(open);
    let deadline = tokio::time::Instant::now() + Duration::from_secs(3);
    loop {
        let request = kari.get("/api/v1/me").await;
        assert_eq!(request.status, 200);
        let status =
            running.signed_in("admin", Role::Administrator).await.get("/api/v1/admin/status").await.json();
        if status["console"]["streams"] == 0 {
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "streams are not given back");
    }
    kari.stream().await;
}

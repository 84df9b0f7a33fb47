//! Facts about fleets, against a small centre that speaks just enough MQTT.

use super::*;
use crate::centre::Centre;
use crate::clock::SimClock;
use lenke_wire::EventKind;
use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::Instant;

const ORIGIN: UnixMillis = UnixMillis(1_795_293_600_000);
const DRAIN: Duration = Duration::from_secs(20);

fn config(centre: &Centre, speed: u32) -> FleetConfig {
    FleetConfig {
        target: centre.address(),
        clock: SimClock { origin: ORIGIN, speed },
        ..FleetConfig::default()
    }
}

/// Runs a fleet for some real time, then lets it hand in what it has.
async fn run(scenario: Scenario, config: FleetConfig, real: Duration) -> FleetStats {
    let fleet = Fleet::start(scenario, config, CancellationToken::new());
    tokio::time::sleep(real).await;
    fleet.stop(DRAIN).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_report_of_a_fleet_is_acknowledged_at_the_end() {
    let scenario = Scenario::build(1, 20, ORIGIN);
    let centre = Centre::start(&scenario).await;
    let stats = run(scenario, config(&centre, 60), Duration::from_secs(5)).await;
    assert_eq!((stats.tags, stats.unacknowledged), (21, 0), "{stats:?}");
    assert!(stats.published > 50 && stats.fixes > 20, "{stats:?}");
    assert_eq!(stats.published, stats.acknowledged);
    assert_eq!(stats.published, centre.frames().len() as u64, "each frame counts once");
    assert_eq!(stats.connected, 0, "all have said goodbye");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cast_plays_within_15_minutes_at_60_times_the_speed() {
    let scenario = Scenario::build(1, 12, ORIGIN);
    let centre = Centre::start(&scenario).await;
    let stats = run(scenario, config(&centre, 60), Duration::from_secs(15)).await;
    assert_eq!(stats.unacknowledged, 0, "{stats:?}");
    let events = centre.events();
    let said = |tag, kind| events.iter().any(|(device, event)| *device == tag_id(tag) && event.kind == kind);
    assert!(said(2, EventKind::StrapOpen), "{events:?}");
    assert!(said(7, EventKind::BatteryLow) && said(7, EventKind::BatteryCritical), "{events:?}");
    assert!(centre.backlog().contains(&tag_id(6)), "the backlog came in its own lane");
    let heard: HashSet<DeviceId> = centre.frames().into_iter().map(|(device, _)| device).collect();
    assert_eq!(heard.len(), 13);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_connections_break_and_packets_double() {
    let scenario = Scenario::build(2, 15, ORIGIN);
    let centre = Centre::start(&scenario).await;
    let faults = Faults { drop_connection_every: Some(Duration::from_millis(700)), duplicate_every: Some(3) };
    let config = FleetConfig { faults, ..config(&centre, 60) };
    let stats = run(scenario, config, Duration::from_secs(5)).await;
    assert_eq!(stats.unacknowledged, 0, "{stats:?}");
    assert!(stats.resent > 0, "{stats:?}");
    assert_eq!(centre.frames().len() as u64, stats.acknowledged);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_centre_that_restarts_gets_everything() {
    let scenario = Scenario::build(3, 10, ORIGIN);
    let centre = Centre::start(&scenario).await;
    let fleet = Fleet::start(scenario, config(&centre, 60), CancellationToken::new());
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        centre.drop_all();
    }
    let stats = fleet.stop(DRAIN).await;
    assert_eq!(stats.unacknowledged, 0, "{stats:?}");
    assert!(stats.broken >= 10, "{stats:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mischief_reaches_the_centre_and_honest_reports_come_through() {
    let scenario = Scenario::build(4, 30, ORIGIN);
    let centre = Centre::start(&scenario).await;
    let config = FleetConfig { mischief: Mischief::ALL.to_vec(), interval_s: Some(1), ..config(&centre, 1) };
    let stats = run(scenario, config, Duration::from_secs(5)).await;
    assert_eq!(stats.unacknowledged, 0, "{stats:?}");
    assert!(stats.hostile > 20, "{stats:?}");
    let refused = centre.refused();
    for reason in ["unopened", "oversized", "foreign", "conflicting", "unknown", "ahead"] {
        assert!(refused.contains_key(reason), "{reason} in {refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_probe_sees_each_frame_once() {
    let scenario = Scenario::build(5, 6, ORIGIN);
    let centre = Centre::start(&scenario).await;
    let seen: Arc<Mutex<Vec<(DeviceId, lenke_wire::FrameId)>>> = Arc::default();
    let probe = {
        let seen = Arc::clone(&seen);
        move |device, frame, _: Instant| seen.lock().unwrap().push((device, frame))
    };
    let faults = Faults { duplicate_every: Some(2), ..Faults::default() };
    let config = FleetConfig { probe: Some(Arc::new(probe)), faults, ..config(&centre, 60) };
    let stats = run(scenario, config, Duration::from_secs(3)).await;
    let seen = seen.lock().unwrap();
    let distinct: HashSet<_> = seen.iter().collect();
    assert_eq!((seen.len(), seen.len() as u64), (distinct.len(), stats.published));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_centre_that_refuses_is_counted_and_does_not_keep_the_fleet_from_ending() {
    let scenario = Scenario::build(6, 3, ORIGIN);
    let centre = Centre::start(&scenario).await;
    centre.refuse.store(true, Ordering::Relaxed);
    let fleet = Fleet::start(scenario, config(&centre, 60), CancellationToken::new());
    tokio::time::sleep(Duration::from_secs(1)).await;
    let stats = fleet.stop(Duration::from_millis(500)).await;
    assert!(stats.refused >= 3, "{stats:?}");
    assert_eq!(stats.published, 0);
    assert!(stats.unacknowledged > 0);
}

#[test]
fn mischief_is_played_by_the_last_tags_and_by_strangers() {
    let scenario = Scenario::build(1, 2, ORIGIN);
    let cast = hostile(
        &scenario,
        &[Mischief::Garbage, Mischief::UnknownDevice, Mischief::Replay, Mischief::Truncated],
    );
    let devices: Vec<u64> = cast.iter().map(|(device, _)| device.number()).collect();
    assert_eq!(devices, [2, 999_901, 1]);
}

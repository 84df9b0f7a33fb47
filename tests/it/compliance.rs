//! The compliance account of a wearer who goes where they must not, cannot be placed, and has leave: before and after a
//! power cut of the centre, on the command line and over HTTP.

use crate::harness::{Centre, administrator, now, run, run_well};
use lenke_alerts::{Condition, ConditionId, ConditionRule, Permission, PermissionReason};
use lenke_store::{Clock, SqliteStore, Store as _};
use lenke_wire::UnixMillis;
use lenke_zones::ZoneId;
use serde_json::Value;
use std::{fmt::Write as _, path::Path, time::Duration};

/// The wearer of the fleet's first spare tag.
const WEARER: &str = "W-900001";
/// Minutes of the recording: outside, inside, outside, nothing, outside, inside with leave, outside.
const INSIDE: [std::ops::Range<u32>; 2] = [20..40, 120..140];
const NOTHING: std::ops::Range<u32> = 60..105;
const LEAVE: std::ops::Range<i64> = 115..145;
const MINUTES: u32 = 160;
const MINUTE_MS: i64 = 60_000;

/// A point a minute; the zone begins at 60.003 N.
fn recording() -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\"?><gpx version=\"1.1\" creator=\"test\" xmlns=\"http://www.topografix.com/GPX/1/1\"><trk><trkseg>",
    );
    for minute in (0..=MINUTES).filter(|minute| !NOTHING.contains(minute) || *minute == NOTHING.start) {
        let lat = if INSIDE.iter().any(|inside| inside.contains(&minute)) { 60.01 } else { 60.0 };
        let (hour, minute) = (10 + minute / 60, minute % 60);
        write!(
            text,
            "<trkpt lat=\"{lat}\" lon=\"10.7\"><time>2024-05-01T{hour:02}:{minute:02}:00Z</time></trkpt>"
        )
        .unwrap();
    }
    text + "</trkseg></trk></gpx>"
}

/// The wearer's order: keep out of the zone, be placed, with leave for a while.
fn order(data: &Path, zone: ZoneId, begin: UnixMillis) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = SqliteStore::open(&data.join("lenke.db")).await.unwrap();
        let mut register = store.load_register().await.unwrap();
        register.wearers.retain(|wearer| wearer.id.to_string() == WEARER);
        let wearer = register.wearers.first_mut().unwrap();
        let (from, to) = (begin.plus_ms(LEAVE.start * MINUTE_MS), begin.plus_ms(LEAVE.end * MINUTE_MS));
        let leave = Permission::new(zone, from, to, PermissionReason::Family).unwrap();
        wearer.plan.no_fix_s = 1800;
        wearer.conditions = [
            ConditionRule::Exclusion { zone },
            ConditionRule::TrailMonitoring,
            ConditionRule::Permission(leave),
        ]
        .into_iter()
        .zip(1..)
        .map(|(rule, id)| Condition { id: ConditionId(id), rule })
        .collect();
        store.enrol(&register).await.unwrap();
        store.close().await;
    });
}

fn account(data: &Path, from: UnixMillis, to: UnixMillis) -> Value {
    let moment = |at: UnixMillis| jiff::Timestamp::from_millisecond(at.0).unwrap().to_string();
    let (from, to) = (moment(from), moment(to));
    let folder = data.to_str().unwrap();
    let said = run_well(&[
        "compliance",
        "--wearer",
        WEARER,
        "--from",
        &from,
        "--to",
        &to,
        "--data-dir",
        folder,
        "--json",
    ]);
    serde_json::from_str(&said).unwrap()
}

fn minutes(totals: &Value, state: &str) -> f64 {
    totals[state].as_i64().unwrap() as f64 / MINUTE_MS as f64
}

fn about(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= 2.0
}

#[test]
fn an_account_tells_violation_silence_and_leave_and_is_the_same_after_a_power_cut() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_str().unwrap();
    run_well(&["enrol", "simulated", "--tags", "2", "--data-dir", folder]);
    let zone = data.path().join("zone.geojson");
    std::fs::write(
        &zone,
        r#"{"type":"Feature","properties":{"name":"Test square","kind":"exclusion"},
        "geometry":{"type":"Polygon","coordinates":[[[10.69,60.003],[10.71,60.003],[10.71,60.02],[10.69,60.02],[10.69,60.003]]]}}"#,
    )
    .unwrap();
    run_well(&["zones", "import", zone.to_str().unwrap(), "--wearer", "900001", "--data-dir", folder]);
    let track = data.path().join("day.gpx");
    std::fs::write(&track, recording()).unwrap();
    let begin = Clock::wall().now().plus_ms(-i64::from(MINUTES) * MINUTE_MS);
    let zone = zone_of(data.path());
    order(data.path(), zone, begin);

    let centre = Centre::start(data.path(), &[]);
    let url = centre.mqtt_url();
    let track = track.to_str().unwrap();
    run_well(&["replay", track, "--connect", &url, "--speed", "0", "--tag", "1", "--json"]);
    let (from, to) = (begin.plus_ms(2 * MINUTE_MS), begin.plus_ms(i64::from(MINUTES - 2) * MINUTE_MS));
    // What the tag knows to be acknowledged is committed.
    let before = account(data.path(), from, to);
    check(&before, to.since_ms(from));
    let session = administrator(data.path(), centre.http);
    let path = format!("/api/v1/wearers/{WEARER}/compliance?from={}&to={}", from.0, to.0);
    assert_eq!(session.get(&path), before);
    centre.running.kill();

    // While the centre is down, and once it is up again.
    assert_eq!(account(data.path(), from, to), before);
    let centre = Centre::start(data.path(), &[]);
    let session = administrator(data.path(), centre.http);
    let end = now() + Duration::from_secs(1);
    while now() < end {
        assert_eq!(session.get(&path), before);
        std::thread::sleep(Duration::from_millis(200));
    }
    page_by_page(&session, from, to);
    let audit = session.get("/api/v1/admin/audit?limit=100");
    let actions: Vec<_> =
        audit.as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert!(actions.contains(&"compliance.read") && actions.contains(&"intervals.read"), "{actions:?}");
    assert!(audit.as_array().unwrap().iter().any(|entry| {
        entry["action"] == "compliance.read" && entry["actor"].as_str().unwrap().starts_with("cli:")
    }));
    let table = run_well(&[
        "compliance",
        "--wearer",
        WEARER,
        "--from",
        "2000-01-01",
        "--to",
        "2000-01-02",
        "--data-dir",
        folder,
    ]);
    assert!(table.contains("no time here"), "{table}");
    let nobody = run(&["compliance", "--wearer", "W-00099", "--from", "2026-01-01", "--data-dir", folder]);
    assert!(!nobody.status.success());
    centre.running.interrupt();
}

fn zone_of(data: &Path) -> ZoneId {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = SqliteStore::open(&data.join("lenke.db")).await.unwrap();
        let zones = store.load_register().await.unwrap().zones;
        let zone = zones.iter().find(|zone| zone.name == "Test square").unwrap().id;
        store.close().await;
        zone
    })
}

/// Twenty minutes inside, forty-five without a position, half an hour of leave, and nothing counted twice.
fn check(account: &Value, length_ms: i64) {
    let sum = |totals: &Value| -> i64 {
        ["compliant_ms", "violating_ms", "unknown_ms", "exempt_ms"]
            .iter()
            .map(|state| totals[state].as_i64().unwrap())
            .sum()
    };
    let whole = &account["totals"];
    assert_eq!(sum(whole), length_ms, "{account:#}");
    let days = account["days"].as_array().unwrap();
    assert_eq!(days.iter().map(|day| sum(&day["totals"])).sum::<i64>(), length_ms);
    assert!(about(minutes(whole, "violating_ms"), 20.0), "{whole:#}");
    assert!(about(minutes(whole, "unknown_ms"), 45.0), "{whole:#}");
    assert!(about(minutes(whole, "exempt_ms"), 30.0), "{whole:#}");
    let lines = account["lines"].as_array().unwrap();
    assert!(lines.iter().all(|line| sum(&line["totals"]) == length_ms));
    let [zone, trail] = &lines[..] else { panic!("{account:#}") };
    assert_eq!((&zone["rule"], &zone["zone_name"]), (&"exclusion".into(), &"Test square".into()));
    assert_eq!(trail["totals"]["violating_ms"], 0);
    let causes: Vec<_> = zone["stretches"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stretch| (stretch["state"].as_str().unwrap(), stretch["cause"].as_str().unwrap()))
        .collect();
    let expected = [
        ("compliant", "kept"),
        ("violating", "inside"),
        ("compliant", "kept"),
        ("unknown", "unplaced"),
        ("compliant", "kept"),
        ("exempt", "permitted"),
        ("compliant", "kept"),
    ];
    assert_eq!(causes, expected);
}

fn page_by_page(session: &crate::harness::Session, from: UnixMillis, to: UnixMillis) {
    let path = format!("/api/v1/wearers/{WEARER}/intervals?from={}&to={}", from.0, to.0);
    let whole = session.get(&path);
    let whole = whole.as_array().unwrap();
    assert!(whole.len() >= 3, "{whole:#?}");
    let mut after = String::new();
    for interval in whole {
        let page = session.get(&format!("{path}&limit=1{after}"));
        assert_eq!(page.as_array().unwrap(), std::slice::from_ref(interval));
        after = format!("&after={}_{}", interval["from"], interval["id"].as_str().unwrap());
    }
    assert!(session.get(&format!("{path}&limit=1{after}")).as_array().unwrap().is_empty());
}

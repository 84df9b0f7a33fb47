//! Bad input is refused, counted and shown with its reason, and stops nothing.

use crate::harness::{Centre, administrator, run_well};

#[test]
fn every_kind_of_mischief_is_refused_and_shown_with_its_reason() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_str().unwrap();
    run_well(&["enrol", "simulated", "--tags", "50", "--data-dir", folder]);
    let centre = Centre::start(data.path(), &[]);
    let url = centre.mqtt_url();
    let said = run_well(&[
        "simulate",
        "--connect",
        &url,
        "--tags",
        "50",
        "--interval",
        "1s",
        "--for",
        "15s",
        "--mischief",
        "--json",
    ]);
    let stats: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(stats["unacknowledged"].as_u64(), Some(0), "honest reports came through: {stats:#}");

    let session = administrator(data.path(), centre.http);
    let status = session.get("/api/v1/admin/status");
    eprintln!("{status:#}");
    for code in [
        "garbage",
        "truncated",
        "oversized",
        "unknown_device",
        "wrong_key",
        "conflicting_bytes",
        "clock_ahead",
        "foreign_topic",
    ] {
        let count = status["rejections"][code].as_u64().unwrap_or(0);
        assert!(count >= 1, "no {code} in {status:#}");
    }
    assert!(status["counters"]["duplicate"].as_u64().unwrap() >= 1, "a replay is a duplicate: {status:#}");
    let quarantine = session.get("/api/v1/admin/quarantine?limit=100");
    let rows = quarantine.as_array().unwrap();
    assert!(
        rows.iter().any(|row| row["reason"] == "wrong_key" && !row["detail"].as_str().unwrap().is_empty()),
        "{quarantine:#}"
    );
}

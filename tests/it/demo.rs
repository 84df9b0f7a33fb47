//! The demo: its summary, its cast, its figures, its second start.

use crate::harness::{Running, lenke, run_well};
use serde_json::Value;

fn demo(arguments: &[&str]) -> Value {
    let data = tempfile::tempdir().unwrap();
    let mut all = vec!["demo", "--json", "--mqtt", "127.0.0.1:0", "--http", "127.0.0.1:0", "--data-dir"];
    all.push(data.path().to_str().unwrap());
    all.extend_from_slice(arguments);
    let said = run_well(&all);
    serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"))
}

fn number(value: &Value, path: &str) -> u64 {
    value.pointer(path).and_then(Value::as_u64).unwrap_or_else(|| panic!("{path} in {value:#}"))
}

#[test]
fn every_demo_shows_the_whole_cast_and_loses_nothing() {
    let summary = demo(&["--wearers", "60", "--speed", "60", "--for", "45s"]);
    eprintln!("{summary:#}");
    assert_eq!(number(&summary, "/reports/lost"), 0);
    assert_eq!(number(&summary, "/reports/published"), number(&summary, "/reports/stored"));
    for kind in [
        "exclusion_approach",
        "exclusion_breach",
        "exclusion_transit",
        "curfew_late_return",
        "victim_proximity",
        "strap_tamper",
        "battery_low",
        "communication_failure",
    ] {
        assert!(number(&summary, &format!("/alerts/{kind}")) >= 1, "no {kind} in {summary:#}");
    }
    let first = summary["first_alert_s"].as_f64().unwrap();
    assert!(first < 20.0, "the first alert came after {first} s");
}

#[test]
fn a_thousand_reports_a_second_reach_the_page_within_a_second_and_none_is_lost() {
    let summary = demo(&["--wearers", "1000", "--speed", "60", "--for", "40s"]);
    eprintln!("{summary:#}");
    assert!(number(&summary, "/reports/published") >= 25_000, "{summary:#}");
    assert_eq!(number(&summary, "/reports/lost"), 0);
    assert_eq!(number(&summary, "/reports/published"), number(&summary, "/reports/stored"));
    let p99 = number(&summary, "/latency_ms/p99");
    assert!(p99 < 1000, "p99 is {p99} ms");
}

#[test]
fn ctrl_c_drains_and_a_second_start_goes_on_with_the_data() {
    let data = tempfile::tempdir().unwrap();
    let start = || {
        let mut command = lenke(&[
            "demo",
            "--wearers",
            "20",
            "--speed",
            "60",
            "--mqtt",
            "127.0.0.1:0",
            "--http",
            "127.0.0.1:0",
        ]);
        command.arg("--data-dir").arg(data.path());
        let mut running = Running::start(command);
        running.wait_for("Lenke is running");
        running
    };
    let first = start();
    std::thread::sleep(std::time::Duration::from_secs(5));
    let said = first.interrupt();
    assert!(said.contains("reports published"), "{said}");
    let stored = stored_frames(data.path());
    assert!(stored > 0);
    let second = start();
    std::thread::sleep(std::time::Duration::from_secs(5));
    second.interrupt();
    assert!(stored_frames(data.path()) > stored);
}

pub(crate) fn stored_frames(data_dir: &std::path::Path) -> u64 {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = lenke_store::SqliteStore::open(&data_dir.join("lenke.db")).await.unwrap();
        let counts = lenke_store::Store::counts(&store).await.unwrap();
        counts.frames
    })
}

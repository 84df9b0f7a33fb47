//! kill -9 of the centre in mid-load.

use crate::{
    demo::stored_frames,
    harness::{Centre, Running, free_port, lenke, run_well},
};
use std::{thread, time::Duration};

/// Kills in one run.
const KILLS: u32 = 10;

#[test]
fn ten_kills_in_mid_load_lose_nothing_and_double_nothing() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_str().unwrap();
    run_well(&["enrol", "simulated", "--tags", "200", "--seed", "7", "--data-dir", folder]);
    let mqtt = format!("127.0.0.1:{}", free_port());
    let settings = [("LENKE_MQTT_LISTEN", mqtt.as_str())];

    let mut centre = Centre::start(data.path(), &settings);
    let url = centre.mqtt_url();
    let fleet = Running::start(lenke(&[
        "simulate",
        "--connect",
        &url,
        "--tags",
        "200",
        "--seed",
        "7",
        "--interval",
        "1s",
        "--for",
        "45s",
        "--json",
    ]));
    for _ in 0..KILLS {
        thread::sleep(Duration::from_secs(3));
        centre.running.kill();
        centre = Centre::start(data.path(), &settings);
    }
    let said = fleet.wait();
    let stats: serde_json::Value =
        serde_json::from_str(said.lines().find(|line| line.starts_with('{')).unwrap()).unwrap();
    eprintln!("{stats:#}");
    centre.running.interrupt();

    let published = stats["published"].as_u64().unwrap();
    assert!(published > 2_000, "{stats:#}");
    assert_eq!(stats["acknowledged"].as_u64(), Some(published));
    assert_eq!(stats["unacknowledged"].as_u64(), Some(0));
    assert_eq!(stored_frames(data.path()), published, "stored and published differ");
}

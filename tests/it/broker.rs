//! The same parts as separate processes, through a real Mosquitto.

use crate::{
    demo::stored_frames,
    harness::{Centre, Running, free_port, now, run_well},
};
use std::{net::TcpStream, path::Path, process::Command, thread, time::Duration};

fn mosquitto(folder: &Path) -> (Running, u16) {
    let port = free_port();
    let config = folder.join("mosquitto.conf");
    std::fs::write(
        &config,
        format!("listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 0\n"),
    )
    .unwrap();
    let mut command = Command::new("mosquitto");
    command.arg("-c").arg(&config);
    command.env(
        "PATH",
        format!("{}:/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin", std::env::var("PATH").unwrap()),
    );
    let running = Running::start(command);
    let end = now() + Duration::from_secs(10);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(now() < end, "mosquitto does not listen; is the package `mosquitto` installed?");
        thread::sleep(Duration::from_millis(50));
    }
    (running, port)
}

#[test]
fn a_fleet_behind_mosquitto_is_stored_whole() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_str().unwrap();
    let (_broker, port) = mosquitto(data.path());
    let url = format!("mqtt://127.0.0.1:{port}");
    run_well(&["enrol", "simulated", "--tags", "100", "--data-dir", folder]);
    let centre = Centre::start(data.path(), &[("LENKE_MQTT_ENABLED", "false"), ("LENKE_BROKER_URL", &url)]);
    let said = run_well(&[
        "simulate",
        "--connect",
        &url,
        "--tags",
        "100",
        "--interval",
        "1s",
        "--for",
        "10s",
        "--json",
    ]);
    let stats: serde_json::Value = serde_json::from_str(&said).unwrap();
    centre.running.interrupt();
    eprintln!("{stats:#}");
    let published = stats["published"].as_u64().unwrap();
    assert!(published >= 500, "{stats:#}");
    assert_eq!(stats["unacknowledged"].as_u64(), Some(0));
    assert_eq!(stored_frames(data.path()), published);
}

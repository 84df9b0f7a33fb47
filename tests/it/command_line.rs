//! What the program says when something is wrong, and what it prints for machines.

use crate::harness::{lenke, run, run_well};
use std::net::TcpListener;

fn complaint(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(!output.status.success(), "lenke {arguments:?} should fail");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_taken_port_is_named_with_the_option_that_changes_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_str().unwrap();
    let said = complaint(&["demo", "--http", &address, "--mqtt", "127.0.0.1:0", "--data-dir", folder]);
    assert!(said.contains(&address) && said.contains("--http"), "{said}");
    let said = complaint(&["demo", "--mqtt", &address, "--http", "127.0.0.1:0", "--data-dir", folder]);
    assert!(said.contains(&address) && said.contains("--mqtt"), "{said}");
}

#[test]
fn a_second_centre_on_the_same_data_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let centre = crate::harness::Centre::start(data.path(), &[]);
    let mut command = lenke(&["serve"]);
    command
        .env("LENKE_DATA_DIR", data.path())
        .env("LENKE_MQTT_LISTEN", "127.0.0.1:0")
        .env("LENKE_CONSOLE_LISTEN", "127.0.0.1:0");
    let output = command.output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("in use"), "{said}");
    centre.running.interrupt();
}

#[test]
fn the_example_configuration_is_right_and_a_wrong_key_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lenke.toml");
    std::fs::write(&file, run_well(&["config", "example"])).unwrap();
    let path = file.to_str().unwrap();
    assert!(run_well(&["serve", "--config", path, "--check-config"]).contains("is right"));
    std::fs::write(&file, "[console]\nlissten = \"127.0.0.1:1\"\n").unwrap();
    let said = complaint(&["serve", "--config", path, "--check-config"]);
    assert!(said.contains("lissten"), "{said}");
}

#[test]
fn the_api_description_is_openapi_3_1_and_names_the_triage_calls() {
    let description: serde_json::Value = serde_json::from_str(&run_well(&["openapi"])).unwrap();
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"));
    for path in ["/api/v1/alerts", "/api/v1/alerts/{id}/acknowledge", "/api/v1/stream"] {
        assert!(description["paths"].get(path).is_some(), "{path}");
    }
}

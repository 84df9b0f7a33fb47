//! From the centre to the tags: zones and plans arrive by themselves, orders are carried out, forged authorities are refused.

use crate::harness::{Centre, Running, free_port, lenke, now, run, run_well};
use serde_json::Value;
use std::{fs, path::Path, thread, time::Duration};

/// How long a word may take to a tag and back.
const PATIENCE: Duration = Duration::from_secs(90);

fn device(folder: &str, device: &str) -> Value {
    let text = run_well(&["device", "show", device, "--data-dir", folder, "--json"]);
    serde_json::from_str(&text).unwrap()
}

/// Waits until `holds` of what is known of the device.
fn wait(folder: &str, id: &str, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let end = now() + PATIENCE;
    loop {
        let shown = device(folder, id);
        if holds(&shown) {
            return shown;
        }
        assert!(now() < end, "never {what}: {shown:#}");
        thread::sleep(Duration::from_millis(500));
    }
}

/// The first tag whose zones are in this state: not every wearer has zones.
fn any_with_zones(folder: &str, state: &str) -> (String, Value) {
    let end = now() + PATIENCE;
    loop {
        for number in 1..=20 {
            let id = format!("lk{number:06}");
            let shown = device(folder, &id);
            if set_state(&shown, "zones") == state {
                return (id, shown);
            }
        }
        assert!(now() < end, "no tag's zones are ever {state}");
    }
}

fn set_state(shown: &Value, set: &str) -> Value {
    let sets = shown["sets"].as_array().unwrap();
    sets.iter().find(|known| known["set"] == set).map_or(Value::Null, |known| known["state"].clone())
}

fn fleet(url: &str, seed: &str, authority: &str) -> Running {
    Running::start(lenke(&[
        "simulate",
        "--connect",
        url,
        "--tags",
        "20",
        "--seed",
        seed,
        "--interval",
        "2s",
        "--authority",
        authority,
        "--for",
        "150s",
    ]))
}

/// The word behind `--authority` of what `enrol simulated` says.
fn enrolled(folder: &str, seed: &str) -> String {
    let said = run_well(&["enrol", "simulated", "--tags", "20", "--seed", seed, "--data-dir", folder]);
    said.split("--authority ").nth(1).unwrap().trim().to_owned()
}

fn centre(data: &Path) -> (Centre, String) {
    let mqtt = format!("127.0.0.1:{}", free_port());
    let centre = Centre::start(data, &[("LENKE_MQTT_LISTEN", mqtt.as_str())]);
    let url = centre.mqtt_url();
    (centre, url)
}

#[test]
fn tags_take_their_zones_and_a_pursuit_from_their_centre() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_str().unwrap();
    let authority = enrolled(folder, "7");
    let (centre, url) = centre(data.path());
    let fleet = fleet(&url, "7", &authority);
    let (tag, shown) = any_with_zones(folder, "in_force");
    let tag = tag.as_str();
    let zones = shown["sets"].as_array().unwrap().iter().find(|set| set["set"] == "zones").unwrap();
    assert_eq!(zones["held_digest"], zones["wanted_digest"]);
    assert!(zones["zones"].as_u64().unwrap() > 0);

    run_well(&["device", "pursuit", tag, "--for", "10m", "--reason", "drill", "--data-dir", folder]);
    wait(folder, tag, "in pursuit", |shown| shown["commands"][0]["state"] == "applied");
    run_well(&["device", "pursuit", tag, "--off", "--data-dir", folder]);
    wait(folder, tag, "out of pursuit", |shown| shown["commands"][0]["state"] == "applied");
    let refused = run(&["device", "pursuit", tag, "--for", "13h", "--data-dir", folder, "--json"]);
    let refused: Value = serde_json::from_slice(&refused.stdout).unwrap();
    assert_eq!(refused["error"]["code"], "until");

    let key = data.path().join("anna.key");
    run_well(&[
        "officer",
        "key",
        "new",
        "--name",
        "anna",
        "--out",
        key.to_str().unwrap(),
        "--data-dir",
        folder,
    ]);
    let clear = |json: bool| {
        let base = ["device", "clear-latch", tag, "--latch", "strap", "--event", "1/0", "--data-dir", folder];
        run(&[&base[..], &["--key", key.to_str().unwrap()], if json { &["--json"] } else { &[] }].concat())
    };
    assert!(clear(false).status.success());
    // The latch is not set: the tag says so, by its name.
    let shown = wait(folder, tag, "an answer", |shown| shown["commands"][0]["state"] == "refused");
    assert_eq!(shown["commands"][0]["outcome"], "latch");
    run_well(&["officer", "key", "revoke", "1", "--data-dir", folder]);
    let refused: Value = serde_json::from_slice(&clear(true).stdout).unwrap();
    assert_eq!(refused["error"]["code"], "officer_revoked");
    assert!(fs::metadata(&key).is_ok());
    drop(fleet);
    centre.running.interrupt();
}

#[test]
fn tags_of_another_authority_refuse_what_this_centre_signs() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_str().unwrap();
    let other = tempfile::tempdir().unwrap();
    enrolled(folder, "8");
    let foreign = enrolled(other.path().to_str().unwrap(), "8");
    let (centre, url) = centre(data.path());
    let fleet = fleet(&url, "8", &foreign);
    let (_, shown) = any_with_zones(folder, "refused");
    let zones = shown["sets"].as_array().unwrap().iter().find(|set| set["set"] == "zones").unwrap();
    assert_eq!((&zones["refused"], &zones["held_version"]), (&"signature".into(), &0.into()));
    drop(fleet);
    centre.running.interrupt();
}

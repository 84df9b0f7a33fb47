//! A device is enrolled, a trail is exported for a court, checked offline, and a changed byte is found.

use crate::harness::{run, run_well};
use serde_json::Value;
use std::{fs, path::Path};

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn a_device_is_enrolled_with_keys_of_its_own_once() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_str().unwrap();
    let file = data.path().join("tag.json");
    let place = ["--data-dir", folder, "--json"];
    let enrol = |arguments: &[&str]| run(&[&["enrol"], arguments, &place].concat());
    let refused = |arguments: &[&str]| {
        let output = enrol(arguments);
        assert!(!output.status.success(), "{arguments:?}");
        json(&String::from_utf8_lossy(&output.stdout))["error"]["code"].clone()
    };
    assert_eq!(refused(&["--wearer", "W-00007"]), "unknown_wearer");
    let out = file.to_str().unwrap();
    let done = enrol(&["--wearer", "W-00007", "--new-wearer", "--device", "lk000042", "--out", out]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let provisioning = json(&fs::read_to_string(&file).unwrap());
    assert_eq!((&provisioning["device"], &provisioning["wearer"]), (&"lk000042".into(), &7.into()));
    for (key, digits) in
        [("key", 32), ("signing_key", 64), ("public_key", 64), ("authority", 64), ("record", 512)]
    {
        assert_eq!(provisioning[key].as_str().unwrap().len(), digits, "{key}");
    }
    assert!(!String::from_utf8_lossy(&done.stdout).contains(provisioning["key"].as_str().unwrap()));
    assert_eq!(refused(&["--wearer", "W-00007", "--device", "lk000042"]), "device_active");
    assert_eq!(refused(&["--wearer", "W-00007", "--public-key", "00"]), "public_key");
}

#[test]
fn a_trail_is_exported_holds_and_does_not_once_a_byte_is_changed() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_str().unwrap();
    let begun = jiff::Timestamp::now();
    let demo = ["demo", "--json", "--mqtt", "127.0.0.1:0", "--http", "127.0.0.1:0", "--data-dir", folder];
    run_well(&[&demo[..], &["--wearers", "20", "--speed", "60", "--for", "25s"]].concat());
    let (from, to) = (begun.to_string(), (begun + jiff::SignedDuration::from_hours(24)).to_string());
    let mut proven = Vec::new();
    for wearer in 1..=20 {
        let bundle = data.path().join(format!("case-{wearer}"));
        let (out, wearer) = (bundle.to_str().unwrap(), format!("W-{wearer:05}"));
        let export = ["evidence", "export", "--data-dir", folder, "--wearer", &wearer, "--out", out];
        if !run(&[&export[..], &["--from", &from, "--to", &to]].concat()).status.success() {
            continue;
        }
        let verdict = json(&run_well(&["evidence", "verify", out, "--json"]));
        eprintln!("{wearer}: {verdict}");
        assert_eq!(verdict["complaints"], Value::Array(Vec::new()));
        if verdict["proven"].as_u64().unwrap() > 0 {
            proven.push(bundle);
        }
    }
    // Whose strap was cut, say: an alarm brings a checkpoint.
    let bundle = proven.first().expect("nobody's trail is proven");
    let out = bundle.to_str().unwrap();

    let frames = bundle.join("frames.jsonl");
    let text = fs::read_to_string(&frames).unwrap();
    let place = text.find("\"inner\":\"a").unwrap() + 30;
    fs::write(&frames, changed(&text, place)).unwrap();
    let output = run(&["evidence", "verify", out, "--json"]);
    assert!(!output.status.success());
    let complaints = &json(&String::from_utf8_lossy(&output.stdout))["complaints"];
    let first = &complaints[0];
    assert_eq!((&first["file"], &first["line"]), (&"frames.jsonl".into(), &1.into()), "{complaints}");
    assert_eq!(first["field"], "inner", "{complaints}");
    assert!(Path::new(out).join("manifest.sig").exists());
}

/// The text with another hexadecimal digit at `place`.
fn changed(text: &str, place: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    bytes[place] = if bytes[place] == b'0' { b'1' } else { b'0' };
    String::from_utf8(bytes).unwrap()
}

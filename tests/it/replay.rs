//! Real input: recorded tracks and receiver logs through the tag's core, zones from GeoJSON.

use crate::harness::{Centre, administrator, run, run_well};
use std::{fmt::Write as _, path::Path};

/// A walk of `points` metres-apart steps to the north from 60 N 10.7 E, one point each 10 s.
fn gpx(points: u32) -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\"?><gpx version=\"1.1\" creator=\"test\" xmlns=\"http://www.topografix.com/GPX/1/1\"><trk><trkseg>",
    );
    for point in 0..points {
        let lat = 60.0 + f64::from(point) * 0.0001;
        let (minute, second) = (point / 6, point % 6 * 10);
        write!(
            text,
            "<trkpt lat=\"{lat:.6}\" lon=\"10.7\"><time>2024-05-01T10:{minute:02}:{second:02}Z</time></trkpt>"
        )
        .unwrap();
    }
    text + "</trkseg></trk></gpx>"
}

/// RMC and GGA sentences with right checksums, one fix a second, and one sentence with a wrong one.
fn nmea(fixes: u32) -> String {
    let mut text = String::from("# a recording\n");
    for fix in 0..fixes {
        let (minute, second) = (fix / 60, fix % 60);
        let minutes = 30.0 + f64::from(fix) * 0.001;
        for body in [
            format!("GNRMC,10{minute:02}{second:02}.00,A,59{minutes:07.4},N,01045.0000,E,1.9,0.0,010524,,,A"),
            format!(
                "GNGGA,10{minute:02}{second:02}.00,59{minutes:07.4},N,01045.0000,E,1,09,0.9,40.0,M,39.0,M,,"
            ),
        ] {
            let sum = body.bytes().fold(0, |sum, byte| sum ^ byte);
            write!(text, "${body}*{sum:02X}\r\n").unwrap();
        }
    }
    text + "$GNRMC,broken*00\r\n"
}

fn play(centre: &Centre, file: &Path, tag: &str) -> serde_json::Value {
    let said = run_well(&[
        "replay",
        file.to_str().unwrap(),
        "--connect",
        &centre.mqtt_url(),
        "--speed",
        "0",
        "--tag",
        tag,
        "--json",
    ]);
    serde_json::from_str(&said).unwrap()
}

#[test]
fn a_track_and_a_receivers_log_become_trails_and_breach_an_imported_zone() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_str().unwrap();
    run_well(&["enrol", "simulated", "--tags", "10", "--data-dir", folder]);
    let zone = data.path().join("zone.geojson");
    std::fs::write(
        &zone,
        r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"Test square","kind":"exclusion","buffer_m":50},
        "geometry":{"type":"Polygon","coordinates":[[[10.69,60.003],[10.71,60.003],[10.71,60.02],[10.69,60.02],[10.69,60.003]]]}}]}"#,
    )
    .unwrap();
    run_well(&["zones", "import", zone.to_str().unwrap(), "--wearer", "900001", "--data-dir", folder]);
    let (track, log) = (data.path().join("walk.gpx"), data.path().join("receiver.log"));
    std::fs::write(&track, gpx(60)).unwrap();
    std::fs::write(&log, nmea(120)).unwrap();

    let centre = Centre::start(data.path(), &[]);
    let played = play(&centre, &track, "1");
    assert_eq!(played["fixes"].as_u64(), Some(60), "{played:#}");
    // Twice in a row: the second run has an epoch of its own, so nothing of it is refused.
    for _ in 0..2 {
        let heard = play(&centre, &log, "3");
        assert_eq!(heard["unacknowledged"].as_u64(), Some(0), "{heard:#}");
    }
    let heard = play(&centre, &log, "2");
    assert_eq!(heard["fixes"].as_u64(), Some(120), "{heard:#}");
    assert_eq!(heard["rejected"].as_u64(), Some(1), "{heard:#}");

    let session = administrator(data.path(), centre.http);
    let status = session.get("/api/v1/admin/status");
    assert_eq!(status["counters"]["rejected"].as_u64(), Some(0), "{status:#}");
    let trail = session.get("/api/v1/wearers/W-900001/trail?limit=1000");
    assert_eq!(trail.as_array().unwrap().len(), 60);
    let trail = session.get("/api/v1/wearers/W-900002/trail?limit=1000");
    assert_eq!(trail.as_array().unwrap().len(), 120);
    let alerts = session.wait_until("/api/v1/alerts?state=open", |alerts| {
        alerts.as_array().unwrap().iter().any(|alert| alert["kind"] == "exclusion_breach")
    });
    let breach = alerts.as_array().unwrap().iter().find(|alert| alert["kind"] == "exclusion_breach").unwrap();
    assert_eq!(breach["wearer"], "W-900001");
    assert_eq!(breach["explanation"]["zone"]["name"], "Test square");
    rehearse(data.path());
}

/// A proposed zone over the stored trail, while the centre runs: the square moved away, and one more where it was.
fn rehearse(data: &Path) {
    let proposed = data.join("proposed.geojson");
    std::fs::write(
        &proposed,
        r#"{"type":"FeatureCollection","features":[
        {"type":"Feature","properties":{"name":"Test square","kind":"exclusion"},
        "geometry":{"type":"Polygon","coordinates":[[[10.69,61.003],[10.71,61.003],[10.71,61.02],[10.69,61.02],[10.69,61.003]]]}},
        {"type":"Feature","properties":{"name":"New square","kind":"exclusion"},
        "geometry":{"type":"Polygon","coordinates":[[[10.69,60.003],[10.71,60.003],[10.71,60.02],[10.69,60.02],[10.69,60.003]]]}}]}"#,
    )
    .unwrap();
    let (file, folder) = (proposed.to_str().unwrap(), data.to_str().unwrap());
    let ask = |more: &[&str]| {
        let usual = ["zones", "rehearse", file, "--wearer", "W-900001", "--data-dir", folder];
        run_well(&[&usual, more].concat())
    };
    let said = ask(&["--from", "2000-01-01", "--to", "2100-01-01", "--json"]);
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["fixes"].as_u64(), Some(60), "{said:#}");
    let zones = said["zones"].as_array().unwrap();
    let of = |name: &str| zones.iter().find(|zone| zone["name"] == name).unwrap();
    let (old, new) = (of("Test square"), of("New square"));
    assert_eq!((&old["proposed"]["entries"], &new["today"]["entries"]), (&0.into(), &0.into()), "{said:#}");
    // Where it was yesterday is where the new one is: the same stay.
    assert_eq!(old["today"], new["proposed"], "{said:#}");
    assert!(old["today"]["entries"].as_u64() > Some(0) && old["today"]["minutes"].as_f64() > Some(0.0));
    let table = ask(&["--from", "2000-01-01", "--to", "2100-01-01"]);
    // A zone that only the file has bears no number of the register's.
    assert!(table.contains("new New square") && table.contains("0 -> "), "{table}");
    assert_eq!(new["zone"], "new", "{said:#}");
    let before = ask(&["--from", "2000-01-01", "--to", "2000-01-02"]);
    assert!(before.contains("has no fixes in that time"), "{before}");
    let none = run(&[
        "zones",
        "rehearse",
        file,
        "--wearer",
        "900001",
        "--data-dir",
        folder,
        "--from",
        "soon",
        "--to",
        "later",
    ]);
    assert!(String::from_utf8_lossy(&none.stderr).contains("is no moment"));
}

#[test]
fn a_bad_zone_file_is_refused_by_feature_ring_and_vertex() {
    let data = tempfile::tempdir().unwrap();
    let zone = data.path().join("zone.geojson");
    std::fs::write(
        &zone,
        r#"{"type":"Feature","properties":{"name":"Bow tie"},"geometry":{"type":"Polygon","coordinates":[[[10,60],[11,61],[11,60],[10,61],[10,60]]]}}"#,
    )
    .unwrap();
    let output = run(&[
        "zones",
        "import",
        zone.to_str().unwrap(),
        "--wearer",
        "1",
        "--data-dir",
        data.path().to_str().unwrap(),
    ]);
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("feature 1") && said.contains("ring 1") && said.contains("vertex 1"), "{said}");
}

//! The audit log, copies, backups and trails of a centre, as its operators use them.

use crate::harness::{Centre, Running, administrator, lenke, run, run_well};
use sha2::{Digest as _, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A centre's folder with some seconds of ten tags in it.
fn filled() -> TempDir {
    let data = tempfile::tempdir().unwrap();
    run_well(&["enrol", "simulated", "--tags", "10", "--data-dir", text(data.path())]);
    let centre = Centre::start(data.path(), &[]);
    simulate(&centre, "4s");
    centre.running.interrupt();
    data
}

fn simulate(centre: &Centre, span: &str) {
    let url = centre.mqtt_url();
    run_well(&["simulate", "--connect", &url, "--tags", "10", "--interval", "1s", "--for", span, "--json"]);
}

/// What the program says when it ends badly.
fn complaint(arguments: &[&str]) -> String {
    let output = run(arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "lenke {arguments:?} should fail");
    said
}

fn verify(data: &Path) -> serde_json::Value {
    let output = run(&["audit", "verify", "--json", "--data-dir", text(data)]);
    let found = String::from_utf8(output.stdout).unwrap();
    let found: serde_json::Value = serde_json::from_str(found.lines().next().unwrap()).unwrap();
    assert_eq!(output.status.success(), found["broken"].is_null(), "{found}");
    found
}

fn export(data: &Path, out: &Path) -> serde_json::Value {
    let said = run_well(&[
        "db",
        "export",
        "--out",
        text(out),
        "--reason",
        "drill",
        "--json",
        "--data-dir",
        text(data),
    ]);
    serde_json::from_str(&said).unwrap()
}

/// The files' rows and sums that do not depend on their order, but for the audit log, which an export itself goes into.
fn sums(manifest: &serde_json::Value) -> Vec<(String, u64, String)> {
    let files = manifest["files"].as_array().unwrap().iter();
    files
        .map(|file| {
            let text = |name: &str| file[name].as_str().unwrap().to_owned();
            (text("entity"), file["rows"].as_u64().unwrap(), text("rows_sum"))
        })
        .filter(|(entity, ..)| !entity.starts_with("audit"))
        .collect()
}

#[test]
fn the_audit_log_verifies_and_a_database_that_was_set_back_does_not_reach_its_heads() {
    let data = tempfile::tempdir().unwrap();
    run_well(&["enrol", "simulated", "--tags", "10", "--data-dir", text(data.path())]);
    let centre = Centre::start(data.path(), &[]);
    let session = administrator(data.path(), centre.http);
    session.get("/api/v1/positions");
    let copies = tempfile::tempdir().unwrap();
    let before = copies.path().join("before.db");
    run_well(&["db", "backup", "--out", text(&before), "--data-dir", text(data.path())]);
    for _ in 0..5 {
        session.get("/api/v1/alerts");
    }
    centre.running.interrupt();
    let found = verify(data.path());
    let entries = found["entries"].as_u64().unwrap();
    assert_eq!((&found["signed_up_to"], &found["broken"]), (&found["entries"], &serde_json::Value::Null));
    assert!(entries >= 8 && found["heads"].as_u64().unwrap() >= 2, "{found}");
    let said = run_well(&["audit", "verify", "--data-dir", text(data.path())]);
    assert!(said.contains(&format!("{entries} entries")), "{said}");

    // Set back to the earlier copy, the database's own heads fit; those in the folder do not.
    for name in ["lenke.db", "lenke.db-wal", "lenke.db-shm"] {
        fs::remove_file(data.path().join(name)).ok();
    }
    fs::copy(&before, data.path().join("lenke.db")).unwrap();
    let found = verify(data.path());
    assert_eq!(found["broken"]["fault"], "truncated", "{found}");
    let heads = data.path().join("audit-heads.jsonl");
    let elsewhere = copies.path().join("heads.jsonl");
    fs::rename(&heads, &elsewhere).unwrap();
    assert!(verify(data.path())["broken"].is_null(), "nothing else can tell");
    let said = complaint(&["audit", "verify", "--heads", text(&elsewhere), "--data-dir", text(data.path())]);
    assert!(said.contains("the log ends with entry"), "{said}");
}

#[test]
fn an_export_comes_back_whole_and_what_was_changed_in_it_is_named() {
    let data = filled();
    let work = tempfile::tempdir().unwrap();
    let place = |name: &str| work.path().join(name);
    let exported = export(data.path(), &place("out"));
    let rows = |entity: &str| sums(&exported).into_iter().find(|sum| sum.0 == entity).unwrap().1;
    assert!(rows("fix") > 10 && rows("wearer") >= 10 && rows("frame") > 10, "{exported}");
    let said = run_well(&["db", "import", text(&place("out")), "--data-dir", text(&place("new"))]);
    assert!(said.contains("counts and sums are equal"), "{said}");
    assert_eq!(sums(&export(&place("new"), &place("again"))), sums(&exported));
    assert!(verify_chain_of(&place("new"), data.path()));

    let said = complaint(&["db", "import", text(&place("out")), "--data-dir", text(&place("new"))]);
    assert!(said.contains("not empty"), "{said}");

    // A changed byte, a row that the database does not take, a row that is no row, and sums that do not fit.
    let broken = |name: &str, change: &dyn Fn(&str) -> String, seal: bool| -> String {
        let folder = place(name);
        copy_folder(&place("out"), &folder);
        let file = folder.join("wearer.csv");
        let text_before = fs::read_to_string(&file).unwrap();
        fs::write(&file, change(&text_before)).unwrap();
        if seal {
            reseal(&folder);
        }
        complaint(&["db", "import", text(&folder), "--data-dir", text(&place(&format!("{name}-data")))])
    };
    let said = broken("byte", &|csv| csv.replacen("collect_s\"\":", "collect_s\"\":1", 1), false);
    assert!(said.contains("wearer.csv is not the file that was exported"), "{said}");
    let twice = |csv: &str| {
        let second = csv.lines().nth(2).unwrap();
        format!("{csv}{second}\n")
    };
    let last = rows("wearer") + 1;
    let said = broken("twice", &twice, true);
    assert!(said.contains(&format!("wearer.csv, row {last}")), "{said}");
    let said = broken("word", &|csv| csv.replacen("\n1,", "\none,", 1), true);
    assert!(said.contains("wearer.csv, row 1") && said.contains("id: expected an identity"), "{said}");
    let less = |csv: &str| {
        csv.lines().filter(|line| !line.starts_with("3,")).map(|line| format!("{line}\n")).collect()
    };
    let said = broken("less", &less, true);
    assert!(
        said.contains("wearer.csv") || said.contains("wearer_group.csv") || said.contains("condition.csv"),
        "{said}"
    );
    let manifest = place("out").join("manifest.json");
    let wrong = fs::read_to_string(&manifest).unwrap().replacen("\"rows_sum\": \"", "\"rows_sum\": \"f", 1);
    fs::write(&manifest, wrong).unwrap();
    let said = complaint(&["db", "import", text(&place("out")), "--data-dir", text(&place("sum"))]);
    assert!(said.contains("counter.csv") && said.contains("first difference at row"), "{said}");
}

/// Whether the log that was imported verifies with the key of the centre that it came from.
fn verify_chain_of(data: &Path, from: &Path) -> bool {
    fs::copy(from.join("authority.key"), data.join("authority.key")).unwrap();
    let said = complaint(&["audit", "verify", "--data-dir", text(data)]);
    // What the import itself wrote down was signed by the new folder's own key.
    said.contains("signed by a key that is not the centre's")
}

/// Makes the manifest's hashes fit the files again, as who changes a file could.
fn reseal(folder: &Path) {
    let path = folder.join("manifest.json");
    let mut manifest: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    for file in manifest["files"].as_array_mut().unwrap() {
        let bytes = fs::read(folder.join(file["file"].as_str().unwrap())).unwrap();
        let hash: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        file["sha256"] = hash.into();
    }
    fs::write(&path, manifest.to_string()).unwrap();
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

#[test]
fn a_backup_that_was_made_under_load_starts_a_centre_again() {
    let data = tempfile::tempdir().unwrap();
    run_well(&["enrol", "simulated", "--tags", "10", "--data-dir", text(data.path())]);
    let centre = Centre::start(data.path(), &[]);
    let copies = tempfile::tempdir().unwrap();
    let (one, two) = (copies.path().join("one.db"), copies.path().join("two.db"));
    let url = centre.mqtt_url();
    let load = ["simulate", "--connect", &url, "--tags", "10", "--interval", "1s", "--for", "8s", "--json"];
    let session = administrator(data.path(), centre.http);
    let load = Running::start(lenke(&load));
    let mut fixes = 0;
    for out in [&one, &two] {
        let stored = |status: &serde_json::Value| status["store"]["fixes"].as_u64().unwrap();
        fixes = stored(&session.wait_until("/api/v1/admin/status", |status| stored(status) > fixes + 5));
        run_well(&["db", "backup", "--out", text(out), "--data-dir", text(data.path())]);
    }
    load.wait();
    centre.running.interrupt();
    let said = complaint(&["db", "backup", "--out", text(&two), "--data-dir", text(data.path())]);
    assert!(said.contains("exists already"), "{said}");
    let fixes_of = |backup: &Path| {
        let folder = tempfile::tempdir().unwrap();
        fs::copy(backup, folder.path().join("lenke.db")).unwrap();
        let centre = Centre::start(folder.path(), &[]);
        let status = administrator(folder.path(), centre.http).get("/api/v1/admin/status");
        simulate(&centre, "2s");
        centre.running.interrupt();
        status["store"]["fixes"].as_u64().unwrap()
    };
    let (one, two) = (fixes_of(&one), fixes_of(&two));
    assert!(one > 0 && two > one, "{one} and {two}");
}

#[test]
fn a_trail_is_written_as_a_file_with_a_reason_in_the_audit_log() {
    let data = filled();
    let out = tempfile::tempdir().unwrap();
    let trail = |format: &str, wearer: &str| {
        let file = out.path().join(format!("{wearer}.{format}"));
        let arguments = [
            "trail",
            "--wearer",
            wearer,
            "--from",
            "2026-01-01",
            "--to",
            "2100-01-01",
            "--format",
            format,
            "--reason",
            "sak 7",
            "--out",
            text(&file),
            "--data-dir",
            text(data.path()),
        ];
        run_well(&arguments);
        assert!(complaint(&arguments).contains("cannot make"), "a file is not overwritten");
        fs::read_to_string(&file).unwrap()
    };
    let csv = trail("csv", "W-00001");
    let points = csv.lines().count() - 1;
    assert!(points > 0 && csv.lines().skip(1).all(|line| line.starts_with("W-00001,2")), "{csv}");
    let head: Vec<_> = csv.lines().next().unwrap().split(',').collect();
    let column =
        |name: &str| head.iter().position(|head| *head == name).unwrap_or_else(|| panic!("{head:?}"));
    let (time, lat, lon) = (column("time"), column("lat"), column("lon"));
    let rows = csv.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    let expected: Vec<Place> = rows.map(|row| place(row[time], row[lat], row[lon])).collect();
    assert!(expected.is_sorted_by_key(|(time, ..)| *time), "in the order of time");
    assert_eq!(read_gpx(&trail("gpx", "W-00001")), expected, "each format tells the same");
    assert_eq!(read_geojson(&trail("geojson", "W-00001")), expected);
    let nobody = [
        "trail",
        "--wearer",
        "W-99999",
        "--from",
        "2026-01-01",
        "--to",
        "2100-01-01",
        "--reason",
        "x",
        "--data-dir",
        text(data.path()),
    ];
    assert!(complaint(&nobody).contains("no wearer W-99999"));
    let centre = Centre::start(data.path(), &[]);
    let session = administrator(data.path(), centre.http);
    let log = session.get("/api/v1/admin/audit?subject=W-00001");
    let entries = log.as_array().unwrap();
    let exports: Vec<_> = entries.iter().filter(|entry| entry["action"] == "trail.export").collect();
    assert_eq!(exports.len(), 3, "what was refused handed out nothing: {log:#}");
    for entry in exports {
        assert!(entry["actor"].as_str().unwrap().starts_with("cli:"), "{entry}");
        assert!(entry["detail"].as_str().unwrap().ends_with(": sak 7"), "{entry}");
    }
    centre.running.interrupt();
}

/// Milliseconds, and degrees in 1e-7.
type Place = (i64, i64, i64);

fn place(time: &str, lat: &str, lon: &str) -> Place {
    let e7 = |degrees: &str| (degrees.parse::<f64>().unwrap() * 1e7).round() as i64;
    (time.parse::<jiff::Timestamp>().unwrap().as_millisecond(), e7(lat), e7(lon))
}

/// The points of a GPX 1.1 file, as a program would read them that knows the schema.
fn read_gpx(text: &str) -> Vec<Place> {
    const NAMESPACE: &str = "http://www.topografix.com/GPX/1/1";
    let document = roxmltree::Document::parse(text).unwrap();
    let gpx = document.root_element();
    assert!(gpx.has_tag_name((NAMESPACE, "gpx")) && gpx.attribute("version") == Some("1.1"));
    assert!(gpx.attribute("creator").is_some());
    let below = |node: roxmltree::Node<'_, '_>, name: &str| {
        node.children()
            .filter(|child| child.has_tag_name((NAMESPACE, name)))
            .map(|child| child.id())
            .collect::<Vec<_>>()
    };
    let mut points = Vec::new();
    for track in below(gpx, "trk") {
        for segment in below(document.get_node(track).unwrap(), "trkseg") {
            for point in below(document.get_node(segment).unwrap(), "trkpt") {
                let point = document.get_node(point).unwrap();
                let [time] = below(point, "time")[..] else { panic!("a point has one time") };
                let time = document.get_node(time).unwrap().text().unwrap();
                points.push(place(time, point.attribute("lat").unwrap(), point.attribute("lon").unwrap()));
            }
        }
    }
    points
}

/// The points of a GeoJSON file: RFC 7946 has longitude first.
fn read_geojson(text: &str) -> Vec<Place> {
    let collection: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(collection["type"], "FeatureCollection");
    let features = collection["features"].as_array().unwrap().iter();
    features
        .map(|feature| {
            assert_eq!(
                (&feature["type"], &feature["geometry"]["type"]),
                (&"Feature".into(), &"Point".into())
            );
            let [lon, lat] = &feature["geometry"]["coordinates"].as_array().unwrap()[..] else {
                panic!("{feature}")
            };
            place(feature["properties"]["time"].as_str().unwrap(), &lat.to_string(), &lon.to_string())
        })
        .collect()
}

#[test]
fn the_audit_log_is_searched_from_a_terminal_page_by_page() {
    let data = tempfile::tempdir().unwrap();
    let folder = ["--data-dir", text(data.path())];
    let well = |arguments: &[&str]| run_well(&[arguments, &folder].concat());
    well(&["enrol", "simulated", "--tags", "10"]);
    for wearer in ["W-00001", "W-00002"] {
        well(&["hold", "set", "--wearer", wearer, "--reason", "klage\u{1b}[2J"]);
        well(&["hold", "release", "--wearer", wearer, "--reason", "avgjort"]);
    }
    let found = |arguments: &[&str]| -> Vec<serde_json::Value> {
        let lines = well(&[&["audit", "search", "--json"][..], arguments].concat());
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let about = found(&["--about", "W-00001", "--action", "hold"]);
    assert_eq!(
        about.iter().map(|line| line["action"].as_str().unwrap()).collect::<Vec<_>>(),
        ["hold.release", "hold.set"],
    );
    assert!(about[0]["actor"].as_str().unwrap().starts_with("cli:"));
    let first = found(&["--action", "hold.set", "--limit", "1"]);
    assert_eq!((first.len(), &first[0]["object"]), (1, &"W-00002".into()));
    let before = first[0]["seq"].to_string();
    let next = found(&["--action", "hold.set", "--before", &before]);
    assert_eq!((next.len(), &next[0]["object"]), (1, &"W-00001".into()));
    assert_eq!(found(&["--actor", "nobody"]).len(), 0);
    assert_eq!(found(&["--to", "2020-01-01"]).len(), 0);
    let page = well(&["audit", "search", "--action", "hold", "--limit", "2"]);
    assert!(page.contains("W-00002") && page.contains("--before 3") && !page.contains('\u{1b}'), "{page}");
    assert_eq!(found(&["--action", "audit.read"]).len(), 7, "who searches is found too");
}

#[test]
fn a_command_for_another_place_begins_no_centre_and_says_what_to_do() {
    let data = tempfile::tempdir().unwrap();
    let nowhere = data.path().join("typo");
    for arguments in [
        &["db", "check"][..],
        &["db", "stats"],
        &["db", "backup", "--out", "copy.db"],
        &["audit", "verify"],
        &["audit", "search"],
        &["hold", "list"],
        &["retention", "--dry-run"],
        &["erase", "--wearer", "W-00001", "--reason", "x"],
    ] {
        let said = complaint(&[arguments, &["--data-dir", text(&nowhere)]].concat());
        assert!(said.contains("there is no database in") && said.contains("--data-dir"), "{said}");
    }
    assert!(!nowhere.exists(), "nothing was made");
    let folder = ["--data-dir", text(data.path())];
    run_well(&[&["enrol", "simulated", "--tags", "10"][..], &folder].concat());
    for arguments in [
        &["hold", "set", "--wearer", "W-99999", "--reason", "x"][..],
        &["person", "set", "--wearer", "W-99999", "--name", "x"],
        &["retention", "--keep-days", "3", "--wearer", "W-99999"],
        &["erase", "--wearer", "W-99999", "--reason", "x"],
        &["find", "gaps", "--wearer", "W-99999", "--from", "2026-01-01", "--to", "2026-01-02"],
    ] {
        let said = complaint(&[arguments, &folder].concat());
        assert!(said.contains("there is no wearer W-99999"), "{said}");
    }
    // Without the key, what is written down would be signed by a stranger.
    run_well(&[&["hold", "list"][..], &folder].concat());
    fs::remove_file(data.path().join("authority.key")).unwrap();
    let said = complaint(&[&["hold", "list"][..], &folder].concat());
    assert!(said.contains("authority.key") && said.contains("--data-dir"), "{said}");
    assert!(!data.path().join("authority.key").exists());
}

#[test]
fn names_are_sealed_and_a_hold_or_a_device_keeps_a_wearer_from_being_erased() {
    let data = tempfile::tempdir().unwrap();
    let place = ["--data-dir", text(data.path())];
    let well = |arguments: &[&str]| run_well(&[arguments, &place].concat());
    let bad = |arguments: &[&str]| complaint(&[arguments, &place].concat());
    well(&["enrol", "simulated", "--tags", "10"]);
    well(&["person", "set", "--wearer", "W-00001", "--name", "Kari Hemmelig", "--phone", "90012345"]);
    let shown = well(&["person", "show", "--wearer", "W-00001", "--reason", "sak 7"]);
    assert!(shown.contains("Kari Hemmelig") && shown.contains("90012345"), "{shown}");
    assert!(bad(&["person", "show", "--wearer", "W-00002", "--reason", "x"]).contains("no name of W-00002"));
    for file in ["lenke.db", "lenke.db-wal", "audit-heads.jsonl"] {
        let bytes = fs::read(data.path().join(file)).unwrap_or_default();
        assert!(!bytes.windows(8).any(|window| window == b"Hemmelig"), "{file}");
    }
    well(&["hold", "set", "--wearer", "W-00001", "--reason", "klage 3"]);
    assert!(well(&["hold", "list"]).contains("klage 3"));
    let said = bad(&["erase", "--wearer", "W-00001", "--reason", "x"]);
    assert!(said.contains("held: klage 3"), "{said}");
    well(&["hold", "release", "--wearer", "W-00001", "--reason", "avgjort"]);
    let said = bad(&["erase", "--wearer", "W-00001", "--reason", "x"]);
    assert!(said.contains("still carries a device"), "{said}");
    well(&["retention", "--keep-days", "30", "--wearer", "W-00001"]);
    assert!(well(&["retention", "--dry-run"]).contains("nothing was changed"));
    well(&["retention", "--apply"]);
    assert!(well(&["person", "show", "--wearer", "W-00001", "--reason", "x"]).contains("Hemmelig"));
    assert!(verify(data.path())["broken"].is_null());
}

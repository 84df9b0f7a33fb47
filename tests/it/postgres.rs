//! A centre on PostgreSQL: the demo as a user runs it, and a trial that becomes production.

use crate::harness::{run, run_well};
use lenke_test_cluster::Cluster;
use serde_json::Value;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn cluster(runtime: &tokio::runtime::Runtime, database: &str) -> (Cluster, String) {
    runtime.block_on(async {
        let cluster = Cluster::start().await;
        let url = cluster.database(database).await;
        (cluster, url)
    })
}

/// A short demo in `folder`, with further arguments; its summary.
fn demo(folder: &str, further: &[&str]) -> Value {
    let mut arguments = vec!["demo", "--wearers", "60", "--speed", "60", "--for", "12s", "--json"];
    arguments.extend(["--mqtt", "127.0.0.1:0", "--http", "127.0.0.1:0", "--data-dir", folder]);
    arguments.extend(further);
    json(&run_well(&arguments))
}

#[test]
fn a_demo_on_postgres_loses_nothing_and_its_database_is_in_order() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (_server, url) = cluster(&runtime, "demo");
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_str().unwrap();
    let summary = demo(folder, &["--database", &url]);
    assert_eq!(summary["reports"]["lost"], 0, "{summary}");
    let stored = summary["reports"]["stored"].as_u64().unwrap();
    assert!(stored > 100, "{summary}");
    assert!(!data.path().join("lenke.db").exists(), "there is one database");
    let place = ["--database", &url, "--data-dir", folder];
    // It may fail: the disk of this machine is one of the limits.
    let check = run(&[&["db", "check", "--json"][..], &place[..]].concat());
    let check = json(&String::from_utf8(check.stdout).unwrap());
    assert_eq!(check["layout"], "native partitions, a week each");
    assert!(check["headroom"].as_array().unwrap().iter().any(|limit| limit["what"] == "transaction ids"));
    let stats = json(&run_well(&[&["db", "stats", "--json"][..], &place[..]].concat()));
    let names: Vec<_> = stats["tables"].as_array().unwrap().iter().map(|table| &table["name"]).collect();
    assert!(names.iter().any(|name| *name == "fix"), "{stats}");
}

/// What the documentation says of backups, done by the commands that a person would use.
#[test]
fn a_dump_that_is_restored_verifies_and_holds_what_there_was() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (server, url) = cluster(&runtime, "drill");
    let restored = runtime.block_on(server.database("restored"));
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_str().unwrap();
    demo(folder, &["--database", &url]);
    let well = |arguments: &[&str], url: &str| {
        run_well(&[arguments, &["--database", url, "--data-dir", folder]].concat())
    };
    well(&["hold", "set", "--wearer", "W-00001", "--reason", "sak 7"], &url);
    let file = data.path().join("copy.db");
    let refused = run(&[
        &["db", "backup", "--out", file.to_str().unwrap()][..],
        &["--database", &url, "--data-dir", folder],
    ]
    .concat());
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && said.contains("pg_dump --format=custom") && !file.exists(),
        "{said}"
    );
    let dump = server.folder().join("dump");
    let tool = |mut command: std::process::Command| {
        let output = command.current_dir(server.folder()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let mut dumped = lenke_test_cluster::program("pg_dump");
    dumped.args(["--format=custom", "--file"]).arg(&dump).arg(&url);
    tool(dumped);
    let before = json(&well(&["audit", "verify", "--json"], &url));
    let mut loaded = lenke_test_cluster::program("pg_restore");
    loaded.args(["--dbname", &restored, "--exit-on-error"]).arg(&dump);
    tool(loaded);
    let after = json(&well(&["audit", "verify", "--json"], &restored));
    assert_eq!(after, before, "the log is whole and as long as it was");
    assert!(before["entries"].as_u64().unwrap() >= 1 && before["broken"].is_null(), "{before}");
    let export = |url: &str, name: &str| {
        let out = data.path().join(name);
        let said = well(&["db", "export", "--out", out.to_str().unwrap(), "--reason", "x", "--json"], url);
        let files = json(&said)["files"].as_array().unwrap().clone();
        // The export itself is written down, at its own time.
        files
            .into_iter()
            .filter(|file| !file["entity"].as_str().unwrap().starts_with("audit"))
            .collect::<Vec<_>>()
    };
    assert_eq!(export(&restored, "two"), export(&url, "one"), "every file is the same, byte by byte");
    assert!(well(&["hold", "list"], &restored).contains("sak 7"));
    let summary = demo(folder, &["--database", &restored]);
    assert_eq!(summary["reports"]["lost"], 0, "{summary}");
}

#[test]
fn a_trial_in_sqlite_becomes_production_in_postgres() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (_server, url) = cluster(&runtime, "production");
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_str().unwrap();
    demo(folder, &[]);
    let file = data.path().join("lenke.db");
    let place = ["--database", &url, "--data-dir", folder];
    let copy = [&["db", "copy", file.to_str().unwrap(), "--json"][..], &place[..]].concat();
    let copied = json(&run_well(&copy));
    assert!(copied["rows"].as_u64().unwrap() > 500, "{copied}");
    let again = run(&copy);
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("not empty"));
    // The fleet goes on where it was, and so does its history.
    let summary = demo(folder, &["--database", &url]);
    assert_eq!(summary["reports"]["lost"], 0, "{summary}");
}

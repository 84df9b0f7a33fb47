//! A limit that is nearly met reaches somebody: on the administration page, in the metrics, in the log, by a command.

use crate::harness::{Centre, administrator, run, run_well};
use sqlx::{Connection as _, Executor as _, SqliteConnection};

#[test]
fn a_limit_that_is_nearly_met_is_told_everywhere() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_str().unwrap();
    run_well(&["enrol", "simulated", "--tags", "10", "--data-dir", folder]);
    let level = || {
        let output = run(&["db", "check", "--json", "--data-dir", folder]);
        let said = String::from_utf8(output.stdout).unwrap();
        let said: serde_json::Value = serde_json::from_str(&said).unwrap();
        let limits = said["headroom"].as_array().unwrap();
        let epochs = limits.iter().find(|limit| limit["what"] == "downlink epochs").unwrap();
        (epochs["level"].as_str().unwrap().to_owned(), output.status.success())
    };
    assert_eq!(level().0, "good");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let url = format!("sqlite:{folder}/lenke.db");
        let spent = "INSERT INTO counter (name, value) VALUES ('downlink_epoch', 3500000000)
                     ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        SqliteConnection::connect(&url).await.unwrap().execute(spent).await.unwrap();
    });
    assert_eq!(level(), ("bad".to_owned(), false), "81 % of 2^32, and the command fails");
    let said = run(&["db", "check", "--data-dir", folder]);
    assert!(String::from_utf8_lossy(&said.stdout).contains("ACT NOW"));
    assert!(String::from_utf8_lossy(&said.stderr).contains("Room left"));

    let centre = Centre::start(data.path(), &[]);
    let session = administrator(data.path(), centre.http);
    let status = session.wait_until("/api/v1/admin/status", |status| {
        status["headroom"].as_array().is_some_and(|limits| !limits.is_empty())
    });
    let limits = status["headroom"].as_array().unwrap();
    let epochs = limits.iter().find(|limit| limit["what"] == "downlink epochs").unwrap();
    assert_eq!(epochs["level"], "bad", "{status:#}");
    assert!(limits.iter().any(|limit| limit["what"] == "disk of the data folder"), "{status:#}");
    let used = |limit: &serde_json::Value| limit["used"].as_f64().unwrap();
    assert!(limits.is_sorted_by(|one, other| used(one) >= used(other)), "what is short comes first");
    let (_, _, metrics) = session.ask("/metrics");
    let line =
        metrics.lines().find(|line| line.contains("lenke_store_headroom_used{what=\"downlink epochs\"}"));
    assert!(line.unwrap().rsplit(' ').next().unwrap().starts_with("0.81"), "{line:?}");
    let log = centre.running.interrupt();
    assert!(log.contains("a limit is nearly met") && log.contains("downlink epochs"), "{log}");
}

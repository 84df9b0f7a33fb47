//! Fail closed: what cannot be written down is not done, shown or handed out, on either database.

use crate::harness::{Centre, Session, run, run_well};
use lenke_test_cluster::Cluster;
use sqlx::{Connection as _, Executor as _, SqliteConnection};
use std::path::Path;

/// Refuses every entry of the audit log, as a full disk would.
const BREAK_SQLITE: &str =
    "CREATE TRIGGER no_room BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END";
const BREAK_POSTGRES: &str = "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'no room'; END $$;
    CREATE TRIGGER no_room BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION no_room()";
/// What the commands would change.
const STATE: &str = "SELECT count(*) || '/' || count(hold) || '/' || count(person) || '/' || count(keep_days)
    || '/' || (SELECT count(*) FROM \"user\") FROM subject";

/// Whoever does, sees or takes away something by a command; `OUT` is a file of its own.
const COMMANDS: [&str; 16] = [
    "hold set --wearer W-00001 --reason x",
    "hold release --wearer W-00002 --reason x",
    "hold list",
    "person set --wearer W-00001 --name Ola",
    "person show --wearer W-00002 --reason x",
    "retention --keep-days 5 --wearer W-00001",
    "retention --dry-run",
    "trail --wearer W-00002 --from 2026-01-01 --to 2100-01-01 --reason x",
    "trail --wearer W-00002 --from 2026-01-01 --to 2100-01-01 --reason x --out OUT",
    "db export --out OUT --reason x",
    "db backup --out OUT",
    "audit search",
    "find gaps --wearer W-00002 --from 2026-11-01 --to 2026-11-02",
    "find alerts --wearer W-00002",
    "evidence export --wearer W-00002 --from 2026-01-01 --to 2100-01-01 --out OUT",
    "user add eva --role operator",
];

fn fails_closed(data: &Path, database: Option<&str>, sql: impl Fn(&'static str) -> Option<String>) {
    let mut place = vec!["--data-dir", data.to_str().unwrap()];
    place.extend(database.into_iter().flat_map(|url| ["--database", url]));
    let words = |command: &str| {
        [
            command.split(' ').map(str::to_owned).collect::<Vec<_>>(),
            place.iter().map(|&word| word.to_owned()).collect(),
        ]
        .concat()
    };
    let well = |command: &str| run_well(&words(command).iter().map(String::as_str).collect::<Vec<_>>());
    well("enrol simulated --tags 10");
    well("hold set --wearer W-00002 --reason klage");
    well("person set --wearer W-00002 --name Hemmelig");
    let environment: Vec<_> = database.iter().map(|url| ("LENKE_STORE_DATABASE", *url)).collect();
    let centre = Centre::start(data, &environment);
    let said = well("user add tester --role administrator");
    let password = said.split(" / ").nth(1).unwrap().split_whitespace().next().unwrap();
    let session = Session::log_in(centre.http, "tester", password);
    session.get("/api/v1/positions");
    sql(if database.is_some() { BREAK_POSTGRES } else { BREAK_SQLITE });
    let (before, out) = (sql(STATE).unwrap(), data.join("out"));
    assert_eq!(before, "1/1/1/0/2", "one held, one named; two users");
    for command in COMMANDS {
        let command = command.replace("OUT", out.to_str().unwrap());
        let output = run(&words(&command).iter().map(String::as_str).collect::<Vec<_>>());
        let said = String::from_utf8_lossy(&output.stdout);
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.is_empty(), "{command} was done: {said}");
        // A database of which no copy is made here refuses for that reason.
        let elsewhere = command.starts_with("db backup") && database.is_some();
        assert!(elsewhere || complaint.contains("audit log cannot be written"), "{command}: {complaint}");
        assert!(!out.exists() || out.is_dir() && out.read_dir().unwrap().next().is_none(), "{command}");
        std::fs::remove_dir(&out).ok();
    }
    for path in ["positions", "alerts", "zones", "wearers/W-00002/trail", "admin/audit"] {
        let (status, _, body) = session.ask(&format!("/api/v1/{path}"));
        assert!(status == 503 && !body.contains("W-000"), "{path}: {status} {body}");
    }
    assert_eq!(sql(STATE).unwrap(), before, "nothing changed");
    centre.running.kill();
}

#[test]
fn what_cannot_be_written_down_is_not_done_on_sqlite() {
    let data = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", data.path().join("lenke.db").display());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    fails_closed(data.path(), None, |sql| {
        runtime.block_on(async {
            let mut connection = SqliteConnection::connect(&url).await.unwrap();
            if sql == STATE {
                return Some(sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap());
            }
            connection.execute(sql).await.unwrap();
            None
        })
    });
}

#[test]
fn what_cannot_be_written_down_is_not_done_on_postgres() {
    let data = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (server, url) = runtime.block_on(async {
        let cluster = Cluster::start().await;
        let url = cluster.database("closed").await;
        (cluster, url)
    });
    fails_closed(data.path(), Some(&url), |sql| {
        runtime.block_on(async {
            let mut connection = server.connection("closed").await;
            if sql == STATE {
                return Some(sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap());
            }
            connection.execute(sql).await.unwrap();
            None
        })
    });
}

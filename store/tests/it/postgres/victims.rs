//! Protected persons' records in a schema of their own: two roles on a real server, neither sees what the other has.

use super::Server;
use crate::samples::START;
use lenke_store::{Batch, PostgresConfig, PostgresStore, Store as _, StoreError, Upkeep as _, VictimStore};
use lenke_wire::FrameId;
use lenke_zones::WearerId;
use sqlx::{Connection, Executor, PgConnection};

const PROTECTED: WearerId = WearerId(u64::MAX - 800_001);

/// Whether the role of `url` is refused by the database.
async fn is_refused(url: &str, sql: &'static str) -> bool {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let error = connection.execute(sql).await.expect_err(sql);
    error.as_database_error().is_some_and(|database| database.code().as_deref() == Some("42501"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_role_of_everything_else_cannot_look_at_protected_persons() {
    let server = Server::start().await;
    let administrator = server.cluster.database("victims").await;
    let mut connection = server.cluster.connection("victims").await;
    connection
        .execute(
            "CREATE ROLE centre LOGIN; CREATE ROLE lenke_victim LOGIN; GRANT CREATE ON DATABASE victims TO centre;
             CREATE SCHEMA lenke_victim AUTHORIZATION lenke_victim",
        )
        .await
        .unwrap();
    let as_role = |role: &str| administrator.replace("lenke@", &format!("{role}@"));
    let (centre, victim) = (as_role("centre"), as_role("lenke_victim"));
    let store = PostgresStore::open(&PostgresConfig::new(&centre)).await.unwrap();
    // An ordinary role does all that a centre does.
    store.enrol(&crate::samples::register(1)).await.unwrap();
    let mut batch = Batch::default();
    crate::samples::add_frame(&mut batch, 1, FrameId::new(1, 0), START);
    store.commit_batch(&batch).await.unwrap();
    store.keep_up(START).await.unwrap();
    assert!(store.condition(START).await.unwrap().schema_version >= 6);
    let victims = VictimStore::open_postgres(&PostgresConfig::new(&victim)).await.unwrap();
    victims.put_person(PROTECTED, b"sealed").await.unwrap();
    victims.put_person(PROTECTED, b"sealed anew").await.unwrap();
    assert_eq!(victims.person(PROTECTED).await.unwrap().as_deref(), Some(&b"sealed anew"[..]));

    for sql in [
        "SELECT * FROM lenke_victim.person",
        "INSERT INTO lenke_victim.person VALUES (1, '')",
        "DELETE FROM lenke_victim.person",
        "CREATE TABLE lenke_victim.spy (a int)",
        "SELECT count(*) FROM lenke_victim._sqlx_migrations",
    ] {
        assert!(is_refused(&centre, sql).await, "{sql}");
    }
    for sql in ["SELECT * FROM lenke.wearer", "SELECT * FROM lenke.fix", "SELECT * FROM lenke.audit"] {
        assert!(is_refused(&victim, sql).await, "{sql}");
    }
    for (role, url) in [("centre", &centre), ("lenke", &administrator)] {
        let refused = VictimStore::open_postgres(&PostgresConfig::new(url)).await;
        let Err(StoreError::Connect { source, .. }) = refused else { panic!("{role}: {refused:?}") };
        assert!(source.to_string().contains("a role of their own"), "{source}");
    }
    // What is there stays after opening again, and goes when it is removed.
    victims.close().await;
    let again = VictimStore::open_postgres(&PostgresConfig::new(&victim)).await.unwrap();
    assert_eq!(again.everybody().await.unwrap(), [PROTECTED]);
    again.remove(PROTECTED).await.unwrap();
    assert_eq!(
        (again.person(PROTECTED).await.unwrap(), again.everybody().await.unwrap()),
        (None, Vec::new())
    );
}

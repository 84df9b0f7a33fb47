//! The file in hands that are not ours: whatever is changed in the audit log is found and named.

use super::{connection, execute, fresh};
use crate::conformance::custody::{entry, head, key};
use crate::samples::START;
use lenke_store::{
    AuditHead, AuditRecord, Custody as _, SqliteStore, Store as _,
    audit::verify::{AuditFault, Verified, verify},
    entities::ENTITIES,
};
use sqlx::Row as _;
use std::collections::BTreeSet;
use tempfile::TempDir;

/// Ten entries, with heads of the fifth and the ninth in the store.
async fn log() -> (SqliteStore, TempDir) {
    let (store, directory) = fresh().await;
    for number in 1..=10 {
        let record = store.append_audit(entry(START.plus_s(number), "kari", "W-00042")).await.unwrap();
        if number == 5 || number == 9 {
            store.put_audit_head(&head(&record)).await.unwrap();
        }
    }
    for trigger in ["audit_update", "audit_delete", "audit_insert", "audit_head_update", "audit_head_delete"]
    {
        let sql = format!("DROP TRIGGER {trigger}");
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut connection(&directory).await).await.unwrap();
    }
    (store, directory)
}

async fn check(store: &SqliteStore) -> Verified {
    verify(store, Vec::new(), &[key().verifying_key().to_bytes()]).await.unwrap()
}

async fn broken(sql: &[&'static str]) -> AuditFault {
    let (store, directory) = log().await;
    assert_eq!(check(&store).await.broken, None);
    for statement in sql {
        execute(&directory, statement).await.unwrap();
    }
    check(&store).await.broken.expect("a fault")
}

/// Writes everything from `first` on anew, as who knows how the chain is made could.
async fn rechain(directory: &TempDir, store: &SqliteStore, first: u64) {
    let records = store.audit_from(0, 100).await.unwrap();
    let mut prev_hash = [0; 32];
    for (record, seq) in records.into_iter().zip(1..) {
        let anew = AuditRecord::chained(seq, prev_hash, record.entry);
        prev_hash = anew.hash;
        if seq < first {
            continue;
        }
        sqlx::query("UPDATE audit SET prev_hash = ?, hash = ? WHERE seq = ?")
            .bind(&anew.prev_hash[..])
            .bind(&anew.hash[..])
            .bind(seq.cast_signed())
            .execute(&mut connection(directory).await)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn an_entry_that_was_changed_is_named() {
    assert_eq!(
        broken(&["UPDATE audit SET actor = 'ola' WHERE seq = 4"]).await,
        AuditFault::Changed { seq: 4 }
    );
    assert_eq!(
        broken(&["UPDATE audit SET at = at + 1 WHERE seq = 10"]).await,
        AuditFault::Changed { seq: 10 }
    );
    let rehashed = broken(&["UPDATE audit SET hash = zeroblob(32) WHERE seq = 3"]).await;
    assert_eq!(rehashed, AuditFault::Changed { seq: 3 });
}

#[tokio::test]
async fn an_entry_that_was_taken_out_is_named() {
    let missing = broken(&["DELETE FROM audit WHERE seq = 4"]).await;
    assert_eq!(missing, AuditFault::Missing { seq: 4, found: 5 });
    let first = broken(&["DELETE FROM audit WHERE seq = 1"]).await;
    assert_eq!(first, AuditFault::Missing { seq: 1, found: 2 });
    let closed_up =
        broken(&["DELETE FROM audit WHERE seq = 4", "UPDATE audit SET seq = seq - 1 WHERE seq > 4"]).await;
    assert_eq!(closed_up, AuditFault::Unbound { seq: 4 });
}

#[tokio::test]
async fn an_entry_that_was_put_in_is_named() {
    let put_in = broken(&[
        "UPDATE audit SET seq = -seq WHERE seq >= 7",
        "UPDATE audit SET seq = 1 - seq WHERE seq < 0",
        "INSERT INTO audit SELECT 7, hash, zeroblob(32), at, actor, action, object, detail FROM audit WHERE seq = 6",
    ]);
    assert_eq!(put_in.await, AuditFault::Changed { seq: 7 });
}

#[tokio::test]
async fn entries_that_changed_places_are_named() {
    let exchanged = broken(&[
        "UPDATE audit SET seq = -1 WHERE seq = 6",
        "UPDATE audit SET seq = 6 WHERE seq = 7",
        "UPDATE audit SET seq = 7 WHERE seq = -1",
    ]);
    assert_eq!(exchanged.await, AuditFault::Unbound { seq: 6 });
}

#[tokio::test]
async fn a_log_that_was_written_anew_does_not_fit_its_heads() {
    let (store, directory) = log().await;
    execute(&directory, "UPDATE audit SET actor = 'ola' WHERE seq = 7").await.unwrap();
    rechain(&directory, &store, 7).await;
    assert_eq!(check(&store).await.broken, Some(AuditFault::Rewritten { seq: 9 }));
}

#[tokio::test]
async fn a_log_whose_end_is_missing_does_not_reach_its_heads() {
    let (store, directory) = log().await;
    execute(&directory, "DELETE FROM audit WHERE seq > 7").await.unwrap();
    assert_eq!(check(&store).await.broken, Some(AuditFault::Truncated { seq: 9, last: 7 }));
    // Who takes the heads too is found out by one that was kept elsewhere.
    let elsewhere = store.audit_heads(5, 1).await.unwrap();
    execute(&directory, "DELETE FROM audit_head WHERE seq > 7").await.unwrap();
    assert_eq!(check(&store).await.broken, None);
    let found = verify(&store, elsewhere, &[]).await.unwrap();
    assert_eq!(found.broken, Some(AuditFault::Truncated { seq: 9, last: 7 }));
    assert_eq!((found.entries, found.signed_up_to), (7, 5));
    execute(&directory, "DELETE FROM audit").await.unwrap();
    assert_eq!(check(&store).await.broken, Some(AuditFault::Truncated { seq: 5, last: 0 }));
}

#[tokio::test]
async fn a_head_that_was_changed_or_signed_by_another_is_named() {
    let forged = broken(&["UPDATE audit_head SET at = at + 1 WHERE seq = 9"]).await;
    assert_eq!(forged, AuditFault::HeadForged { seq: 9 });
    let (store, directory) = log().await;
    let records = store.audit_from(4, 1).await.unwrap();
    let other = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
    let head = AuditHead::signed(5, records[0].hash, START, other.verifying_key().to_bytes(), |bytes| {
        ed25519_dalek::Signer::sign(&other, bytes).to_bytes()
    });
    sqlx::query("UPDATE audit_head SET at = ?, key = ?, signature = ? WHERE seq = 5")
        .bind(head.at.0)
        .bind(&head.key[..])
        .bind(&head.signature[..])
        .execute(&mut connection(&directory).await)
        .await
        .unwrap();
    let found = check(&store).await;
    assert!(matches!(found.broken, Some(AuditFault::HeadForeign { seq: 5, .. })), "{found:?}");
}

#[tokio::test]
async fn the_file_refuses_to_change_the_log_in_every_way() {
    let (store, directory) = fresh().await;
    for number in 1..=3 {
        let record = store.append_audit(entry(START, "kari", "all")).await.unwrap();
        assert_eq!(record.seq, number);
        store.put_audit_head(&head(&record)).await.unwrap();
    }
    for forbidden in [
        "INSERT OR REPLACE INTO audit SELECT seq, prev_hash, hash, at, 'ola', action, object, detail FROM audit WHERE seq = 2",
        "INSERT INTO audit SELECT 9, prev_hash, hash, at, actor, action, object, detail FROM audit WHERE seq = 2",
        "INSERT INTO audit SELECT 0, prev_hash, hash, at, actor, action, object, detail FROM audit WHERE seq = 2",
        "UPDATE audit_head SET at = 0",
        "DELETE FROM audit_head",
        "INSERT OR REPLACE INTO audit_head SELECT seq, hash, 0, key, signature FROM audit_head WHERE seq = 2",
    ] {
        assert!(execute(&directory, forbidden).await.is_err(), "{forbidden}");
    }
    assert_eq!(check(&store).await.broken, None);
}

#[tokio::test]
async fn every_table_and_column_is_an_entity() {
    let (_store, directory) = fresh().await;
    let mut connection = connection(&directory).await;
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> '_sqlx_migrations'",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let listed: BTreeSet<_> = ENTITIES.iter().map(|entity| entity.name.to_owned()).collect();
    assert_eq!(tables.into_iter().collect::<BTreeSet<_>>(), listed);
    for entity in ENTITIES {
        let columns: Vec<String> =
            sqlx::query_scalar("SELECT name FROM pragma_table_info(?) WHERE name <> 'bucket'")
                .bind(entity.name)
                .fetch_all(&mut connection)
                .await
                .unwrap();
        let columns: BTreeSet<_> = columns.iter().map(String::as_str).collect();
        let listed: BTreeSet<_> = entity.columns.iter().map(|column| column.name).collect();
        assert_eq!(columns, listed, "{}", entity.name);
    }
}

#[tokio::test]
async fn the_audit_log_is_searched_along_its_indexes() {
    let (_store, directory) = fresh().await;
    let mut connection = connection(&directory).await;
    for (condition, index) in [
        ("(object = 'W-00042' OR (object >= 'W-00042/' AND object < 'W-000420'))", "audit_object"),
        ("actor = 'kari'", "audit_actor"),
        ("action = 'hold.set'", "audit_action"),
        ("(action = 'hold' OR (action >= 'hold.' AND action < 'hold/'))", "audit_action"),
    ] {
        let sql = format!(
            "EXPLAIN QUERY PLAN SELECT * FROM audit WHERE seq < 9 AND {condition} ORDER BY seq DESC LIMIT 5"
        );
        let plan = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&mut connection).await.unwrap();
        let steps: Vec<String> = plan.iter().map(|row| row.get("detail")).collect();
        assert!(steps.iter().any(|step| step.contains(index)), "{condition}: {steps:?}");
    }
}

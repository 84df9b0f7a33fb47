//! Users, settings, numbers given out, and the audit log.

use crate::samples::START;
use lenke_store::{AuditEntry, AuditRecord, Role, Store, User};
use std::collections::BTreeSet;

pub(crate) async fn users_are_added_and_replaced(store: &dyn Store) {
    let mut user = User {
        name: "kari".to_owned(),
        password_hash: "$argon2id$v=19$...".to_owned(),
        role: Role::Operator,
        display: "Kari Nordmann".to_owned(),
    };
    store.put_user(&user).await.unwrap();
    assert_eq!(store.user("kari").await.unwrap(), Some(user.clone()));
    user.role = Role::Administrator;
    user.password_hash.push('x');
    store.put_user(&user).await.unwrap();
    assert_eq!(store.user("kari").await.unwrap(), Some(user));
    assert_eq!(store.user("Kari").await.unwrap(), None);
}

pub(crate) async fn settings_are_kept(store: &dyn Store) {
    assert_eq!(store.get_meta("demo.seed").await.unwrap(), None);
    store.set_meta("demo.seed", "7").await.unwrap();
    store.set_meta("demo.seed", "8").await.unwrap();
    assert_eq!(store.get_meta("demo.seed").await.unwrap().as_deref(), Some("8"));
}

pub(crate) async fn downlink_epochs_are_given_once(store: &dyn Store) {
    assert_eq!(store.next_downlink_epoch().await.unwrap(), 1);
    let (one, two) = tokio::join!(store.next_downlink_epoch(), store.next_downlink_epoch());
    assert_eq!(BTreeSet::from([one.unwrap(), two.unwrap()]), BTreeSet::from([2, 3]));
}

fn entry(number: u64) -> AuditEntry {
    AuditEntry {
        at: START,
        actor: "kari".to_owned(),
        action: "trail.read".to_owned(),
        object: format!("W-{number:05}"),
        detail: "Søk".to_owned(),
    }
}

/// Checks that `records`, newest first, are one chain from the beginning.
fn assert_chain(records: &[AuditRecord]) {
    let mut prev_hash = [0; 32];
    for (seq, record) in (1..).zip(records.iter().rev()) {
        assert_eq!(*record, AuditRecord::chained(seq, prev_hash, record.entry.clone()));
        prev_hash = record.hash;
    }
}

pub(crate) async fn the_audit_log_is_a_chain(store: &dyn Store) {
    for number in 0..5 {
        assert_eq!(store.append_audit(entry(number)).await.unwrap().seq, number + 1);
    }
    let all = store.audit_page(None, 100).await.unwrap();
    assert_eq!(all.len(), 5);
    assert_eq!(all[0].entry, entry(4));
    assert_chain(&all);
    assert_eq!(store.audit_page(Some(4), 2).await.unwrap(), all[2..4]);
}

pub(crate) async fn audit_entries_from_many_tasks_are_one_chain(store: &dyn Store) {
    let append = async || {
        for number in 0..25 {
            store.append_audit(entry(number)).await.unwrap();
        }
    };
    tokio::join!(append(), append(), append());
    let all = store.audit_page(None, 100).await.unwrap();
    assert_eq!(all.len(), 75);
    assert_chain(&all);
}

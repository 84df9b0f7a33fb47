//! Audit search and heads, copies, holds, retention and erasure.

use crate::samples::{START, add_frame, alert, device, fix_row, quarantined, register, zone};
use ed25519_dalek::{Signer as _, SigningKey};
use lenke_alerts::{Action, ConditionRule, Outcome, Register};
use lenke_store::{
    AlertSave, AuditEntry, AuditHead, AuditQuery, AuditRecord, Batch, Custody, Database, FixRow, FrameRow,
    History, Hold, Role, SightingRow, StoreError, Subject, User,
    audit::verify,
    entities::{ENTITIES, Entity, Row},
};
use lenke_wire::{DeviceId, FrameId, Sighting, UnixMillis, topic::Lane};
use lenke_zones::{Assignment, WearerId, Zone};
use std::sync::Arc;

const KARI: &str = "kari";

pub(crate) fn entry(at: UnixMillis, actor: &str, object: &str) -> AuditEntry {
    AuditEntry {
        at,
        actor: actor.to_owned(),
        action: "trail.read".to_owned(),
        object: object.to_owned(),
        detail: String::new(),
    }
}

pub(crate) fn key() -> SigningKey {
    SigningKey::from_bytes(&[3; 32])
}

pub(crate) fn head(record: &AuditRecord) -> AuditHead {
    let key = key();
    AuditHead::signed(record.seq, record.hash, record.entry.at, key.verifying_key().to_bytes(), |bytes| {
        key.sign(bytes).to_bytes()
    })
}

async fn append(store: &dyn Custody, at: i64, actor: &str, object: &str) -> AuditRecord {
    store.append_audit(entry(START.plus_s(at), actor, object)).await.unwrap()
}

pub(crate) async fn the_audit_log_is_searched_by_object_actor_and_time(store: &dyn Custody) {
    for (at, actor, object) in [
        (0, KARI, "W-00042"),
        (1, KARI, "W-00042/aa"),
        (2, "ola", "W-00042"),
        (3, KARI, "W-000421"),
        (4, KARI, "W-00042"),
        (5, "ola", "all"),
    ] {
        append(store, at, actor, object).await;
    }
    let search = async |query: AuditQuery| -> Vec<u64> {
        let found = store.search_audit(&AuditQuery { limit: 100, ..query }).await.unwrap();
        found.iter().map(|record| record.seq).collect()
    };
    let object = Some("W-00042".to_owned());
    let actor = Some(KARI.to_owned());
    assert_eq!(search(AuditQuery::default()).await, [6, 5, 4, 3, 2, 1]);
    assert_eq!(search(AuditQuery { object: object.clone(), ..AuditQuery::default() }).await, [5, 3, 2, 1]);
    assert_eq!(search(AuditQuery { actor: actor.clone(), ..AuditQuery::default() }).await, [5, 4, 2, 1]);
    let both = AuditQuery { object, actor, ..AuditQuery::default() };
    assert_eq!(search(both.clone()).await, [5, 2, 1]);
    assert_eq!(search(AuditQuery { before: Some(5), ..both.clone() }).await, [2, 1]);
    let kind = |action: &str| AuditQuery { action: Some(action.to_owned()), ..AuditQuery::default() };
    for (at, action) in [(6, "trail.export"), (7, "trail"), (8, "trailer.read"), (9, "erase")] {
        let made = AuditEntry { action: action.to_owned(), ..entry(START.plus_s(at), "ola", "W-00077") };
        store.append_audit(made).await.unwrap();
    }
    assert_eq!(search(kind("trail.export")).await, [7]);
    assert_eq!(search(kind("trail")).await, [8, 7, 6, 5, 4, 3, 2, 1], "a kind and all that is of it");
    assert_eq!(search(AuditQuery { actor: Some("ola".to_owned()), ..kind("trail") }).await, [8, 7, 6, 3]);
    assert_eq!(search(kind("tra")).await, [0_u64; 0]);
    let object = Some("W-00042".to_owned());
    let window = AuditQuery { from: Some(START.plus_s(1)), to: Some(START.plus_s(4)), ..both };
    assert_eq!(search(window).await, [2]);
    let first = store.search_audit(&AuditQuery { object, limit: 1, ..AuditQuery::default() }).await.unwrap();
    assert_eq!(first[0].seq, 5, "the newest come first");
    assert_eq!(
        search(AuditQuery { object: Some("W-00043".to_owned()), ..AuditQuery::default() }).await.len(),
        0
    );
}

pub(crate) async fn heads_are_kept_in_order_and_once(store: &dyn Custody) {
    assert_eq!(store.last_audit_head().await.unwrap(), None);
    let mut heads = Vec::new();
    for at in 0..3 {
        heads.push(head(&append(store, at, KARI, "all").await));
    }
    store.put_audit_head(&heads[0]).await.unwrap();
    store.put_audit_head(&heads[2]).await.unwrap();
    store.put_audit_head(&heads[2]).await.unwrap();
    assert_eq!(store.audit_heads(0, 10).await.unwrap(), [heads[0], heads[2]]);
    assert_eq!(store.audit_heads(1, 10).await.unwrap(), [heads[2]]);
    assert_eq!(store.last_audit_head().await.unwrap(), Some(heads[2]));
    assert!(store.put_audit_head(&heads[1]).await.is_err(), "no head is put in later");
}

pub(crate) async fn a_log_that_nobody_touched_verifies(store: &dyn Custody) {
    assert_eq!(verify::verify(store, Vec::new(), &[]).await.unwrap().entries, 0);
    let mut kept = Vec::new();
    for at in 0..5 {
        let record = append(store, at, KARI, "all").await;
        if at % 2 == 0 {
            store.put_audit_head(&head(&record)).await.unwrap();
        } else {
            kept.push(head(&record));
        }
    }
    let found = verify::verify(store, kept, &[key().verifying_key().to_bytes()]).await.unwrap();
    assert_eq!((found.entries, found.heads, found.signed_up_to, found.broken), (5, 5, 5, None));
    let after = store.audit_from(3, 10).await.unwrap();
    assert_eq!(after.iter().map(|record| record.seq).collect::<Vec<_>>(), [4, 5]);
}

/// Something of everything.
pub(crate) async fn fill(store: &dyn Database) {
    store.enrol(&register(2)).await.unwrap();
    let mut batch = Batch::default();
    for seq in 0..30 {
        for device in [1, 2] {
            add_frame(&mut batch, device, FrameId::new(1, seq), START.plus_s(600 * i64::from(seq)));
        }
    }
    batch.quarantined.push(quarantined(1));
    store.commit_batch(&batch).await.unwrap();
    let save = AlertSave { alert: Arc::new(alert(1, 1, START)), merged: vec![alert(2, 1, START).id] };
    store.save_alerts(&[save]).await.unwrap();
    let user = User {
        name: KARI.to_owned(),
        password_hash: "$argon2id$".to_owned(),
        role: Role::Operator,
        display: "Kari \"K\" Nordmann, vakt".to_owned(),
    };
    store.put_user(&user).await.unwrap();
    store.set_meta("a", "b\nc").await.unwrap();
    store.set_person(WearerId(1), &[1, 2, 3]).await.unwrap();
    super::outbox::fill(store).await;
    let record = append(store, 0, KARI, "all").await;
    store.put_audit_head(&head(&record)).await.unwrap();
}

async fn rows(store: &dyn Custody, entity: &'static Entity) -> Vec<Row> {
    let mut snapshot = store.snapshot().await.unwrap();
    let mut rows = Vec::new();
    loop {
        let page = snapshot.read_rows(entity, rows.last(), 7).await.unwrap();
        if page.is_empty() {
            return rows;
        }
        assert!(page.len() <= 7);
        rows.extend(page);
    }
}

pub(crate) async fn every_entity_is_read_in_pages_and_nothing_comes_twice(store: &dyn Database) {
    fill(store).await;
    for entity in ENTITIES {
        let rows = rows(store, entity).await;
        assert!(!rows.is_empty(), "{} holds nothing", entity.name);
        let mut keys: Vec<_> = rows.iter().map(|row| entity.to_csv(row)).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), rows.len(), "{}", entity.name);
    }
    assert_eq!(rows(store, Entity::named("fix").unwrap()).await.len(), 60);
    assert_eq!(rows(store, Entity::named("frame").unwrap()).await.len(), 60);
}

pub(crate) async fn rows_that_are_there_already_are_refused_whole(store: &dyn Database) {
    fill(store).await;
    let entity = Entity::named("meta").unwrap();
    let known = rows(store, entity).await;
    let cell = |text: &str| lenke_store::entities::Cell::Text(text.to_owned());
    let fresh = vec![cell("z"), cell("1")];
    let refused = store.write_rows(entity, &[fresh.clone(), known[0].clone()]).await;
    assert!(matches!(refused, Err(StoreError::Refused { .. })), "{refused:?}");
    assert_eq!(rows(store, entity).await, known, "all or nothing");
    store.write_rows(entity, &[fresh]).await.unwrap();
    assert_eq!(store.get_meta("z").await.unwrap().as_deref(), Some("1"));
    let short = store.write_rows(entity, &[vec![cell("y")]]).await;
    assert!(matches!(short, Err(StoreError::Refused { .. })), "{short:?}");
}

pub(crate) async fn a_snapshot_stays_as_it_was(store: &dyn Database) {
    fill(store).await;
    let entity = Entity::named("meta").unwrap();
    let mut snapshot = store.snapshot().await.unwrap();
    let before = snapshot.read_rows(entity, None, 100).await.unwrap();
    store.set_meta("later", "1").await.unwrap();
    assert_eq!(snapshot.read_rows(entity, None, 100).await.unwrap(), before);
}

pub(crate) async fn what_is_kept_about_a_wearer_comes_back(store: &dyn Custody) {
    store.enrol(&register(2)).await.unwrap();
    assert_eq!(store.subject(WearerId(1)).await.unwrap(), None);
    let hold = hold("sak 12");
    let mut subject = Subject {
        wearer: WearerId(1),
        person: Some(vec![0, 255]),
        keep_days: Some(30),
        hold: Some(hold.clone()),
        erased_at: None,
    };
    store.set_hold(WearerId(1), &hold).await.unwrap();
    store.set_person(WearerId(1), &[7]).await.unwrap();
    store.set_person(WearerId(1), &[0, 255]).await.unwrap();
    store.set_keep_days(WearerId(1), Some(30)).await.unwrap();
    assert_eq!(store.subject(WearerId(1)).await.unwrap(), Some(subject.clone()));
    assert!(store.release_hold(WearerId(1)).await.unwrap());
    assert!(!store.release_hold(WearerId(1)).await.unwrap(), "there is none any more");
    store.set_keep_days(WearerId(1), None).await.unwrap();
    subject.hold = None;
    subject.keep_days = None;
    assert_eq!(store.subjects().await.unwrap(), [subject]);
    let nobody = WearerId(99);
    for refused in [
        store.set_person(nobody, &[1]).await,
        store.set_keep_days(nobody, Some(1)).await,
        store.set_hold(nobody, &hold).await,
        store.set_keep_days(WearerId(1), Some(0)).await,
    ] {
        assert!(matches!(refused, Err(StoreError::Refused { .. })), "{refused:?}");
    }
}

fn hold(reason: &str) -> Hold {
    Hold { since: START, by: KARI.to_owned(), reason: reason.to_owned() }
}

/// Who writes the name or the days read the subject before; a hold that came between must not go with it.
pub(crate) async fn a_hold_outlives_what_others_write_at_the_same_time(store: &dyn Custody) {
    store.enrol(&register(2)).await.unwrap();
    for round in 0..20_u8 {
        let order = hold(&format!("sak {round}"));
        let (held, named, kept) = tokio::join!(
            store.set_hold(WearerId(1), &order),
            store.set_person(WearerId(1), std::slice::from_ref(&round)),
            store.set_keep_days(WearerId(1), Some(u32::from(round) + 1)),
        );
        held.unwrap();
        named.unwrap();
        kept.unwrap();
        let subject = store.subject(WearerId(1)).await.unwrap().unwrap();
        assert_eq!((subject.hold, subject.person), (Some(order), Some(vec![round])));
        assert_eq!(subject.keep_days, Some(u32::from(round) + 1));
        assert!(store.release_hold(WearerId(1)).await.unwrap());
    }
    store.set_hold(WearerId(1), &hold("first")).await.unwrap();
    let second = store.set_hold(WearerId(1), &hold("second")).await;
    assert!(matches!(&second, Err(StoreError::Held { reason, .. }) if reason == "first"), "{second:?}");
}

/// Wearer 1 carries tag 1 for an hour, then wearer 2 does; each has a home unit of its own.
async fn handover(store: &dyn Custody) -> UnixMillis {
    let mut people = register(2);
    let handed_over = START.plus_s(3_600);
    people.activations.retain(|activation| activation.device == DeviceId::new(1));
    people.activations[0].to = Some(handed_over);
    let next = lenke_alerts::Activation {
        wearer: WearerId(2),
        from: handed_over,
        to: None,
        ..people.activations[0]
    };
    people.activations.push(next);
    for wearer in &mut people.wearers {
        wearer.home_units = vec![DeviceId::new(500_000 + wearer.id.0)];
    }
    people.devices.extend([device(500_001), device(500_002)]);
    people.zones.push(Zone { assignment: Assignment::Personal(WearerId(2)), ..zone(3, 1, 50.0) });
    store.enrol(&people).await.unwrap();
    let mut batch = Batch::default();
    for minute in 0..120_u32 {
        let at = START.plus_s(60 * i64::from(minute));
        add_frame(&mut batch, 1, FrameId::new(1, minute), at);
        if minute >= 60 {
            batch.fixes.last_mut().unwrap().wearer = WearerId(2);
        }
        if minute % 30 == 0 {
            for unit in [500_001, 500_002] {
                add_frame(&mut batch, unit, FrameId::new(1, minute), at);
                batch.fixes.pop();
            }
        }
    }
    for last in &mut batch.last {
        last.wearer = WearerId(last.device.number() % 500_000);
    }
    batch.snapshots.retain(|(wearer, _)| wearer.0 < 500_000);
    store.commit_batch(&batch).await.unwrap();
    for (id, wearer) in [(1, 1), (2, 1), (3, 2)] {
        let mut alert = alert(id, wearer, START.plus_s(i64::from(id)));
        if id != 2 {
            let resolve = Action::Resolve { outcome: Outcome::Handled, text: "done".to_owned() };
            alert.handle_end(START.plus_s(600), START.plus_s(600));
            alert.handle_action(resolve, KARI, START.plus_s(700)).unwrap();
        }
        store.save_alerts(&[AlertSave { alert: Arc::new(alert), merged: Vec::new() }]).await.unwrap();
    }
    handed_over
}

async fn delete_all(store: &dyn Custody, wearer: WearerId, before: UnixMillis) -> History {
    let mut deleted = History::default();
    loop {
        let part = store.delete_history(wearer, before, 25).await.unwrap();
        if part.rows() == 0 {
            return deleted;
        }
        deleted.add(part);
    }
}

pub(crate) async fn history_is_deleted_by_wearer_and_time_and_nothing_else_goes(store: &dyn Custody) {
    handover(store).await;
    let before = store.counts().await.unwrap();
    let half = START.plus_s(1_800);
    let counted = store.history(WearerId(1), half).await.unwrap();
    let expected =
        History { fixes: 30, sightings: 31, events: 31, health: 31, frames: 31, alerts: 1, intervals: 30 };
    assert_eq!(counted, expected, "30 minutes of the tag, one report of the home unit");
    assert_eq!(delete_all(store, WearerId(1), half).await, expected, "what was counted is what goes");
    assert_eq!(store.history(WearerId(1), half).await.unwrap(), History::default());
    let all = UnixMillis(i64::MAX);
    let rest = delete_all(store, WearerId(1), all).await;
    assert_eq!((rest.fixes, rest.frames), (30, 33), "the home unit goes on reporting");
    let after = store.counts().await.unwrap();
    assert_eq!((before.fixes - after.fixes, after.fixes), (60, 60));
    assert_eq!(store.trail(WearerId(1), START, all, None, 1000).await.unwrap(), []);
    assert_eq!(store.trail(WearerId(2), START, all, None, 1000).await.unwrap().len(), 60);
    let open = store.open_alerts().await.unwrap();
    assert_eq!(open.len(), 1, "an alert that nobody closed stays");
    assert_eq!(after.alerts, 2);
}

/// The last report before a handover often comes together with the first one after it.
pub(crate) async fn a_frame_of_two_wearers_stays_until_both_are_gone(store: &dyn Custody) {
    let handed_over = handover(store).await;
    let (device, before, after) = (DeviceId::new(1), handed_over.plus_s(-5), handed_over.plus_s(5));
    let mut batch = Batch::default();
    let [fixes, heard] = [500, 501].map(|seq| FrameId::new(1, seq));
    for (index, wearer, at) in [(0, 1, before), (1, 2, after)] {
        let row = |row| FixRow { wearer: WearerId(wearer), received_at: after, ..row };
        batch.fixes.push(row(fix_row(1, fixes, index, at)));
        let sighting = Sighting { at, heard: DeviceId::new(7), rssi_dbm: -91, authenticated: true };
        batch.sightings.push(SightingRow { device, frame: heard, index, sighting, received_at: after });
    }
    for frame in [fixes, heard] {
        batch.frames.push(FrameRow { device, frame, lane: Lane::Live, received_at: after, bytes: vec![7] });
        batch.committed.push((device, frame));
    }
    store.commit_batch(&batch).await.unwrap();
    let both = async || {
        let frames = store.frames_of(device, START, handed_over.plus_s(86_400), None, 1_000).await.unwrap();
        frames.iter().filter(|row| row.frame.seq.0 >= 500).count()
    };
    let all = UnixMillis(i64::MAX);
    assert!(store.has_history(WearerId(1), all).await.unwrap());
    let counted = store.history(WearerId(1), all).await.unwrap();
    assert_eq!((counted.fixes, counted.sightings, counted.frames), (61, 65, 64));
    assert_eq!(delete_all(store, WearerId(1), all).await, counted, "what was counted is what goes");
    assert!(!store.has_history(WearerId(1), all).await.unwrap());
    assert_eq!(both().await, 2, "they are the evidence of the other one's rows");
    let counted = store.history(WearerId(2), all).await.unwrap();
    assert_eq!((counted.fixes, counted.sightings, counted.frames), (61, 65, 66));
    // As far as what is from before a moment goes: what came in the same frame and is younger keeps it.
    let part = delete_all(store, WearerId(2), after).await;
    assert_eq!((part.fixes, both().await), (1, 2));
    delete_all(store, WearerId(2), all).await;
    assert_eq!(both().await, 0);
}

pub(crate) async fn a_hold_keeps_everything(store: &dyn Custody) {
    handover(store).await;
    store.set_hold(WearerId(1), &hold("klage")).await.unwrap();
    let before = store.counts().await.unwrap();
    let all = UnixMillis(i64::MAX);
    let refused = store.delete_history(WearerId(1), all, 100).await;
    assert!(matches!(&refused, Err(StoreError::Held { reason, .. }) if reason == "klage"), "{refused:?}");
    assert!(matches!(store.forget(WearerId(1), START).await, Err(StoreError::Held { .. })));
    assert_eq!(store.counts().await.unwrap(), before);
    assert!(store.release_hold(WearerId(1)).await.unwrap());
    assert!(store.delete_history(WearerId(1), all, 100).await.unwrap().rows() > 0);
}

/// Without any condition and group a wearer is a protected person, and nobody watches where one is.
pub(crate) async fn a_protected_person_who_is_forgotten_stays_one(store: &dyn Custody) {
    let mut people = register(2);
    people.wearers[1].conditions.clear();
    people.wearers[1].groups.clear();
    store.enrol(&people).await.unwrap();
    for _ in 0..2 {
        store.forget(WearerId(1), START).await.unwrap();
        store.forget(WearerId(2), START).await.unwrap();
    }
    let register = store.load_register().await.unwrap();
    let protected: Vec<_> = register.wearers.iter().map(lenke_alerts::Wearer::is_protected).collect();
    assert_eq!(protected, [false, true]);
}

pub(crate) async fn a_forgotten_wearer_leaves_order_and_activations_only(store: &dyn Custody) {
    let handed_over = handover(store).await;
    let version = store.register_version().await.unwrap();
    store.set_person(WearerId(1), &[1]).await.unwrap();
    store.set_keep_days(WearerId(1), Some(9)).await.unwrap();
    store.forget(WearerId(1), handed_over).await.unwrap();
    for refused in
        [store.set_hold(WearerId(1), &hold("too late")).await, store.set_person(WearerId(1), &[2]).await]
    {
        assert!(matches!(refused, Err(StoreError::Erased { wearer: WearerId(1) })), "{refused:?}");
    }
    let register: Register = store.load_register().await.unwrap();
    let [gone, other] = register.wearers.as_slice() else { panic!("{:?}", register.wearers) };
    assert_eq!((gone.groups.len(), gone.home_units.len(), gone.conditions.len()), (0, 0, 1));
    assert_eq!(gone.conditions[0].rule, ConditionRule::TrailMonitoring);
    assert!(!gone.is_protected(), "a device that a protected person had is nobody else's");
    assert!(!other.conditions.is_empty() && !other.home_units.is_empty());
    assert_eq!(register.activations.len(), 2);
    let zones: Vec<_> = register.zones.iter().map(|zone| zone.id.0).collect();
    assert_eq!(zones, [1, 3], "the wearer's own zone is gone");
    assert!(store.snapshots().await.unwrap().iter().all(|(wearer, _)| *wearer != WearerId(1)));
    assert!(store.device_last().await.unwrap().iter().all(|last| last.wearer != WearerId(1)));
    let left = store.subject(WearerId(1)).await.unwrap().unwrap();
    assert_eq!((left.person, left.erased_at, left.keep_days), (None, Some(handed_over), Some(9)));
    assert!(store.register_version().await.unwrap() > version);
}

//! Intervals: amended under their id, within the batch's transaction, read by wearer and window.

use crate::samples::{START, add_frame, interval};
use lenke_alerts::{IntervalId, IntervalKind, IntervalRecord, Subject};
use lenke_store::{Batch, IntervalKey, Store};
use lenke_wire::{DeviceId, FrameId, UnixMillis};
use lenke_zones::{WearerId, ZoneId};

const WEARER: u64 = 42;
const EVER: (UnixMillis, UnixMillis) = (UnixMillis(i64::MIN), UnixMillis(i64::MAX));

async fn commit(store: &dyn Store, intervals: Vec<IntervalRecord>) {
    store.commit_batch(&Batch { intervals, ..Batch::default() }).await.unwrap();
}

async fn read(store: &dyn Store, (from, to): (UnixMillis, UnixMillis)) -> Vec<IntervalRecord> {
    store.intervals(WearerId(WEARER), from, to, None, 1000).await.unwrap()
}

pub(crate) async fn an_interval_comes_back_whole_and_is_amended_under_its_id(store: &dyn Store) {
    let whole = interval(WEARER, START);
    let open = IntervalRecord {
        kind: IntervalKind::Watched,
        subject: Subject::Wearer,
        id: IntervalId([1; 16]),
        zone: None,
        to: None,
        alert: None,
        uncertain: false,
        late: true,
        ..whole.clone()
    };
    commit(store, vec![interval(7, START), whole.clone(), open.clone()]).await;
    let mut found = read(store, EVER).await;
    found.sort_by_key(|record| record.kind);
    assert_eq!(found, [open, whole.clone()]);
    let amended = IntervalRecord {
        from: START.plus_s(-60),
        to: None,
        late: true,
        zone: None,
        subject: Subject::Zone(ZoneId(3)),
        ..whole.clone()
    };
    // Of two in one batch the later counts.
    commit(store, vec![whole, amended.clone()]).await;
    assert_eq!(read(store, (START.plus_s(-60), START.plus_s(-59))).await, [amended]);
    assert_eq!(read(store, EVER).await.len(), 2);
}

pub(crate) async fn one_without_length_goes_and_a_repeated_batch_changes_nothing(store: &dyn Store) {
    let (stays, goes) = (interval(WEARER, START), interval(WEARER, START.plus_s(60)));
    let withdrawn = IntervalRecord { to: Some(goes.from), ..goes.clone() };
    commit(store, vec![stays.clone(), goes]).await;
    for _ in 0..2 {
        commit(store, vec![stays.clone(), withdrawn.clone()]).await;
        assert_eq!(read(store, EVER).await, std::slice::from_ref(&stays));
    }
    // One that nobody knew.
    commit(store, vec![IntervalRecord { id: IntervalId([9; 16]), ..withdrawn }]).await;
    assert_eq!(read(store, EVER).await, [stays]);
}

pub(crate) async fn intervals_page_by_key_through_equal_begins_and_only_those_that_touch_the_window(
    store: &dyn Store,
) {
    let mut all = Vec::new();
    for hour in 0..20_u8 {
        let from = START.plus_s(3600 * i64::from(hour / 4));
        all.push(IntervalRecord { id: IntervalId([hour + 1; 16]), ..interval(WEARER, from) });
    }
    commit(store, all.clone()).await;
    let window = (START.plus_s(3600), START.plus_s(4 * 3600));
    let expected: Vec<_> =
        all.iter().filter(|record| record.from >= window.0 && record.from < window.1).collect();
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = store.intervals(WearerId(WEARER), window.0, window.1, after, 3).await.unwrap();
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 3);
        after = Some(IntervalKey::of(last));
        found.extend(page);
    }
    assert_eq!(found.iter().collect::<Vec<_>>(), expected);
    assert!(read(store, (START.plus_s(-10), START)).await.is_empty());
}

pub(crate) async fn a_batch_that_fails_leaves_no_interval(store: &dyn Store) {
    let mut batch = Batch::default();
    add_frame(&mut batch, WEARER, FrameId::new(1, 0), START);
    let backwards = IntervalRecord { to: Some(START.plus_s(-1)), ..interval(WEARER, START.plus_s(9)) };
    batch.intervals.push(backwards);
    store.commit_batch(&batch).await.unwrap_err();
    assert!(read(store, EVER).await.is_empty());
    assert!(store.committed().await.unwrap().is_empty());
    batch.intervals.pop();
    store.commit_batch(&batch).await.unwrap();
    assert_eq!(read(store, EVER).await, [interval(WEARER, START)]);
    let device = DeviceId::new(WEARER);
    assert!(store.committed().await.unwrap().iter().all(|committed| committed.device == device));
}

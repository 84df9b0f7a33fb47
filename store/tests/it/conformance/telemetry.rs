//! Batches: whole or not at all, and once.

use crate::samples::{START, add_frame, fix_row, quarantined, register};
use lenke_store::{
    Batch, Committed, Counts, DeviceLast, Quarantined, Store, Stored,
    rows::{QUARANTINE_BYTES_MAX, QUARANTINE_ROWS_MAX, QUARANTINE_TEXT_MAX},
};
use lenke_wire::{DeviceId, Epoch, FrameId, Seq, UnixMillis};
use lenke_zones::WearerId;

/// `frames` frames of each of `devices` devices, a minute apart.
fn batch(devices: u64, frames: u32) -> Batch {
    let mut batch = Batch::default();
    for device in 1..=devices {
        for seq in 0..frames {
            add_frame(&mut batch, device, FrameId::new(1, seq), START.plus_s(60 * i64::from(seq)));
        }
    }
    batch
}

/// Everything that telemetry leaves in a store.
async fn contents(store: &dyn Store) -> (Vec<Committed>, Vec<(WearerId, Vec<u8>)>, Vec<DeviceLast>, Counts) {
    (
        store.committed().await.unwrap(),
        store.snapshots().await.unwrap(),
        store.device_last().await.unwrap(),
        store.counts().await.unwrap(),
    )
}

pub(crate) async fn a_batch_comes_back_whole(store: &dyn Store) {
    store.enrol(&register(2)).await.unwrap();
    let batch = batch(2, 100);
    let stored = store.commit_batch(&batch).await.unwrap();
    assert_eq!(stored, Stored { frames: 200, duplicate_frames: 0, rows: 800 });

    let (committed, snapshots, last, counts) = contents(store).await;
    let of_device = |device| Committed {
        device: DeviceId::new(device),
        epoch: Epoch(1),
        ranges: (0..100).map(Seq).collect(),
    };
    assert_eq!(committed, [of_device(1), of_device(2)]);
    assert_eq!(snapshots, [1, 2].map(|wearer| (WearerId(wearer), 99_u32.to_be_bytes().to_vec())));
    assert_eq!(last, [batch.last[99].clone(), batch.last[199].clone()]);
    let expected = Counts {
        frames: 200,
        fixes: 200,
        sightings: 200,
        events: 200,
        health: 200,
        wearers: 2,
        devices: 2,
        zones: 2,
        ..Counts::default()
    };
    assert_eq!(counts, expected);
    let trail = store.trail(WearerId(2), START, START.plus_s(86_400), None, 1_000).await.unwrap();
    let sent: Vec<_> = batch.fixes[100..].iter().map(|row| (row.frame, row.fix, row.received_at)).collect();
    assert_eq!(
        trail.iter().map(|point| (point.frame, point.fix, point.received_at)).collect::<Vec<_>>(),
        sent
    );
}

pub(crate) async fn a_repeated_batch_changes_nothing(store: &dyn Store) {
    let batch = batch(3, 50);
    store.commit_batch(&batch).await.unwrap();
    let before = contents(store).await;
    let stored = store.commit_batch(&batch).await.unwrap();
    assert_eq!(stored, Stored { frames: 0, duplicate_frames: 150, rows: 0 });
    assert_eq!(contents(store).await, before);
}

pub(crate) async fn rows_of_committed_frames_are_dropped_and_the_rest_is_kept(store: &dyn Store) {
    store.commit_batch(&batch(1, 10)).await.unwrap();
    // Known frames with other rows, and each new frame twice.
    let mut later = batch(1, 12);
    later.fixes.iter_mut().for_each(|row| row.index += 1);
    let copy = later.clone();
    later.fixes.extend(copy.fixes);
    later.committed.extend(copy.committed);
    let stored = store.commit_batch(&later).await.unwrap();
    assert_eq!(stored, Stored { frames: 2, duplicate_frames: 22, rows: 8 });
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.frames, counts.fixes, counts.events), (12, 12, 12));
}

pub(crate) async fn committed_ranges_merge_over_batches_and_epochs(store: &dyn Store) {
    let device = DeviceId::new(5);
    for (epoch, seqs) in [(1, vec![0, 1, 7]), (2, vec![0]), (1, vec![3, 2, 8]), (1, vec![4])] {
        let committed = seqs.into_iter().map(|seq| (device, FrameId::new(epoch, seq))).collect();
        store.commit_batch(&Batch { committed, ..Batch::default() }).await.unwrap();
    }
    let committed = store.committed().await.unwrap();
    let ranges: Vec<_> =
        committed.iter().map(|set| (set.epoch.0, set.ranges.iter().collect::<Vec<_>>())).collect();
    assert_eq!(ranges, [(1, vec![(Seq(0), Seq(4)), (Seq(7), Seq(8))]), (2, vec![(Seq(0), Seq(0))])]);
    assert_eq!(committed[0].ranges.complete_through(), Some(Seq(4)));
}

pub(crate) async fn a_backlog_does_not_move_the_last_position_back(store: &dyn Store) {
    let mut live = Batch::default();
    add_frame(&mut live, 1, FrameId::new(1, 90), START.plus_s(5_400));
    store.commit_batch(&live).await.unwrap();
    let mut backlog = Batch::default();
    add_frame(&mut backlog, 1, FrameId::new(1, 3), START);
    backlog.last[0].heard_at = START.plus_s(6_000);
    store.commit_batch(&backlog).await.unwrap();
    let expected = DeviceLast { heard_at: START.plus_s(6_000), ..live.last[0].clone() };
    assert_eq!(store.device_last().await.unwrap(), [expected]);
}

pub(crate) async fn identities_beyond_63_bits_come_back(store: &dyn Store) {
    let device = 9_999_999_999_999_999_999;
    let mut batch = Batch::default();
    add_frame(&mut batch, device, FrameId::new(u32::MAX, u32::MAX), START);
    batch.last[0].wearer = WearerId(u64::MAX);
    batch.snapshots[0].0 = WearerId(u64::MAX);
    store.commit_batch(&batch).await.unwrap();
    let (committed, snapshots, last, _) = contents(store).await;
    assert_eq!((committed[0].device, committed[0].epoch), (DeviceId::new(device), Epoch(u32::MAX)));
    assert!(committed[0].ranges.contains(Seq(u32::MAX)));
    assert_eq!(snapshots, batch.snapshots);
    assert_eq!(last, batch.last);
}

pub(crate) async fn the_quarantine_is_bounded_and_counts_what_it_gave_up(store: &dyn Store) {
    let rows: Vec<_> = (0..8_000).map(quarantined).collect();
    for _ in 0..2 {
        store.commit_batch(&Batch { quarantined: rows.clone(), ..Batch::default() }).await.unwrap();
    }
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.quarantined, counts.quarantine_dropped), (16_000, 16_000 - QUARANTINE_ROWS_MAX));
    let newest = store.quarantine_page(None, 2).await.unwrap();
    let values: Vec<_> = newest.iter().map(|(_, row)| row.clone()).collect();
    assert_eq!(values, [quarantined(7_999), quarantined(7_998)]);
    let (last, _) = newest[1];
    let next = store.quarantine_page(Some(last), 1).await.unwrap();
    assert_eq!(next[0].1, quarantined(7_997));
    let kept = store.quarantine_page(None, u32::MAX).await.unwrap();
    assert_eq!(kept.len() as u64, QUARANTINE_ROWS_MAX);
}

pub(crate) async fn hostile_texts_and_bytes_are_cut_to_size(store: &dyn Store) {
    let hostile = Quarantined {
        source: "ø".repeat(40_000),
        detail: format!("x{}", "€".repeat(40_000)),
        bytes: vec![7; 1 << 20],
        ..quarantined(0)
    };
    store.commit_batch(&Batch { quarantined: vec![hostile], ..Batch::default() }).await.unwrap();
    let kept = store.quarantine_page(None, 1).await.unwrap().remove(0).1;
    assert_eq!(kept.source, "ø".repeat(QUARANTINE_TEXT_MAX / 2));
    assert_eq!(kept.detail.len(), 1 + (QUARANTINE_TEXT_MAX - 1) / 3 * 3);
    assert_eq!(kept.bytes, vec![7; QUARANTINE_BYTES_MAX]);
}

pub(crate) async fn batches_from_many_tasks_lose_nothing(store: &dyn Store) {
    let commit = async |device: u64| {
        for seq in 0..20 {
            let frame = FrameId::new(1, seq);
            let at = UnixMillis(START.0 + i64::from(seq));
            let batch = Batch {
                fixes: vec![fix_row(device, frame, 0, at)],
                committed: vec![(DeviceId::new(device), frame)],
                ..Batch::default()
            };
            store.commit_batch(&batch).await.unwrap();
        }
    };
    tokio::join!(commit(1), commit(2), commit(3), commit(4));
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.frames, counts.fixes), (80, 80));
    assert!(store.committed().await.unwrap().iter().all(|set| set.ranges.count() == 20));
}

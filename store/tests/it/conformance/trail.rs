//! Trails: by key, and through activations.

use crate::samples::{START, activation, add_frame, fix_row, register};
use lenke_alerts::Register;
use lenke_store::{Batch, Store};
use lenke_wire::{DeviceId, FrameId, UnixMillis};
use lenke_zones::WearerId;

const WEARER: WearerId = WearerId(1);

pub(crate) async fn a_trail_pages_by_key_through_equal_times(store: &dyn Store) {
    let mut enrolled = register(2);
    enrolled.activations[1].wearer = WEARER;
    store.enrol(&enrolled).await.unwrap();
    // Two devices of one wearer, two epochs, several fixes of one moment, over a bucket's border.
    let mut batch = Batch::default();
    for device in [2, 1] {
        for (epoch, seq) in [(2, 0), (1, 0), (1, 1)] {
            for index in 0..4 {
                let at = START.plus_s(598 + i64::from(index) / 2 * 2);
                let frame = FrameId::new(epoch, seq);
                batch.fixes.push(crate::samples::fix_row(device, frame, index, at));
                batch.committed.push((DeviceId::new(device), frame));
            }
        }
    }
    batch.fixes.iter_mut().for_each(|row| row.wearer = WEARER);
    store.commit_batch(&batch).await.unwrap();

    let all = store.trail(WEARER, START, START.plus_s(3_600), None, 1_000).await.unwrap();
    assert_eq!(all.len(), 24);
    assert!(all.windows(2).all(|pair| pair[0].key() < pair[1].key()), "{all:?}");
    for limit in [1, 5, 23] {
        let mut paged = Vec::new();
        loop {
            let after = paged.last().map(lenke_store::TrailPoint::key);
            let page = store.trail(WEARER, START, START.plus_s(3_600), after, limit).await.unwrap();
            assert!(page.len() <= limit as usize);
            if page.is_empty() {
                break;
            }
            paged.extend(page);
        }
        assert_eq!(paged, all, "limit {limit}");
    }
    let window = store.trail(WEARER, START.plus_s(598), START.plus_s(600), None, 1_000).await.unwrap();
    assert_eq!(window, all[..12]);
}

pub(crate) async fn a_trail_is_attributed_through_activations(store: &dyn Store) {
    let (end, handover) = (START.plus_s(300), START.plus_s(600));
    let mut enrolled = register(2);
    enrolled.activations = vec![activation(1, 1, START, Some(end)), activation(1, 2, handover, None)];
    store.enrol(&enrolled).await.unwrap();
    let mut batch = Batch::default();
    for seq in 0..20 {
        add_frame(&mut batch, 1, FrameId::new(1, seq), START.plus_s(60 * i64::from(seq)));
    }
    for row in &mut batch.fixes {
        row.wearer = if row.fix.at < handover { WearerId(1) } else { WearerId(2) };
    }
    store.commit_batch(&batch).await.unwrap();
    let day = START.plus_s(86_400);
    let times = |points: Vec<lenke_store::TrailPoint>| -> Vec<_> {
        points.iter().map(|point| point.fix.at.since_ms(START) / 60_000).collect()
    };
    assert_eq!(times(store.trail(WearerId(1), START, day, None, 100).await.unwrap()), [0, 1, 2, 3, 4]);
    let second = times(store.trail(WearerId(2), START, day, None, 100).await.unwrap());
    assert_eq!(second, (10..20).collect::<Vec<_>>());
    // A correction afterwards gives nobody somebody else's path.
    let activations =
        vec![activation(1, 1, START, Some(handover.plus_s(120))), activation(1, 2, handover, Some(handover))];
    store.enrol(&Register { activations, ..Register::default() }).await.unwrap();
    assert_eq!(
        times(store.trail(WearerId(1), START, day, None, 100).await.unwrap()),
        (0..10).collect::<Vec<_>>()
    );
}

pub(crate) async fn a_trail_of_a_year_is_found_in_an_open_window(store: &dyn Store) {
    store.enrol(&register(1)).await.unwrap();
    let mut batch = Batch::default();
    for (seq, day) in [(0, 0), (1, 1), (2, 200), (3, 365)] {
        batch.fixes.push(fix_row(1, FrameId::new(1, seq), 0, START.plus_s(day * 86_400)));
        batch.committed.push((DeviceId::new(1), FrameId::new(1, seq)));
    }
    store.commit_batch(&batch).await.unwrap();
    let (ever, never) = (UnixMillis(i64::MIN), UnixMillis(i64::MAX));
    let trail = store.trail(WEARER, ever, never, None, 3).await.unwrap();
    assert_eq!(trail.iter().map(|point| point.frame.seq.0).collect::<Vec<_>>(), [0, 1, 2]);
    let rest = store.trail(WEARER, ever, never, Some(trail[2].key()), 3).await.unwrap();
    assert_eq!(rest.iter().map(|point| point.frame.seq.0).collect::<Vec<_>>(), [3]);
    assert_eq!(store.trail(WearerId(99), ever, never, None, 3).await.unwrap(), []);
}

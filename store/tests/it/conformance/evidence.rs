//! What a court may ask for comes back byte by byte.

use crate::samples::{START, add_frame, alert, register};
use lenke_store::{AlertSave, Batch, FrameRow, Store};
use lenke_wire::{DeviceId, FrameId, topic::Lane};
use lenke_zones::{WearerId, ZoneId};
use std::sync::Arc;

pub(crate) async fn a_devices_frames_page_by_arrival(store: &dyn Store) {
    let device = DeviceId::new(u64::MAX);
    // Two at each moment, over three days, in another order than they were numbered; and another device's.
    let frames: Vec<FrameRow> = (0..60_u32)
        .map(|step| FrameRow {
            device,
            frame: FrameId::new(3, step ^ 1),
            lane: if step % 3 == 0 { Lane::Backlog } else { Lane::Live },
            received_at: START.plus_s(i64::from(step / 2) * 8_640),
            bytes: vec![u8::try_from(step).unwrap(); 40],
        })
        .collect();
    let mut batch = Batch::default();
    add_frame(&mut batch, 7, FrameId::new(1, 0), START);
    batch.committed.extend(frames.iter().map(|row| (device, row.frame)));
    batch.frames.extend(frames.iter().cloned());
    store.commit_batch(&batch).await.unwrap();

    let mut expected = frames;
    expected.sort_by_key(FrameRow::key);
    let end = START.plus_s(30 * 8_640);
    for limit in [1, 7, 60, u32::MAX] {
        let mut pages: Vec<FrameRow> = Vec::new();
        loop {
            let after = pages.last().map(FrameRow::key);
            let page = store.frames_of(device, START, end, after, limit).await.unwrap();
            assert!(page.len() <= limit as usize);
            if page.is_empty() {
                break;
            }
            pages.extend(page);
        }
        assert_eq!(pages, expected, "pages of {limit}");
    }
    let (from, to) = (START.plus_s(8_640), START.plus_s(3 * 8_640));
    let some = store.frames_of(device, from, to, None, 100).await.unwrap();
    assert_eq!(some, expected[2..6]);
    assert_eq!(store.frames_of(DeviceId::new(8), START, end, None, 100).await.unwrap(), []);
}

pub(crate) async fn a_wearers_alerts_are_found_by_time(store: &dyn Store) {
    let all: Vec<_> = (0..20_u8).map(|id| alert(id, u64::from(id % 2), START.plus_s(id.into()))).collect();
    let saves: Vec<_> =
        all.iter().map(|alert| AlertSave { alert: Arc::new(alert.clone()), merged: Vec::new() }).collect();
    store.save_alerts(&saves).await.unwrap();
    let found = store.alerts_of(WearerId(1), START.plus_s(3), START.plus_s(9)).await.unwrap();
    assert_eq!(found, [3, 5, 7].map(|index: usize| all[index].clone()));
}

pub(crate) async fn every_version_of_a_zone_stays(store: &dyn Store) {
    let mut zone = register(1).zones.remove(0);
    let first = zone.version;
    let mut versions = Vec::new();
    for version in [first, first + 1, first + 5] {
        zone.version = version;
        zone.name = format!("zone, version {version}");
        store.put_zones(&[zone.clone()]).await.unwrap();
        versions.push(zone.clone());
    }
    assert_eq!(store.zone_versions(zone.id).await.unwrap(), versions);
    assert_eq!(store.zone_versions(ZoneId(999)).await.unwrap(), []);
}

pub(crate) async fn chains_are_written_with_their_frames(store: &dyn Store) {
    let chains = |bytes: u8| vec![(DeviceId::new(2), vec![bytes; 50]), (DeviceId::new(u64::MAX), vec![])];
    for bytes in [1, 2] {
        store.commit_batch(&Batch { chains: chains(bytes), ..Batch::default() }).await.unwrap();
    }
    let mut kept = store.chains().await.unwrap();
    kept.sort();
    assert_eq!(kept, chains(2));
}

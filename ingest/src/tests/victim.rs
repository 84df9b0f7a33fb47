//! A protected person's position leaves the shard in no form.

use super::harness::{BEGIN, Centre, GUARDED_TAG, VICTIM_UNIT, arrival, fix, fixes, position, sealed};
use lenke_alerts::AlertKind;
use lenke_notify::LiveEvent;
use lenke_store::Store;
use lenke_wire::{Event, EventKind, FrameId, TimeSource, codec::Content, topic::Lane};
use std::path::Path;

/// The protected person's place: digits that occur nowhere else.
const CANARY: (i32, i32) = (601_234_567, 109_876_543);
/// About 150 m from it.
const NEAR: (i32, i32) = (601_247_000, 109_877_000);

/// Forms in which the position could be written.
fn forms() -> Vec<Vec<u8>> {
    let (lat, lon) = CANARY;
    let at = position(CANARY);
    let mut forms = Vec::new();
    for (number, degrees) in [(lat, at.lat()), (lon, at.lon())] {
        forms.push(number.to_string().into_bytes());
        forms.push(format!("{degrees}").into_bytes());
        forms.push(format!("{degrees:.5}").into_bytes());
        forms.extend([number.to_le_bytes().to_vec(), number.to_be_bytes().to_vec()]);
        forms.extend([degrees.to_le_bytes().to_vec(), degrees.to_be_bytes().to_vec()]);
    }
    forms
}

fn assert_absent(bytes: &[u8], what: &str) {
    for form in forms() {
        let found = bytes.windows(form.len()).any(|window| window == form);
        assert!(!found, "{what} contains the position as {form:02x?}");
    }
}

fn assert_absent_on_disk(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            assert_absent_on_disk(&path);
        } else {
            match std::fs::read(&path) {
                Ok(bytes) => assert_absent(&bytes, &path.display().to_string()),
                // A segment or a write-ahead log that was finished meanwhile holds nothing any more.
                Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "{}", path.display()),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_protected_position_warns_those_it_must_and_leaves_in_no_form() {
    let folder = tempfile::tempdir().unwrap();
    let centre = Centre::start(folder.path()).await;
    let mut live = centre.desk.subscribe();
    for seq in 0..5 {
        let at = BEGIN.plus_s(i64::from(seq) * 10 - 60);
        centre.submit(fixes(VICTIM_UNIT, FrameId::new(1, seq), &[fix(at, CANARY)])).await;
        centre.submit(fixes(GUARDED_TAG, FrameId::new(1, seq), &[fix(at.plus_s(1), NEAR)])).await;
    }
    let event = Event {
        at: BEGIN,
        time_source: TimeSource::Gnss,
        kind: EventKind::Panic,
        value: 0,
        position: Some(position(CANARY)),
    };
    for (seq, at) in [(5, BEGIN), (6, BEGIN.plus_s(86_400))] {
        let bytes = sealed(VICTIM_UNIT, FrameId::new(1, seq), &Content::Event(&Event { at, ..event }));
        centre.submit(arrival(VICTIM_UNIT, Lane::Live, bytes)).await;
    }
    // Refused frames of a victim unit are kept without their bytes.
    centre.submit(fixes(VICTIM_UNIT, FrameId::new(1, 7), &[fix(BEGIN.plus_s(86_400), CANARY)])).await;
    centre.drain().await;

    let alerts = centre.store.open_alerts().await.unwrap();
    let kinds: Vec<_> = alerts.iter().map(|alert| alert.kind).collect();
    assert!(kinds.contains(&AlertKind::VictimProximity), "{kinds:?}");
    assert!(kinds.contains(&AlertKind::Panic), "{kinds:?}");
    assert_absent(serde_json::to_string(&alerts).unwrap().as_bytes(), "an alert");
    for (_, snapshot) in centre.store.snapshots().await.unwrap() {
        assert_absent(&snapshot, "a snapshot");
    }
    let last = centre.store.device_last().await.unwrap();
    let unit = last.iter().find(|last| last.device == VICTIM_UNIT).unwrap();
    assert_eq!(unit.fix, None);
    while let Ok(event) = live.try_recv() {
        match event {
            LiveEvent::Alert(alert) => {
                assert_absent(serde_json::to_string(&*alert).unwrap().as_bytes(), "a live alert")
            }
            LiveEvent::Positions(updates) => {
                assert!(updates.iter().all(|update| update.device == GUARDED_TAG), "{updates:?}");
            }
        }
    }
    assert_eq!(centre.counters().fixes, 5, "only the tag's own positions are stored");
    let counts = centre.store.counts().await.unwrap();
    assert_eq!(counts.frames, 13, "all are accounted for");
    centre.crash().await;
    assert_absent_on_disk(folder.path());
}

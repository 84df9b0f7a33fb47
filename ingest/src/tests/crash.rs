//! The centre stops at any moment without draining: nothing acknowledged is lost, nothing is doubled.

use super::harness::{BEGIN, Centre, ELSEWHERE, FORBIDDEN, OTHER_TAG, TAG, fix, fixes};
use lenke_alerts::AlertKind;
use lenke_store::Store;
use lenke_wire::FrameId;
use std::{collections::BTreeSet, time::Duration};

/// Frames between two crashes.
const FRAMES: u32 = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn crashes_at_any_moment_lose_and_double_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut seq = 0;
    for (round, pause_ms) in [0_u64, 5, 30, 90, 150, 190, 210, 260].into_iter().enumerate() {
        let centre = Centre::start_at(folder.path(), BEGIN.plus_s(600 * round as i64)).await;
        for _ in 0..FRAMES {
            let at = BEGIN.plus_s(i64::from(seq));
            let place = if seq < 10 { ELSEWHERE } else { FORBIDDEN };
            centre.submit(fixes(TAG, FrameId::new(1, seq), &[fix(at, place)])).await;
            centre.submit(fixes(OTHER_TAG, FrameId::new(1, seq), &[fix(at, ELSEWHERE)])).await;
            seq += 1;
        }
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        centre.crash().await;
    }
    let centre = Centre::start_at(folder.path(), BEGIN.plus_s(6000)).await;
    centre.drain().await;
    let counts = centre.store.counts().await.unwrap();
    assert_eq!((counts.frames, counts.fixes), (2 * u64::from(seq), 2 * u64::from(seq)));
    let mut alerts = centre.store.open_alerts().await.unwrap();
    alerts.retain(|alert| alert.kind == AlertKind::ExclusionBreach);
    let ids: BTreeSet<_> = alerts.iter().map(|alert| alert.id).collect();
    assert_eq!((alerts.len(), ids.len()), (1, 1), "{alerts:#?}");
    assert_eq!(alerts[0].occurrences, 1, "a replay is no recurrence: {:#?}", alerts[0]);
    centre.crash().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_committed_before_a_crash_is_a_repeat_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let centre = Centre::start(folder.path()).await;
    let frame = fixes(OTHER_TAG, FrameId::new(1, 0), &[fix(BEGIN, ELSEWHERE)]);
    centre.submit(frame.clone()).await;
    centre.drain().await;
    centre.crash().await;
    let centre = Centre::start(folder.path()).await;
    centre.submit(frame).await;
    centre.drain().await;
    let counters = centre.counters();
    assert_eq!((counters.stored, counters.pending()), (0, 0), "{counters:#?}");
    assert!(counters.duplicate >= 1, "{counters:#?}");
    centre.crash().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_centres_cannot_share_a_journal() {
    let folder = tempfile::tempdir().unwrap();
    let _first = crate::journal::Files::open(folder.path()).unwrap();
    let second = crate::journal::Files::open(folder.path()).unwrap_err();
    assert_eq!(second.kind(), std::io::ErrorKind::ResourceBusy);
}

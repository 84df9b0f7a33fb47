//! Every rejection is reached, counted, kept with its reason, and stops nothing.

use super::harness::{BEGIN, Centre, ELSEWHERE, OTHER_TAG, TAG, arrival, fix, fixes, key, sealed};
use crate::{Refusal, Rejection, Source};
use bytes::Bytes;
use lenke_alerts::AlertKind;
use lenke_store::{Clock, Store};
use lenke_wire::{
    Checkpoint, DeviceId, Fix, FrameId,
    codec::{Content, FRAME_BYTES_MAX},
    frame::{Direction, seal},
    topic::Lane,
};
use std::collections::BTreeSet;

fn live(device: DeviceId, bytes: Bytes) -> crate::Arrival {
    arrival(device, Lane::Live, bytes)
}

fn one(seq: u32, content: Fix) -> crate::Arrival {
    fixes(OTHER_TAG, FrameId::new(1, seq), &[content])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_rejection_is_reached_counted_and_quarantined() {
    let folder = tempfile::tempdir().unwrap();
    let centre = Centre::start(folder.path()).await;
    let good = one(0, fix(BEGIN, ELSEWHERE));
    assert_eq!(centre.submit(good.clone()).await, None);

    let mut truncated = good.clone();
    truncated.bytes = truncated.bytes.slice(..truncated.bytes.len() / 2);
    let mut undecodable = [0; FRAME_BYTES_MAX];
    let length =
        seal(&key(OTHER_TAG), OTHER_TAG, Direction::Up, FrameId::new(1, 1), &[0xff; 9], &mut undecodable)
            .unwrap();
    let conflicting = one(0, fix(BEGIN.plus_s(1), ELSEWHERE));
    let checkpoint = Checkpoint { covers: FrameId::new(1, 0), chain: [1; 32], signature: [2; 64] };
    let checkpoint = sealed(OTHER_TAG, FrameId::new(1, 4), &Content::Checkpoint(&checkpoint));
    let cases = [
        (live(OTHER_TAG, Bytes::from_static(&[0x55; 90])), Rejection::Garbage),
        (truncated, Rejection::Truncated),
        (live(OTHER_TAG, Bytes::from(vec![0xd0; FRAME_BYTES_MAX * 4])), Rejection::Oversized),
        (live(DeviceId::new(999), good.bytes.clone()), Rejection::UnknownDevice),
        (live(TAG, good.bytes.clone()), Rejection::WrongKey),
        (live(OTHER_TAG, Bytes::copy_from_slice(&undecodable[..length])), Rejection::Undecodable),
        (one(2, fix(BEGIN.plus_s(3600), ELSEWHERE)), Rejection::ClockAhead),
        (one(3, fix(BEGIN.plus_s(-100_000), ELSEWHERE)), Rejection::BeforeEnrolment),
        (one(5, fix(BEGIN.plus_s(-80_000), ELSEWHERE)), Rejection::NoActivation),
    ];
    let mut reached = BTreeSet::new();
    for (arrival, rejection) in cases {
        assert_eq!(centre.submit(arrival).await, Some(rejection));
        reached.insert(rejection);
    }
    assert_eq!(centre.submit(conflicting).await, None, "only the window knows");
    reached.insert(Rejection::ConflictingBytes);
    assert_eq!(centre.submit(live(OTHER_TAG, checkpoint)).await, None, "verified in a batch");
    reached.insert(Rejection::BadCheckpoint);
    let foreign = Refusal::new(Rejection::ForeignTopic, "elsewhere");
    centre.intake().turn_away(Some(TAG), &Source::new("test"), foreign, b"x");
    reached.insert(Rejection::ForeignTopic);
    centre.drain().await;

    let counters = centre.counters();
    let counted: BTreeSet<_> = counters.rejections.keys().copied().collect();
    assert_eq!(counted, reached.iter().map(|rejection| rejection.code()).collect());
    assert_eq!((counters.stored, counters.pending()), (1, 0), "{counters:#?}");
    let kept = centre.store.quarantine_page(None, 100).await.unwrap();
    let reasons: BTreeSet<_> = kept.iter().map(|(_, row)| row.reason.as_str()).collect();
    assert_eq!(reasons, counted);
    assert!(kept.iter().all(|(_, row)| !row.detail.is_empty()), "{kept:#?}");
    let alerts = centre.store.open_alerts().await.unwrap();
    assert!(alerts.iter().any(|alert| alert.kind == AlertKind::SecurityEvent), "{alerts:#?}");
    // The refused frames 1 to 5 are authentic: the device's acknowledgement passes them.
    let committed = centre.store.committed().await.unwrap();
    let ranges = &committed.iter().find(|committed| committed.device == OTHER_TAG).unwrap().ranges;
    assert_eq!(ranges.complete_through(), Some(lenke_wire::Seq(5)));
    assert_eq!(committed.len(), 1, "nothing else was committed: {committed:?}");
    assert_eq!(centre.store.counts().await.unwrap().fixes, 1, "a conflict never overwrites");
    centre.crash().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frame_acknowledged_long_ago_is_a_replay() {
    let folder = tempfile::tempdir().unwrap();
    // An hour of the centre's clock passes in a little over a second.
    let centre = Centre::start_with(folder.path(), Clock::scaled(BEGIN, 3600)).await;
    let _listening = centre.intake().attach(OTHER_TAG);
    let frame = one(0, fix(BEGIN, ELSEWHERE));
    centre.submit(frame.clone()).await;
    super::harness::eventually("acknowledged", || centre.counters().acked >= 1).await;
    assert_eq!(centre.submit(frame.clone()).await, None);
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    centre.submit(frame).await;
    centre.drain().await;
    let counters = centre.counters();
    assert_eq!(
        (counters.stored, counters.duplicate, counters.rejections.get("replayed")),
        (1, 1, Some(&1)),
        "{counters:#?}"
    );
    centre.crash().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_garbage_is_counted_in_full_and_kept_in_part() {
    let folder = tempfile::tempdir().unwrap();
    let centre = Centre::start(folder.path()).await;
    let garbage: Vec<_> = (0..20_000).map(|_| live(OTHER_TAG, Bytes::from_static(b"garbage"))).collect();
    centre.intake().submit(garbage).await.unwrap();
    assert_eq!(centre.submit(one(0, fix(BEGIN, ELSEWHERE))).await, None);
    centre.drain().await;
    let counters = centre.counters();
    assert_eq!(counters.rejected, 20_000);
    assert!(counters.quarantine_dropped > 19_000, "{counters:#?}");
    assert_eq!(counters.stored, 1);
    centre.crash().await;
}

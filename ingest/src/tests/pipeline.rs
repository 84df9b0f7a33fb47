//! The main way: reports become rows, positions, alerts and acknowledgements.

use super::harness::{
    BEGIN, Centre, ELSEWHERE, FORBIDDEN, OTHER_TAG, TAG, arrival, authority, eventually, fix, fixes,
    opened_downlink, sealed,
};
use lenke_alerts::AlertKind;
use lenke_notify::LiveEvent;
use lenke_store::Store;
use lenke_wire::{
    BatteryState, Event, EventKind, FrameId, Health, TimeSource, codec::Content, downlink::Downlink,
    sign::Ed25519, topic::Lane,
};
use lenke_zones::WearerId;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_breach_becomes_rows_an_alert_a_position_and_an_acknowledgement() {
    let folder = tempfile::tempdir().unwrap();
    let centre = Centre::start(folder.path()).await;
    let mut live = centre.desk.subscribe();
    let mut downlinks = centre.intake().attach(TAG);
    for seq in 0..5 {
        let place = if seq < 2 { ELSEWHERE } else { FORBIDDEN };
        let at = BEGIN.plus_s(i64::from(seq) * 600 - 3600);
        assert_eq!(centre.submit(fixes(TAG, FrameId::new(1, seq), &[fix(at, place)])).await, None);
    }
    let (first, downlink) = {
        let frame = tokio::time::timeout(Duration::from_secs(5), downlinks.next()).await.unwrap().unwrap();
        opened_downlink(TAG, &frame)
    };
    assert!(matches!(downlink, Downlink::Ack(through) if through.epoch.0 == 1), "{downlink:?}");
    assert_eq!(first.seq.0, 0, "the centre's own counter begins at 0");
    centre.drain().await;

    let trail =
        centre.store.trail(WearerId(1), BEGIN.plus_s(-86_400), BEGIN.plus_s(60), None, 100).await.unwrap();
    assert_eq!(trail.len(), 5);
    let alerts = centre.store.open_alerts().await.unwrap();
    assert!(alerts.iter().any(|alert| alert.kind == AlertKind::ExclusionBreach), "{alerts:#?}");
    let counters = centre.counters();
    assert_eq!((counters.received, counters.stored, counters.pending()), (5, 5, 0), "{counters:#?}");
    assert_eq!(counters.fixes, 5);
    assert!(counters.acked >= 1 && counters.alerts["exclusion_breach"] == 1, "{counters:#?}");
    let mut positions = 0;
    while let Ok(event) = live.try_recv() {
        if let LiveEvent::Positions(updates) = event {
            positions += updates.len();
            assert!(updates.iter().all(|update| update.wearer == WearerId(1)));
        }
    }
    assert!(positions >= 1);
    centre.crash().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeat_changes_nothing_and_is_acknowledged_again() {
    let folder = tempfile::tempdir().unwrap();
    let centre = Centre::start(folder.path()).await;
    let frame = fixes(OTHER_TAG, FrameId::new(1, 0), &[fix(BEGIN, ELSEWHERE)]);
    centre.submit(frame.clone()).await;
    eventually("stored", || centre.counters().stored == 1).await;
    let mut downlinks = centre.intake().attach(OTHER_TAG);
    for _ in 0..3 {
        assert_eq!(centre.submit(frame.clone()).await, None);
    }
    let downlink = tokio::time::timeout(Duration::from_secs(5), downlinks.next()).await.unwrap().unwrap();
    assert_eq!(opened_downlink(OTHER_TAG, &downlink).1, Downlink::Ack(FrameId::new(1, 0)));
    centre.drain().await;
    let counters = centre.counters();
    assert_eq!((counters.stored, counters.duplicate, counters.pending()), (1, 3, 0), "{counters:#?}");
    assert_eq!(centre.store.counts().await.unwrap().fixes, 1);
    centre.crash().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gap_holds_the_acknowledgement_back_until_it_closes() {
    let folder = tempfile::tempdir().unwrap();
    let centre = Centre::start(folder.path()).await;
    let mut downlinks = centre.intake().attach(OTHER_TAG);
    let frame = |seq: u32| {
        let at = BEGIN.plus_s(i64::from(seq));
        let content = fix(at, ELSEWHERE);
        arrival(
            OTHER_TAG,
            Lane::Backlog,
            sealed(OTHER_TAG, FrameId::new(4, seq), &Content::Fixes(&[content])),
        )
    };
    centre.submit(frame(2)).await;
    centre.submit(frame(1)).await;
    eventually("stored", || centre.counters().stored == 2).await;
    assert!(downlinks.try_next().is_none(), "frame 0 is missing");
    centre.submit(frame(0)).await;
    let downlink = tokio::time::timeout(Duration::from_secs(5), downlinks.next()).await.unwrap().unwrap();
    assert_eq!(opened_downlink(OTHER_TAG, &downlink).1, Downlink::Ack(FrameId::new(4, 2)));
    assert_eq!(centre.counters().late, 3);
    centre.crash().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_with_another_plan_is_sent_the_one_it_should_follow() {
    let folder = tempfile::tempdir().unwrap();
    let centre = Centre::start(folder.path()).await;
    let mut downlinks = centre.intake().attach(OTHER_TAG);
    let health = Health {
        at: BEGIN,
        battery: BatteryState { percent: 80, millivolts: 3900, charging: false, empty_at: None },
        strap_latched: false,
        case_latched: false,
        plan_version: 0,
        unacknowledged: 0,
        signal_dbm: -90,
        temperature_c: 20,
        firmware: 1,
        zones_version: 0,
        state: None,
    };
    let bytes = sealed(OTHER_TAG, FrameId::new(1, 0), &Content::Health(&health));
    centre.submit(arrival(OTHER_TAG, Lane::Live, bytes)).await;
    let downlink = tokio::time::timeout(Duration::from_secs(5), downlinks.next()).await.unwrap().unwrap();
    let Downlink::Plan(plan) = opened_downlink(OTHER_TAG, &downlink).1 else { panic!("no plan") };
    let plan = plan.verify(&authority().public(), OTHER_TAG, &Ed25519).unwrap();
    assert_eq!((plan.version, plan.base_version, plan.collect_s), (1, 0, 60));
    centre.crash().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_strap_cut_with_a_wrong_clock_raises_its_alert_and_is_refused_for_the_clock() {
    let folder = tempfile::tempdir().unwrap();
    let centre = Centre::start(folder.path()).await;
    let event = Event {
        at: BEGIN.plus_s(86_400),
        time_source: TimeSource::Held,
        kind: EventKind::StrapOpen,
        value: 0,
        position: None,
    };
    let bytes = sealed(TAG, FrameId::new(1, 0), &Content::Event(&event));
    let refused = centre.submit(arrival(TAG, Lane::Live, bytes)).await;
    assert_eq!(refused, Some(crate::Rejection::ClockAhead));
    centre.drain().await;
    let alerts = centre.store.open_alerts().await.unwrap();
    assert!(alerts.iter().any(|alert| alert.kind == AlertKind::StrapTamper), "{alerts:#?}");
    centre.crash().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_zone_is_in_force_within_seconds_and_without_a_pause() {
    let folder = tempfile::tempdir().unwrap();
    let centre = Centre::start(folder.path()).await;
    let mut zone = super::harness::register().zones.remove(0);
    zone.id = lenke_zones::ZoneId(77);
    zone.assignment = lenke_zones::Assignment::Personal(WearerId(4));
    centre.store.put_zones(&[zone]).await.unwrap();
    let mut seq = 0;
    let mut raised = false;
    while !raised && seq < 60 {
        let at = centre.clock.now();
        centre.submit(fixes(OTHER_TAG, FrameId::new(1, seq), &[fix(at, FORBIDDEN)])).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        seq += 1;
        raised = centre.counters().alerts.contains_key("exclusion_breach");
    }
    assert!(raised, "{:#?}", centre.counters());
    centre.crash().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn drained_segments_are_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let centre = Centre::start(folder.path()).await;
    for seq in 0..2000 {
        let at = BEGIN.plus_s(i64::from(seq) - 3000);
        centre.submit(fixes(OTHER_TAG, FrameId::new(1, seq), &[fix(at, ELSEWHERE)])).await;
    }
    centre.drain().await;
    let segments = || {
        let names = std::fs::read_dir(folder.path().join("journal")).unwrap();
        names
            .filter(|name| name.as_ref().unwrap().file_name().to_string_lossy().ends_with(".journal"))
            .count()
    };
    eventually("one segment is left", || segments() == 1).await;
    assert!(!centre.has_failed());
    centre.crash().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_pair_moves_into_one_shard_and_nothing_is_lost_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let centre = Centre::start(folder.path()).await;
    let mut register = super::harness::register();
    register.wearers.retain(|wearer| wearer.id == WearerId(4));
    register.activations.clear();
    register.devices.clear();
    register.zones.clear();
    register.wearers[0].conditions[0].rule = lenke_alerts::ConditionRule::VictimProtection {
        victim: WearerId(3),
        alert_m: 500.0,
        pre_alert_m: 1000.0,
    };
    centre.store.enrol(&register).await.unwrap();
    let mut seq = 0;
    while !centre.counters().alerts.contains_key("victim_proximity") && seq < 60 {
        let at = centre.clock.now();
        centre.submit(fixes(super::harness::VICTIM_UNIT, FrameId::new(1, seq), &[fix(at, FORBIDDEN)])).await;
        centre.submit(fixes(OTHER_TAG, FrameId::new(1, seq), &[fix(at, FORBIDDEN)])).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        seq += 1;
    }
    centre.drain().await;
    let counters = centre.counters();
    assert_eq!(counters.alerts.get("victim_proximity"), Some(&1), "{counters:#?}");
    assert_eq!((counters.stored, counters.pending()), (2 * u64::from(seq), 0), "{counters:#?}");
    assert_eq!(centre.store.counts().await.unwrap().fixes, u64::from(seq), "the tag's");
    centre.crash().await;
}

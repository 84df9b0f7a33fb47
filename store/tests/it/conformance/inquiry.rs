//! Questions about the past.

use crate::samples::{START, activation, add_frame, alert, fix_row, register};
use lenke_alerts::{Action, AlertState, Outcome, Register};
use lenke_store::{
    AlertKey, AlertSave, Batch, Inquiry, Report, ReportKind, StoreError, Told,
    inquiry::{AlertSearch, Gap, LegalBasis, PlaceSearch, Reception},
};
use lenke_wire::{DeviceId, FrameId, UnixMillis};
use lenke_zones::{Geometry, Metres, WearerId};
use std::sync::Arc;

fn basis(reason: &str) -> LegalBasis {
    LegalBasis { actor: "kari".to_owned(), reason: reason.to_owned(), at: START }
}

/// One fix a minute from each of three tags, `wearers[n]` wearing tag n + 1, half of them at another place.
async fn walk(store: &dyn Inquiry, minutes: u32) {
    store.enrol(&register(3)).await.unwrap();
    let mut batch = Batch::default();
    for minute in 0..minutes {
        for device in 1..=3 {
            let frame = FrameId::new(1, minute);
            let mut row = fix_row(device, frame, 0, START.plus_s(60 * i64::from(minute)));
            let (lat, lon) = (600_000_000 + i32::from(device == 3) * 10_000_000, 107_000_000);
            row.fix.position = lenke_wire::Position::from_e7(lat, lon).unwrap();
            batch.fixes.push(row);
            batch.committed.push((DeviceId::new(device), frame));
        }
    }
    store.commit_batch(&batch).await.unwrap();
}

fn search(from: i64, to: i64, limit: u32) -> PlaceSearch {
    let area =
        Geometry::circle(lenke_wire::Position::from_e7(600_001_000, 107_001_000).unwrap(), Metres(100.0));
    PlaceSearch { area: area.unwrap(), from: START.plus_s(from), to: START.plus_s(to), after: None, limit }
}

pub(crate) async fn a_place_is_searched_with_its_basis_in_the_log_first(store: &dyn Inquiry) {
    walk(store, 10).await;
    for reason in ["", "  "] {
        let refused = store.search_place(&search(0, 600, 100), &basis(reason)).await;
        assert!(matches!(refused, Err(StoreError::Refused { .. })), "{refused:?}");
    }
    let too_long = store.search_place(&search(0, 8 * 86_400, 100), &basis("sak 12")).await;
    assert!(matches!(too_long, Err(StoreError::Refused { .. })), "{too_long:?}");
    assert_eq!(store.audit_page(None, 10).await.unwrap(), [], "what is refused read nothing");
    let page = store.search_place(&search(0, 600, 100), &basis("sak 12")).await.unwrap();
    assert_eq!((page.inside.len(), page.next), (20, None));
    assert!(page.inside.iter().all(|presence| presence.wearer.0 < 3), "the third was elsewhere");
    let log = store.audit_page(None, 10).await.unwrap();
    assert_eq!(
        (log.len(), log[0].entry.action.as_str(), log[0].entry.actor.as_str()),
        (1, "place.search", "kari")
    );
    assert!(log[0].entry.detail.starts_with("sak 12; "));
}

pub(crate) async fn a_place_is_searched_page_by_page_and_through_activations(store: &dyn Inquiry) {
    walk(store, 30).await;
    // The second wearer had the tag for ten minutes only.
    let activations = vec![activation(2, 2, START, Some(START.plus_s(600)))];
    store.enrol(&Register { activations, ..Register::default() }).await.unwrap();
    let mut asked = search(300, 1_200, 7);
    let mut inside = Vec::new();
    loop {
        let page = store.search_place(&asked, &basis("sak 12")).await.unwrap();
        inside.extend(page.inside);
        match page.next {
            Some(next) => asked.after = Some(next),
            None => break,
        }
    }
    let of = |wearer| -> Vec<_> {
        let points = inside.iter().filter(|presence| presence.wearer == WearerId(wearer));
        points.map(|presence| presence.point.fix.at.since_ms(START) / 60_000).collect()
    };
    assert_eq!(of(1), (5..20).collect::<Vec<_>>());
    assert_eq!(of(2), (5..10).collect::<Vec<_>>());
    assert_eq!(inside.len(), 20);
}

pub(crate) async fn what_is_missing_of_a_trail_is_told(store: &dyn Inquiry) {
    store.enrol(&register(1)).await.unwrap();
    let mut batch = Batch::default();
    for minute in (0..10).chain(40..60) {
        batch.fixes.push(fix_row(1, FrameId::new(1, minute), 0, START.plus_s(60 * i64::from(minute))));
        batch.committed.push((DeviceId::new(1), FrameId::new(1, minute)));
    }
    store.commit_batch(&batch).await.unwrap();
    let (from, to) = (START.plus_s(-3_600), START.plus_s(3_600));
    let coverage = store.coverage(WearerId(1), from, to, 600).await.unwrap();
    // The plan of the samples: a fix every 15 s, for the hour in which the tag was worn.
    assert_eq!((coverage.received, coverage.expected), (30, 240));
    assert_eq!(coverage.gaps, [Gap { from: START.plus_s(540), to: START.plus_s(2_400) }]);
    let refused = store.coverage(WearerId(1), from, UnixMillis(i64::MAX), 600).await;
    assert!(matches!(refused, Err(StoreError::Refused { .. })), "{refused:?}");
}

pub(crate) async fn alerts_are_searched_by_wearer_state_and_time(store: &dyn Inquiry) {
    let mut saves = Vec::new();
    for id in 1..=9 {
        let mut alert = alert(id, u64::from(id % 3), START.plus_s(i64::from(id / 2)));
        if id % 2 == 0 {
            let resolve = Action::Resolve { outcome: Outcome::Handled, text: "done".to_owned() };
            alert.handle_end(START.plus_s(600), START.plus_s(600));
            alert.handle_action(resolve, "kari", START.plus_s(700)).unwrap();
        }
        saves.push(AlertSave { alert: Arc::new(alert), merged: Vec::new() });
    }
    store.save_alerts(&saves).await.unwrap();
    let ids = async |search: AlertSearch| -> Vec<u8> {
        let found = store.search_alerts(&AlertSearch { limit: search.limit.max(1), ..search }).await.unwrap();
        found.iter().map(|alert| alert.id.0[0]).collect()
    };
    let all = AlertSearch { limit: 100, ..AlertSearch::default() };
    assert_eq!(ids(all).await, [9, 8, 7, 6, 5, 4, 3, 2, 1]);
    let of_one = AlertSearch { wearer: Some(WearerId(1)), ..all };
    assert_eq!(ids(of_one).await, [7, 4, 1]);
    assert_eq!(ids(AlertSearch { state: Some(AlertState::Resolved), ..of_one }).await, [4]);
    let window = AlertSearch { from: Some(START.plus_s(1)), to: Some(START.plus_s(3)), ..all };
    assert_eq!(ids(window).await, [5, 4, 3, 2]);
    let first = store.search_alerts(&AlertSearch { limit: 2, ..all }).await.unwrap();
    let next = AlertSearch { before: Some(AlertKey::of(&first[1])), limit: 2, ..all };
    assert_eq!(ids(next).await, [7, 6]);
}

pub(crate) async fn what_devices_told_comes_back_in_pages_and_through_activations(store: &dyn Inquiry) {
    let mut known = register(2);
    // The first wearer had the first tag for an hour and then the third device, which nobody wore before.
    known.activations[0].to = Some(START.plus_s(3_600));
    known.devices.push(crate::samples::device(3));
    known.activations.push(activation(3, 1, START.plus_s(3_600), None));
    store.enrol(&known).await.unwrap();
    let mut batch = Batch::default();
    for minute in 0..120 {
        for device in 1..=3 {
            add_frame(&mut batch, device, FrameId::new(1, minute), START.plus_s(60 * i64::from(minute)));
        }
    }
    store.commit_batch(&batch).await.unwrap();
    for kind in ReportKind::ALL {
        let whole = (START, START.plus_s(86_400));
        let mut reports = Vec::new();
        loop {
            let after = reports.last().map(Report::key);
            let page = store.reports(WearerId(1), kind, whole, after, 7).await.unwrap();
            assert!(page.len() <= 7);
            if page.is_empty() {
                break;
            }
            reports.extend(page);
        }
        let worn = |report: &Report| {
            report.device.number() == if report.told.at() < START.plus_s(3_600) { 1 } else { 3 }
        };
        assert_eq!((reports.len(), reports.iter().all(worn)), (120, true), "{kind:?}");
        let sent = match kind {
            ReportKind::Events => Told::Event(batch.events[0].event),
            ReportKind::Health => Told::Health(batch.health[0].health),
            ReportKind::Sightings => Told::Sighting(batch.sightings[0].sighting),
        };
        assert_eq!((reports[0].told, reports[0].received_at), (sent, START.plus_s(1)));
        let minute = (START.plus_s(600), START.plus_s(660));
        assert_eq!(store.reports(WearerId(2), kind, minute, None, 100).await.unwrap().len(), 1);
        assert_eq!(store.reports(WearerId(9), kind, whole, None, 100).await.unwrap(), []);
    }
}

pub(crate) async fn what_came_of_everybodys_plan_is_told(store: &dyn Inquiry) {
    let mut known = register(3);
    // The third has no tag any more, and the second had one for an hour.
    known.activations[1].to = Some(START.plus_s(3_600));
    known.activations[2].to = Some(START);
    store.enrol(&known).await.unwrap();
    let mut batch = Batch::default();
    for minute in 0..180_u32 {
        let frame = FrameId::new(1, minute);
        let mut row = fix_row(1, frame, 0, START.plus_s(60 * i64::from(minute)));
        row.late = minute < 30;
        batch.committed.push((DeviceId::new(1), frame));
        batch.fixes.push(row);
    }
    store.commit_batch(&batch).await.unwrap();
    // Within the third hour: the first two count.
    let told = store.reception(START.plus_s(5), START.plus_s(7_205)).await.unwrap();
    let of =
        |wearer, received, late, expected| Reception { wearer: WearerId(wearer), received, late, expected };
    // The plan of the samples: a fix every 15 s.
    assert_eq!(told, [of(2, 0, 0, 240), of(1, 120, 30, 480)]);
    assert_eq!(told[1].part(), 0.25);
    assert_eq!(store.reception(START.plus_s(-7_200), START.plus_s(-3_600)).await.unwrap(), []);
    let refused = store.reception(START, START.plus_s(32 * 86_400)).await;
    assert!(matches!(refused, Err(StoreError::Refused { .. })), "{refused:?}");
}

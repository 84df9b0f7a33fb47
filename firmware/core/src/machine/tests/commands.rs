//! What the centre orders: followed, refused by name, kept over power cuts.

use super::super::bench::*;
use crate::{
    Config, Input, Journal, ResetCause,
    input::{CaseSensor, UpdateProgress},
    journal::Ring,
    storage::Item,
};
use lenke_fence::{Encoder, Head, Kind};
use lenke_wire::{
    EventKind, FrameId, Outcome, TagState,
    command::{BODY_BYTES_MAX, ClearLatch, Latch, Manifest, Signed},
    downlink::{CommandKind, Downlink, NoticeCode, Plan, Pursuit},
};
use std::{vec, vec::Vec};

const HOUR: i64 = 3_600;

fn outcomes<S: Journal + Config + Power + Default>(bench: &Bench<S>) -> Vec<(CommandKind, Outcome)> {
    bench.receipts().iter().map(|receipt| (receipt.command, receipt.outcome)).collect()
}

/// A circle of `radius_m` around where the bench walks.
fn circle(id: u64, kind: Kind, radius_m: u32, bench: &Bench) -> Vec<u8> {
    let mut buffer = [0; 200];
    let mut encoder = Encoder::new(&mut buffer).unwrap();
    let head = Head { id, version: 1, kind, is_scheduled: false, buffer_m: 50 };
    encoder.put_circle(head, bench.fix().position, radius_m * 1000).unwrap();
    encoder.finish().unwrap().to_vec()
}

#[test]
fn a_plan_needs_the_authority_its_base_and_a_higher_version() {
    let mut bench: Bench = Bench::new();
    let plan = Plan { version: 2, base_version: 0, collect_s: 30, ..PLAN };
    let mut body = [0; BODY_BYTES_MAX];
    let forged = Signed::sign(plan, DEVICE, &Key::officer(), &mut body).unwrap();
    bench.down(&Downlink::Plan(forged));
    bench.plan(Plan { base_version: 1, ..plan });
    bench.plan(plan);
    bench.plan(plan);
    bench.plan(Plan { collect_s: 31, ..plan });
    bench.plan(Plan { version: 1, base_version: 2, ..plan });
    use Outcome::{Applied, Base, Rollback, Signature};
    assert_eq!(
        outcomes(&bench),
        [Signature, Base, Applied, Applied, Rollback, Rollback].map(|outcome| (CommandKind::Plan, outcome))
    );
    assert_eq!(*bench.tag.plan(), plan);
    let receipts = bench.receipts();
    assert_eq!((receipts[1].version, receipts[1].digest), (0, [0; 32]), "what was in force then");
    let mut body = [0; BODY_BYTES_MAX];
    let signed = Signed::sign(plan, DEVICE, &Key::authority(), &mut body).unwrap();
    assert_eq!((receipts[2].version, receipts[2].digest), (2, signed.digest()));
}

#[test]
fn a_tag_without_an_authority_follows_nothing_signed() {
    let mut bench: Bench = Bench::with(crate::Settings { authority: None, ..settings() });
    bench.plan(Plan { version: 1, ..PLAN });
    let set = circle(1, Kind::Exclusion, 100, &bench);
    bench.zones(1, 0, &set, &[0]);
    assert_eq!(
        outcomes(&bench),
        [(CommandKind::Plan, Outcome::Signature), (CommandKind::Zones, Outcome::Signature)]
    );
}

#[test]
fn what_storage_does_not_keep_is_not_followed() {
    let mut bench: Bench = Bench::new();
    bench.journal.is_worn_out = true;
    bench.plan(Plan { version: 1, collect_s: 10, ..PLAN });
    let set = circle(1, Kind::Exclusion, 100, &bench);
    bench.zones(1, 0, &set, &[0]);
    assert_eq!((bench.tag.plan().version, bench.tag.zones_version()), (0, 0));
    assert_eq!(outcomes(&bench), [(CommandKind::Plan, Outcome::Size), (CommandKind::Zones, Outcome::Size)]);
    assert!(bench.kinds().contains(&EventKind::JournalFault));
    assert!(bench.tag.counters().faults >= 2);
}

#[test]
fn a_breach_is_told_at_once_and_followed_closely() {
    let mut bench: Bench = Bench::new();
    bench.walk_min(2);
    let set = circle(77, Kind::Exclusion, 100, &bench);
    bench.zones(1, 0, &set, &[0]);
    assert_eq!(bench.tag.zones_version(), 1);
    assert_eq!(outcomes(&bench), [(CommandKind::Zones, Outcome::Applied)]);
    assert_eq!(bench.receipts()[0].digest[..4], sha2_of(&set)[..4]);
    let samples = bench.samples;
    bench.give(Input::Fix(bench.fix()));
    assert!(bench.samples > samples || bench.batches() == [3], "the fix that was asked for");
    assert_eq!(bench.kinds().last(), Some(&EventKind::ZoneEntered));
    assert_eq!(bench.events().last().unwrap().value, 77);
    assert!(bench.events().last().unwrap().position.is_some());
    assert_eq!(bench.notices, [NoticeCode::LeaveArea]);
    assert_eq!(bench.tag.state(), TagState::Alarm);
    bench.restart();
    assert_eq!(bench.tag.zones_version(), 1);
    bench.give(Input::Fix(bench.fix()));
    assert_eq!(bench.kinds().iter().filter(|&&kind| kind == EventKind::ZoneEntered).count(), 2);
}

fn sha2_of(bytes: &[u8]) -> [u8; 32] {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).into()
}

#[test]
fn near_a_boundary_positions_come_at_the_plans_near_rate() {
    let mut bench: Bench = Bench::new();
    let mut far = bench.fix();
    far.position = lenke_wire::Position::from_e7(599_200_000, 107_522_454).unwrap();
    let set = circle(7, Kind::Exclusion, 300, &bench);
    bench.zones(1, 0, &set, &[0]);
    far.at = bench.now;
    bench.give(Input::Fix(far));
    assert_eq!(bench.tag.state(), TagState::Near);
    let samples = bench.samples;
    for _ in 0..6 {
        bench.pass_s(10);
        bench.give(Input::Fix(crate::GnssFix { at: bench.now, ..far }));
    }
    assert_eq!(bench.samples - samples, 6);
}

#[test]
fn an_outlier_breaches_nothing_until_a_second_look_confirms_it() {
    let mut bench: Bench = Bench::new();
    let mut far = bench.fix();
    far.position = lenke_wire::Position::from_e7(600_138_689, 107_522_454).unwrap();
    bench.give(Input::Fix(far));
    let set = circle(7, Kind::Exclusion, 300, &bench);
    bench.zones(1, 0, &set, &[0]);
    bench.pass_s(10);
    let samples = bench.samples;
    bench.give(Input::Fix(bench.fix()));
    assert!(!bench.kinds().contains(&EventKind::ZoneEntered), "11 km in 10 s");
    assert_eq!(bench.samples, samples + 1, "a second look at once");
    bench.pass_s(2);
    bench.give(Input::Fix(bench.fix()));
    assert!(bench.kinds().contains(&EventKind::ZoneEntered));
}

#[test]
fn only_an_officer_clears_a_latch_and_only_the_event_that_was_dealt_with() {
    let mut bench: Bench = Bench::new();
    bench.give(Input::NetworkTime { at: bench.now, uncertainty_ms: 1_000 });
    bench.give(Input::Strap { open: true });
    bench.pass_s(1);
    bench.give(Input::Strap { open: false });
    let event = bench.frame_of(EventKind::StrapOpen);
    let clear = ClearLatch { latch: Latch::Strap, event };
    bench.clear(clear, &Key::authority());
    bench.clear(ClearLatch { event: FrameId::new(1, 0), ..clear }, &Key::officer());
    bench.clear(ClearLatch { latch: Latch::Case, ..clear }, &Key::officer());
    assert_eq!(bench.tag.latches(), (true, false));
    bench.restart();
    assert_eq!(bench.tag.latches(), (true, false));
    bench.clear(clear, &Key::officer());
    assert_eq!(bench.tag.latches(), (false, false));
    assert_eq!(bench.kinds().last(), Some(&EventKind::LatchCleared));
    bench.clear(clear, &Key::officer());
    use Outcome::{Applied, Signature};
    let told: Vec<Outcome> = bench.receipts().iter().map(|receipt| receipt.outcome).collect();
    assert_eq!(told, [Signature, Outcome::Latch, Outcome::Latch, Applied, Outcome::Latch]);
    bench.restart();
    assert_eq!(bench.tag.latches(), (false, false));
}

#[test]
fn an_officers_certificate_ends() {
    let mut bench: Bench = Bench::new();
    bench.give(Input::NetworkTime { at: bench.now, uncertainty_ms: 1_000 });
    bench.give(Input::Case { sensor: CaseSensor::Pressure, open: true });
    bench.pass_s(1);
    assert_eq!(bench.events().last().unwrap().value, 0b10, "the sensor that saw it");
    let clear = ClearLatch { latch: Latch::Case, event: bench.frame_of(EventKind::CaseOpen) };
    bench.pass_s(25 * HOUR);
    bench.clear(clear, &Key::officer());
    assert_eq!(outcomes(&bench), [(CommandKind::ClearLatch, Outcome::Expired)]);
    assert_eq!(bench.tag.latches(), (false, true));
}

#[test]
fn a_strap_that_is_open_when_its_latch_is_cleared_is_being_fitted_for_a_while() {
    let mut bench: Bench = Bench::new();
    bench.give(Input::Strap { open: true });
    bench.pass_s(1);
    let clear = ClearLatch { latch: Latch::Strap, event: bench.frame_of(EventKind::StrapOpen) };
    bench.clear(clear, &Key::officer());
    assert_eq!(bench.tag.state(), TagState::Fitting);
    bench.pass_s(800);
    assert_eq!(bench.tag.latches(), (false, false));
    bench.pass_s(102);
    assert_eq!(bench.tag.latches(), (true, false), "still open when the time is over");
    let clear = ClearLatch { latch: Latch::Strap, event: bench.frame_of(EventKind::StrapOpen) };
    bench.clear(clear, &Key::officer());
    bench.give(Input::Strap { open: false });
    bench.pass_s(11);
    assert!(!matches!(bench.tag.state(), TagState::Fitting | TagState::Ship));
    bench.give(Input::Strap { open: true });
    bench.pass_s(1);
    assert_eq!(bench.tag.latches(), (true, false), "closed and opened again");
}

#[test]
fn pursuit_begins_and_ends_by_order_time_or_battery() {
    let mut bench: Bench = Bench::new();
    bench.give(Input::NetworkTime { at: bench.now, uncertainty_ms: 1_000 });
    let pursuit = |on, until| Downlink::Pursuit(Pursuit { on, until });
    bench.down(&pursuit(true, bench.now.plus_s(-1)));
    assert_eq!(outcomes(&bench), [(CommandKind::Pursuit, Outcome::Expired)]);
    bench.down(&pursuit(true, bench.now.plus_s(600)));
    assert_eq!(bench.tag.state(), TagState::Pursuit);
    let samples = bench.samples;
    for _ in 0..12 {
        bench.pass_s(5);
        bench.give(Input::Fix(bench.fix()));
    }
    assert_eq!(bench.samples - samples, 12);
    bench.pass_s(600);
    assert_eq!(bench.kinds().last(), Some(&EventKind::PursuitEnded));
    assert_eq!(bench.events().last().unwrap().value, 600);
    bench.down(&pursuit(true, bench.now.plus_s(600)));
    bench.down(&pursuit(false, bench.now));
    assert_eq!(bench.tag.state(), TagState::Roam);
    bench.down(&pursuit(true, bench.now.plus_s(600)));
    bench.battery(3, false);
    assert_ne!(bench.tag.state(), TagState::Pursuit);
    bench.down(&pursuit(true, bench.now.plus_s(600)));
    assert_eq!(outcomes(&bench).last(), Some(&(CommandKind::Pursuit, Outcome::Battery)));
}

const MANIFEST: Manifest =
    Manifest { board: BOARD, version: FIRMWARE + 1, size: 100_000, hash: [7; 32], min_version: FIRMWARE };

#[test]
fn an_update_is_fetched_checked_started_and_told_of() {
    let mut bench: Bench = Bench::new();
    bench.battery(80, false);
    bench.ota(MANIFEST, &Key::officer());
    assert_eq!(outcomes(&bench), [(CommandKind::Ota, Outcome::Signature)]);
    bench.ota(MANIFEST, &Key::authority());
    assert_eq!((bench.fetches, bench.tag.state()), (1, TagState::Update));
    bench.give(Input::Update(UpdateProgress::Fetched([8; 32])));
    assert_eq!(outcomes(&bench).last(), Some(&(CommandKind::Ota, Outcome::Content)));
    bench.ota(MANIFEST, &Key::authority());
    bench.give(Input::Panic);
    bench.give(Input::Update(UpdateProgress::Fetched([7; 32])));
    assert_eq!(bench.starts, 0, "not during an alarm");
    bench.pass_s(601);
    assert_eq!(bench.starts, 1);
    assert_eq!(outcomes(&bench).last(), Some(&(CommandKind::Ota, Outcome::Applied)));
    bench.restart_with(ResetCause::Software);
    assert_eq!(bench.kinds().last(), Some(&EventKind::UpdateFailed), "the old firmware runs");
    bench.ota(MANIFEST, &Key::authority());
    assert_eq!(outcomes(&bench).last(), Some(&(CommandKind::Ota, Outcome::Battery)), "charge not known yet");
    bench.battery(80, false);
    bench.ota(MANIFEST, &Key::authority());
    bench.give(Input::Update(UpdateProgress::Fetched([7; 32])));
    bench.settings.firmware = MANIFEST.version;
    bench.restart_with(ResetCause::Software);
    assert_eq!(bench.kinds().last(), Some(&EventKind::UpdateApplied));
    bench.restart();
    assert_eq!(bench.kinds().last(), Some(&EventKind::PowerOn), "told once");
}

#[test]
fn updates_are_refused_in_alarms_and_with_an_old_version() {
    let mut bench: Bench = Bench::new();
    bench.battery(80, false);
    bench.ota(Manifest { version: FIRMWARE, min_version: 0, ..MANIFEST }, &Key::authority());
    bench.give(Input::Panic);
    bench.ota(MANIFEST, &Key::authority());
    assert_eq!(outcomes(&bench), [(CommandKind::Ota, Outcome::Rollback), (CommandKind::Ota, Outcome::Alarm)]);
}

#[test]
fn a_power_cut_at_any_write_of_a_latch_forgets_neither_latch_nor_event() {
    for fuse in 1..20 {
        let mut bench: Bench = Bench::new();
        bench.give(Input::Strap { open: true });
        bench.journal.fail_in(Some(fuse));
        bench.pass_s(1);
        if !bench.journal.is_dead() {
            break;
        }
        let was_kept = bench.journal.kept(Item::Saved, &mut vec![0; Item::BYTES_MAX]).is_some();
        bench.restart();
        let events = bench.kinds().iter().filter(|&&kind| kind == EventKind::StrapOpen).count();
        assert_eq!(bench.tag.latches().0, was_kept, "cut at write {fuse}");
        assert_eq!(events > 0, was_kept, "cut at write {fuse}");
        assert!(events <= 2);
    }
}

#[test]
fn a_latch_whose_event_finds_no_room_is_told_of_when_there_is_some() {
    let mut bench: Bench<Ring<700, 300>> = Bench::new();
    for _ in 0..20 {
        bench.give(Input::Panic);
    }
    bench.give(Input::Strap { open: true });
    bench.pass_s(1);
    assert!(!bench.kinds().contains(&EventKind::StrapOpen));
    assert_eq!(bench.tag.latches(), (true, false));
    bench.restart();
    assert_eq!(bench.tag.latches(), (true, false));
    bench.ack(1, u32::MAX);
    assert!(bench.kinds().contains(&EventKind::StrapOpen));
}

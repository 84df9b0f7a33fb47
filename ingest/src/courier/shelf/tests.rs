//! A set from wanted to in force, whatever gets lost.

use super::*;
use lenke_store::outbox::SetState;
use lenke_wire::{DeviceId, TimeSource, command::Plan, downlink::CommandKind};
use lenke_zones::FenceSet;

const NOW: UnixMillis = UnixMillis(1_795_293_600_000);
const DEVICE: DeviceId = DeviceId::new(7);

fn key() -> KeyPair {
    KeyPair::from_secret(&[9; 32])
}

fn zones(byte: u8, bytes: usize) -> Content {
    Content::zones(FenceSet { bytes: vec![byte; bytes], zones: 3, left_out: Vec::new() })
}

fn shelf(kind: SetKind) -> Shelf {
    Shelf::new(DeviceSet::new(DEVICE, kind))
}

fn receipt(shelf: &Shelf, outcome: Outcome, version: u32, digest: [u8; 32], parts: u16) -> Receipt {
    Receipt {
        at: NOW,
        time_source: TimeSource::Gnss,
        counter: shelf.counters.last().copied().unwrap_or_default(),
        command: CommandKind::Zones,
        outcome,
        version,
        digest,
        parts,
    }
}

/// Sends what is due, part by part under counters from `counter` on; the parts.
fn send(shelf: &mut Shelf, counter: u32, now: UnixMillis) -> Option<u16> {
    let parcel = shelf.parcel(now)?;
    shelf.handle_sent((0..parcel.parts.count_ones()).map(|part| FrameId::new(1, counter + part)), now);
    Some(parcel.parts)
}

#[test]
fn nothing_is_sent_before_the_device_has_said_what_it_holds() {
    let mut shelf = shelf(SetKind::Zones);
    shelf.want(zones(1, 100), &key(), NOW);
    assert_eq!((shelf.set.state(), shelf.due_at()), (SetState::Idle, None));
    shelf.handle_held(4, NOW);
    shelf.want(zones(1, 100), &key(), NOW);
    let wanted = shelf.set.wanted.unwrap();
    assert_eq!((wanted.version, wanted.base, shelf.set.state()), (5, 4, SetState::Waiting));
    assert_eq!(send(&mut shelf, 0, NOW), Some(1));
    assert_eq!(shelf.set.state(), SetState::Sent);
}

#[test]
fn only_the_receipt_that_names_number_and_hash_puts_it_in_force() {
    let mut shelf = shelf(SetKind::Zones);
    shelf.handle_held(0, NOW);
    shelf.want(zones(1, 100), &key(), NOW);
    send(&mut shelf, 0, NOW);
    shelf.handle_held(1, NOW);
    assert!(!shelf.set.is_in_force(), "the number alone proves nothing");
    let wanted = shelf.set.wanted.unwrap();
    shelf.handle_receipt(&receipt(&shelf, Outcome::Applied, 1, wanted.digest, 0), true, NOW);
    assert_eq!((shelf.set.state(), shelf.due_at()), (SetState::InForce, None));
    shelf.want(zones(1, 100), &key(), NOW);
    assert_eq!(shelf.set.wanted, Some(wanted), "the same content is the same version");
    shelf.want(zones(2, 100), &key(), NOW.plus_s(9));
    let next = shelf.set.wanted.unwrap();
    assert_eq!(
        (next.version, next.base, next.since, shelf.set.state()),
        (2, 1, NOW.plus_s(9), SetState::Waiting)
    );
}

#[test]
fn a_device_that_is_asked_says_which_parts_it_has_and_gets_the_others_only() {
    let mut shelf = shelf(SetKind::Zones);
    shelf.handle_held(0, NOW);
    shelf.want(zones(1, 3_500), &key(), NOW);
    assert_eq!(send(&mut shelf, 0, NOW), Some(0b1111));
    assert_eq!(send(&mut shelf, 4, NOW.plus_s(AGAIN_S - 1)), None);
    // The connection broke in between; on the next one it is asked.
    shelf.handle_contact(true, NOW.plus_s(20));
    assert_eq!(send(&mut shelf, 4, NOW.plus_s(20)), Some(0b0001));
    let incomplete = receipt(&shelf, Outcome::Incomplete, 0, [0; 32], 0b1011);
    shelf.handle_receipt(&incomplete, true, NOW.plus_s(21));
    assert_eq!(send(&mut shelf, 5, NOW.plus_s(25)), Some(0b0100));
    let digest = shelf.set.wanted.unwrap().digest;
    shelf.handle_receipt(&receipt(&shelf, Outcome::Applied, 1, digest, 0), true, NOW.plus_s(26));
    assert!(shelf.set.is_in_force());
}

#[test]
fn a_device_that_never_answers_is_told_a_bounded_number_of_times() {
    let mut shelf = shelf(SetKind::Zones);
    shelf.handle_held(0, NOW);
    shelf.want(zones(1, 100), &key(), NOW);
    let (mut now, mut sent) = (NOW, 0);
    for _ in 0..100_000 {
        sent += u32::from(send(&mut shelf, sent, now).is_some());
        now = now.plus_s(10);
    }
    assert_eq!(sent, ATTEMPTS_MAX);
    shelf.handle_contact(false, now);
    assert!(send(&mut shelf, sent, now.plus_s(AGAIN_S_MAX)).is_some(), "a sign of life is another chance");
    assert_eq!(send(&mut shelf, sent, now.plus_s(2 * AGAIN_S_MAX)), None);
}

#[test]
fn another_version_on_the_device_makes_a_new_number_over_it_and_no_endless_haste() {
    let mut shelf = shelf(SetKind::Zones);
    shelf.handle_held(0, NOW);
    shelf.want(zones(1, 100), &key(), NOW);
    let (mut now, mut sent) = (NOW, 0);
    for held in 10..60 {
        sent += u32::from(send(&mut shelf, held, now).is_some());
        shelf.handle_receipt(&receipt(&shelf, Outcome::Base, held, [held as u8; 32], 0), true, now);
        shelf.want(zones(1, 100), &key(), now);
        let wanted = shelf.set.wanted.unwrap();
        assert_eq!((wanted.base, wanted.since), (held, NOW));
        assert!(wanted.version > held);
        now = now.plus_s(PAUSE_S_MIN);
    }
    assert_eq!(sent, ATTEMPTS_MAX);
}

#[test]
fn a_number_that_the_device_holds_with_another_hash_is_never_taken_for_ours() {
    let mut shelf = shelf(SetKind::Zones);
    shelf.handle_held(0, NOW);
    shelf.want(zones(1, 100), &key(), NOW);
    send(&mut shelf, 0, NOW);
    shelf.handle_receipt(&receipt(&shelf, Outcome::Rollback, 1, [0xee; 32], 0), true, NOW);
    assert!(shelf.needs_content());
    shelf.want(zones(1, 100), &key(), NOW);
    let wanted = shelf.set.wanted.unwrap();
    assert_eq!((wanted.version, wanted.base), (2, 1));
}

#[test]
fn a_device_that_loses_what_it_held_is_told_anew_however_often() {
    let mut shelf = shelf(SetKind::Zones);
    let mut now = NOW;
    for round in 0..3 * ATTEMPTS_MAX {
        shelf.handle_held(0, now);
        shelf.want(zones(1, 100), &key(), now);
        assert_eq!(send(&mut shelf, round, now), Some(1), "{round}");
        let wanted = shelf.set.wanted.unwrap();
        let receipt = receipt(&shelf, Outcome::Applied, wanted.version, wanted.digest, 0);
        shelf.handle_receipt(&receipt, true, now);
        assert!(shelf.set.is_in_force());
        now = now.plus_s(AGAIN_S);
    }
}

#[test]
fn a_refusal_is_kept_and_tried_again_the_next_day() {
    let mut shelf = shelf(SetKind::Zones);
    shelf.handle_held(0, NOW);
    shelf.want(zones(1, 100), &key(), NOW);
    send(&mut shelf, 0, NOW);
    shelf.handle_receipt(&receipt(&shelf, Outcome::Size, 0, [0; 32], 0), true, NOW);
    assert_eq!((shelf.set.state(), shelf.set.refused), (SetState::Refused, Some(Outcome::Size)));
    assert_eq!(shelf.parcel(NOW.plus_s(REFUSED_AGAIN_S - 1)), None);
    assert!(shelf.parcel(NOW.plus_s(REFUSED_AGAIN_S)).is_some());
    shelf.want(zones(2, 50), &key(), NOW);
    assert!(shelf.parcel(NOW).is_some(), "another set is another question");
}

#[test]
fn what_a_backlog_tells_of_commands_of_another_time_changes_nothing() {
    let mut shelf = shelf(SetKind::Zones);
    shelf.handle_held(6, NOW);
    let old = receipt(&shelf, Outcome::Applied, 3, [3; 32], 0);
    shelf.handle_receipt(&old, false, NOW);
    assert_eq!(shelf.set.held.map(|held| held.version), Some(6));
}

#[test]
fn a_plan_by_the_registers_number_is_left_alone_until_something_was_sent() {
    let plan = lenke_alerts::SupervisionPlan::default();
    let content = |collect_s: u32| {
        let wearer = crate::tests::harness::register().wearers.remove(0);
        let plan = lenke_alerts::SupervisionPlan { collect_s, ..plan };
        Content::plan(&lenke_alerts::Wearer { plan, ..wearer }).unwrap()
    };
    let mut shelf = shelf(SetKind::Plan);
    shelf.handle_held(plan.version, NOW);
    shelf.want(content(60), &key(), NOW);
    assert_eq!(shelf.set.state(), SetState::Idle, "delivered with it");
    // Somebody else's plan of the same number, on a device that was told one before.
    shelf.handle_held(0, NOW);
    shelf.want(content(60), &key(), NOW);
    let Body::Plan(Plan { collect_s, .. }) = shelf.parcel(NOW).unwrap().body else { panic!("no plan") };
    assert_eq!((shelf.set.wanted.unwrap().version, collect_s), (1, 60));
    shelf.handle_sent([FrameId::new(1, 1)], NOW);
    shelf.want(content(30), &key(), NOW);
    assert_eq!(shelf.set.wanted.unwrap().version, 2, "never one number for two plans");
}

#[test]
fn a_device_without_zones_whose_wearer_has_none_is_not_bothered() {
    let none = || Content::zones(FenceSet { bytes: vec![1; 5], zones: 0, left_out: Vec::new() });
    let mut shelf = shelf(SetKind::Zones);
    shelf.handle_held(0, NOW);
    shelf.want(none(), &key(), NOW);
    assert_eq!(shelf.set.wanted, None);
    shelf.handle_held(8, NOW);
    shelf.want(none(), &key(), NOW);
    assert_eq!(shelf.set.wanted.unwrap().version, 9, "the zones of somebody else go");
}

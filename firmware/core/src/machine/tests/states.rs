//! From state to state, through the tag's own inputs.

use super::super::bench::*;
use crate::{
    Input, ResetCause, Settings, Stage,
    effect::GnssPower,
    gnss::{Signal, SpoofingState},
    input::NO_SIGNAL_DBM,
};
use lenke_wire::{EventKind, Position, TagState, TimeSource, downlink::NoticeCode};
use std::vec::Vec;

const MINUTE: i64 = 60;

/// What happens, and what the tag then does.
type Scene = (&'static str, fn(&mut Bench), TagState);

#[test]
fn every_transition_of_the_table() {
    let still = |bench: &mut Bench| {
        bench.give(Input::Motion { moving: false });
        bench.pass_s(300);
    };
    let scenes: [Scene; 19] = [
        ("a start", |_| {}, TagState::Roam),
        ("no motion for a while", still, TagState::Still),
        ("motion", |bench| bench.give(Input::Motion { moving: true }), TagState::Roam),
        ("the battery is low", |bench| bench.battery(25, false), TagState::LowBattery),
        ("the battery is in reserve", |bench| bench.battery(4, false), TagState::Reserve),
        ("a charger", |bench| bench.battery(5, true), TagState::Charging),
        ("full and removed", |bench| bench.battery(90, false), TagState::Roam),
        ("the beacon proves itself", Bench::home, TagState::Home),
        ("the charger at home", |bench| bench.battery(90, true), TagState::Home),
        ("a beacon that is silent", |bench| bench.pass_s(181), TagState::Charging),
        ("a call for help", |bench| bench.give(Input::Panic), TagState::Alarm),
        ("at home during an alarm", Bench::home, TagState::Alarm),
        ("ten minutes", |bench| bench.pass_s(601), TagState::Charging),
        ("the charger removed", |bench| bench.battery(90, false), TagState::Roam),
        ("a flicker of the strap", |bench| bench.give(Input::Strap { open: true }), TagState::Roam),
        ("that stays", |bench| bench.pass_s(1), TagState::Alarm),
        ("closed again", |bench| bench.give(Input::Strap { open: false }), TagState::Alarm),
        ("ten minutes more", |bench| bench.pass_s(601), TagState::Roam),
        ("a restart", Bench::restart, TagState::Roam),
    ];
    let mut bench: Bench = Bench::new();
    for (what, happens, state) in scenes {
        happens(&mut bench);
        assert_eq!(bench.tag.state(), state, "{what}");
    }
}

#[test]
fn the_receiver_is_powered_as_the_state_needs_it() {
    let mut bench: Bench = Bench::new();
    assert_eq!((bench.gnss, bench.strap_hertz), (Some(GnssPower::Backup), Some(4)));
    bench.home();
    assert_eq!(bench.gnss, Some(GnssPower::Off));
    bench.give(Input::Panic);
    assert_eq!((bench.gnss, bench.strap_hertz), (Some(GnssPower::Tracking), Some(8)));
    bench.pass_s(601);
    assert_eq!((bench.gnss, bench.strap_hertz), (Some(GnssPower::Backup), Some(4)));
}

#[test]
fn a_delivered_tag_sleeps_until_its_strap_has_been_closed_for_ten_seconds() {
    let mut bench: Bench = Bench::with(Settings { stage: Stage::Ship, ..settings() });
    bench.give(Input::Strap { open: true });
    bench.pass_s(3_600);
    assert_eq!(bench.tag.state(), TagState::Ship);
    assert_eq!((bench.samples, bench.connects, bench.gnss), (0, 0, Some(GnssPower::Off)));
    bench.give(Input::Strap { open: false });
    assert_eq!(bench.tag.state(), TagState::Fitting);
    bench.pass_s(9);
    bench.give(Input::Strap { open: true });
    assert_eq!(bench.tag.state(), TagState::Ship, "opened again: no tamper, nobody wears it");
    bench.give(Input::Strap { open: false });
    bench.pass_s(10);
    assert_eq!(bench.tag.state(), TagState::Roam);
    assert_eq!(bench.kinds(), [EventKind::PowerOn, EventKind::StateChanged]);
    assert!(bench.samples > 0 && bench.connects > 0);
    bench.restart();
    assert_eq!(bench.tag.state(), TagState::Roam, "worn, whatever power does");
    bench.give(Input::Strap { open: true });
    bench.pass_s(1);
    assert_eq!(bench.tag.latches(), (true, false));
}

#[test]
fn in_reserve_the_modem_is_off_but_an_alarm_switches_it_on_and_goes_out() {
    let mut bench: Bench = Bench::new();
    bench.give(Input::LinkUp);
    bench.battery(4, false);
    bench.pub_ack_all();
    bench.ack(1, u32::MAX);
    bench.pass_s(20);
    assert_eq!((bench.tag.state(), bench.disconnects), (TagState::Reserve, 1));
    bench.give(Input::LinkDown);
    let connects = bench.connects;
    bench.pass_s(10 * MINUTE);
    assert_eq!(bench.connects, connects, "nothing to hand in");
    bench.give(Input::Strap { open: true });
    bench.pass_s(1);
    assert_eq!((bench.tag.state(), bench.connects), (TagState::Alarm, connects + 1));
    bench.give(Input::LinkUp);
    let strap = bench.frame_of(EventKind::StrapOpen);
    assert!(bench.sent.iter().any(|(frame, _)| *frame == strap));
}

#[test]
fn in_reserve_positions_go_on_and_are_handed_in() {
    let mut bench: Bench = Bench::new();
    bench.battery(4, false);
    bench.give(Input::LinkUp);
    let (samples, connects) = (bench.samples, bench.connects);
    for _ in 0..8 {
        bench.pub_ack_all();
        bench.ack(1, u32::MAX);
        bench.pass_s(20);
        if bench.disconnects > 0 {
            bench.give(Input::LinkDown);
        }
        bench.pass_s(15 * MINUTE);
        bench.give(Input::Fix(bench.fix()));
        bench.give(Input::LinkUp);
    }
    assert!((8..=10).contains(&(bench.samples - samples)), "{}", bench.samples - samples);
    assert!(bench.connects > connects);
    assert!(bench.batches().len() >= 7, "{:?}", bench.batches());
}

#[test]
fn a_beacon_that_travels_with_its_wearer_silences_nothing() {
    let mut bench: Bench = Bench::new();
    bench.home();
    bench.give(Input::Fix(bench.fix()));
    for _ in 0..30 {
        bench.pass_s(MINUTE);
        bench.home();
    }
    assert_eq!(bench.tag.state(), TagState::Home);
    let mut elsewhere = bench.fix();
    elsewhere.position = Position::from_e7(599_338_689, 107_522_454).unwrap();
    for _ in 0..31 {
        bench.pass_s(MINUTE);
        bench.home();
    }
    bench.give(Input::Fix(crate::GnssFix { at: bench.now, ..elsewhere }));
    assert_eq!(bench.tag.state(), TagState::Roam, "2 km from home");
    assert_eq!(bench.kinds().last(), Some(&EventKind::BeaconFailed));
    bench.pass_s(MINUTE);
    bench.home();
    assert_eq!(bench.tag.state(), TagState::Roam, "its word does not count for hours");
}

#[test]
fn a_forged_answer_is_told_of_once_an_hour() {
    let mut bench: Bench = Bench::new();
    for _ in 0..30 {
        bench.give(Input::Beacon { heard: HOME.device, rssi_dbm: -50 });
        bench.give(Input::BeaconAnswer { heard: HOME.device, rssi_dbm: -50, answer: [1; 8] });
        bench.pass_s(MINUTE);
    }
    assert_eq!(bench.tag.state(), TagState::Roam);
    assert_eq!(bench.kinds().iter().filter(|&&kind| kind == EventKind::BeaconFailed).count(), 1);
}

#[test]
fn the_wearer_is_told_when_the_battery_will_be_flat_before_any_mark() {
    let mut bench: Bench = Bench::new();
    bench.give(Input::NetworkTime { at: bench.now, uncertainty_ms: 1_000 });
    bench.battery(60, false);
    bench.pass_s(3_600);
    bench.battery(45, false);
    assert_eq!(bench.notices, [NoticeCode::Charge]);
    assert_eq!(bench.flat_at, Some(bench.now.plus_s(3 * 3_600)));
    assert!(!bench.kinds().contains(&EventKind::BatteryLow));
}

#[test]
fn fixes_of_another_time_are_dated_by_the_tags_own_clock_and_three_in_a_row_set_it() {
    let mut bench: Bench = Bench::new();
    bench.give(Input::NetworkTime { at: bench.now, uncertainty_ms: 2_000 });
    let spoofed = |bench: &Bench| crate::GnssFix { at: bench.now.plus_s(-7 * 86_400), ..bench.fix() };
    for _ in 0..2 {
        bench.pass_s(MINUTE);
        bench.give(Input::Fix(spoofed(&bench)));
    }
    assert!(bench.tag.time(bench.uptime()).since_ms(bench.now).abs() < 3_000);
    assert!(!bench.kinds().contains(&EventKind::ClockSet));
    bench.pass_s(MINUTE);
    bench.give(Input::Fix(spoofed(&bench)));
    let set = bench.events().into_iter().find(|event| event.kind == EventKind::ClockSet).unwrap();
    assert_eq!((set.value, set.time_source), (-7 * 86_400, TimeSource::Gnss));
    let frames: Vec<u32> = bench.journal.taken.keys().map(|id| id.seq.0).collect();
    assert!(frames.windows(2).all(|pair| pair[0] < pair[1]), "order does not come from the clock");
}

#[test]
fn after_a_reset_without_a_clock_time_goes_on_from_what_was_kept() {
    let mut bench: Bench = Bench::new();
    bench.give(Input::NetworkTime { at: bench.now, uncertainty_ms: 2_000 });
    bench.battery(70, false);
    bench.pass_s(7_200);
    bench.restart();
    let event = *bench.events().last().unwrap();
    assert_eq!((event.kind, event.time_source), (EventKind::PowerOn, TimeSource::Unset));
    assert!(event.at.since_ms(START) >= 3_600_000, "{:?}", event.at);
}

#[test]
fn jamming_spoofing_and_shielding_are_told_with_enough_evidence_only() {
    let mut bench: Bench = Bench::new();
    let quiet = Signal {
        tracked: 9,
        strongest_dbhz: 42,
        spread_db: 18,
        jamming_percent: Some(10),
        spoofing: SpoofingState::None,
    };
    let told = |bench: &Bench, kind| bench.kinds().iter().filter(|&&known| known == kind).count();
    for percent in [95, 10, 95, 10, 10, 10] {
        bench.give(Input::Signal(Signal { jamming_percent: Some(percent), ..quiet }));
    }
    assert_eq!(told(&bench, EventKind::JammingSuspected), 0, "bursts of one");
    for _ in 0..9 {
        bench.give(Input::Signal(Signal { jamming_percent: Some(95), ..quiet }));
    }
    assert_eq!(told(&bench, EventKind::JammingSuspected), 1);

    bench.give(Input::Signal(Signal { spoofing: SpoofingState::Indicated, ..quiet }));
    bench.give(Input::Fix(bench.fix()));
    assert_eq!(told(&bench, EventKind::SpoofingSuspected), 0);
    bench.pass_s(MINUTE);
    bench.give(Input::Fix(bench.fix()));
    assert_eq!(told(&bench, EventKind::SpoofingSuspected), 1);
    assert_eq!(bench.tag.state(), TagState::Alarm);

    bench.give(Input::Signal(quiet));
    bench.give(Input::Motion { moving: true });
    bench.give(Input::Environment { signal_dbm: NO_SIGNAL_DBM, temperature_c: 20 });
    for _ in 0..5 {
        bench.give(Input::NoFix);
        assert_eq!(told(&bench, EventKind::ShieldingSuspected), 0);
        bench.pass_s(MINUTE);
    }
    for _ in 0..5 {
        bench.give(Input::NoFix);
        bench.pass_s(MINUTE);
    }
    assert_eq!(told(&bench, EventKind::ShieldingSuspected), 1);
}

#[test]
fn a_still_tag_whose_fixes_walk_is_spoofed() {
    let mut bench: Bench = Bench::new();
    bench.give(Input::Motion { moving: false });
    bench.pass_s(120);
    for step in 0..8 {
        let mut fix = bench.fix();
        fix.position = Position::from_e7(599_138_689 + step * 40_000, 107_522_454).unwrap();
        bench.give(Input::Fix(fix));
        bench.pass_s(MINUTE);
    }
    assert!(bench.kinds().contains(&EventKind::SpoofingSuspected));
}

#[test]
fn resets_and_stalled_tasks_are_evidence() {
    let mut bench: Bench = Bench::new();
    bench.give(Input::CheckInMissed { task: 4 });
    bench.restart_with(ResetCause::Watchdog);
    let told: Vec<(EventKind, i32)> = bench.events().iter().map(|event| (event.kind, event.value)).collect();
    assert_eq!(
        told,
        [
            (EventKind::PowerOn, 1),
            (EventKind::TaskStalled, 4),
            (EventKind::PowerOn, ResetCause::Watchdog as i32)
        ]
    );
}

#[test]
fn a_strap_that_opens_carries_its_samples() {
    let mut bench: Bench = Bench::new();
    bench.pass_s(60);
    for open in [true, false, true, true] {
        bench.give(Input::Strap { open });
        bench.now = bench.now.plus_ms(250);
    }
    let event = *bench.events().last().unwrap();
    assert_eq!((event.kind, event.value & 0xff), (EventKind::StrapOpen, 0b0000_1011));
}

#[test]
fn a_tag_with_its_effects_takes_less_than_ten_kilobytes() {
    let bytes = size_of::<crate::Tag>() + size_of::<crate::Effects>();
    assert!(bytes <= 10 * 1024, "{bytes}");
}

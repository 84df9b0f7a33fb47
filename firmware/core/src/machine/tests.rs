//! The tag's behaviours, one by one.

use super::bench::*;
use crate::{
    Config, Input, Journal,
    input::CaseSensor,
    journal::{
        Class,
        flash::{InFlash, MARKS_MAX},
    },
    storage::Item,
};
use lenke_wire::{
    DeviceId, EventKind, TagState, TimeSource,
    chain::{Chain, verify_checkpoint},
    codec::{Payload, decode},
    command::{ClearLatch, Latch},
    downlink::{Downlink, NoticeCode, Plan},
};
use std::vec::Vec;

mod commands;
mod link;
mod states;

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;

#[test]
fn fixes_are_sampled_by_the_plan_and_committed_in_its_batches() {
    let mut bench: Bench = Bench::new();
    assert_eq!(bench.samples, 1);
    bench.walk_min(25);
    assert_eq!(bench.samples, 26);
    assert_eq!(bench.batches(), [10, 10]);
    bench.pass_s(10 * MINUTE);
    assert_eq!(bench.batches(), [10, 10, 5]);
}

#[test]
fn faults_of_the_storage_are_told_at_the_first_and_then_with_health() {
    let mut bench: Bench = Bench::new();
    bench.battery(80, false);
    let told = |bench: &Bench| -> Vec<i32> {
        let events = bench.events();
        events.iter().filter(|event| event.kind == EventKind::JournalFault).map(|event| event.value).collect()
    };
    bench.pass_s(10 * MINUTE);
    assert_eq!(told(&bench), []);
    bench.journal.faults = 1;
    bench.give(Input::Timer);
    assert_eq!(told(&bench), [1]);
    bench.journal.faults = 7;
    bench.pass_s(10 * MINUTE);
    assert_eq!(told(&bench), [1]);
    bench.pass_s(3 * HOUR);
    assert_eq!(told(&bench), [1, 7]);
}

#[test]
fn a_tag_that_cannot_read_what_it_kept_raises_its_latches() {
    let lose: [fn(&mut Bench); 2] = [
        |bench| bench.journal.keep(Item::Saved, b"something else").unwrap(),
        |bench| bench.journal.is_damaged = true,
    ];
    for lose in lose {
        let mut bench: Bench = Bench::new();
        bench.battery(80, false);
        lose(&mut bench);
        bench.restart();
        bench.journal.is_damaged = false;
        assert_eq!(bench.tag.latches(), (true, true));
        assert_eq!(bench.tag.state(), TagState::Alarm);
        for kind in [EventKind::StrapOpen, EventKind::CaseOpen] {
            let events = bench.events();
            let values: Vec<i32> =
                events.iter().filter(|event| event.kind == kind).map(|event| event.value).collect();
            assert_eq!(values, [0], "{kind:?}: no sample was open");
        }
        assert!(bench.kinds().contains(&EventKind::JournalFault));
        let event = bench.frame_of(EventKind::StrapOpen);
        bench.clear(ClearLatch { latch: Latch::Strap, event }, &Key::officer());
        bench.restart();
        assert_eq!(bench.tag.latches(), (false, true), "an officer clears it like any other");
    }
}

#[test]
fn an_acknowledgement_that_cannot_be_noted_is_counted_and_costs_nothing_but_repetition() {
    let mut bench: Bench<InFlash> = Bench::new();
    let epochs = MARKS_MAX as u32 + 6;
    for _ in 1..epochs {
        bench.give(Input::Panic);
        bench.restart();
    }
    bench.give(Input::Panic);
    // In part, from the newest back; the oldest one needs no note.
    for epoch in (1..=epochs).rev() {
        bench.ack(epoch, 0);
    }
    assert_eq!(bench.tag.counters().acks_deferred, 0, "an older epoch takes the place of a newer one");
    for epoch in 1..=epochs {
        bench.ack(epoch, 0);
    }
    assert_eq!(bench.tag.counters().acks_deferred, 5);
    for epoch in 1..=epochs {
        bench.ack(epoch, u32::MAX);
    }
    assert_eq!((bench.journal.count(), bench.tag.counters().acks_deferred), (0, 5));
}

#[test]
fn fixes_between_the_plans_intervals_are_not_recorded() {
    let mut bench: Bench = Bench::new();
    for _ in 0..600 {
        bench.pass_s(1);
        bench.give(Input::Fix(bench.fix()));
    }
    assert_eq!(bench.batches(), [10]);
}

#[test]
fn a_plan_takes_effect_once_and_only_on_its_base() {
    let mut bench: Bench = Bench::new();
    let plan = Plan { version: 3, base_version: 0, collect_s: 10, transmit_s: 30, ..PLAN };
    bench.plan(Plan { base_version: 1, ..plan });
    assert_eq!((bench.tag.plan().version, bench.tag.counters().commands_refused), (0, 1));
    bench.plan(plan);
    bench.plan(plan);
    bench.plan(Plan { version: 2, base_version: 3, ..plan });
    assert_eq!((*bench.tag.plan(), bench.tag.counters().commands_refused), (plan, 2));
    let applied: Vec<i32> = bench
        .events()
        .iter()
        .filter(|event| event.kind == EventKind::PlanApplied)
        .map(|event| event.value)
        .collect();
    assert_eq!(applied, [3]);
    let samples = bench.samples;
    bench.pass_s(60);
    assert_eq!(bench.samples - samples, 6);
    bench.restart();
    assert_eq!(*bench.tag.plan(), plan);
}

#[test]
fn an_old_or_foreign_downlink_is_refused() {
    let mut bench: Bench = Bench::new();
    let notice = bench.sealed(&Downlink::Notice(NoticeCode::CallCentre));
    let query = bench.sealed(&Downlink::Query);
    bench.give(Input::Downlink(&query));
    bench.give(Input::Downlink(&notice));
    bench.give(Input::Downlink(&query));
    let mut damaged = bench.sealed(&Downlink::Notice(NoticeCode::CallCentre));
    damaged[25] ^= 1;
    bench.give(Input::Downlink(&damaged));
    bench.give(Input::Downlink(b"garbage"));
    assert!(bench.notices.is_empty());
    assert_eq!(bench.tag.counters().downlinks_replayed, 2);
    assert_eq!(bench.tag.counters().downlinks_invalid, 2);
    bench.restart();
    bench.give(Input::Downlink(&notice));
    assert!(bench.notices.is_empty(), "the counter outlives a reset");
    bench.down(&Downlink::Notice(NoticeCode::GoHome));
    assert_eq!(bench.notices, [NoticeCode::GoHome]);
}

#[test]
fn a_query_is_answered_with_the_next_fix() {
    let mut bench: Bench = Bench::new();
    bench.walk_min(2);
    let samples = bench.samples;
    bench.pass_s(10);
    bench.down(&Downlink::Query);
    assert_eq!(bench.samples, samples + 1);
    bench.give(Input::Fix(bench.fix()));
    assert_eq!(bench.batches(), [3]);
}

#[test]
fn a_cut_strap_is_an_event_within_a_second_and_latches_for_good() {
    let mut bench: Bench = Bench::new();
    bench.give(Input::Strap { open: true });
    bench.pass_s(1);
    assert_eq!(bench.kinds(), [EventKind::PowerOn, EventKind::StrapSuspected, EventKind::StrapOpen]);
    assert_eq!(bench.notices, [NoticeCode::CheckStrap]);
    bench.give(Input::Strap { open: false });
    bench.pass_s(60);
    assert_eq!(bench.kinds().last(), Some(&EventKind::StrapClosed));
    assert_eq!(bench.tag.latches(), (true, false));
    bench.restart();
    assert_eq!(bench.tag.latches(), (true, false));
}

#[test]
fn an_opened_case_latches() {
    let mut bench: Bench = Bench::new();
    bench.give(Input::Case { sensor: CaseSensor::Light, open: true });
    bench.pass_s(1);
    assert_eq!(bench.kinds(), [EventKind::PowerOn, EventKind::CaseOpen]);
    bench.restart();
    assert_eq!(bench.tag.latches(), (false, true));
}

#[test]
fn every_alarm_is_followed_by_its_checkpoint_in_its_own_queue() {
    let mut bench: Bench = Bench::new();
    bench.give(Input::Panic);
    let [.., (alarm, _), (checkpoint, inner)] = &bench.journal.reports()[..] else { panic!("no frames") };
    assert_eq!((bench.class(*alarm), bench.class(*checkpoint)), (Class::Alarms, Class::Alarms));
    assert!(matches!(decode(inner), Ok(Payload::Checkpoint(checkpoint)) if checkpoint.covers == *alarm));
}

#[test]
fn checkpoints_come_every_sixty_frames_or_four_hours_and_verify() {
    let mut bench: Bench = Bench::new();
    bench.walk_min(540);
    bench.plan(Plan { version: 1, collect_s: 5, transmit_s: 5, ..PLAN });
    for _ in 0..200 {
        bench.pass_s(5);
        bench.give(Input::Fix(bench.fix()));
    }
    let public_key = Key::new().0.verifying_key().to_bytes();
    let mut chain = Chain::start(DEVICE, lenke_wire::Epoch(1));
    let (mut last, mut since, mut count) = (None, 0, 0);
    for (id, inner) in bench.journal.reports() {
        match decode(&inner).unwrap() {
            Payload::Checkpoint(checkpoint) => {
                assert_eq!((Some(checkpoint.covers), &checkpoint.chain), (last, chain.bytes()));
                assert_eq!(verify_checkpoint(&public_key, DEVICE, &checkpoint), Ok(()));
                since = 0;
                count += 1;
            }
            Payload::Fixes(_)
            | Payload::Event(_)
            | Payload::Sightings(_)
            | Payload::Health(_)
            | Payload::Receipt(_)
            | Payload::Later(_) => since += 1,
        }
        assert!(since <= 60);
        chain = chain.advance(&inner);
        last = Some(id);
    }
    // Nine hours with a frame every 10 minutes, of which none waits for more than four hours; then 200 frames.
    assert_eq!(count, 2 + 3);
}

#[test]
fn battery_marks_are_reported_once_and_armed_again_by_charging() {
    let mut bench: Bench = Bench::new();
    for percent in [60, 26, 25, 24, 26, 24, 10, 9, 11, 9] {
        bench.battery(percent, false);
    }
    use EventKind::{BatteryCritical, BatteryLow, ChargeEnded, ChargeStarted, PowerOn};
    assert_eq!(bench.kinds(), [PowerOn, BatteryLow, BatteryCritical]);
    assert_eq!(bench.notices, [NoticeCode::Charge]);
    bench.battery(9, true);
    bench.battery(80, true);
    bench.battery(80, false);
    bench.battery(25, false);
    assert_eq!(bench.kinds()[3..], [ChargeStarted, ChargeEnded, BatteryLow]);
    assert_eq!(bench.notices, [NoticeCode::Charge; 2]);
}

#[test]
fn the_forecast_extends_the_drain_and_warns_before_the_mark() {
    let mut bench: Bench = Bench::new();
    bench.give(Input::NetworkTime { at: bench.now, uncertainty_ms: 1_000 });
    // 12 percent an hour from 80: empty after 400 minutes.
    let empty_at = START.plus_s(400 * MINUTE);
    for step in 0..50 {
        bench.battery(80 - step, false);
        if step >= 5 {
            let forecast = bench.tag.battery().unwrap().empty_at.unwrap();
            assert!(forecast.since_ms(empty_at).abs() < 60_000, "step {step}: {forecast:?}");
        }
        let left_min = 400 - i64::from(step) * 5;
        assert_eq!(bench.notices.is_empty(), left_min >= 240, "step {step}");
        bench.pass_s(5 * MINUTE);
    }
    bench.battery(30, true);
    assert_eq!(bench.tag.battery().unwrap().empty_at, None);
}

#[test]
fn health_is_reported_at_the_first_measurement_and_then_hourly() {
    let mut bench: Bench = Bench::new();
    bench.give(Input::Environment { signal_dbm: -97, temperature_c: 31 });
    bench.battery(71, false);
    bench.pass_s(3 * HOUR + 1);
    let reports = bench.journal.reports();
    let health: Vec<_> = reports
        .iter()
        .filter_map(|(_, inner)| match decode(inner).unwrap() {
            Payload::Health(health) => Some(health),
            Payload::Fixes(_)
            | Payload::Event(_)
            | Payload::Sightings(_)
            | Payload::Checkpoint(_)
            | Payload::Receipt(_)
            | Payload::Later(_) => None,
        })
        .collect();
    assert_eq!(health.len(), 4);
    assert_eq!((health[3].battery.percent, health[3].signal_dbm, health[3].temperature_c), (71, -97, 31));
    assert!(health[3].unacknowledged > 0);
}

#[test]
fn the_home_beacon_silences_gnss_but_for_an_hourly_spot_check() {
    let mut bench: Bench = Bench::new();
    bench.walk_min(3);
    let samples = bench.samples;
    for _ in 0..150 {
        bench.home();
        bench.pass_s(MINUTE);
    }
    assert_eq!(bench.tag.state(), TagState::Home);
    assert_eq!(bench.samples - samples, 3, "on coming home, and twice");
    assert!(!bench.kinds().contains(&EventKind::GnssLost));
    bench.pass_s(3 * MINUTE);
    assert_eq!(bench.tag.state(), TagState::Roam);
    assert_eq!(bench.samples - samples, 5, "leaving home is looked at at once");
}

#[test]
fn a_cloned_beacon_is_recorded_and_silences_nothing() {
    let mut bench: Bench = Bench::new();
    let samples = bench.samples;
    for heard in [HOME.device, DeviceId::new(700_002)] {
        for _ in 0..10 {
            bench.give(Input::Beacon { heard, rssi_dbm: -60 });
            bench.give(Input::BeaconAnswer { heard, rssi_dbm: -60, answer: [3; 8] });
            bench.pass_s(MINUTE);
        }
    }
    assert_eq!(bench.samples - samples, 20);
    let sightings: usize = bench
        .journal
        .reports()
        .iter()
        .filter_map(|(_, inner)| match decode(inner).unwrap() {
            Payload::Sightings(sightings) => Some(sightings.count()),
            Payload::Fixes(_)
            | Payload::Event(_)
            | Payload::Health(_)
            | Payload::Checkpoint(_)
            | Payload::Receipt(_)
            | Payload::Later(_) => None,
        })
        .sum();
    assert!((19..=20).contains(&sightings), "{sightings}");
}

#[test]
fn gnss_lost_and_regained_carry_the_seconds() {
    let mut bench: Bench = Bench::new();
    bench.walk_min(2);
    bench.pass_s(20 * MINUTE);
    bench.give(Input::NoFix);
    bench.give(Input::Fix(bench.fix()));
    let events: Vec<(EventKind, i32)> =
        bench.events().iter().skip(1).map(|event| (event.kind, event.value)).collect();
    assert_eq!(events, [(EventKind::GnssLost, 900), (EventKind::GnssRegained, 1200)]);
}

#[test]
fn events_carry_a_fresh_position_and_say_where_their_time_comes_from() {
    let mut bench: Bench = Bench::new();
    bench.give(Input::Panic);
    bench.give(Input::NetworkTime { at: bench.now, uncertainty_ms: 2_000 });
    bench.give(Input::Panic);
    bench.walk_min(1);
    bench.give(Input::Panic);
    bench.pass_s(8 * HOUR);
    bench.give(Input::Panic);
    let told: Vec<(TimeSource, bool)> = bench
        .events()
        .iter()
        .filter(|event| event.kind == EventKind::Panic)
        .map(|event| (event.time_source, event.position.is_some()))
        .collect();
    assert_eq!(
        told,
        [
            (TimeSource::Unset, false),
            (TimeSource::Network, false),
            (TimeSource::Gnss, true),
            (TimeSource::Held, false)
        ]
    );
}

#[test]
fn a_call_for_help_is_confirmed_when_the_centre_has_it() {
    let mut bench: Bench = Bench::new();
    bench.give(Input::LinkUp);
    bench.give(Input::Panic);
    bench.ack(1, 0);
    assert!(bench.notices.is_empty());
    bench.ack(1, 1);
    assert_eq!(bench.notices, [NoticeCode::HelpNotified]);
}

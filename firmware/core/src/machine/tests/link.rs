//! What goes over the link, in which order, and how often.

use super::super::bench::*;
use crate::{
    Input, Journal,
    journal::{Class, Ring},
    recorder::THINNING_PERCENT,
    transmitter::IN_FLIGHT_MAX,
};
use lenke_wire::{EventKind, FrameId, Lane};
use std::{vec, vec::Vec};

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;

#[test]
fn the_tag_connects_at_start_and_backs_off_with_jitter() {
    let mut bench: Bench = Bench::new();
    assert_eq!(bench.connects, 1);
    let mut waits = Vec::new();
    for _ in 0..12 {
        let from = bench.now;
        let connects = bench.connects;
        bench.give(Input::LinkDown);
        while bench.connects == connects {
            bench.pass_s(1);
        }
        waits.push(bench.now.since_ms(from) / 1000);
    }
    assert!(waits[0] <= 3, "{waits:?}");
    assert!(waits[11] >= 225 && waits.iter().all(|&wait| wait <= 376), "{waits:?}");
    let stalled = (bench.connects, bench.disconnects);
    bench.pass_s(7 * MINUTE);
    assert_eq!((bench.connects, bench.disconnects), stalled, "a slow network has its time");
    bench.pass_s(8 * MINUTE);
    assert_eq!(bench.disconnects, stalled.1 + 1, "an attempt that leads nowhere is ended");
    assert!(bench.connects > stalled.0, "a board that never answers is asked again");
}

#[test]
fn after_an_outage_alarms_go_first_then_the_newest_then_the_backlog_in_order() {
    let mut bench: Bench = Bench::new();
    bench.walk_min(50);
    bench.give(Input::Panic);
    bench.walk_min(15);
    bench.give(Input::LinkUp);
    let sent = bench.pub_ack_all();
    let events = sent.iter().take_while(|(frame, _)| bench.class(*frame) == Class::Alarms).count();
    assert_eq!(events, 4, "power on, panic and its checkpoint, network regained: {sent:?}");
    let records: Vec<FrameId> = bench
        .journal
        .taken
        .iter()
        .filter(|(_, (class, _))| *class == Class::Records)
        .map(|(&id, _)| id)
        .collect();
    let (newest, backlog) = records.split_last().unwrap();
    let expected: Vec<(FrameId, Lane)> =
        [(*newest, Lane::Live)].into_iter().chain(backlog.iter().map(|&id| (id, Lane::Backlog))).collect();
    assert_eq!(sent[events..], expected);
}

#[test]
fn an_alarm_overtakes_a_backlog_under_way() {
    let mut bench: Bench = Bench::new();
    bench.walk_min(500);
    bench.give(Input::LinkUp);
    assert_eq!(bench.sent.len(), IN_FLIGHT_MAX);
    bench.sent.clear();
    bench.give(Input::Panic);
    assert_eq!(bench.sent, [], "the window is full");
    let first = FrameId::new(1, 0);
    bench.give(Input::PubAck(first));
    let [(frame, Lane::Live)] = bench.sent[..] else { panic!("{:?}", bench.sent) };
    assert_eq!(bench.class(frame), Class::Alarms);
}

#[test]
fn frames_wait_for_the_centre_and_go_again_with_growing_patience() {
    let mut bench: Bench = Bench::new();
    bench.give(Input::LinkUp);
    let mut times = Vec::new();
    for _ in 0..2_000 {
        if bench.pub_ack_all().contains(&(FrameId::new(1, 0), Lane::Live)) {
            times.push(bench.now.since_ms(START) / 1000);
        }
        bench.pass_s(10);
        bench.give(Input::Fix(bench.fix()));
    }
    let gaps: Vec<i64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!((90..=160).contains(&gaps[0]), "{gaps:?}");
    assert!(gaps[..5].windows(2).all(|pair| pair[1] > pair[0]), "{gaps:?}");
    assert!(gaps.iter().all(|&gap| gap <= HOUR * 5 / 4 + 10), "{gaps:?}");
    bench.ack(1, u32::MAX);
    assert_eq!(bench.journal.count(), 0);
}

#[test]
fn an_acknowledgement_keeps_everything_above_it() {
    let mut bench: Bench = Bench::new();
    bench.walk_min(60);
    bench.give(Input::LinkUp);
    bench.pub_ack_all();
    let before = bench.journal.count();
    bench.ack(1, 3);
    assert_eq!(bench.journal.count(), before - 4);
    bench.ack(1, 2);
    assert_eq!(bench.journal.count(), before - 4);
    assert_eq!(bench.tag.counters().acknowledged, 4);
}

#[test]
fn a_full_journal_thins_the_trail_keeps_alarms_and_tells_it() {
    let mut bench: Bench<Ring<4_096, 2_048>> = Bench::new();
    bench.walk_min(500);
    assert!(bench.tag.counters().fixes_given_up > 0);
    assert!(bench.journal.fill_percent(Class::Records) >= THINNING_PERCENT);
    assert_eq!(bench.kinds(), [EventKind::PowerOn, EventKind::JournalOverflow]);
    bench.give(Input::Panic);
    assert_eq!(bench.kinds().last(), Some(&EventKind::Panic));
    bench.give(Input::LinkUp);
    let lost = bench.tag.counters().fixes_given_up as i32;
    bench.ack(1, bench.tag.next_frame().seq.0 - 1);
    assert_eq!(bench.kinds().last(), Some(&EventKind::JournalOverflow));
    assert_eq!(bench.events().last().unwrap().value, lost);
    assert_eq!(bench.tag.counters().events_given_up, 0);
    let kept: usize = bench.batches().iter().sum();
    assert!(kept + lost as usize >= 490 && kept + lost as usize <= 500);
}

#[test]
fn frames_of_an_earlier_epoch_are_sent_after_a_restart() {
    let mut bench: Bench = Bench::new();
    bench.walk_min(30);
    let before: Vec<FrameId> = bench.journal.taken.keys().copied().collect();
    bench.restart();
    assert_eq!(bench.tag.next_frame().epoch.0, 2);
    bench.give(Input::LinkUp);
    let sent: Vec<FrameId> = bench.pub_ack_all().into_iter().map(|(frame, _)| frame).collect();
    assert!(before.iter().all(|id| sent.contains(id)));
    bench.ack(2, u32::MAX);
    assert_eq!(bench.journal.count() as usize, before.len());
    bench.ack(1, u32::MAX);
    assert_eq!(bench.journal.count(), 0);
}

#[test]
fn nothing_is_sent_without_a_link() {
    let mut bench: Bench = Bench::new();
    bench.give(Input::Panic);
    bench.walk_min(30);
    assert_eq!(bench.sent, vec![]);
    bench.give(Input::LinkUp);
    assert!(!bench.sent.is_empty());
    bench.sent.clear();
    bench.give(Input::LinkDown);
    bench.give(Input::Panic);
    assert_eq!(bench.sent, vec![]);
}

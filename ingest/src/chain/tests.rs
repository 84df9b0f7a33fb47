//! Chains against every order, gaps that stay, and devices that sign something else.

use super::*;
use lenke_wire::{
    Event, EventKind, TimeSource,
    codec::{Content, INNER_BYTES_MAX, encode},
};

const DEVICE: DeviceId = DeviceId::new(42);
const NOW: UnixMillis = UnixMillis(1_800_000_000_000);
const EPOCH: u32 = 3;

fn encoded(content: &Content<'_>) -> Vec<u8> {
    let mut out = [0; INNER_BYTES_MAX];
    let length = encode(content, &mut out).unwrap();
    out[..length].to_vec()
}

/// Reports with a checkpoint after every fifth; `forged` is a report that the device signs as something else.
fn reports(count: u32, forged: Option<u32>) -> Vec<Vec<u8>> {
    let mut chain = Chain::start(DEVICE, Epoch(EPOCH));
    let mut reports: Vec<Vec<u8>> = Vec::new();
    for seq in 0..count {
        let inner = if seq % 6 == 5 {
            let covers = FrameId::new(EPOCH, seq - 1);
            encoded(&Content::Checkpoint(&Checkpoint { covers, chain: *chain.bytes(), signature: [0; 64] }))
        } else {
            let kind = EventKind::BatteryLow;
            let value = i32::try_from(seq).unwrap();
            let event = Event { at: NOW, time_source: TimeSource::Gnss, kind, value, position: None };
            encoded(&Content::Event(&event))
        };
        chain = chain.advance(if forged == Some(seq) { b"something else" } else { &inner });
        reports.push(inner);
    }
    reports
}

fn head_of(reports: &[Vec<u8>]) -> Chain {
    reports.iter().fold(Chain::start(DEVICE, Epoch(EPOCH)), |chain, inner| chain.advance(inner))
}

/// Gives the reports in `order`, over a restart after each; answers what broke.
fn give(chains: &mut Chains, reports: &[Vec<u8>], order: impl IntoIterator<Item = u32>) -> Vec<Break> {
    let mut breaks = Vec::new();
    for seq in order {
        breaks.extend(chains.handle_frame(DEVICE, FrameId::new(EPOCH, seq), &reports[seq as usize], NOW));
        let restored = Chains::from_bytes(&chains.to_bytes()).unwrap();
        assert_eq!(restored, *chains);
        *chains = restored;
    }
    breaks
}

#[test]
fn the_head_is_the_same_in_whatever_order_frames_come() {
    let reports = reports(60, None);
    let mut scattered: Vec<u32> = (0..60).collect();
    scattered.sort_by_key(|seq| seq * 37 % 61);
    let orders: [Vec<u32>; 4] = [
        (0..60).collect(),
        (0..60).rev().collect(),
        scattered,
        // Newest first, then the backlog from its oldest.
        std::iter::once(59).chain(0..59).collect(),
    ];
    for order in orders {
        let mut chains = Chains::default();
        assert_eq!(give(&mut chains, &reports, order), []);
        assert_eq!(chains.head(Epoch(EPOCH)), Some((60, head_of(&reports))));
        assert_eq!(chains.passed_over(), 0);
    }
}

#[test]
fn a_device_that_signed_something_else_breaks_the_chain_once() {
    let reports = reports(60, Some(14));
    let mut chains = Chains::default();
    let breaks = give(&mut chains, &reports, 0..60);
    assert_eq!(breaks, [Break::Mismatch(FrameId::new(EPOCH, 17))], "from there on its own head is followed");
}

#[test]
fn a_checkpoint_that_covers_another_frame_breaks_the_chain() {
    let mut reports = reports(6, None);
    let Ok(Payload::Checkpoint(checkpoint)) = decode(&reports[5]) else { panic!("no checkpoint") };
    let moved = Checkpoint { covers: FrameId::new(EPOCH, 3), ..checkpoint };
    reports[5] = encoded(&Content::Checkpoint(&moved));
    assert_eq!(give(&mut Chains::default(), &reports, 0..6), [Break::Mismatch(FrameId::new(EPOCH, 5))]);
}

#[test]
fn more_than_may_wait_passes_the_gap_over_at_a_checkpoint() {
    let reports = reports(200, None);
    let mut chains = Chains::default();
    let breaks = give(&mut chains, &reports, (0..3).chain(4..200));
    assert_eq!(breaks, []);
    assert_eq!(chains.head(Epoch(EPOCH)), Some((200, head_of(&reports))), "checkpoints gave the head back");
    assert_eq!(chains.passed_over(), 1, "frame 4, before the checkpoint 5");
    let mut without = chains.clone();
    assert_eq!(give(&mut chains, &reports, [3]), [], "too late to be compared, and harmless");
    let late = NOW.plus_s(GAP_S_MAX + 1);
    let next = FrameId::new(EPOCH + 1, 0);
    assert_eq!(chains.handle_frame(DEVICE, next, b"report", late), [], "nothing is missing");
    let gap = [Break::Gap(FrameId::new(EPOCH, 3))];
    assert_eq!(
        without.handle_frame(DEVICE, next, b"report", late),
        gap,
        "told although later frames and a reset came"
    );
    assert_eq!(without.handle_frame(DEVICE, FrameId::new(EPOCH + 1, 1), b"report", late), [], "told once");
}

#[test]
fn a_gap_of_an_epoch_that_has_ended_is_told() {
    let reports = reports(10, None);
    let mut chains = Chains::default();
    assert_eq!(give(&mut chains, &reports, (0..3).chain(4..9)), []);
    let late = NOW.plus_s(GAP_S_MAX + 1);
    let breaks = chains.handle_frame(DEVICE, FrameId::new(EPOCH + 1, 0), b"report", late);
    assert_eq!(breaks, [Break::Gap(FrameId::new(EPOCH, 3))]);
}

#[test]
fn what_waits_in_one_epoch_leaves_the_chain_of_another_whole() {
    let reports = reports(40, Some(30));
    let mut chains = Chains::default();
    for seq in 1..=WAITING_FRAMES_MAX as u32 {
        chains.handle_frame(DEVICE, FrameId::new(EPOCH - 1, seq), b"report", NOW);
    }
    // Two at a time in the wrong order: each first one waits for a moment.
    let order = (0..40).map(|seq: u32| seq ^ 1);
    assert_eq!(give(&mut chains, &reports, order), [Break::Mismatch(FrameId::new(EPOCH, 35))]);
}

#[test]
fn a_gap_that_stays_open_is_a_break() {
    let reports = reports(20, None);
    let mut chains = Chains::default();
    assert_eq!(give(&mut chains, &reports, (0..3).chain(4..10)), []);
    let late = NOW.plus_s(GAP_S_MAX + 1);
    let breaks = chains.handle_frame(DEVICE, FrameId::new(EPOCH, 10), &reports[10], late);
    assert_eq!(breaks, [Break::Gap(FrameId::new(EPOCH, 3))]);
    let breaks = chains.handle_frame(DEVICE, FrameId::new(EPOCH, 11), &reports[11], late);
    assert_eq!(breaks, [], "told once");
    assert_eq!(chains.head(Epoch(EPOCH)).map(|(next, _)| next), Some(12));
}

#[test]
fn epochs_are_bounded_and_old_ones_no_longer_followed() {
    let mut chains = Chains::default();
    for epoch in [9, 5, 6, 7, 8] {
        chains.handle_frame(DEVICE, FrameId::new(epoch, 0), b"report", NOW);
    }
    assert_eq!(chains.epochs.len(), EPOCHS_MAX);
    assert!(chains.head(Epoch(5)).is_none());
    chains.handle_frame(DEVICE, FrameId::new(4, 0), b"report", NOW);
    assert!(chains.head(Epoch(4)).is_none() && chains.head(Epoch(6)).is_some());
}

#[test]
fn waiting_bytes_are_bounded() {
    let mut chains = Chains::default();
    let checkpoint = &reports(6, None)[5];
    for seq in 1..1_000 {
        let inner = if seq % 5 == 1 { checkpoint.as_slice() } else { &[7; 1_300] };
        chains.handle_frame(DEVICE, FrameId::new(EPOCH + seq % 2, seq), inner, NOW);
        let bytes = chains.to_bytes();
        assert!(bytes.len() < WAITING_BYTES_MAX + 1_024);
        assert_eq!(Chains::from_bytes(&bytes).as_ref(), Some(&chains));
    }
}

#[test]
fn other_bytes_are_no_state() {
    let mut chains = Chains::default();
    give(&mut chains, &reports(12, None), [0, 1, 4, 7]);
    let bytes = chains.to_bytes();
    for length in 0..bytes.len() {
        let cut = Chains::from_bytes(&bytes[..length]);
        assert!(cut.is_none_or(|cut| cut != chains), "cut at {length}");
    }
    assert_eq!(Chains::from_bytes(b"\x03"), None);
}

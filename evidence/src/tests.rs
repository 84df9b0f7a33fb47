//! A small bundle holds; with any byte changed it does not, and the place is named; a centre that rewrites history is found out.

use crate::{
    bundle::{DIGESTS, MANIFEST, RECORDS, SIGNATURE},
    records::hex,
    *,
};
use lenke_alerts::{Activation, DeviceKind, OrderId, SupervisionPlan, Wearer};
use lenke_wire::{
    Checkpoint, DeviceId, Epoch, Event, EventKind, Fix, FrameId, Position, TimeSource, UnixMillis,
    chain::{Chain, checkpoint_message},
    codec::{Content, FRAME_BYTES_MAX, INNER_BYTES_MAX, encode},
    frame::{DeviceKey, Direction, seal},
    sign::{KeyPair, Sign},
};
use lenke_zones::WearerId;

mod handover;

const DEVICE: DeviceId = DeviceId::new(42);
const START: UnixMillis = UnixMillis(1_800_000_000_000);
const KEY: [u8; 16] = [7; 16];
const EPOCH: u32 = 3;

fn pair() -> KeyPair {
    KeyPair::from_secret(&[0x51; 32])
}

fn centre() -> KeyPair {
    KeyPair::from_secret(&[0xa7; 32])
}

fn encoded(content: &Content<'_>) -> Vec<u8> {
    let mut out = [0; INNER_BYTES_MAX];
    let length = encode(content, &mut out).unwrap();
    out[..length].to_vec()
}

fn record(seq: u32, inner: &[u8], at: UnixMillis) -> FrameRecord {
    let mut out = [0; FRAME_BYTES_MAX];
    let id = FrameId::new(EPOCH, seq);
    let length = seal(&DeviceKey::new(KEY), DEVICE, Direction::Up, id, inner, &mut out).unwrap();
    FrameRecord {
        device: DEVICE.number(),
        epoch: EPOCH,
        seq,
        lane: "live".to_owned(),
        received_at: at.plus_s(1).0,
        inner: hex(inner),
        sealed: hex(&out[..length]),
    }
}

fn report(seq: u32) -> Vec<u8> {
    let at = START.plus_s(i64::from(seq) * 60);
    if seq == 4 {
        let (kind, time_source) = (EventKind::StrapOpen, TimeSource::Gnss);
        return encoded(&Content::Event(&Event { at, time_source, kind, value: 0, position: None }));
    }
    let position = Position::from_e7(599_138_689 + seq as i32 * 100, 107_522_454).unwrap();
    let fix = Fix {
        at,
        time_source: TimeSource::Gnss,
        position,
        accuracy_dm: 42,
        speed_cm_s: 0,
        course_cdeg: 0,
        satellites: 12,
    };
    encoded(&Content::Fixes(&[fix]))
}

/// Fixes and a strap that opens, a checkpoint after every third report.
fn frames(count: u32) -> Vec<FrameRecord> {
    let mut chain = Chain::start(DEVICE, Epoch(EPOCH));
    let mut frames = Vec::new();
    for seq in 0..count {
        let inner = if seq % 4 == 3 {
            let covers = FrameId::new(EPOCH, seq - 1);
            let signature = pair().sign(&checkpoint_message(DEVICE, covers, chain.bytes()));
            encoded(&Content::Checkpoint(&Checkpoint { covers, chain: *chain.bytes(), signature }))
        } else {
            report(seq)
        };
        chain = chain.advance(&inner);
        frames.push(record(seq, &inner, START.plus_s(i64::from(seq) * 60)));
    }
    frames
}

fn contents(frames: Vec<FrameRecord>, disclosed: bool) -> Contents {
    let wearer = WearerId(7);
    Contents {
        wearer: Wearer {
            id: wearer,
            order: OrderId(1),
            order_version: 2,
            conditions: Vec::new(),
            groups: Vec::new(),
            plan: SupervisionPlan::default(),
            home_units: Vec::new(),
        },
        from: START,
        to: START.plus_s(3_600),
        made_at: START.plus_s(7_200),
        made_by: "lenke test".to_owned(),
        devices: vec![DeviceRecord {
            number: DEVICE.number(),
            kind: DeviceKind::Tag,
            public_key: hex(&pair().public()),
            key: disclosed.then(|| hex(&KEY)),
            enrolled_at: 0,
        }],
        activations: vec![Activation { device: DEVICE, wearer, from: UnixMillis(0), to: None }],
        zones: Vec::new(),
        frames,
        withheld: Vec::new(),
        alerts: Vec::new(),
    }
}

fn bundle(contents: Contents) -> Bundle {
    contents.into_bundle(centre().public(), &centre()).unwrap()
}

#[test]
fn a_bundle_holds_and_says_what_is_proven() {
    for disclosed in [false, true] {
        let verdict = verify(&bundle(contents(frames(10), disclosed)), Some(&centre().public()));
        assert_eq!(verdict.complaints, []);
        assert_eq!((verdict.frames, verdict.proven, verdict.unproven), (10, 7, 3));
        assert!(verdict.verdicts >= 1, "the strap: {verdict:?}");
    }
    let other = verify(&bundle(contents(frames(10), false)), Some(&[1; 32]));
    assert_eq!(other.complaints[0].field.as_deref(), Some("authority"));
}

#[test]
fn the_symmetric_key_is_disclosed_only_when_asked_for() {
    let text = |disclosed| {
        let files = bundle(contents(frames(10), disclosed));
        files.into_values().flatten().map(char::from).collect::<String>()
    };
    assert!(!text(false).contains(&hex(&KEY)));
    assert!(text(true).contains(&hex(&KEY)));
}

#[test]
fn a_changed_bit_anywhere_is_found_and_its_place_named() {
    let good = bundle(contents(frames(5), false));
    for (name, bytes) in &good {
        for place in 0..bytes.len() {
            let mut bad = good.clone();
            let mask = 1 << (place % 8);
            bad.get_mut(name).unwrap()[place] ^= mask;
            let verdict = verify(&bad, None);
            let line = bytes[..place].iter().filter(|byte| **byte == b'\n').count() + 1;
            let named = verdict.complaints.iter().any(|complaint| {
                let here = complaint.file == *name;
                // A digest that is no longer one tells of itself by the line that it told of.
                here && complaint.line.is_none_or(|named| named == line || named + 1 == line)
            });
            assert!(named, "{name}, byte {place}, mask {mask}: {:?}", verdict.complaints);
        }
    }
}

#[test]
fn a_changed_field_is_named() {
    let good = bundle(contents(frames(5), false));
    let changed = |name: &str, from: &str, to: &str| {
        let mut bad = good.clone();
        let text = String::from_utf8(good[name].clone()).unwrap();
        assert!(text.contains(from), "{text}");
        bad.insert(name.to_owned(), text.replacen(from, to, 1).into_bytes());
        verify(&bad, None).complaints
    };
    let arrival = changed("frames.jsonl", "1800000001000", "1800000001001");
    assert_eq!((arrival[0].line, arrival[0].field.as_deref()), (Some(1), Some("received_at")));
    let order = changed("wearers.jsonl", "\"order_version\":2", "\"order_version\":3");
    assert_eq!((order[0].line, order[0].field.as_deref()), (Some(1), Some("order_version")));
    let interval = changed(MANIFEST, "\"to\":1800003600000", "\"to\":1800003600001");
    assert_eq!(interval[0].field.as_deref(), Some("to"));
    let signature = changed(SIGNATURE, "\n", "");
    assert_eq!(signature[0].file, SIGNATURE);
    let digest = changed(DIGESTS, "\"line\":1", "\"line\":2");
    assert_eq!(digest[0].file, DIGESTS);
    let mut without = good.clone();
    without.remove(RECORDS[0]);
    assert_eq!(verify(&without, None).complaints[0].what, "the file is missing");
}

#[test]
fn a_centre_that_rewrites_a_report_and_signs_anew_is_found_out() {
    for seq in [0, 4, 6] {
        let mut frames = frames(10);
        let other = record(seq, &report(9), START.plus_s(i64::from(seq) * 60));
        frames[seq as usize] = other;
        let verdict = verify(&bundle(contents(frames, true)), Some(&centre().public()));
        let blamed = verdict
            .complaints
            .iter()
            .any(|complaint| complaint.what.contains("not those that the device signed"));
        assert!(blamed, "frame {seq}: {:?}", verdict.complaints);
    }
}

#[test]
fn a_frame_left_out_leaves_frames_unproven() {
    let mut frames = frames(10);
    frames.remove(5);
    let verdict = verify(&bundle(contents(frames, false)), None);
    assert_eq!(verdict.complaints, []);
    assert_eq!((verdict.frames, verdict.proven, verdict.unproven), (9, 3, 6));
}

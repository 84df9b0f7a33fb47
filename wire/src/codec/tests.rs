//! The codec against golden bytes, itself, and hostile bytes.

mod reports;

use super::*;
use crate::{DeviceId, Outcome, downlink::CommandKind};
use proptest::{collection::vec, prelude::*};
use reports::{Owned, any_report, assert_reads_back, encoded};
use std::{format, string::String, vec::Vec};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn fix(at_s: i64, lat_e7: i32, lon_e7: i32) -> Fix {
    Fix {
        at: UnixMillis::from_seconds(at_s),
        time_source: TimeSource::Gnss,
        position: Position::from_e7(lat_e7, lon_e7).unwrap(),
        accuracy_dm: 42,
        speed_cm_s: 140,
        course_cdeg: 9_000,
        satellites: 12,
    }
}

/// `{0: 1, 1: 5, 3: 3, 4: 59, 5: h'c4..', 6: h'51..'}`.
const CHECKPOINT_HEX: &str = concat!(
    "a600010105030304183b05",
    "5820",
    "c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4c4",
    "065840",
    "51515151515151515151515151515151515151515151515151515151515151515151515151515151",
    "515151515151515151515151515151515151515151515151",
);

/// One report of each kind with its bytes; an independent decoder must read the same.
fn golden() -> [(Owned, &'static str); 8] {
    let at = UnixMillis(1_800_000_000_123);
    let battery = BatteryState { percent: 71, millivolts: 3_890, charging: false, empty_at: None };
    let health = Health {
        at,
        battery,
        strap_latched: true,
        case_latched: false,
        plan_version: 7,
        unacknowledged: 300,
        signal_dbm: -97,
        temperature_c: -5,
        firmware: 0x0001_0002,
        zones_version: 0,
        state: None,
    };
    let held = Fix {
        time_source: TimeSource::Held,
        speed_cm_s: 0,
        course_cdeg: 0,
        ..fix(1_800_000_125, 599_138_500, 107_522_000)
    };
    [
        (
            Owned::Fixes(std::vec![
                fix(1_800_000_000, 599_138_689, 107_522_454),
                fix(1_800_000_060, 599_138_700, 107_522_400),
                held,
            ]),
            "a500010101021b000001a3185c50000319ea6004581f1a8286b1bb04aca6c566548c01a8460c1016 \
             6b8c01a84605904e8f039f0602",
        ),
        (
            Owned::Event(Event {
                at,
                time_source: TimeSource::Network,
                kind: EventKind::StrapOpen,
                value: 0,
                position: Some(Position::from_e7(599_138_689, -107_522_454).unwrap()),
            }),
            "a600010102021b000001a3185c507b0301040206821a23b621813a0668a995",
        ),
        (
            Owned::Sightings(std::vec![
                Sighting { at, heard: DeviceId::new(700_001), rssi_dbm: -61, authenticated: true },
                Sighting {
                    at: at.plus_ms(-500),
                    heard: DeviceId::new(3),
                    rssi_dbm: -128,
                    authenticated: false
                },
            ]),
            "a400010103021b000001a3185c507b038284001a000aae61383cf5843901f303387ff4",
        ),
        (
            Owned::Health(health),
            "ac00010104021b000001a3185c507b03184704190f3205f4070108070919012c0a38600b240c1a00 \
             010002",
        ),
        (
            Owned::Health(Health {
                battery: BatteryState { empty_at: Some(at.plus_s(3_600)), charging: true, ..battery },
                ..health
            }),
            "ad00010104021b000001a3185c507b03184704190f3205f5061b000001a318933efb070108070919 \
             012c0a38600b240c1a00010002",
        ),
        (
            Owned::Checkpoint(Checkpoint {
                covers: FrameId::new(3, 59),
                chain: [0xc4; 32],
                signature: [0x51; 64],
            }),
            CHECKPOINT_HEX,
        ),
        (
            Owned::Health(Health { zones_version: 9, state: Some(TagState::Roam), ..health }),
            "ae00010104021b000001a3185c507b03184704190f3205f4070108070919012c0a38600b240c1a00 \
             0100020d090e05",
        ),
        (
            Owned::Receipt(Receipt {
                at,
                time_source: TimeSource::Gnss,
                counter: FrameId::new(2, 17),
                command: CommandKind::Plan,
                outcome: Outcome::Applied,
                version: 8,
                digest: [0xd1; 32],
                parts: 0,
            }),
            concat!(
                "aa00010106021b000001a3185c507b03000411050006020711080809",
                "5820",
                "d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1",
            ),
        ),
    ]
}

#[test]
fn golden_bytes_are_pinned() {
    for (report, bytes) in golden() {
        assert_eq!(hex(&encoded(&report.content())), bytes.replace(char::is_whitespace, ""), "{report:?}");
        assert_reads_back(&report, &unhex(bytes));
    }
}

#[test]
fn a_report_cut_anywhere_is_truncated() {
    for (report, _) in golden() {
        let inner = encoded(&report.content());
        for length in 0..inner.len() {
            let error = decode(&inner[..length]).unwrap_err();
            assert_eq!(error, DecodeError::Truncated, "{report:?} cut at {length}");
        }
        let mut longer = inner;
        longer.push(0);
        assert_eq!(decode(&longer), Err(DecodeError::Trailing), "{report:?}");
    }
}

/// `{0: 1, 1: kind, rest}` with `pairs` entries in `rest`.
fn map(kind: u8, pairs: u8, rest: &str) -> Vec<u8> {
    let mut bytes = std::vec![0xa0 + 2 + pairs, 0, 1, 1, kind];
    bytes.extend(unhex(rest));
    bytes
}

#[test]
fn what_later_versions_add_is_skipped_however_nested() {
    let event = Event {
        at: UnixMillis(5),
        time_source: TimeSource::Gnss,
        kind: EventKind::CaseOpen,
        value: 0,
        position: None,
    };
    for unknown in [
        "182a 00",
        "182a 38ff",
        "182a 43010203",
        "182a 63616263",
        "182a f6",
        "182a f97e00",
        "182a fb3ff0000000000000",
        "182a 83 01 82 02 a1 03 80 04",
        "182a c1 1a00010000",
        "182a a2 01 40 02 a0",
        "182a f8ff",
    ] {
        let inner = map(2, 4, &format!("02 05 03 00 04 04 {unknown}"));
        assert_eq!(decode(&inner), Ok(Payload::Event(event)), "{unknown}");
    }
    for (what, inner, later) in [
        ("a kind", map(7, 1, "02 8101"), Later { kind: 7, event: None }),
        ("a far kind", unhex("a2 00 01 01 1820"), Later { kind: 32, event: None }),
        ("an event", map(2, 3, "02 05 03 00 04 18c8"), Later { kind: 2, event: Some(200) }),
    ] {
        assert_eq!(decode(&inner), Ok(Payload::Later(later)), "{what}");
    }
    for (command, outcome) in [("181e", "00"), ("11", "1863")] {
        let zeros = "00".repeat(32);
        let rest = format!("02 05 03 00 04 {command} 05 {outcome} 06 00 07 00 08 00 09 5820 {zeros}");
        assert_eq!(decode(&map(6, 8, &rest)), Ok(Payload::Later(Later { kind: 6, event: None })));
    }
    let unknown_state = map(4, 11, "02 05 03 01 04 02 05 f5 07 00 08 00 09 00 0a 20 0b 20 0c 00 0e 18c8");
    assert!(matches!(decode(&unknown_state), Ok(Payload::Health(Health { state: None, .. }))));
    let between = map(4, 11, "02 05 03 01 04 02 05 f5 07 00 08 00 09 00 0a 20 0b 20 0c 00 0f 00");
    assert!(matches!(decode(&between), Ok(Payload::Health(_))));
}

#[test]
fn each_rule_has_its_own_rejection() {
    use DecodeError::*;
    let fixes = |rows: &str| {
        let rows = unhex(rows);
        let head: &[u8] =
            if rows.len() < 24 { &[0x40 + rows.len() as u8] } else { &[0x58, rows.len() as u8] };
        [&[0xa4, 0, 1, 1, 1, 2, 5, 4], head, &rows].concat()
    };
    let cases: &[(&str, Vec<u8>, DecodeError)] = &[
        ("empty", Vec::new(), Truncated),
        ("too long", std::vec![0; INNER_BYTES_MAX + 1], TooLong),
        ("not a map", unhex("80"), WrongType),
        ("empty map", unhex("a0"), Missing(0)),
        ("kind missing", unhex("a1 00 01"), Missing(1)),
        ("version 2", unhex("a2 00 02 01 02"), Version(2)),
        ("kind 0", unhex("a2 00 01 01 00"), Kind(0)),
        ("kind 16 is a downlink's", unhex("a2 00 01 01 10"), Kind(16)),
        ("kind 31 is a downlink's", unhex("a2 00 01 01 181f"), Kind(31)),
        ("a later kind that is cut", map(7, 1, "02 19"), Truncated),
        ("indefinite map", unhex("bf 00 01 01 02 ff"), Indefinite),
        ("reserved head", unhex("a2 00 1c"), NotCbor),
        ("version in two bytes", unhex("a2 00 18 01 01 02"), NotShortest),
        ("time in five bytes", map(2, 3, "02 1a00000005 03 00 04 04"), NotShortest),
        ("key as text", unhex("a2 61 30 01 01 02"), WrongType),
        ("keys descend", map(2, 3, "03 00 02 05 04 04"), KeyOrder),
        ("key twice", map(2, 4, "02 05 02 05 03 00 04 04"), KeyOrder),
        ("time missing", map(2, 2, "03 00 04 04"), Missing(2)),
        ("time negative", map(2, 3, "02 20 03 00 04 04"), Value(2)),
        ("time after year 9999", map(2, 3, "02 1b0000e677d21fdc00 03 00 04 04"), Value(2)),
        ("time source 4", map(2, 3, "02 05 03 04 04 04"), Value(3)),
        ("event 0", map(2, 3, "02 05 03 00 04 00"), Value(4)),
        ("event 256", map(2, 3, "02 05 03 00 04 190100"), Value(4)),
        ("receipt without a hash", map(6, 7, "02 05 03 00 04 10 05 00 06 00 07 00 08 00"), Missing(9)),
        (
            "receipt with a short hash",
            map(6, 8, "02 05 03 00 04 10 05 00 06 00 07 00 08 00 09 41 00"),
            Value(9),
        ),
        ("zones version of 0", map(4, 1, "0d 00"), NotShortest),
        ("value beyond 32 bits", map(2, 4, "02 05 03 00 04 04 05 1a80000000"), Value(5)),
        ("value of 0", map(2, 4, "02 05 03 00 04 04 05 00"), NotShortest),
        ("interval of 0", map(1, 3, "02 05 03 00 04 43 000000"), NotShortest),
        ("position of three", map(2, 4, "02 05 03 00 04 04 06 83 00 00 00"), WrongType),
        ("latitude of 90.0000001", map(2, 4, "02 05 03 00 04 04 06 82 1a35a4e901 00"), Value(6)),
        ("unknown value cut", map(2, 4, "02 05 03 00 04 04 182a 9b00000001ffffffff"), Truncated),
        ("101 percent", map(4, 1, "03 1865"), Value(3)),
        ("latch bit 4", map(4, 1, "07 04"), Value(7)),
        ("charging as number", map(4, 1, "05 01"), WrongType),
        ("charging null", map(4, 1, "05 f6"), WrongType),
        ("chain of one byte", map(5, 1, "05 41 00"), Value(5)),
        ("no sightings", map(3, 2, "02 05 03 80"), Count),
        ("41 sightings", map(3, 2, "02 05 03 9829"), Count),
        ("sighting of three", map(3, 2, "02 05 03 81 83 00 00 00"), WrongType),
        ("rssi of 128", map(3, 2, "02 05 03 81 84 00 00 1880 f4"), Row(0)),
        ("sighting before 1970", map(3, 2, "02 05 03 81 84 25 00 00 f4"), Row(0)),
        ("sightings before their time", map(3, 2, "03 81 84 00 00 00 f4 04 00"), Missing(2)),
        ("no rows", fixes(""), Count),
        ("61 rows", fixes(&"000000".repeat(61)), Count),
        ("unknown flag", fixes("20 00 00"), Row(0)),
        ("unknown flag in row 1", fixes("000000 20 00 00"), Row(1)),
        ("row cut", fixes("00 00"), Truncated),
        ("latitude of 90.0000001", fixes("00 82a4a7da06 00"), Row(0)),
        ("time delta of 0", fixes("01 00 00 00"), NotShortest),
        ("time before 1970", fixes("01 0b 00 00"), Row(0)),
        ("accuracy delta of 0", fixes("08 00 00 00"), NotShortest),
        ("accuracy below 0", fixes("08 00 00 01"), Row(0)),
        ("motion of 0", fixes("10 00 00 00 00"), NotShortest),
        ("course of 360", fixes("10 00 00 00 a09902"), Row(0)),
        ("same satellites", fixes("02 00 00 00"), NotShortest),
        ("same time source", fixes("04 00 00 00"), NotShortest),
        ("time source 4", fixes("04 00 00 04"), Row(0)),
        ("varint of 65 bits", fixes("00 ffffffffffffffffff02 00"), Row(0)),
        ("varint with a trailing zero", fixes("00 8000 00"), NotShortest),
    ];
    for (name, bytes, error) in cases {
        assert_eq!(decode(bytes), Err(*error), "{name}: {}", hex(bytes));
    }
}

#[test]
fn what_cannot_be_read_back_is_not_written() {
    let good = fix(5, 0, 0);
    let mut out = [0; INNER_BYTES_MAX];
    let mut refusal = |content: Content<'_>| encode(&content, &mut out).unwrap_err();
    assert_eq!(refusal(Content::Fixes(&[])), EncodeError::Count);
    assert_eq!(refusal(Content::Fixes(&[good; FIXES_MAX + 1])), EncodeError::Count);
    assert_eq!(refusal(Content::Sightings(&[])), EncodeError::Count);
    assert_eq!(refusal(Content::Fixes(&[Fix { course_cdeg: 36_000, ..good }])), EncodeError::Value);
    assert_eq!(refusal(Content::Fixes(&[Fix { at: UnixMillis(-1), ..good }])), EncodeError::Value);
    assert_eq!(encode(&Content::Fixes(&[good]), &mut [0; 10]), Err(EncodeError::Space));
}

#[test]
fn sixty_ordinary_fixes_fit_one_frame() {
    let fixes: Vec<Fix> = (0..60)
        .map(|n| fix(1_800_000_000 + i64::from(n) * 61, 599_138_689 + n * 90_001, 107_522_454 - n * 180_003))
        .collect();
    assert!(encoded(&Content::Fixes(&fixes)).len() < INNER_BYTES_MAX);
}

proptest! {
    #[test]
    fn reports_read_back_equal_and_encode_alike(report in any_report()) {
        let inner = encoded(&report.content());
        assert_reads_back(&report, &inner);
        prop_assert_eq!(encoded(&report.content()), inner);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in vec(any::<u8>(), 0..200)) {
        if let Ok(Payload::Fixes(fixes)) = decode(&bytes) {
            prop_assert_eq!(fixes.iter().count(), fixes.count());
        }
    }

    #[test]
    fn damaged_reports_never_panic_and_keep_their_counts(
        report in any_report(),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut inner = encoded(&report.content());
        for (at, byte) in damage {
            let at = at.index(inner.len());
            inner[at] = byte;
        }
        match decode(&inner) {
            Ok(Payload::Fixes(fixes)) => prop_assert_eq!(fixes.iter().count(), fixes.count()),
            Ok(Payload::Sightings(sightings)) => prop_assert_eq!(sightings.iter().count(), sightings.count()),
            Ok(
                Payload::Event(_)
                | Payload::Health(_)
                | Payload::Checkpoint(_)
                | Payload::Receipt(_)
                | Payload::Later(_),
            )
            | Err(_) => {}
        }
    }

    #[test]
    fn every_cut_of_any_report_is_refused(report in any_report(), at: prop::sample::Index) {
        let inner = encoded(&report.content());
        prop_assert_eq!(decode(&inner[..at.index(inner.len())]), Err(DecodeError::Truncated));
    }
}

//! One of everything: reports, downlinks, and bytes that are refused.

use lenke_wire::{
    BatteryState, Checkpoint, DeviceId, Event, EventKind, Fix, FrameId, Health, Outcome, Position, Receipt,
    Sighting, TagState, TimeSource, UnixMillis,
    codec::{Content, INNER_BYTES_MAX},
    command::{
        BODY_BYTES_MAX, ClearLatch, Latch, Manifest, Officer, OfficerOrder, Plan, Rates, Signed, ZoneSetHead,
    },
    downlink::{CommandKind, Downlink, NoticeCode, Pursuit, ZonesPart},
    sign::KeyPair,
};

pub(crate) const DEVICE: DeviceId = DeviceId::new(42);
pub(crate) const KEY: [u8; 16] = *b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f";
const AT: UnixMillis = UnixMillis(1_800_000_000_123);

pub(crate) fn device_key_pair() -> KeyPair {
    KeyPair::from_secret(&[0x51; 32])
}

pub(crate) fn authority() -> KeyPair {
    KeyPair::from_secret(&[0xa7; 32])
}

fn officer() -> KeyPair {
    KeyPair::from_secret(&[0x0f; 32])
}

pub(crate) enum Owned {
    Fixes(Vec<Fix>),
    Event(Event),
    Sightings(Vec<Sighting>),
    Health(Health),
    Checkpoint(Checkpoint),
    Receipt(Receipt),
}

impl Owned {
    pub(crate) fn content(&self) -> Content<'_> {
        match self {
            Self::Fixes(fixes) => Content::Fixes(fixes),
            Self::Event(event) => Content::Event(event),
            Self::Sightings(sightings) => Content::Sightings(sightings),
            Self::Health(health) => Content::Health(health),
            Self::Checkpoint(checkpoint) => Content::Checkpoint(checkpoint),
            Self::Receipt(receipt) => Content::Receipt(receipt),
        }
    }
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

fn event(kind: EventKind, value: i32, position: Option<Position>) -> Owned {
    Owned::Event(Event { at: AT, time_source: TimeSource::Network, kind, value, position })
}

fn health() -> Health {
    Health {
        at: AT,
        battery: BatteryState { percent: 71, millivolts: 3_890, charging: false, empty_at: None },
        strap_latched: true,
        case_latched: false,
        plan_version: 7,
        unacknowledged: 300,
        signal_dbm: -97,
        temperature_c: -5,
        firmware: 0x0001_0002,
        zones_version: 0,
        state: None,
    }
}

/// Fixes with the widest steps, at the ends of every range.
fn extreme_fixes() -> Vec<Fix> {
    let corner = |lat, lon, accuracy_dm, satellites, time_source| Fix {
        time_source,
        accuracy_dm,
        speed_cm_s: u16::MAX,
        course_cdeg: 35_999,
        satellites,
        ..fix(253_402_300_799, lat, lon)
    };
    vec![
        corner(900_000_000, 1_800_000_000, 0, 255, TimeSource::Unset),
        corner(-900_000_000, -1_800_000_000, u16::MAX, 0, TimeSource::Network),
        Fix { at: UnixMillis(0), ..corner(0, 0, 1, 0, TimeSource::Gnss) },
    ]
}

pub(crate) fn reports() -> Vec<(&'static str, Owned)> {
    let held = Fix {
        time_source: TimeSource::Held,
        speed_cm_s: 0,
        course_cdeg: 0,
        ..fix(1_800_000_125, 599_138_500, 107_522_000)
    };
    let steady =
        (0..60).map(|step| fix(1_800_000_000 + 60 * i64::from(step), 599_000_000 + step, 107_000_000 - step));
    let place = Position::from_e7(599_138_689, -107_522_454).unwrap();
    let heard = |number: u64, rssi_dbm, authenticated, after| Sighting {
        at: AT.plus_ms(after),
        heard: DeviceId::new(number),
        rssi_dbm,
        authenticated,
    };
    let mut all = vec![
        (
            "three fixes, the last with a held time",
            Owned::Fixes(vec![
                fix(1_800_000_000, 599_138_689, 107_522_454),
                fix(1_800_000_060, 599_138_700, 107_522_400),
                held,
            ]),
        ),
        ("strap open, with a position", event(EventKind::StrapOpen, 0, Some(place))),
        (
            "sightings",
            Owned::Sightings(vec![heard(700_001, -61, true, 0), heard(u64::MAX, -128, false, -500)]),
        ),
        ("health", Owned::Health(health())),
        ("one fix", Owned::Fixes(vec![fix(1_800_000_000, -1, 1)])),
        ("sixty fixes", Owned::Fixes(steady.collect())),
        ("fixes at the ends of every range", Owned::Fixes(extreme_fixes())),
        (
            "health with everything",
            Owned::Health(Health {
                battery: BatteryState {
                    percent: 100,
                    millivolts: u16::MAX,
                    charging: true,
                    empty_at: Some(AT.plus_s(3_600)),
                },
                case_latched: true,
                zones_version: 9,
                state: Some(TagState::Roam),
                ..health()
            }),
        ),
        (
            "checkpoint",
            Owned::Checkpoint(Checkpoint {
                covers: FrameId::new(3, 59),
                chain: [0xc4; 32],
                signature: [0x51; 64],
            }),
        ),
        (
            "receipt of a plan",
            Owned::Receipt(Receipt {
                at: AT,
                time_source: TimeSource::Gnss,
                counter: FrameId::new(2, 17),
                command: CommandKind::Plan,
                outcome: Outcome::Applied,
                version: 8,
                digest: [0xd1; 32],
                parts: 0,
            }),
        ),
        (
            "receipt of a refused zone set",
            Owned::Receipt(Receipt {
                at: AT,
                time_source: TimeSource::Held,
                counter: FrameId::new(u32::MAX, u32::MAX),
                command: CommandKind::Zones,
                outcome: Outcome::Base,
                version: 0,
                digest: [0; 32],
                parts: 0,
            }),
        ),
        (
            "receipt of a part that came again",
            Owned::Receipt(Receipt {
                at: AT,
                time_source: TimeSource::Network,
                counter: FrameId::new(2, 19),
                command: CommandKind::Zones,
                outcome: Outcome::Incomplete,
                version: 4,
                digest: [0xd4; 32],
                parts: 0b1101,
            }),
        ),
    ];
    let values = [0, 1, -1, i32::MAX, i32::MIN];
    all.extend(
        EventKind::ALL
            .into_iter()
            .zip(values.into_iter().cycle())
            .map(|(kind, value)| ("an event", event(kind, value, None))),
    );
    all
}

/// Reports with what a later version may add.
pub(crate) fn later_reports() -> [(&'static str, &'static [u8]); 4] {
    [
        (
            "a key of a later version",
            b"\xa6\x00\x01\x01\x02\x02\x05\x03\x00\x04\x04\x18\x63\x82\x01\xa1\x61x\xfb\x3f\xf0\0\0\0\0\0\0",
        ),
        ("a kind of a later version", b"\xa3\x00\x01\x01\x07\x02\x82\x01\xf6"),
        ("an event of a later version", b"\xa5\x00\x01\x01\x02\x02\x05\x03\x00\x04\x18\xc8"),
        ("a kind far off", b"\xa2\x00\x01\x01\x19\x01\x00"),
    ]
}

pub(crate) fn for_each_downlink(mut each: impl FnMut(&'static str, &Downlink<'_>)) {
    each("acknowledgement", &Downlink::Ack(FrameId::new(3, 300)));
    let plan = Plan {
        version: 7,
        base_version: 6,
        collect_s: 60,
        transmit_s: 600,
        no_fix_s: 900,
        battery_low: 25,
        battery_critical: 10,
        rates: Rates::DEFAULT,
    };
    let mut body = [0; BODY_BYTES_MAX];
    each("plan", &Downlink::Plan(Signed::sign(plan, DEVICE, &authority(), &mut body).unwrap()));
    for code in NoticeCode::ALL {
        each("notice", &Downlink::Notice(code));
    }
    each("query", &Downlink::Query);
    let set: Vec<u8> = (0..1_030_u32).map(|byte| byte as u8).collect();
    // SHA-256 of the bytes 0, 1, ... 255, 0, ... to the number of 1030.
    let hash = SET_HASH;
    let head = ZoneSetHead { version: 3, base_version: 2, size: 1_030, hash };
    let mut body = [0; BODY_BYTES_MAX];
    let head = Signed::sign(head, DEVICE, &authority(), &mut body).unwrap();
    each("zones, first part", &Downlink::Zones(ZonesPart { head, part: 0, bytes: &set[..1_024] }));
    each("zones, last part", &Downlink::Zones(ZonesPart { head, part: 1, bytes: &set[1_024..] }));
    each("pursuit", &Downlink::Pursuit(Pursuit { on: true, until: AT }));
    each("end of pursuit", &Downlink::Pursuit(Pursuit { on: false, until: AT }));
    let clear = ClearLatch { latch: Latch::Strap, event: FrameId::new(3, 1) };
    let certificate = Officer {
        number: 9,
        public_key: officer().public(),
        from: UnixMillis::from_seconds(1_790_000_000),
        until: UnixMillis::from_seconds(1_810_000_000),
    };
    let (mut body, mut other) = ([0; BODY_BYTES_MAX], [0; BODY_BYTES_MAX]);
    each(
        "clear-latch",
        &Downlink::ClearLatch(OfficerOrder {
            order: Signed::sign(clear, DEVICE, &officer(), &mut body).unwrap(),
            certificate: Signed::sign(certificate, DEVICE, &authority(), &mut other).unwrap(),
        }),
    );
    let manifest =
        Manifest { board: 1, version: 0x0001_0203, size: 90_000, hash: [0xf0; 32], min_version: 0x0001_0000 };
    let mut body = [0; BODY_BYTES_MAX];
    each("firmware", &Downlink::Ota(Signed::sign(manifest, DEVICE, &authority(), &mut body).unwrap()));
}

const SET_HASH: [u8; 32] = [
    0x97, 0x10, 0x80, 0xeb, 0x30, 0xfe, 0xfd, 0x3e, 0x0c, 0xa7, 0xb9, 0xfd, 0xa9, 0xea, 0x3c, 0x62, 0xf8,
    0x7d, 0xfe, 0x08, 0xce, 0x61, 0xff, 0x19, 0x07, 0xae, 0x0c, 0xce, 0x59, 0x17, 0x01, 0x7e,
];

pub(crate) fn broken_frames(good: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let changed = |at: usize, mask: u8| {
        let mut bytes = good.to_vec();
        bytes[at] ^= mask;
        bytes
    };
    vec![
        ("nothing", Vec::new()),
        ("cut in the head", good[..5].to_vec()),
        ("cut in the ciphertext", good[..good.len() - 1].to_vec()),
        ("a byte too many", [good, &[0]].concat()),
        ("another algorithm", changed(6, 1)),
        ("another epoch", changed(13, 1)),
        ("another seq", changed(17, 1)),
        ("a changed report", changed(20, 0x80)),
        ("a changed tag", changed(good.len() - 1, 1)),
        ("no tag 16", good[1..].to_vec()),
        ("too long", vec![0xd0; 1_401]),
    ]
}

pub(crate) fn broken_reports() -> Vec<(&'static str, Vec<u8>)> {
    let rows = |rows: &[u8]| [&[0xa4, 0, 1, 1, 1, 2, 5, 4, 0x40 + rows.len() as u8], rows].concat();
    vec![
        ("schema version 2", b"\xa2\x00\x02\x01\x02".to_vec()),
        ("a downlink's kind", b"\xa2\x00\x01\x01\x10".to_vec()),
        ("kind 0", b"\xa2\x00\x01\x01\x00".to_vec()),
        ("keys descend", b"\xa5\x00\x01\x01\x02\x03\x00\x02\x05\x04\x04".to_vec()),
        ("a key twice", b"\xa6\x00\x01\x01\x02\x02\x05\x02\x05\x03\x00\x04\x04".to_vec()),
        ("an integer in a longer form", b"\xa5\x00\x01\x01\x02\x02\x18\x05\x03\x00\x04\x04".to_vec()),
        ("indefinite length", b"\xbf\x00\x01\x01\x02\x02\x05\x03\x00\x04\x04\xff".to_vec()),
        ("no time", b"\xa4\x00\x01\x01\x02\x03\x00\x04\x04".to_vec()),
        ("event 0", b"\xa5\x00\x01\x01\x02\x02\x05\x03\x00\x04\x00".to_vec()),
        ("value 0 written out", b"\xa6\x00\x01\x01\x02\x02\x05\x03\x00\x04\x04\x05\x00".to_vec()),
        (
            "latitude beyond the pole",
            b"\xa6\x00\x01\x01\x02\x02\x05\x03\x00\x04\x04\x06\x82\x1a\x35\xa4\xe9\x01\x00".to_vec(),
        ),
        ("trailing bytes", b"\xa5\x00\x01\x01\x02\x02\x05\x03\x00\x04\x04\x00".to_vec()),
        ("truncated", b"\xa5\x00\x01\x01\x02\x02\x05\x03\x00\x04".to_vec()),
        ("no rows", rows(b"")),
        ("an unknown flag", rows(b"\x20\x00\x00")),
        ("a time difference of 0", rows(b"\x01\x00\x00\x00")),
        ("a varint with a needless byte", rows(b"\x00\x80\x00\x00")),
        ("a row that is cut", rows(b"\x00\x00")),
        ("accuracy below 0", rows(b"\x08\x00\x00\x01")),
        ("a course of a full turn", rows(b"\x10\x00\x00\x00\xa0\x99\x02")),
        ("no sightings", b"\xa4\x00\x01\x01\x03\x02\x05\x03\x80".to_vec()),
        ("too long", vec![0; INNER_BYTES_MAX + 1]),
    ]
}

pub(crate) fn broken_downlinks() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("a report's kind", b"\xa2\x00\x01\x01\x02".to_vec()),
        ("schema version 2", b"\xa2\x00\x02\x01\x13".to_vec()),
        ("an unknown kind", b"\xa2\x00\x01\x01\x18\x18".to_vec()),
        ("an acknowledgement without a seq", b"\xa3\x00\x01\x01\x10\x03\x03".to_vec()),
        ("a notice that nobody knows", b"\xa3\x00\x01\x01\x12\x03\x18\x63".to_vec()),
        ("a plan without a signature", b"\xa3\x00\x01\x01\x11\x03\x41\xa0".to_vec()),
        ("a plan with a short signature", b"\xa4\x00\x01\x01\x11\x03\x41\xa0\x04\x41\x00".to_vec()),
        ("pursuit with a number for on", b"\xa4\x00\x01\x01\x15\x03\x01\x04\x00".to_vec()),
        ("truncated", b"\xa4\x00\x01\x01\x10\x03\x03\x04".to_vec()),
    ]
}

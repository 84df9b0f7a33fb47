//! The receiver against synthesized messages.

use super::*;
use std::{format, string::String, vec, vec::Vec};

/// `$text*sum\r\n`.
pub(crate) fn sentence(text: &str) -> Vec<u8> {
    let sum = text.bytes().fold(0, |sum, byte| sum ^ byte);
    format!("${text}*{sum:02X}\r\n").into_bytes()
}

fn ubx_message(class: u8, id: u8, payload: &[u8]) -> Vec<u8> {
    let mut body = vec![class, id];
    body.extend((payload.len() as u16).to_le_bytes());
    body.extend(payload);
    let sum = ubx::checksum(&body);
    [&UBX_SYNC[..], &body, &sum].concat()
}

fn sirf_message(payload: &[u8]) -> Vec<u8> {
    let sum = sirf::checksum(payload).to_be_bytes();
    [&SIRF_SYNC[..], &(payload.len() as u16).to_be_bytes(), payload, &sum, &SIRF_END].concat()
}

fn feed(receiver: &mut Receiver, bytes: &[u8]) -> Vec<GnssEvent> {
    bytes.iter().filter_map(|&byte| receiver.push(byte)).collect()
}

fn rmc(time: &str, status: &str) -> Vec<u8> {
    sentence(&format!("GNRMC,{time},{status},5954.83213,N,01045.13472,W,10.000,361.5,210226,,,A"))
}

fn gga(time: &str, quality: &str) -> Vec<u8> {
    sentence(&format!("GNGGA,{time},5954.83213,N,01045.13472,W,{quality},11,0.90,12.0,M,40.0,M,,"))
}

fn nav_pvt() -> [u8; 92] {
    let mut payload = [0; 92];
    payload[4..6].copy_from_slice(&2026_u16.to_le_bytes());
    payload[6..12].copy_from_slice(&[2, 21, 12, 34, 56, 0b111]);
    payload[16..20].copy_from_slice(&(-2_000_000_i32).to_le_bytes());
    payload[20..24].copy_from_slice(&[3, 1, 0, 14]);
    payload[24..28].copy_from_slice(&(-107_522_454_i32).to_le_bytes());
    payload[28..32].copy_from_slice(&599_138_689_i32.to_le_bytes());
    payload[40..44].copy_from_slice(&3_210_u32.to_le_bytes());
    payload[60..64].copy_from_slice(&1_404_i32.to_le_bytes());
    payload[64..68].copy_from_slice(&(-9_000_000_i32).to_le_bytes());
    payload
}

fn geodetic() -> [u8; 91] {
    let mut payload = [0; 91];
    payload[0] = 41;
    payload[3..5].copy_from_slice(&4_u16.to_be_bytes());
    payload[11..13].copy_from_slice(&2005_u16.to_be_bytes());
    payload[13..17].copy_from_slice(&[6, 9, 14, 36]);
    payload[17..19].copy_from_slice(&34_123_u16.to_be_bytes());
    payload[23..27].copy_from_slice(&464_929_000_i32.to_be_bytes());
    payload[27..31].copy_from_slice(&75_600_000_i32.to_be_bytes());
    payload[40..42].copy_from_slice(&123_u16.to_be_bytes());
    payload[42..44].copy_from_slice(&35_999_u16.to_be_bytes());
    payload[88] = 7;
    payload[89] = 6;
    payload
}

/// 2026-02-21T12:34:56Z.
const AT: UnixMillis = UnixMillis(1_771_677_296_000);

#[test]
fn rmc_and_gga_of_one_epoch_are_one_fix() {
    let expected = GnssFix {
        at: AT.plus_ms(250),
        position: Position::from_e7(599_138_688, -107_522_453).unwrap(),
        accuracy_dm: 36,
        speed_cm_s: 514,
        course_cdeg: 150,
        satellites: 11,
    };
    for order in
        [[rmc("123456.25", "A"), gga("123456.25", "1")], [gga("123456.25", "1"), rmc("123456.25", "A")]]
    {
        let mut receiver = Receiver::new();
        assert_eq!(feed(&mut receiver, &order.concat()), [GnssEvent::Fix(expected)]);
        assert_eq!(receiver.finish(), None);
        assert_eq!(*receiver.tally(), Tally { nmea: 2, fixes: 1, ..Tally::default() });
    }
}

#[test]
fn a_lone_rmc_is_told_when_its_epoch_is_over() {
    let mut receiver = Receiver::new();
    assert_eq!(feed(&mut receiver, &rmc("123456", "A")), []);
    let events = feed(&mut receiver, &rmc("123457", "A"));
    assert!(matches!(events[..], [GnssEvent::Fix(fix)] if fix.at == AT && fix.satellites == 0), "{events:?}");
    assert!(matches!(receiver.finish(), Some(GnssEvent::Fix(fix)) if fix.at == AT.plus_s(1)));
}

#[test]
fn a_last_sentence_needs_no_line_end_and_a_cut_one_is_rejected() {
    let stream = [rmc("123456", "A"), gga("123456", "1")].concat();
    let mut receiver = Receiver::new();
    assert_eq!(feed(&mut receiver, &stream[..stream.len() - 2]), []);
    assert!(matches!(receiver.finish(), Some(GnssEvent::Fix(fix)) if fix.satellites == 11));
    assert_eq!(receiver.finish(), None);
    feed(&mut receiver, &stream[..40]);
    receiver.finish();
    assert_eq!(receiver.tally().nmea_rejected, 1);
}

#[test]
fn a_gst_gives_the_accuracy_of_this_epoch_and_the_next() {
    let gst = |time: &str| sentence(&format!("GNGST,{time},12,,,,3.0,4.0,5.0"));
    let stream = [
        gst("123456"),
        rmc("123456", "A"),
        gga("123456", "1"),
        rmc("123501", "A"),
        gga("123501", "1"),
        rmc("123502", "A"),
        gga("123502", "1"),
    ]
    .concat();
    let accuracies: Vec<u16> = feed(&mut Receiver::new(), &stream)
        .into_iter()
        .map(|event| match event {
            GnssEvent::Fix(fix) => fix.accuracy_dm,
            GnssEvent::NoFix | GnssEvent::Signal(_) => 0,
        })
        .collect();
    assert_eq!(accuracies, [50, 50, 36]);
}

#[test]
fn a_receiver_without_a_fix_says_so_once_an_epoch() {
    let mut receiver = Receiver::new();
    let stream = [
        rmc("123456", "V"),
        gga("123456", "0"),
        rmc("123457", "A"),
        gga("123457", "6"),
        sentence("GPRMC,,V,,,,,,,,,,N"),
        sentence("GPGGA,,,,,,0,00,99.99,,,,,,"),
    ]
    .concat();
    assert_eq!(feed(&mut receiver, &stream), [GnssEvent::NoFix; 3]);
    assert_eq!(receiver.finish(), None);
}

#[test]
fn damaged_sentences_are_counted_and_passed_over() {
    let mut receiver = Receiver::new();
    let mut flipped = rmc("123456", "A");
    flipped[20] ^= 1;
    let cut = rmc("123456", "A")[..30].to_vec();
    let long = sentence(&"X".repeat(200));
    let bare = b"$GNRMC,123456\r\n".to_vec();
    let good = [rmc("123457", "A"), gga("123457", "1")].concat();
    let stream = [flipped, cut, long, bare, good].concat();
    assert_eq!(feed(&mut receiver, &stream).len(), 1);
    assert_eq!(*receiver.tally(), Tally { nmea: 2, nmea_rejected: 4, fixes: 1, ..Tally::default() });
}

#[test]
fn good_checksums_do_not_make_nonsense_a_fix() {
    let nonsense: [String; 4] = [
        "GNRMC,123456,A,9154.83213,N,01045.13472,W,1,2,210226,,,A".into(),
        "GNRMC,126156,A,5954.83213,N,01045.13472,W,1,2,210226,,,A".into(),
        "GNRMC,123456,A,5954.83213,N,01045.13472,W,1,2,310626,,,A".into(),
        "GNRMC,123456,A,5954.83213,X,01045.13472,W,1,2,210226,,,A".into(),
    ];
    for text in nonsense {
        let mut receiver = Receiver::new();
        assert_eq!(feed(&mut receiver, &sentence(&text)), [], "{text}");
        assert_eq!(receiver.finish(), None, "{text}");
        assert_eq!(receiver.tally().implausible, 1, "{text}");
    }
}

#[test]
fn nav_pvt_is_read_with_its_own_accuracy() {
    let mut receiver = Receiver::new();
    let stream = [ubx_message(0x01, 0x03, &[0; 16]), ubx_message(0x01, 0x07, &nav_pvt())].concat();
    let expected = GnssFix {
        at: AT.plus_ms(-2),
        position: Position::from_e7(599_138_689, -107_522_454).unwrap(),
        accuracy_dm: 33,
        speed_cm_s: 140,
        course_cdeg: 27_000,
        satellites: 14,
    };
    assert_eq!(feed(&mut receiver, &stream), [GnssEvent::Fix(expected)]);
    assert_eq!(*receiver.tally(), Tally { ubx: 2, fixes: 1, ..Tally::default() });
}

#[test]
fn nav_pvt_without_date_fix_or_trust_is_no_fix() {
    for (at, value) in [(11, 0b01), (20, 0), (20, 5), (21, 0)] {
        let mut payload = nav_pvt();
        payload[at] = value;
        let events = feed(&mut Receiver::new(), &ubx_message(0x01, 0x07, &payload));
        assert_eq!(events, [GnssEvent::NoFix], "byte {at}");
    }
}

#[test]
fn sirf_geodetic_data_is_read() {
    let mut receiver = Receiver::new();
    let stream = [sirf_message(&[2; 41]), sirf_message(&geodetic())].concat();
    let events = feed(&mut receiver, &stream);
    let expected = GnssFix {
        at: UnixMillis(1_118_327_794_123),
        position: Position::from_e7(464_929_000, 75_600_000).unwrap(),
        accuracy_dm: 48,
        speed_cm_s: 123,
        course_cdeg: 35_999,
        satellites: 7,
    };
    assert_eq!(events, [GnssEvent::Fix(expected)]);
    let mut invalid = geodetic();
    invalid[2] = 1;
    assert_eq!(feed(&mut receiver, &sirf_message(&invalid)), [GnssEvent::NoFix]);
}

#[test]
fn a_first_generation_sirf_receiver_tells_time_and_trust_elsewhere() {
    let mut measured = [0; 41];
    measured[0] = 2;
    measured[19] = 4;
    measured[20] = 12;
    measured[28] = 5;
    let mut blank = geodetic();
    blank[3..19].fill(0);
    blank[5..7].copy_from_slice(&302_u16.to_be_bytes());
    blank[7..11].copy_from_slice(&398_103_283_u32.to_be_bytes());
    blank[88..91].fill(0);
    let mut receiver = Receiver::new();
    assert_eq!(feed(&mut receiver, &sirf_message(&blank)), [GnssEvent::NoFix]);
    let events = feed(&mut receiver, &[sirf_message(&measured), sirf_message(&blank)].concat());
    let expected = GnssFix {
        at: UnixMillis(1_118_327_690_283),
        position: Position::from_e7(464_929_000, 75_600_000).unwrap(),
        accuracy_dm: 96,
        speed_cm_s: 123,
        course_cdeg: 35_999,
        satellites: 5,
    };
    assert_eq!(events, [GnssEvent::Fix(expected)]);
    measured[19] = 2;
    let events = feed(&mut receiver, &[sirf_message(&measured), sirf_message(&blank)].concat());
    assert_eq!(events, [GnssEvent::NoFix]);
}

#[test]
fn any_flipped_bit_of_a_binary_message_is_refused() {
    for message in [ubx_message(0x01, 0x07, &nav_pvt()), sirf_message(&geodetic())] {
        for bit in 0..message.len() * 8 {
            let mut damaged = message.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let mut receiver = Receiver::new();
            assert_eq!(feed(&mut receiver, &damaged), [], "bit {bit}");
        }
    }
}

#[test]
fn messages_are_found_between_comments_and_noise() {
    let mut receiver = Receiver::new();
    let stream = [
        b"# a comment that names $GPRMC and more\r\n".to_vec(),
        vec![0xb5, 0xb5, 0xa0, 0xff, b'\n'],
        rmc("123456", "A"),
        ubx_message(0x01, 0x07, &nav_pvt()),
        gga("123456", "1"),
        vec![0xb5, 0x62, 0xff],
        sirf_message(&geodetic()),
    ]
    .concat();
    assert_eq!(feed(&mut receiver, &stream).len(), 3);
    assert_eq!(*receiver.tally(), Tally { nmea: 2, ubx: 1, sirf: 1, fixes: 3, ..Tally::default() });
}

#[test]
fn arbitrary_bytes_never_panic() {
    proptest::proptest!(|(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..3000))| {
        let mut receiver = Receiver::new();
        feed(&mut receiver, &bytes);
        receiver.finish();
    });
}

#[test]
fn gsv_of_all_constellations_makes_one_word_about_signals_an_epoch() {
    let gsv = |text: &str| sentence(text);
    let epoch = || {
        [
            gsv("GPGSV,2,1,05,01,40,083,46,02,17,308,41,12,07,344,39,14,22,228,"),
            gsv("GPGSV,2,2,05,24,51,100,30"),
            gsv("GLGSV,1,1,02,65,40,083,44,66,17,308,20"),
        ]
        .concat()
    };
    let mut receiver = Receiver::new();
    assert_eq!(feed(&mut receiver, &epoch()), []);
    let told = feed(&mut receiver, &epoch());
    let expected = Signal {
        tracked: 6,
        strongest_dbhz: (46 + 41 + 39 + 44) / 4,
        spread_db: 26,
        jamming_percent: None,
        spoofing: SpoofingState::Unknown,
    };
    assert_eq!(told, [GnssEvent::Signal(expected)]);
    assert_eq!(receiver.tally().signals, 1);
    feed(&mut receiver, &gsv("GPGSV,1,1,01,01,40,083,x9"));
    assert_eq!(receiver.tally().implausible, 1);
}

#[test]
fn ubx_tells_strength_interference_and_forgery() {
    let mut satellites = vec![0; 8 + 3 * 12];
    satellites[5] = 3;
    for (index, dbhz) in [40, 0, 36].into_iter().enumerate() {
        satellites[8 + index * 12 + 2] = dbhz;
    }
    let mut radio = vec![0; 4 + 2 * 24];
    radio[1] = 2;
    radio[4 + 16] = 51;
    radio[4 + 24 + 1] = 3;
    let mut status = vec![0; 16];
    status[7] = 2 << 3;
    let mut receiver = Receiver::new();
    let stream =
        [ubx_message(1, 3, &status), ubx_message(1, 0x35, &satellites), ubx_message(0x0a, 0x38, &radio)]
            .concat();
    let told = feed(&mut receiver, &stream);
    let signal = Signal {
        tracked: 2,
        strongest_dbhz: 38,
        spread_db: 4,
        jamming_percent: None,
        spoofing: SpoofingState::Indicated,
    };
    let jammed = Signal { jamming_percent: Some(90), ..signal };
    assert_eq!(told, [GnssEvent::Signal(signal), GnssEvent::Signal(jammed)]);
    // Cut short: fewer bytes than a head has.
    for message in
        [ubx_message(1, 3, &[0; 7]), ubx_message(1, 0x35, &[0; 7]), ubx_message(0x0a, 0x38, &[1; 3])]
    {
        assert_eq!(feed(&mut receiver, &message), []);
    }
    assert_eq!((receiver.tally().implausible, receiver.tally().ubx), (3, 6));
}

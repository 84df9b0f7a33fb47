//! Kind `fixes`: up to [`FIXES_MAX`] positions as delta rows in one byte string.
//!
//! A row is one flag byte, then in this order:
//!
//! | field | coded as | present |
//! |---|---|---|
//! | time | signed varint: milliseconds off the predicted time | flag 1 |
//! | latitude, longitude | signed varints: 1e-7 degrees off the last row | always |
//! | accuracy | signed varint: decimetres off the last row | flag 8 |
//! | speed, course | unsigned varints: cm/s and 1/100 degree | flag 16; absent: both 0 |
//! | satellites | one byte | flag 2; absent: as in the last row |
//! | time source | one byte | flag 4; absent: as in the last row |
//!
//! Varints are LEB128 in the shortest form, signed ones zigzag-mapped. The first row is coded against latitude,
//! longitude, accuracy and satellites 0, time source GNSS and the frame's base time; the predicted time of each
//! other row is the last row's time plus the frame's interval. A flag is set exactly when its field differs, so that one
//! list of fixes has one encoding for a given interval.

use super::{DecodeError, EncodeError};
use crate::{Fix, Position, TimeSource, UnixMillis, cbor::Reader, cbor::TIME_MS_MAX};

/// Most fixes in one frame.
pub const FIXES_MAX: usize = 60;

/// A course is below a full turn.
pub const COURSE_CDEG_END: u16 = 36_000;

const TIME: u8 = 1;
const SATELLITES: u8 = 2;
const SOURCE: u8 = 4;
const ACCURACY: u8 = 8;
const MOTION: u8 = 16;
const KNOWN_FLAGS: u8 = TIME | SATELLITES | SOURCE | ACCURACY | MOTION;

/// Fixes of a frame, validated; [`Self::iter`] yields them in the device's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fixes<'a> {
    base: UnixMillis,
    interval_ms: u32,
    rows: &'a [u8],
    count: u8,
}

impl<'a> Fixes<'a> {
    pub(super) fn validate(base: UnixMillis, interval_ms: u32, rows: &'a [u8]) -> Result<Self, DecodeError> {
        let mut walk = FixIter::new(base, interval_ms, rows);
        let mut count = 0_u8;
        while !walk.rest.is_empty() {
            if usize::from(count) == FIXES_MAX {
                return Err(DecodeError::Count);
            }
            walk.row().map_err(|error| match error {
                RowError::Range => DecodeError::Row(count),
                RowError::Truncated => DecodeError::Truncated,
                RowError::NotShortest => DecodeError::NotShortest,
            })?;
            count += 1;
        }
        if count == 0 { Err(DecodeError::Count) } else { Ok(Self { base, interval_ms, rows, count }) }
    }

    /// Number of fixes, 1 to [`FIXES_MAX`].
    pub const fn count(&self) -> usize {
        self.count as usize
    }

    /// The fixes, in the device's order.
    pub fn iter(&self) -> FixIter<'a> {
        FixIter::new(self.base, self.interval_ms, self.rows)
    }
}

impl<'a> IntoIterator for &Fixes<'a> {
    type Item = Fix;
    type IntoIter = FixIter<'a>;

    fn into_iter(self) -> FixIter<'a> {
        self.iter()
    }
}

/// Iterator over the fixes of a frame.
#[derive(Clone, Debug)]
pub struct FixIter<'a> {
    rest: &'a [u8],
    state: State,
}

/// What a row is coded against.
#[derive(Clone, Copy, Debug)]
struct State {
    predicted_ms: i64,
    interval_ms: u32,
    lat_e7: i64,
    lon_e7: i64,
    accuracy_dm: u16,
    satellites: u8,
    time_source: TimeSource,
}

impl State {
    const fn start(base: UnixMillis, interval_ms: u32) -> Self {
        Self {
            predicted_ms: base.0,
            interval_ms,
            lat_e7: 0,
            lon_e7: 0,
            accuracy_dm: 0,
            satellites: 0,
            time_source: TimeSource::Gnss,
        }
    }

    fn follow(&mut self, fix: &Fix) {
        self.predicted_ms = fix.at.0.saturating_add(i64::from(self.interval_ms));
        self.lat_e7 = i64::from(fix.position.lat_e7());
        self.lon_e7 = i64::from(fix.position.lon_e7());
        self.accuracy_dm = fix.accuracy_dm;
        self.satellites = fix.satellites;
        self.time_source = fix.time_source;
    }
}

enum RowError {
    Truncated,
    NotShortest,
    Range,
}

impl From<DecodeError> for RowError {
    fn from(_: DecodeError) -> Self {
        Self::Truncated
    }
}

impl<'a> FixIter<'a> {
    const fn new(base: UnixMillis, interval_ms: u32, rows: &'a [u8]) -> Self {
        Self { rest: rows, state: State::start(base, interval_ms) }
    }

    fn row(&mut self) -> Result<Fix, RowError> {
        let mut reader = Reader::new(self.rest);
        let state = &mut self.state;
        let flags = reader.byte()?;
        if flags & !KNOWN_FLAGS != 0 {
            return Err(RowError::Range);
        }
        let mut at_ms = state.predicted_ms;
        if flags & TIME != 0 {
            at_ms = at_ms.checked_add(difference(&mut reader)?).ok_or(RowError::Range)?;
        }
        if !(0..=TIME_MS_MAX).contains(&at_ms) {
            return Err(RowError::Range);
        }
        let lat_e7 = moved(state.lat_e7, signed(&mut reader)?)?;
        let lon_e7 = moved(state.lon_e7, signed(&mut reader)?)?;
        let position = Position::from_e7(lat_e7, lon_e7).map_err(|_| RowError::Range)?;
        let mut accuracy_dm = state.accuracy_dm;
        if flags & ACCURACY != 0 {
            accuracy_dm = moved(i64::from(accuracy_dm), difference(&mut reader)?)?;
        }
        let (mut speed_cm_s, mut course_cdeg) = (0, 0);
        if flags & MOTION != 0 {
            speed_cm_s = narrow(unsigned(&mut reader)?)?;
            course_cdeg = narrow(unsigned(&mut reader)?)?;
            if course_cdeg >= COURSE_CDEG_END {
                return Err(RowError::Range);
            }
            if speed_cm_s == 0 && course_cdeg == 0 {
                return Err(RowError::NotShortest);
            }
        }
        let mut satellites = state.satellites;
        if flags & SATELLITES != 0 {
            satellites = changed(satellites, reader.byte()?)?;
        }
        let mut time_source = state.time_source;
        if flags & SOURCE != 0 {
            let number = changed(time_source as u8, reader.byte()?)?;
            time_source = super::time_source(number).ok_or(RowError::Range)?;
        }
        let fix = Fix {
            at: UnixMillis(at_ms),
            time_source,
            position,
            accuracy_dm,
            speed_cm_s,
            course_cdeg,
            satellites,
        };
        state.follow(&fix);
        self.rest = reader.rest();
        Ok(fix)
    }
}

impl Iterator for FixIter<'_> {
    type Item = Fix;

    fn next(&mut self) -> Option<Fix> {
        if self.rest.is_empty() {
            return None;
        }
        // Validated by `Fixes::validate`: an error cannot occur, and would end the iteration.
        self.row().ok()
    }
}

fn narrow<T: TryFrom<u64>>(value: u64) -> Result<T, RowError> {
    T::try_from(value).map_err(|_| RowError::Range)
}

fn moved<T: TryFrom<i64>>(from: i64, by: i64) -> Result<T, RowError> {
    from.checked_add(by).and_then(|value| T::try_from(value).ok()).ok_or(RowError::Range)
}

fn changed(last: u8, value: u8) -> Result<u8, RowError> {
    if value == last { Err(RowError::NotShortest) } else { Ok(value) }
}

fn unsigned(reader: &mut Reader<'_>) -> Result<u64, RowError> {
    let first = reader.byte()?;
    if first < 0x80 {
        return Ok(u64::from(first));
    }
    let mut value = u64::from(first & 0x7f);
    let mut shift = 7;
    loop {
        let byte = reader.byte()?;
        let bits = u64::from(byte & 0x7f);
        // The tenth byte has room for one bit.
        if shift == 63 && byte > 1 {
            return Err(RowError::Range);
        }
        value |= bits << shift;
        if byte & 0x80 == 0 {
            return if byte == 0 { Err(RowError::NotShortest) } else { Ok(value) };
        }
        shift += 7;
    }
}

fn signed(reader: &mut Reader<'_>) -> Result<i64, RowError> {
    let value = unsigned(reader)?;
    Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
}

/// A difference that is written only when there is one.
fn difference(reader: &mut Reader<'_>) -> Result<i64, RowError> {
    match signed(reader)? {
        0 => Err(RowError::NotShortest),
        value => Ok(value),
    }
}

/// Bytes of a row at most: flags, four varints of up to 10 bytes, two of up to 3, two single bytes.
const ROW_BYTES_MAX: usize = 1 + 4 * 10 + 2 * 3 + 2;

/// The interval that predicts most rows: the distance of the first two.
pub(super) fn interval_ms(fixes: &[Fix]) -> u32 {
    match fixes {
        [first, second, ..] => u32::try_from(second.at.since_ms(first.at)).unwrap_or(0),
        _ => 0,
    }
}

/// Writes the rows of `fixes` into `out`.
pub(super) fn encode_rows(fixes: &[Fix], interval_ms: u32, out: &mut [u8]) -> Result<usize, EncodeError> {
    let base = fixes.first().ok_or(EncodeError::Count)?.at;
    let mut state = State::start(base, interval_ms);
    let mut length = 0;
    for fix in fixes {
        if fix.course_cdeg >= COURSE_CDEG_END || !(0..=TIME_MS_MAX).contains(&fix.at.0) {
            return Err(EncodeError::Value);
        }
        let mut row = RowWriter { bytes: [0; ROW_BYTES_MAX], length: 0 };
        row.write(&state, fix);
        out.get_mut(length..length + row.length)
            .ok_or(EncodeError::Space)?
            .copy_from_slice(&row.bytes[..row.length]);
        length += row.length;
        state.follow(fix);
    }
    Ok(length)
}

struct RowWriter {
    bytes: [u8; ROW_BYTES_MAX],
    length: usize,
}

impl RowWriter {
    fn write(&mut self, state: &State, fix: &Fix) {
        let time = fix.at.0 - state.predicted_ms;
        let accuracy = i64::from(fix.accuracy_dm) - i64::from(state.accuracy_dm);
        let moving = fix.speed_cm_s != 0 || fix.course_cdeg != 0;
        let flag = |flag, set| if set { flag } else { 0 };
        self.byte(
            flag(TIME, time != 0)
                | flag(SATELLITES, fix.satellites != state.satellites)
                | flag(SOURCE, fix.time_source != state.time_source)
                | flag(ACCURACY, accuracy != 0)
                | flag(MOTION, moving),
        );
        if time != 0 {
            self.signed(time);
        }
        self.signed(i64::from(fix.position.lat_e7()) - state.lat_e7);
        self.signed(i64::from(fix.position.lon_e7()) - state.lon_e7);
        if accuracy != 0 {
            self.signed(accuracy);
        }
        if moving {
            self.unsigned(u64::from(fix.speed_cm_s));
            self.unsigned(u64::from(fix.course_cdeg));
        }
        if fix.satellites != state.satellites {
            self.byte(fix.satellites);
        }
        if fix.time_source != state.time_source {
            self.byte(fix.time_source as u8);
        }
    }

    fn byte(&mut self, byte: u8) {
        self.bytes[self.length] = byte;
        self.length += 1;
    }

    fn unsigned(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.byte((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.byte(value as u8);
    }

    fn signed(&mut self, value: i64) {
        self.unsigned(((value << 1) ^ (value >> 63)).cast_unsigned());
    }
}

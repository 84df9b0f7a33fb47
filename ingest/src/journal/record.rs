//! One record and one segment header as bytes; the layout is in [`super`].

use crate::arrival::{Arrival, Source};
use bytes::Bytes;
use lenke_wire::{DeviceId, UnixMillis, topic::Lane};

/// First bytes of a segment.
const MAGIC: [u8; 4] = *b"LNKJ";
/// Layout version.
const VERSION: u32 = 1;
/// Bytes of a segment header.
pub(super) const SEGMENT_HEADER_BYTES: usize = 24;
/// Bytes before a record's body.
pub(super) const RECORD_HEADER_BYTES: usize = 8;
/// Bytes of a body before the source.
const BODY_FIXED_BYTES: usize = 34;
/// Longest body: the fixed part, a source and a frame of any size that intake lets through.
pub(super) const BODY_BYTES_MAX: usize = BODY_FIXED_BYTES + 255 + crate::arrival::ARRIVAL_BYTES_MAX;

/// What the journal keeps of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The frame as it arrived, and from whom.
    pub arrival: Arrival,
    /// When, by the centre's clock.
    pub received_at: UnixMillis,
}

/// A record at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) sequence: u64,
    pub(super) durable: u64,
    pub(super) record: Record,
    /// Offset of the byte after it.
    pub(super) end: usize,
}

/// What lies at an offset.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A whole record.
    Record(Placed),
    /// A zero length, or the end of the file.
    End,
    /// Neither.
    Bad(&'static str),
}

pub(super) fn write_segment_header(first_sequence: u64, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&VERSION.to_le_bytes());
    out.extend_from_slice(&first_sequence.to_le_bytes());
    let crc = crc32fast::hash(out.get(start..).unwrap_or_default());
    out.extend_from_slice(&crc.to_le_bytes());
    out.extend_from_slice(&[0; 4]);
}

/// The sequence of the segment's first record.
pub(super) fn read_segment_header(segment: &[u8]) -> Result<u64, &'static str> {
    let header = segment.get(..SEGMENT_HEADER_BYTES).ok_or("the segment header is cut off")?;
    if header.get(..4) != Some(&MAGIC[..]) {
        return Err("this is no journal segment");
    }
    if word(header, 4) != Some(VERSION) {
        return Err("the segment has another layout version");
    }
    if word(header, 16) != Some(crc32fast::hash(header.get(..16).unwrap_or_default())) {
        return Err("the segment header's checksum is wrong");
    }
    long(header, 8).ok_or("the segment header is cut off")
}

pub(super) fn write_record(record: &Record, sequence: u64, durable: u64, out: &mut Vec<u8>) {
    let arrival = &record.arrival;
    let source = arrival.source.as_str().as_bytes();
    let source = source.get(..source.len().min(255)).unwrap_or_default();
    let length = (BODY_FIXED_BYTES + source.len() + arrival.bytes.len()) as u32;
    let start = out.len();
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&sequence.to_le_bytes());
    out.extend_from_slice(&durable.to_le_bytes());
    out.extend_from_slice(&arrival.device.number().to_le_bytes());
    out.extend_from_slice(&record.received_at.0.to_le_bytes());
    out.push(match arrival.lane {
        Lane::Live => 0,
        Lane::Backlog => 1,
    });
    out.push(source.len() as u8);
    out.extend_from_slice(source);
    out.extend_from_slice(&arrival.bytes);
    let crc = checksum(length, out.get(start + RECORD_HEADER_BYTES..).unwrap_or_default());
    if let Some(place) = out.get_mut(start + 4..start + 8) {
        place.copy_from_slice(&crc.to_le_bytes());
    }
}

pub(super) fn read_record(segment: &[u8], offset: usize) -> Found {
    let Some(length) = word(segment, offset) else { return Found::End };
    if length == 0 {
        return Found::End;
    }
    let length_bytes = length as usize;
    if !(BODY_FIXED_BYTES..=BODY_BYTES_MAX).contains(&length_bytes) {
        return Found::Bad("a record's length is impossible");
    }
    let body_start = offset + RECORD_HEADER_BYTES;
    let (Some(crc), Some(body)) =
        (word(segment, offset + 4), segment.get(body_start..body_start + length_bytes))
    else {
        return Found::Bad("a record is cut off");
    };
    if crc != checksum(length, body) {
        return Found::Bad("a record's checksum is wrong");
    }
    match read_body(body) {
        Some((sequence, durable, record)) => {
            Found::Record(Placed { sequence, durable, record, end: body_start + length_bytes })
        }
        None => Found::Bad("a record's fields are impossible"),
    }
}

fn read_body(body: &[u8]) -> Option<(u64, u64, Record)> {
    let lane = match body.get(32)? {
        0 => Lane::Live,
        1 => Lane::Backlog,
        _ => return None,
    };
    let frame_at = BODY_FIXED_BYTES + usize::from(*body.get(33)?);
    let source = String::from_utf8_lossy(body.get(BODY_FIXED_BYTES..frame_at)?);
    let arrival = Arrival {
        device: DeviceId::new(long(body, 16)?),
        lane,
        source: Source::new(&source),
        bytes: Bytes::copy_from_slice(body.get(frame_at..)?),
    };
    let received_at = UnixMillis(long(body, 24)? as i64);
    Some((long(body, 0)?, long(body, 8)?, Record { arrival, received_at }))
}

/// The sequence that the bytes at `offset` would have if they were a record; cheap, unchecked.
pub(super) fn sequence_hint(segment: &[u8], offset: usize) -> Option<u64> {
    long(segment, offset + RECORD_HEADER_BYTES)
}

fn checksum(length: u32, body: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&length.to_le_bytes());
    hasher.update(body);
    hasher.finalize()
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn long(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::journal) fn record(number: u64) -> Record {
        Record {
            arrival: Arrival {
                device: DeviceId::new(number),
                lane: if number.is_multiple_of(2) { Lane::Live } else { Lane::Backlog },
                source: Source::new("127.0.0.1:4711"),
                bytes: Bytes::from(vec![number as u8; 20 + (number as usize * 7) % 90]),
            },
            received_at: UnixMillis(1_700_000_000_000 + number as i64),
        }
    }

    #[test]
    fn record_round_trips_and_the_layout_is_pinned() {
        let mut bytes = Vec::new();
        write_record(&record(42), 7, 5, &mut bytes);
        let Found::Record(placed) = read_record(&bytes, 0) else { panic!("not read back") };
        assert_eq!((placed.sequence, placed.durable, placed.end), (7, 5, bytes.len()));
        assert_eq!(placed.record, record(42));
        assert_eq!(bytes[8..16], 7_u64.to_le_bytes());
        assert_eq!(bytes[24..32], 42_u64.to_le_bytes());
        assert_eq!(&bytes[42..56], b"127.0.0.1:4711");
    }

    #[test]
    fn a_record_cut_at_any_length_or_with_any_flipped_byte_is_not_read() {
        let mut bytes = Vec::new();
        write_record(&record(3), 7, 5, &mut bytes);
        for length in 0..bytes.len() {
            assert!(!matches!(read_record(&bytes[..length], 0), Found::Record(_)), "cut at {length}");
        }
        for place in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[place] ^= 0x40;
            assert!(!matches!(read_record(&damaged, 0), Found::Record(_)), "flipped at {place}");
        }
    }
}

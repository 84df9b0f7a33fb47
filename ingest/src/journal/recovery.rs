//! Reading the segments back after a stop or a crash.

use super::{
    JournalError, Storage,
    record::{Found, Placed, Record, SEGMENT_HEADER_BYTES, read_record, read_segment_header, sequence_hint},
};

/// Sequences this far beyond a bad place are looked for when torn is told from damaged.
const SEQUENCES_AHEAD_MAX: u64 = 1 << 24;

/// What was found at open.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Recovered {
    /// Each segment with records and how many.
    pub(super) segments: Vec<(u64, u64)>,
    /// Sequence of the next record.
    pub(super) next_sequence: u64,
    /// Number of the next segment.
    pub(super) next_segment: u64,
    /// Bytes that no sync had covered and that were cut off.
    pub(super) torn_bytes: u64,
}

/// Checks all segments, cuts a torn tail off and deletes segments that hold nothing.
pub(super) fn recover(storage: &mut impl Storage) -> Result<Recovered, JournalError> {
    let numbers = storage.list().map_err(|source| JournalError::Io { path: storage.name(0), source })?;
    let last = numbers.last().copied();
    let mut recovered = Recovered {
        segments: Vec::new(),
        next_sequence: 1,
        next_segment: last.unwrap_or(0) + 1,
        torn_bytes: 0,
    };
    for (index, &number) in numbers.iter().enumerate() {
        let segment = read(storage, number)?;
        let first_expected = (index > 0).then_some(recovered.next_sequence);
        let scan = scan(&segment, first_expected, Some(number) == last)
            .map_err(|(offset, what)| damaged(storage, number, offset, what))?;
        if scan.torn {
            recovered.torn_bytes += (segment.len() - scan.end) as u64;
            storage
                .truncate(number, scan.end as u64)
                .map_err(|source| JournalError::Io { path: storage.name(number), source })?;
        }
        if let Some(next) = scan.next_sequence {
            recovered.next_sequence = next;
        }
        if scan.records > 0 {
            recovered.segments.push((number, scan.records));
        } else {
            storage
                .delete(number)
                .map_err(|source| JournalError::Io { path: storage.name(number), source })?;
        }
    }
    Ok(recovered)
}

/// The records of a segment that [`recover`] has checked.
pub(super) fn records(storage: &impl Storage, number: u64) -> Result<Vec<Record>, JournalError> {
    let segment = read(storage, number)?;
    let mut records = Vec::new();
    let mut offset = SEGMENT_HEADER_BYTES;
    while let Found::Record(placed) = read_record(&segment, offset) {
        offset = placed.end;
        records.push(placed.record);
    }
    Ok(records)
}

fn read(storage: &impl Storage, number: u64) -> Result<Vec<u8>, JournalError> {
    storage.read(number).map_err(|source| JournalError::Io { path: storage.name(number), source })
}

fn damaged(storage: &impl Storage, number: u64, offset: usize, what: &'static str) -> JournalError {
    JournalError::Damaged { file: storage.name(number).display().to_string(), offset: offset as u64, what }
}

#[derive(Debug)]
struct Scan {
    records: u64,
    /// Sequence after the last record; `None` if the header itself is torn.
    next_sequence: Option<u64>,
    /// Offset after the last good record.
    end: usize,
    /// Something lies after `end` that no sync covered.
    torn: bool,
}

fn scan(segment: &[u8], first_expected: Option<u64>, is_last: bool) -> Result<Scan, (usize, &'static str)> {
    let first = match read_segment_header(segment) {
        Ok(first) => first,
        // The header is synced before the first group is written: without it nothing here was ever acknowledged.
        Err(_) if is_last && !any_record_after(segment, 0, 0) => {
            return Ok(Scan { records: 0, next_sequence: None, end: 0, torn: true });
        }
        Err(what) => return Err((0, what)),
    };
    if first_expected.is_some_and(|expected| expected != first) {
        return Err((8, "records are missing between this segment and the one before"));
    }
    let mut sequence = first;
    let mut end = SEGMENT_HEADER_BYTES;
    let rest_is = loop {
        match read_record(segment, end) {
            Found::Record(placed) if placed.sequence == sequence => {
                sequence += 1;
                end = placed.end;
            }
            Found::Record(_) => break "a record has the wrong sequence",
            Found::End => break "",
            Found::Bad(what) => break what,
        }
    };
    let rest = segment.get(end..).unwrap_or_default();
    let torn = rest.iter().any(|byte| *byte != 0);
    let what = if rest_is.is_empty() { "a record's length is zero before the end" } else { rest_is };
    if torn && (!is_last || any_record_after(segment, end, sequence)) {
        return Err((end, what));
    }
    Ok(Scan { records: sequence - first, next_sequence: Some(sequence), end, torn })
}

/// Whether a record beyond `offset` says that record `sequence` was durable before it.
fn any_record_after(segment: &[u8], offset: usize, sequence: u64) -> bool {
    (offset..segment.len()).any(|at| {
        let plausible = sequence_hint(segment, at)
            .is_some_and(|hint| hint > sequence && hint - sequence <= SEQUENCES_AHEAD_MAX);
        plausible
            && matches!(read_record(segment, at), Found::Record(Placed { durable, .. }) if durable > sequence)
    })
}

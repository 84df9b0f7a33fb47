//! Writing groups of records to segments, without threads: the worker drives it, the model test too.

use super::{
    JournalConfig, JournalError, Ledger, Storage, Ticket,
    record::{Record, SEGMENT_HEADER_BYTES, write_record, write_segment_header},
    recovery::{Recovered, recover},
};
use std::io::ErrorKind;

/// The log's writing end.
#[derive(Debug)]
pub(super) struct SegmentLog<S> {
    storage: S,
    config: JournalConfig,
    ledger: Ledger,
    active: Option<Active>,
    next_sequence: u64,
    next_segment: u64,
    buffer: Vec<u8>,
}

#[derive(Debug)]
struct Active {
    number: u64,
    end: u64,
}

impl<S: Storage> SegmentLog<S> {
    /// Reads back what is there. New records go to a new segment.
    pub(super) fn open(mut storage: S, config: JournalConfig) -> Result<(Self, Recovered), JournalError> {
        let recovered = recover(&mut storage)?;
        let ledger = Ledger::default();
        for &(segment, records) in &recovered.segments {
            ledger.hold(segment, records);
        }
        let log = Self {
            storage,
            config,
            ledger,
            active: None,
            next_sequence: recovered.next_sequence,
            next_segment: recovered.next_segment,
            buffer: Vec::new(),
        };
        Ok((log, recovered))
    }

    pub(super) fn storage(&self) -> &S {
        &self.storage
    }

    #[cfg(test)]
    pub(super) fn into_storage(self) -> S {
        self.storage
    }

    pub(super) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Writes and syncs one group. `Ok` means durable; [`JournalError::Full`] means that nothing was written.
    pub(super) fn append<'r>(
        &mut self,
        records: impl Iterator<Item = &'r Record> + Clone,
    ) -> Result<Ticket, JournalError> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        let durable = self.next_sequence;
        for record in records {
            write_record(record, self.next_sequence, durable, &mut buffer);
            self.next_sequence += 1;
        }
        let count = self.next_sequence - durable;
        let written = self.write_group(durable, &buffer);
        self.buffer = buffer;
        match &written {
            Ok(Ticket(segment)) => self.ledger.hold(*segment, count),
            Err(_) => self.next_sequence = durable,
        }
        written
    }

    fn write_group(&mut self, first_sequence: u64, group: &[u8]) -> Result<Ticket, JournalError> {
        let fits = |active: &&Active| active.end + group.len() as u64 <= self.config.segment_bytes;
        let (number, offset) = match self.active.as_ref().filter(fits) {
            Some(active) => (active.number, active.end),
            None => self.begin_segment(first_sequence, group.len())?,
        };
        self.storage.write(number, offset, group).map_err(|source| self.failed(number, source))?;
        self.storage.sync(number).map_err(|source| self.failed(number, source))?;
        self.active = Some(Active { number, end: offset + group.len() as u64 });
        Ok(Ticket(number))
    }

    /// The number of a fresh segment, its header synced, and the offset of its first record.
    fn begin_segment(&mut self, first_sequence: u64, group_bytes: usize) -> Result<(u64, u64), JournalError> {
        if self.ledger.segments() >= self.config.segments_max {
            return Err(JournalError::Full);
        }
        let number = self.next_segment;
        let bytes = self.config.segment_bytes.max((SEGMENT_HEADER_BYTES + group_bytes) as u64);
        if let Err(source) = self.storage.create(number, bytes) {
            if matches!(source.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
                // What is left of it would be in the way of the next try.
                if let Err(error) = self.storage.delete(number) {
                    tracing::warn!(%error, segment = number, "the rest of a segment that found no room stays");
                    self.next_segment += 1;
                }
                return Err(JournalError::Full);
            }
            return Err(self.failed(number, source));
        }
        self.next_segment += 1;
        let mut header = Vec::with_capacity(SEGMENT_HEADER_BYTES);
        write_segment_header(first_sequence, &mut header);
        self.storage.write(number, 0, &header).map_err(|source| self.failed(number, source))?;
        self.storage.sync(number).map_err(|source| self.failed(number, source))?;
        self.active = None;
        Ok((number, SEGMENT_HEADER_BYTES as u64))
    }

    fn failed(&self, number: u64, source: std::io::Error) -> JournalError {
        JournalError::Io { path: self.storage.name(number), source }
    }

    /// Deletes the oldest segments that hold nothing pending.
    pub(super) fn collect(&mut self) {
        let free = self.ledger.take_free(self.active.as_ref().map(|active| active.number));
        for (index, &segment) in free.iter().enumerate() {
            if let Err(error) = self.storage.delete(segment) {
                tracing::warn!(%error, segment, "a finished journal segment could not be deleted; tried again later");
                // Deleting younger ones would leave a gap that looks like damage.
                free.iter().skip(index).for_each(|segment| self.ledger.hold(*segment, 0));
                return;
            }
        }
    }
}

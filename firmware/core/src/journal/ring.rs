//! A journal in RAM: two rings of bytes; and the items besides, in as many places.
//!
//! An entry is its length (2 bytes, big-endian; the top bit marks it released), epoch (4), seq (4), and the frame. Entries wrap
//! around the end of the bytes. Released entries are passed over until those before them are gone, which happens
//! when the centre acknowledges a newer epoch first.

use super::{Class, Full, Journal};
use crate::storage::{Config, Item, NotKept};
use lenke_wire::FrameId;

const HEADER_BYTES: usize = 10;
const RELEASED: u16 = 0x8000;

/// A journal of `RECORDS` bytes for records and `ALARMS` bytes for events.
#[derive(Clone)]
pub struct Ring<const RECORDS: usize, const ALARMS: usize> {
    records: Bytes<RECORDS>,
    alarms: Bytes<ALARMS>,
    items: [Place; Item::KEYS as usize],
}

#[derive(Clone, Copy)]
struct Place {
    bytes: [u8; Item::BYTES_MAX],
    length: Option<u16>,
}

impl<const RECORDS: usize, const ALARMS: usize> Default for Ring<RECORDS, ALARMS> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const RECORDS: usize, const ALARMS: usize> Ring<RECORDS, ALARMS> {
    /// Empty.
    pub const fn new() -> Self {
        let nothing = Place { bytes: [0; Item::BYTES_MAX], length: None };
        Self { records: Bytes::new(), alarms: Bytes::new(), items: [nothing; Item::KEYS as usize] }
    }
}

impl<const RECORDS: usize, const ALARMS: usize> Journal for Ring<RECORDS, ALARMS> {
    fn append(&mut self, class: Class, id: FrameId, frame: &[u8]) -> Result<(), Full> {
        match class {
            Class::Alarms => self.alarms.append(id, frame),
            Class::Records => self.records.append(id, frame),
        }
    }

    fn read(&self, id: FrameId, out: &mut [u8]) -> Option<usize> {
        self.alarms.read(id, out).or_else(|| self.records.read(id, out))
    }

    fn first_from(&self, class: Class, from: FrameId) -> Option<FrameId> {
        match class {
            Class::Alarms => self.alarms.first_from(from),
            Class::Records => self.records.first_from(from),
        }
    }

    fn newest(&self, class: Class) -> Option<FrameId> {
        match class {
            Class::Alarms => self.alarms.newest(),
            Class::Records => self.records.newest(),
        }
    }

    fn release(&mut self, through: FrameId) -> u32 {
        self.alarms.release(through) + self.records.release(through)
    }

    fn count(&self) -> u32 {
        self.alarms.kept + self.records.kept
    }

    fn fill_percent(&self, class: Class) -> u8 {
        match class {
            Class::Alarms => self.alarms.fill_percent(),
            Class::Records => self.records.fill_percent(),
        }
    }

    /// RAM does not fail.
    fn faults(&self) -> u32 {
        0
    }
}

impl<const RECORDS: usize, const ALARMS: usize> Config for Ring<RECORDS, ALARMS> {
    fn keep(&mut self, item: Item, bytes: &[u8]) -> Result<(), NotKept> {
        let place = self.items.get_mut(usize::from(item.key())).ok_or(NotKept)?;
        place.bytes.get_mut(..bytes.len()).ok_or(NotKept)?.copy_from_slice(bytes);
        place.length = Some(u16::try_from(bytes.len()).map_err(|_| NotKept)?);
        Ok(())
    }

    fn kept(&mut self, item: Item, out: &mut [u8]) -> Option<usize> {
        let place = self.items.get(usize::from(item.key()))?;
        let length = usize::from(place.length?);
        out.get_mut(..length)?.copy_from_slice(&place.bytes[..length]);
        Some(length)
    }

    fn is_damaged(&self, _item: Item) -> bool {
        false
    }
}

#[derive(Clone)]
struct Bytes<const N: usize> {
    bytes: [u8; N],
    first: usize,
    used: usize,
    kept: u32,
}

/// An entry: where its header starts, counted from the first entry.
#[derive(Clone, Copy)]
struct Entry {
    offset: usize,
    id: FrameId,
    length: usize,
    released: bool,
}

impl<const N: usize> Bytes<N> {
    const fn new() -> Self {
        Self { bytes: [0; N], first: 0, used: 0, kept: 0 }
    }

    fn append(&mut self, id: FrameId, frame: &[u8]) -> Result<(), Full> {
        let length = u16::try_from(frame.len()).map_err(|_| Full)?;
        if length & RELEASED != 0 || HEADER_BYTES + frame.len() > N - self.used {
            return Err(Full);
        }
        let mut header = [0; HEADER_BYTES];
        header[..2].copy_from_slice(&length.to_be_bytes());
        header[2..6].copy_from_slice(&id.epoch.0.to_be_bytes());
        header[6..].copy_from_slice(&id.seq.0.to_be_bytes());
        self.write(self.used, &header);
        self.write(self.used + HEADER_BYTES, frame);
        self.used += HEADER_BYTES + frame.len();
        self.kept += 1;
        Ok(())
    }

    fn read(&self, id: FrameId, out: &mut [u8]) -> Option<usize> {
        let entry = self.entries().find(|entry| entry.id == id && !entry.released)?;
        let out = out.get_mut(..entry.length)?;
        self.copy(entry.offset + HEADER_BYTES, out);
        Some(entry.length)
    }

    fn first_from(&self, from: FrameId) -> Option<FrameId> {
        self.entries().find(|entry| entry.id >= from && !entry.released).map(|entry| entry.id)
    }

    fn newest(&self) -> Option<FrameId> {
        self.entries().filter(|entry| !entry.released).last().map(|entry| entry.id)
    }

    fn release(&mut self, through: FrameId) -> u32 {
        let mut offset = 0;
        let mut count = 0;
        while let Some(entry) = self.entry(offset) {
            if !entry.released && entry.id.epoch == through.epoch && entry.id.seq <= through.seq {
                // Lengths are below the mark's bit.
                let marked = RELEASED | entry.length as u16;
                self.write(offset, &marked.to_be_bytes());
                count += 1;
            }
            offset += HEADER_BYTES + entry.length;
        }
        self.kept -= count;
        while let Some(entry) = self.entry(0).filter(|entry| entry.released) {
            let bytes = HEADER_BYTES + entry.length;
            self.first = (self.first + bytes) % N;
            self.used -= bytes;
        }
        count
    }

    const fn fill_percent(&self) -> u8 {
        (self.used * 100 / N) as u8
    }

    fn entries(&self) -> impl Iterator<Item = Entry> + '_ {
        let mut offset = 0;
        core::iter::from_fn(move || {
            let entry = self.entry(offset)?;
            offset += HEADER_BYTES + entry.length;
            Some(entry)
        })
    }

    fn entry(&self, offset: usize) -> Option<Entry> {
        if offset >= self.used {
            return None;
        }
        let mut header = [0; HEADER_BYTES];
        self.copy(offset, &mut header);
        let [l0, l1, e0, e1, e2, e3, s0, s1, s2, s3] = header;
        let length = u16::from_be_bytes([l0, l1]);
        Some(Entry {
            offset,
            id: FrameId::new(u32::from_be_bytes([e0, e1, e2, e3]), u32::from_be_bytes([s0, s1, s2, s3])),
            length: usize::from(length & !RELEASED),
            released: length & RELEASED != 0,
        })
    }

    /// Writes at `offset` from the first entry, around the end.
    fn write(&mut self, offset: usize, data: &[u8]) {
        let start = (self.first + offset) % N;
        let (head, tail) = data.split_at(data.len().min(N - start));
        self.bytes[start..start + head.len()].copy_from_slice(head);
        self.bytes[..tail.len()].copy_from_slice(tail);
    }

    /// Reads at `offset` from the first entry, around the end.
    fn copy(&self, offset: usize, out: &mut [u8]) {
        let start = (self.first + offset) % N;
        let split = out.len().min(N - start);
        let (head, tail) = out.split_at_mut(split);
        head.copy_from_slice(&self.bytes[start..start + head.len()]);
        tail.copy_from_slice(&self.bytes[..tail.len()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::{vec, vec::Vec};

    type Small = Ring<200, 100>;

    fn append(ring: &mut Small, class: Class, seq: u32, length: usize) -> Result<(), Full> {
        ring.append(class, FrameId::new(1, seq), &vec![seq as u8; length])
    }

    #[test]
    fn a_full_queue_refuses_and_leaves_the_other_alone() {
        let mut ring = Small::new();
        for seq in 0..4 {
            append(&mut ring, Class::Records, seq, 40).unwrap();
        }
        assert_eq!(append(&mut ring, Class::Records, 4, 1), Err(Full));
        assert_eq!(ring.fill_percent(Class::Records), 100);
        append(&mut ring, Class::Alarms, 4, 40).unwrap();
        assert_eq!(ring.count(), 5);
        assert_eq!(ring.read(FrameId::new(1, 0), &mut [0; 40]), Some(40));
    }

    #[test]
    fn release_is_cumulative_within_its_epoch_only() {
        let mut ring = Small::new();
        for id in [FrameId::new(1, 7), FrameId::new(2, 0), FrameId::new(2, 1)] {
            ring.append(Class::Records, id, &[9]).unwrap();
        }
        assert_eq!(ring.release(FrameId::new(2, 0)), 1);
        assert_eq!(ring.first_from(Class::Records, FrameId::default()), Some(FrameId::new(1, 7)));
        assert_eq!(ring.first_from(Class::Records, FrameId::new(2, 0)), Some(FrameId::new(2, 1)));
        assert_eq!(ring.read(FrameId::new(2, 0), &mut [0; 9]), None);
        assert_eq!(ring.release(FrameId::new(1, u32::MAX)), 1);
        assert_eq!((ring.count(), ring.newest(Class::Records)), (1, Some(FrameId::new(2, 1))));
    }

    proptest! {
        #[test]
        fn the_ring_equals_a_list(operations in prop::collection::vec((0..4_u8, 0..60_usize), 1..200)) {
            let mut ring = Small::new();
            let mut list: Vec<(u32, usize)> = Vec::new();
            let mut next = 0_u32;
            for (operation, size) in operations {
                if operation == 0 {
                    let through = next.saturating_sub(size as u32);
                    let before = list.len();
                    list.retain(|&(seq, _)| seq > through);
                    prop_assert_eq!(ring.release(FrameId::new(1, through)) as usize, before - list.len());
                } else {
                    let room = 200 - list.iter().map(|(_, size)| size + HEADER_BYTES).sum::<usize>();
                    let taken = append(&mut ring, Class::Records, next, size).is_ok();
                    prop_assert_eq!(taken, size + HEADER_BYTES <= room);
                    if taken {
                        list.push((next, size));
                        next += 1;
                    }
                }
                prop_assert_eq!(ring.count() as usize, list.len());
                prop_assert_eq!(ring.newest(Class::Records).map(|id| id.seq.0), list.last().map(|&(seq, _)| seq));
                for &(seq, size) in &list {
                    let mut out = [0; 64];
                    prop_assert_eq!(ring.read(FrameId::new(1, seq), &mut out), Some(size));
                    prop_assert!(out[..size].iter().all(|&byte| byte == seq as u8));
                }
            }
        }
    }
}

//! Which frames of one device's epoch are committed: a set of sequence numbers, kept as few ranges.
//!
//! A healthy device's set is one range however long the epoch, so the set is read and written with every batch.
//!
//! Stored form: LEB128 numbers, for each range in ascending order the distance from the end of the range before
//! (from 0 for the first) and the range's length - 1. Two ranges never touch, so the form is canonical.

use lenke_wire::Seq;

/// A set of [`Seq`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeqRanges {
    /// Inclusive, ascending; between two of them at least one number is missing.
    ranges: Vec<(u32, u32)>,
}

/// The bytes are no set of sequence numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are no canonical set of sequence numbers")]
pub struct RangesError;

impl SeqRanges {
    /// Adds `seq`; `false` if it was there.
    pub fn insert(&mut self, Seq(seq): Seq) -> bool {
        let after = self.ranges.partition_point(|&(first, _)| first <= seq);
        if after > 0 && seq <= self.ranges[after - 1].1 {
            return false;
        }
        let joins_left = after > 0 && self.ranges[after - 1].1.checked_add(1) == Some(seq);
        let joins_right = self.ranges.get(after).is_some_and(|&(first, _)| seq.checked_add(1) == Some(first));
        match (joins_left, joins_right) {
            (true, true) => {
                self.ranges[after - 1].1 = self.ranges[after].1;
                self.ranges.remove(after);
            }
            (true, false) => self.ranges[after - 1].1 = seq,
            (false, true) => self.ranges[after].0 = seq,
            (false, false) => self.ranges.insert(after, (seq, seq)),
        }
        true
    }

    /// Whether `seq` is in the set.
    pub fn contains(&self, Seq(seq): Seq) -> bool {
        let after = self.ranges.partition_point(|&(first, _)| first <= seq);
        after > 0 && seq <= self.ranges[after - 1].1
    }

    /// The last number up to which none is missing, counted from 0: what a cumulative acknowledgement may say.
    pub fn complete_through(&self) -> Option<Seq> {
        self.ranges.first().filter(|&&(first, _)| first == 0).map(|&(_, last)| Seq(last))
    }

    /// How many numbers are in the set.
    pub fn count(&self) -> u64 {
        self.ranges.iter().map(|&(first, last)| u64::from(last - first) + 1).sum()
    }

    /// The largest number in the set.
    pub fn last(&self) -> Option<Seq> {
        self.ranges.last().map(|&(_, last)| Seq(last))
    }

    /// The ranges, inclusive and ascending.
    pub fn iter(&self) -> impl Iterator<Item = (Seq, Seq)> + '_ {
        self.ranges.iter().map(|&(first, last)| (Seq(first), Seq(last)))
    }

    /// The stored form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.ranges.len() * 4);
        let mut end = 0;
        for &(first, last) in &self.ranges {
            push_number(&mut bytes, first - end);
            push_number(&mut bytes, last - first);
            end = last;
        }
        bytes
    }

    /// From the stored form.
    ///
    /// # Errors
    /// The bytes are truncated, out of order or not canonical.
    pub fn from_bytes(mut bytes: &[u8]) -> Result<Self, RangesError> {
        let mut ranges = Vec::new();
        let mut end = None;
        while !bytes.is_empty() {
            let gap = take_number(&mut bytes)?;
            let length = take_number(&mut bytes)?;
            if end.is_some() && gap < 2 {
                return Err(RangesError);
            }
            let first = end.unwrap_or(0u32).checked_add(gap).ok_or(RangesError)?;
            let last = first.checked_add(length).ok_or(RangesError)?;
            ranges.push((first, last));
            end = Some(last);
        }
        Ok(Self { ranges })
    }
}

impl FromIterator<Seq> for SeqRanges {
    fn from_iter<I: IntoIterator<Item = Seq>>(seqs: I) -> Self {
        let mut ranges = Self::default();
        for seq in seqs {
            ranges.insert(seq);
        }
        ranges
    }
}

fn push_number(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take_number(bytes: &mut &[u8]) -> Result<u32, RangesError> {
    let mut number = 0u32;
    for shift in (0..32).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or(RangesError)?;
        *bytes = rest;
        let digits = u32::from(byte & 0x7f);
        if digits << shift >> shift != digits || (byte == 0 && shift > 0) {
            return Err(RangesError);
        }
        number |= digits << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(RangesError)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn neighbours_merge_and_gaps_hold_back_the_acknowledgement() {
        let mut ranges: SeqRanges = [0, 1, 2, 5, 4].into_iter().map(Seq).collect();
        assert_eq!(ranges.complete_through(), Some(Seq(2)));
        assert_eq!(ranges.iter().collect::<Vec<_>>(), [(Seq(0), Seq(2)), (Seq(4), Seq(5))]);
        assert!(ranges.insert(Seq(3)) && !ranges.insert(Seq(3)));
        assert_eq!(ranges.iter().collect::<Vec<_>>(), [(Seq(0), Seq(5))]);
        assert_eq!(ranges.to_bytes(), [0, 5]);
    }

    #[test]
    fn the_last_number_of_all_does_not_overflow() {
        let ranges: SeqRanges = [u32::MAX, 0, u32::MAX - 1].into_iter().map(Seq).collect();
        assert_eq!(ranges.count(), 3);
        assert_eq!(ranges.last(), Some(Seq(u32::MAX)));
        assert_eq!(SeqRanges::from_bytes(&ranges.to_bytes()), Ok(ranges));
    }

    #[test]
    fn damaged_bytes_are_refused() {
        for bad in [&[0x80][..], &[1], &[0, 0, 1, 0], &[0xff, 0xff, 0xff, 0xff, 0x1f, 0], &[0x80, 0, 0]] {
            assert_eq!(SeqRanges::from_bytes(bad), Err(RangesError), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn behaves_as_a_set(seqs in prop::collection::vec(prop_oneof![0u32..60, any::<u32>()], 0..200)) {
            let mut ranges = SeqRanges::default();
            let mut model = BTreeSet::new();
            for seq in seqs {
                prop_assert_eq!(ranges.insert(Seq(seq)), model.insert(seq));
            }
            prop_assert_eq!(ranges.count(), model.len() as u64);
            for seq in 0..62 {
                prop_assert_eq!(ranges.contains(Seq(seq)), model.contains(&seq));
            }
            let complete = (0..).take_while(|seq| model.contains(seq)).last();
            prop_assert_eq!(ranges.complete_through(), complete.map(Seq));
            let listed: Vec<_> = ranges.iter().collect();
            prop_assert!(listed.windows(2).all(|pair| pair[0].1.0 + 1 < pair[1].0.0));
            prop_assert_eq!(SeqRanges::from_bytes(&ranges.to_bytes()), Ok(ranges));
        }

        #[test]
        fn any_bytes_are_read_canonically_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(ranges) = SeqRanges::from_bytes(&bytes) {
                prop_assert_eq!(ranges.to_bytes(), bytes);
            }
        }
    }
}

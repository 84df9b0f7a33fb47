//! Which segments still hold records that the store does not have.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// A record's claim on its segment; given back with [`Ledger::release`] once the store has the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub(super) u64);

/// Pending records of each segment. Shared by the journal's thread, which counts up and deletes, and by whoever
/// commits, who counts down; never held over I/O.
#[derive(Clone, Debug, Default)]
pub struct Ledger(Arc<Mutex<BTreeMap<u64, u64>>>);

impl Ledger {
    /// These records are in the store. True if a segment has become free to delete.
    pub fn release(&self, tickets: impl IntoIterator<Item = Ticket>) -> bool {
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut freed = false;
        for Ticket(segment) in tickets {
            if let Some(count) = pending.get_mut(&segment) {
                *count = count.saturating_sub(1);
                freed |= *count == 0;
            }
        }
        freed
    }

    /// Records that the store does not have yet.
    pub fn pending(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }

    /// `count` more records in `segment`; 0 makes the segment known.
    pub(super) fn hold(&self, segment: u64, count: u64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(segment).or_default() += count;
    }

    /// Number of segments known.
    pub(super) fn segments(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Forgets and returns the oldest segments without pending records, up to `active`, which stays.
    pub(super) fn take_free(&self, active: Option<u64>) -> Vec<u64> {
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = Vec::new();
        while let Some((&segment, &0)) = pending.first_key_value() {
            if active.is_some_and(|active| segment >= active) {
                break;
            }
            pending.remove(&segment);
            free.push(segment);
        }
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_freed_oldest_first_and_never_the_active_one() {
        let ledger = Ledger::default();
        for segment in 1..=3 {
            ledger.hold(segment, 2);
        }
        assert!(!ledger.release([Ticket(2), Ticket(1)]));
        assert!(ledger.release([Ticket(2)]));
        assert_eq!(ledger.take_free(Some(3)), Vec::<u64>::new(), "segment 1 still has a pending record");
        assert!(ledger.release([Ticket(1), Ticket(3), Ticket(3)]));
        assert_eq!(ledger.take_free(Some(3)), [1, 2]);
        assert_eq!(ledger.pending(), 0);
    }
}

//! What a shard has evaluated and not yet sent to the writer.

use crate::{
    journal::Ticket,
    writer::{Repeat, WriterInput},
};
use lenke_alerts::{IntervalId, IntervalRecord};
use lenke_notify::{DeskInput, PositionUpdate};
use lenke_store::{Batch, DeviceLast};
use lenke_wire::DeviceId;
use lenke_zones::WearerId;
use std::{collections::BTreeMap, time::Duration};
use tokio::time::Instant;

/// One batch in the making, and what leaves before it.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// Rows, committed and quarantined; `last`, `intervals`, `snapshots` and `chains` are filled when it is sealed.
    pub(super) batch: Batch,
    /// The batch's claims on the journal.
    pub(super) tickets: Vec<Ticket>,
    /// Frames in it that were not refused.
    pub(super) stored: u64,
    /// Of these, those that a backlog brought.
    pub(super) late: u64,
    /// Frames that were known already.
    pub(super) repeats: Vec<Repeat>,
    /// Findings came of it: they must be saved before the batch may be.
    has_findings: bool,
    last: BTreeMap<DeviceId, DeviceLast>,
    /// As they are now, whatever they were before in this batch.
    intervals: BTreeMap<(WearerId, IntervalId), IntervalRecord>,
    findings: Vec<DeskInput>,
    positions: Vec<PositionUpdate>,
    begun: Option<Instant>,
}

impl Pending {
    /// Something is about to be added.
    pub(super) fn begin(&mut self, now: Instant) {
        self.begun.get_or_insert(now);
    }

    pub(super) fn age(&self) -> Option<Duration> {
        self.begun.map(|begun| begun.elapsed())
    }

    pub(super) fn rows(&self) -> usize {
        self.batch.rows() + self.intervals.len() + self.repeats.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.begun.is_none()
    }

    pub(super) fn heard(&mut self, last: DeviceLast) {
        match self.last.entry(last.device) {
            std::collections::btree_map::Entry::Occupied(mut known) => known.get_mut().merge(last),
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(last);
            }
        }
    }

    pub(super) fn finding(&mut self, finding: DeskInput) {
        self.has_findings = true;
        self.findings.push(finding);
    }

    pub(super) fn record(&mut self, record: IntervalRecord) {
        self.intervals.insert((record.wearer, record.id), record);
    }

    pub(super) fn position(&mut self, position: PositionUpdate) {
        self.positions.push(position);
    }

    pub(super) fn take_findings(&mut self) -> Vec<DeskInput> {
        std::mem::take(&mut self.findings)
    }

    pub(super) fn take_positions(&mut self) -> Vec<PositionUpdate> {
        std::mem::take(&mut self.positions)
    }

    /// The batch with everything that belongs to it; what remains is empty but for what has not been handed out.
    pub(super) fn seal(
        &mut self,
        snapshots: Vec<(WearerId, Vec<u8>)>,
        chains: Vec<(DeviceId, Vec<u8>)>,
    ) -> WriterInput {
        let taken =
            Self { findings: self.take_findings(), positions: self.take_positions(), ..Self::default() };
        let Self { mut batch, tickets, stored, late, repeats, has_findings, last, intervals, .. } =
            std::mem::replace(self, taken);
        batch.last = last.into_values().collect();
        batch.intervals = intervals.into_values().collect();
        batch.snapshots = snapshots;
        batch.chains = chains;
        WriterInput::Commit(Box::new(crate::writer::Commit {
            batch,
            tickets,
            stored,
            late,
            repeats,
            has_findings,
        }))
    }
}

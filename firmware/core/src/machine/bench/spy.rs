//! A storage that notes and checks what is done to it, and whose power can fail.

use super::{DEVICE, key};
use crate::{
    Config, Journal,
    journal::{Class, Full, Ring, flash::InFlash},
    storage::{Item, NotKept},
};
use lenke_wire::{
    Epoch, FrameId,
    codec::FRAME_BYTES_MAX,
    frame::{Direction, open},
};
use std::{collections::BTreeMap, vec::Vec};

/// What a power cut does to a storage itself.
pub(in crate::machine) trait Power {
    /// The power fails in the middle of the so manieth change from here. `false`: here every change is done or not.
    fn fail_in(&mut self, _changes: Option<u32>) -> bool {
        false
    }

    /// The power has failed.
    fn is_off(&self) -> bool {
        false
    }

    /// The power is back; the boot's epoch, if the storage counts them.
    fn boot(&mut self) -> Option<Epoch> {
        None
    }
}

impl<const RECORDS: usize, const ALARMS: usize> Power for Ring<RECORDS, ALARMS> {}

impl Power for InFlash {
    fn fail_in(&mut self, changes: Option<u32>) -> bool {
        Self::fail_in(self, changes);
        true
    }

    fn is_off(&self) -> bool {
        Self::is_off(self)
    }

    fn boot(&mut self) -> Option<Epoch> {
        Some(Self::boot(self))
    }
}

/// A storage that checks what is done to it, remembers every frame it ever took, and whose power can fail.
pub(in crate::machine) struct Spy<S> {
    pub(in crate::machine) inner: S,
    pub(in crate::machine) taken: BTreeMap<FrameId, (Class, Vec<u8>)>,
    /// Writes until the power fails; the one at 0 and all after it do not happen.
    pub(super) fuse: Option<u32>,
    /// Items kept from now on are refused.
    pub(in crate::machine) is_worn_out: bool,
    /// Faults besides the storage's own.
    pub(in crate::machine) faults: u32,
    /// What was kept last is damaged.
    pub(in crate::machine) is_damaged: bool,
}

impl<S: Default> Spy<S> {
    pub(super) fn new() -> Self {
        let (fuse, is_worn_out, faults, is_damaged) = (None, false, 0, false);
        Self { inner: S::default(), taken: BTreeMap::new(), fuse, is_worn_out, faults, is_damaged }
    }
}

impl<S> Spy<S> {
    /// The inner bytes of every frame ever taken, in order.
    pub(in crate::machine) fn reports(&self) -> Vec<(FrameId, Vec<u8>)> {
        let inner = |frame: &[u8]| {
            let mut out = [0; FRAME_BYTES_MAX];
            open(&key(), DEVICE, Direction::Up, frame, &mut out).unwrap().1.to_vec()
        };
        self.taken.iter().map(|(&id, (_, frame))| (id, inner(frame))).collect()
    }

    /// Whether a write still happens.
    pub(super) fn has_power(&mut self) -> bool {
        match &mut self.fuse {
            None => true,
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                *left > 0
            }
        }
    }
}

impl<S: Journal + Power> Spy<S> {
    pub(in crate::machine) fn is_dead(&self) -> bool {
        self.fuse == Some(0) || self.inner.is_off()
    }

    /// The power fails at the so manieth change from here, or not at all.
    pub(in crate::machine) fn fail_in(&mut self, changes: Option<u32>) {
        self.fuse = if self.inner.fail_in(changes) { None } else { changes };
    }

    /// The power is back. A frame that was on its way in when it failed may be there.
    pub(super) fn boot(&mut self) -> Option<Epoch> {
        self.fuse = None;
        let epoch = self.inner.boot();
        for class in [Class::Alarms, Class::Records] {
            let mut next = FrameId::default();
            while let Some(id) = self.inner.first_from(class, next) {
                let mut out = [0; FRAME_BYTES_MAX];
                let Some(length) = self.inner.read(id, &mut out) else { panic!("{id} cannot be read") };
                let (known, bytes) = self.taken.entry(id).or_insert_with(|| (class, out[..length].to_vec()));
                assert_eq!((*known, &bytes[..]), (class, &out[..length]), "{id} carries two reports");
                next = FrameId::new(id.epoch.0, id.seq.0 + 1);
            }
        }
        epoch
    }
}

impl<S: Journal + Power> Journal for Spy<S> {
    fn append(&mut self, class: Class, id: FrameId, frame: &[u8]) -> Result<(), Full> {
        if !self.has_power() {
            return Ok(());
        }
        self.inner.append(class, id, frame)?;
        assert!(self.taken.keys().next_back().is_none_or(|&last| last < id), "{id} out of order");
        assert_eq!(lenke_wire::frame::peek(frame), Ok(id));
        self.taken.insert(id, (class, frame.to_vec()));
        Ok(())
    }

    fn read(&self, id: FrameId, out: &mut [u8]) -> Option<usize> {
        self.inner.read(id, out)
    }

    fn first_from(&self, class: Class, from: FrameId) -> Option<FrameId> {
        self.inner.first_from(class, from)
    }

    fn newest(&self, class: Class) -> Option<FrameId> {
        self.inner.newest(class)
    }

    fn release(&mut self, through: FrameId) -> u32 {
        if self.has_power() { self.inner.release(through) } else { 0 }
    }

    fn count(&self) -> u32 {
        self.inner.count()
    }

    fn fill_percent(&self, class: Class) -> u8 {
        self.inner.fill_percent(class)
    }

    fn faults(&self) -> u32 {
        self.inner.faults() + self.faults
    }
}

impl<S: Config> Config for Spy<S> {
    fn keep(&mut self, item: Item, bytes: &[u8]) -> Result<(), NotKept> {
        if self.is_worn_out {
            return Err(NotKept);
        }
        if self.has_power() { self.inner.keep(item, bytes) } else { Ok(()) }
    }

    fn kept(&mut self, item: Item, out: &mut [u8]) -> Option<usize> {
        self.inner.kept(item, out)
    }

    fn is_damaged(&self, item: Item) -> bool {
        self.is_damaged || self.inner.is_damaged(item)
    }
}

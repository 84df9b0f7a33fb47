//! For tests: a journal on flash whose power can fail, and which boots on what is left.

use super::{
    FlashJournal, Layout,
    nor::{Chance, Nor, PAGE},
};
use crate::{
    journal::{Class, Full, Journal},
    storage::{Config, Item, NotKept},
};
use lenke_wire::{Epoch, FrameId};

const ITEM_PAGES: usize = 4;
const ALARM_PAGES: usize = 3;
const PAGES: usize = 16;

/// A journal in flash with words of the real target's size.
pub(crate) struct InFlash {
    /// `None` while it boots.
    journal: Option<FlashJournal<Nor<16>>>,
    epoch: Epoch,
    cuts: u64,
}

impl Default for InFlash {
    fn default() -> Self {
        let mut board = Self { journal: None, epoch: Epoch(0), cuts: 0 };
        board.mount(Nor::new(PAGES));
        board
    }
}

impl InFlash {
    fn mount(&mut self, flash: Nor<16>) {
        let at = |pages: usize| (pages * PAGE) as u32;
        let (alarms, records) = (ITEM_PAGES, ITEM_PAGES + ALARM_PAGES);
        let layout =
            Layout { items: 0..at(alarms), alarms: at(alarms)..at(records), records: at(records)..at(PAGES) };
        let (journal, epoch) = FlashJournal::mount(flash.power_on(), layout, Epoch(1)).unwrap();
        assert!(epoch > self.epoch, "{epoch:?} is used twice");
        (self.journal, self.epoch) = (Some(journal), epoch);
    }

    /// The power fails in the middle of the so manieth operation from here.
    pub(crate) fn fail_in(&mut self, operations: Option<u32>) {
        self.cuts += 1;
        let chance = Chance(self.cuts);
        self.inner().flash.get_mut().cut = operations.map(|operations| (operations, chance));
    }

    /// The power has failed.
    pub(crate) fn is_off(&self) -> bool {
        self.look().flash.borrow().is_off()
    }

    /// The power is back; returns the boot's epoch.
    pub(crate) fn boot(&mut self) -> Epoch {
        let flash = self.journal.take().unwrap().into_flash();
        self.mount(flash);
        self.epoch
    }

    fn look(&self) -> &FlashJournal<Nor<16>> {
        self.journal.as_ref().unwrap()
    }

    fn inner(&mut self) -> &mut FlashJournal<Nor<16>> {
        self.journal.as_mut().unwrap()
    }
}

impl Journal for InFlash {
    fn append(&mut self, class: Class, id: FrameId, frame: &[u8]) -> Result<(), Full> {
        self.inner().append(class, id, frame)
    }

    fn read(&self, id: FrameId, out: &mut [u8]) -> Option<usize> {
        self.look().read(id, out)
    }

    fn first_from(&self, class: Class, from: FrameId) -> Option<FrameId> {
        self.look().first_from(class, from)
    }

    fn newest(&self, class: Class) -> Option<FrameId> {
        self.look().newest(class)
    }

    fn release(&mut self, through: FrameId) -> u32 {
        self.inner().release(through)
    }

    fn count(&self) -> u32 {
        self.look().count()
    }

    fn fill_percent(&self, class: Class) -> u8 {
        self.look().fill_percent(class)
    }

    fn faults(&self) -> u32 {
        self.look().faults()
    }
}

impl Config for InFlash {
    fn keep(&mut self, item: Item, bytes: &[u8]) -> Result<(), NotKept> {
        Config::keep(self.inner(), item, bytes)
    }

    fn kept(&mut self, item: Item, out: &mut [u8]) -> Option<usize> {
        Config::kept(self.inner(), item, out)
    }

    fn is_damaged(&self, item: Item) -> bool {
        self.look().is_damaged(item)
    }
}

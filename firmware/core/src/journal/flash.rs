//! A journal in NOR flash that no power cut confuses.
//!
//! Three partitions, each a ring of erase pages ([`log`]): records, events, and items ([`items`]): epoch, what the centre has, and
//! what the tag keeps besides frames. Records can fill their own ring only, so that no amount of them takes an event's place.
//!
//! | call | what makes it durable |
//! |---|---|
//! | [`FlashJournal::mount`] | the boot's epoch is an item before it is handed out: no (epoch, seq) is used twice |
//! | `append` | data first, then the header that makes it an entry |
//! | `release` | itself when it empties the journal, else the [`UNSAVED_MAX`]th or the next `keep`, and before a page of released frames is erased |
//! | `keep` | a new entry among the items; the last complete one of its key counts |
//!
//! A release that a power cut undoes brings frames back that the centre has: they are sent again, byte for byte. What is released is
//! `floor` (every frame below it) and up to [`MARKS_MAX`] marks (frames of one epoch up to a number, above the floor).
//!
//! Looking up a frame reads one page header for each halving of the ring, then entry headers of one page. Nothing is kept in RAM for
//! each page or frame: a journal of any size takes some 900 bytes.

mod check;
mod items;
mod layout;
mod log;
mod state;

#[cfg(test)]
mod in_flash;
#[cfg(test)]
mod nor;
#[cfg(test)]
mod tests;

pub use layout::{Layout, LayoutError};
pub use state::MARKS_MAX;

#[cfg(test)]
pub(crate) use in_flash::InFlash;

use super::{Class, Full, Journal};
use crate::storage::{Config, Item, NotKept};
use core::{
    cell::{Cell, RefCell},
    fmt,
};
use embedded_storage::nor_flash::{NorFlash, NorFlashErrorKind};
use items::Items;
use lenke_wire::{Epoch, FrameId, codec::FRAME_BYTES_MAX};
use log::{AppendError, Entry, Log};
use state::{STATE_BYTES_MAX, State};

const OLDEST: FrameId = FrameId::new(0, 0);
/// Key of [`State`] among the items; those of the caller follow.
const STATE_KEY: u8 = 0;
/// Releases that a reset may undo at most: what they released would be sent again.
pub const UNSAVED_MAX: u32 = 16;

/// Why a journal cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MountError {
    /// The partitions do not fit the flash.
    Layout(LayoutError),
    /// The flash did not take the new epoch.
    Flash(NorFlashErrorKind),
    /// There is no epoch left.
    Exhausted,
}

impl fmt::Display for MountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Layout(error) => write!(f, "the flash's partitions: {error}"),
            Self::Flash(error) => write!(f, "the flash failed: {error}"),
            Self::Exhausted => f.write_str("every epoch has been used"),
        }
    }
}

impl core::error::Error for MountError {}

impl From<NorFlashErrorKind> for MountError {
    fn from(error: NorFlashErrorKind) -> Self {
        Self::Flash(error)
    }
}

/// A journal in the flash `F`, of which every byte must be readable on its own.
pub struct FlashJournal<F> {
    flash: RefCell<F>,
    records: Log,
    alarms: Log,
    items: Items,
    state: State,
    /// Releases since the state was written.
    unsaved: u32,
    /// The last frame appended, at this boot or before.
    last: Option<FrameId>,
    kept: [u32; 2],
    faults: Cell<u32>,
}

impl<F: NorFlash> FlashJournal<F> {
    /// Takes up what the flash holds, and begins a new epoch: the one that is returned, at least `epoch_min`. It is durable
    /// on return. Flash that is erased, or holds nothing of ours, is an empty journal.
    ///
    /// # Errors
    /// The partitions do not fit the flash; the flash failed; there is no epoch left.
    pub fn mount(mut flash: F, layout: Layout, epoch_min: Epoch) -> Result<(Self, Epoch), MountError> {
        layout.check(&flash).map_err(MountError::Layout)?;
        let items = Items::mount(&mut flash, &layout.items)?;
        let records = Log::mount(&mut flash, &layout.records)?;
        let alarms = Log::mount(&mut flash, &layout.alarms)?;
        let mut bytes = [0; STATE_BYTES_MAX];
        let state = items.kept(&mut flash, STATE_KEY, &mut bytes)?;
        let mut state = state.and_then(State::decode).unwrap_or_default();
        let last = records.newest(&mut flash, |_| true)?.max(alarms.newest(&mut flash, |_| true)?);
        let last = last.map(|entry| entry.id);
        let used = state.epoch.max(last.map_or(0, |id| id.epoch.0));
        let epoch = used.checked_add(1).ok_or(MountError::Exhausted)?.max(epoch_min.0);
        state.epoch = epoch;
        let mut journal = Self {
            flash: RefCell::new(flash),
            records,
            alarms,
            items,
            state,
            unsaved: 0,
            last,
            kept: [0; 2],
            faults: Cell::new(0),
        };
        journal.persist()?;
        for class in [Class::Records, Class::Alarms] {
            journal.kept[class as usize] = journal.count_between(class, OLDEST, None, false)?;
        }
        Ok((journal, Epoch(epoch)))
    }

    /// Gives the flash back.
    pub fn into_flash(self) -> F {
        self.flash.into_inner()
    }

    /// Erasures of the most worn page of each partition: records, events, items.
    pub const fn erasures(&self) -> [u32; 3] {
        [self.records.erasures(), self.alarms.erasures(), self.items.erasures()]
    }

    const fn log(&self, class: Class) -> &Log {
        match class {
            Class::Records => &self.records,
            Class::Alarms => &self.alarms,
        }
    }

    /// The result, or nothing and a fault counted.
    fn tolerate<T>(&self, result: Result<Option<T>, NorFlashErrorKind>) -> Option<T> {
        result.unwrap_or_else(|_| {
            self.fault();
            None
        })
    }

    fn fault(&self) {
        self.faults.set(self.faults.get().saturating_add(1));
    }

    /// The first entry with an id of at least `from` that is not released.
    fn first_entry(&self, class: Class, mut from: FrameId) -> Result<Option<Entry>, NorFlashErrorKind> {
        if self.kept[class as usize] == 0 {
            return Ok(None);
        }
        loop {
            from = from.max(self.state.floor);
            let Some(entry) = self.log(class).first_from(&mut *self.flash.borrow_mut(), from)? else {
                return Ok(None);
            };
            match self.state.released_through(entry.id).map(following) {
                // Marks are above the floor, so that this moves on.
                Some(Some(next)) => from = next,
                Some(None) => return Ok(None),
                None => return Ok(Some(entry)),
            }
        }
    }

    fn entry_from(&self, class: Class, from: FrameId) -> Option<Entry> {
        self.tolerate(self.log(class).first_from(&mut *self.flash.borrow_mut(), from))
    }

    fn entry_of(&self, id: FrameId) -> Option<(Class, Entry)> {
        if self.state.is_released(id) {
            return None;
        }
        let find = |class| Some((class, self.entry_from(class, id).filter(|entry| entry.id == id)?));
        find(Class::Alarms).or_else(|| find(Class::Records))
    }

    /// Frames of a queue from the floor on, from `from` to `through`, that are released, or that are not.
    fn count_between(
        &self,
        class: Class,
        from: FrameId,
        through: Option<FrameId>,
        released: bool,
    ) -> Result<u32, NorFlashErrorKind> {
        let log = self.log(class);
        let mut flash = self.flash.borrow_mut();
        log.walk(&mut *flash, from.max(self.state.floor), |entry| {
            let is_wanted = || self.state.is_released(entry.id) == released;
            through.is_none_or(|through| entry.id <= through).then(is_wanted)
        })
    }

    /// Keeps an item of the caller's, below key 15 and of 1 024 bytes at most, and what was released. From the return on it
    /// survives a power cut; a cut before leaves what was or what is to be.
    ///
    /// # Errors
    /// [`Full`]: what was kept before still is. There is no room, or the flash failed.
    pub fn keep(&mut self, key: u8, bytes: &[u8]) -> Result<(), Full> {
        let kept =
            key.checked_add(STATE_KEY + 1).ok_or(Full).and_then(|key| self.put(key, bytes).map_err(|_| Full));
        if kept.is_err() || (self.unsaved > 0 && self.persist().is_err()) {
            self.fault();
        }
        kept
    }

    /// Copies an item into `out`, of which 1 024 bytes always suffice; returns its length.
    pub fn kept(&self, key: u8, out: &mut [u8]) -> Option<usize> {
        let key = key.checked_add(STATE_KEY + 1)?;
        let kept = self.items.kept(&mut *self.flash.borrow_mut(), key, out);
        self.tolerate(kept).map(<[u8]>::len)
    }

    fn persist(&mut self) -> Result<(), NorFlashErrorKind> {
        let mut bytes = [0; STATE_BYTES_MAX];
        let bytes = self.state.encode(&mut bytes);
        self.put(STATE_KEY, bytes)?;
        self.unsaved = 0;
        Ok(())
    }

    /// Writes an item; on a fault once more, on another page.
    fn put(&mut self, key: u8, bytes: &[u8]) -> Result<(), NorFlashErrorKind> {
        let Self { items, flash, .. } = self;
        let flash = flash.get_mut();
        let kept = items.keep(flash, key, bytes);
        kept.or_else(|_| items.keep(flash, key, bytes)).map_err(|error| match error {
            AppendError::Flash(error) | AppendError::Doubtful(error) => error,
            AppendError::Full => NorFlashErrorKind::Other,
        })
    }

    /// Appends to a queue, if need be on a new page, which must not hold what is to be kept.
    fn append_to(&mut self, class: Class, id: FrameId, frame: &[u8]) -> Result<(), AppendError> {
        let (flash, state) = (self.flash.get_mut(), &self.state);
        let log = match class {
            Class::Records => &mut self.records,
            Class::Alarms => &mut self.alarms,
        };
        if log.needs_page::<F>(frame.len()) {
            if let Some(making_way) = log.making_way()
                && log.newest_on(flash, making_way, |id| !state.is_released(id))?.is_some()
            {
                return Err(AppendError::Full);
            }
            log.open_page(flash, id)?;
        }
        log.append(flash, id, frame).map(|_| ())
    }

    /// Frames of each queue, by class, of an epoch up to `through` that are released, or that are not.
    fn count_of(&self, through: FrameId, released: bool) -> Result<[u32; 2], NorFlashErrorKind> {
        let from = FrameId::new(through.epoch.0, 0);
        let count = |class| self.count_between(class, from, Some(through), released);
        Ok([count(Class::Alarms)?, count(Class::Records)?])
    }

    /// Releases; returns how many frames that newly are. If the flash cannot be read, nothing has changed.
    fn mark(&mut self, through: FrameId) -> Result<u32, NorFlashErrorKind> {
        let released = self.count_of(through, false)?;
        if let Some(newest) = self.state.in_the_way_of(through) {
            let back = self.count_of(newest, true)?;
            self.state.forget(newest);
            self.kept = [0, 1].map(|index| self.kept[index] + back[index]);
        }
        if !self.state.mark(through) {
            return Ok(0);
        }
        self.kept = [0, 1].map(|index| self.kept[index].saturating_sub(released[index]));
        if self.settle().is_err() {
            // The floor stays where it is; the mark counts.
            self.fault();
        }
        self.unsaved = self.unsaved.saturating_add(1);
        // What was released for good is not sent again after a reset. If the flash fails, the next release tries again.
        if (self.count() == 0 || self.unsaved >= UNSAVED_MAX) && self.persist().is_err() {
            self.fault();
        }
        Ok(released.iter().sum())
    }

    /// Moves the floor up to the first frame kept, and forgets the marks below it.
    fn settle(&mut self) -> Result<(), NorFlashErrorKind> {
        let first = |class| self.first_entry(class, OLDEST).map(|entry| entry.map(|entry| entry.id));
        let floor = match (first(Class::Alarms)?, first(Class::Records)?) {
            (Some(alarm), Some(record)) => Some(alarm.min(record)),
            (None, None) => self.last.and_then(following),
            (one, other) => one.or(other),
        };
        if let Some(floor) = floor {
            self.state.raise(floor);
        }
        Ok(())
    }
}

impl<F: NorFlash> Journal for FlashJournal<F> {
    fn append(&mut self, class: Class, id: FrameId, frame: &[u8]) -> Result<(), Full> {
        if self.last.is_some_and(|last| id <= last) || frame.len() > FRAME_BYTES_MAX {
            // Order is what finding relies on.
            self.fault();
            return Err(Full);
        }
        if self.unsaved > 0 && self.log(class).needs_page::<F>(frame.len()) {
            // What is to be erased must be released for good.
            self.persist().map_err(|_| {
                self.fault();
                Full
            })?;
        }
        let mut is_doubtful = false;
        for _ in 0..2 {
            match self.append_to(class, id, frame) {
                Ok(()) => {
                    self.last = Some(id);
                    self.kept[class as usize] += 1;
                    return Ok(());
                }
                Err(AppendError::Full) => break,
                // The log has closed its page: the next one may do.
                Err(AppendError::Flash(_)) => self.fault(),
                Err(AppendError::Doubtful(_)) => {
                    self.fault();
                    is_doubtful = true;
                }
            }
        }
        if is_doubtful {
            // It may be found at the next boot: until then no other report gets its number, and so its nonce.
            self.last = Some(id);
        }
        Err(Full)
    }

    fn read(&self, id: FrameId, out: &mut [u8]) -> Option<usize> {
        let (class, entry) = self.entry_of(id)?;
        let flash = &mut *self.flash.borrow_mut();
        let read = self.log(class).read(flash, &entry, out).unwrap_or(None).map(|bytes| bytes.len());
        if read.is_none() {
            self.fault();
        }
        read
    }

    fn first_from(&self, class: Class, from: FrameId) -> Option<FrameId> {
        self.tolerate(self.first_entry(class, from)).map(|entry| entry.id)
    }

    fn newest(&self, class: Class) -> Option<FrameId> {
        if self.kept[class as usize] == 0 {
            return None;
        }
        let flash = &mut *self.flash.borrow_mut();
        let newest = self.log(class).newest(flash, |id| !self.state.is_released(id));
        self.tolerate(newest).map(|entry| entry.id)
    }

    fn release(&mut self, through: FrameId) -> u32 {
        let Some(last) = self.last else { return 0 };
        // Only what exists can be released: a frame to come must not be.
        let through = if through.epoch == last.epoch { through.min(last) } else { through };
        if through > last || self.state.is_released(through) {
            return 0;
        }
        self.mark(through).unwrap_or_else(|_| {
            self.fault();
            0
        })
    }

    fn count(&self) -> u32 {
        self.kept[0] + self.kept[1]
    }

    fn fill_percent(&self, class: Class) -> u8 {
        let first = self.tolerate(self.first_entry(class, OLDEST));
        self.log(class).fill_percent::<F>(first.as_ref())
    }

    fn faults(&self) -> u32 {
        self.faults.get()
    }
}

impl<F: NorFlash> Config for FlashJournal<F> {
    fn keep(&mut self, item: Item, bytes: &[u8]) -> Result<(), NotKept> {
        Self::keep(self, item.key(), bytes).map_err(|Full| NotKept)
    }

    fn kept(&mut self, item: Item, out: &mut [u8]) -> Option<usize> {
        Self::kept(self, item.key(), out)
    }

    fn is_damaged(&self, item: Item) -> bool {
        item.key().checked_add(STATE_KEY + 1).is_some_and(|key| self.items.is_damaged(key))
    }
}

const fn following(id: FrameId) -> Option<FrameId> {
    match (id.seq.0.checked_add(1), id.epoch.0.checked_add(1)) {
        (Some(seq), _) => Some(FrameId::new(id.epoch.0, seq)),
        (None, Some(epoch)) => Some(FrameId::new(epoch, 0)),
        (None, None) => None,
    }
}

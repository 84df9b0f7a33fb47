//! Items that are written over and over, by key, in a ring of pages: the last entry of a key counts.
//!
//! An entry's id is its key. Where each item is stands in RAM, from the mount on.
//!
//! ```text
//! pages, oldest first:  | making way | ... | ... | head |
//!                         ^ erased when the head page is full: nothing that counts may be on it
//! ```
//! **Invariant**: once anything but copies is on the head page, no item that counts is on the page that makes way next. A page
//! that was opened therefore takes copies of what still counts there before anything else. When power fails in the middle
//! of that, the head page holds nothing but copies, and is opened anew.

use super::log::{AppendError, Entry, Log};
use core::ops::Range;
use embedded_storage::nor_flash::{NorFlash, NorFlashErrorKind};
use lenke_wire::FrameId;

/// Keys are below this.
pub(super) const KEYS: usize = 16;
/// Bytes of an item at most.
pub(super) const ITEM_BYTES_MAX: usize = 1_024;

pub(super) struct Items {
    log: Log,
    places: [Option<Entry>; KEYS],
    /// Keys, a bit each, whose newest entry is damaged.
    damaged: u16,
}

impl Items {
    /// Takes up what the ring holds. An entry that was damaged leaves the one before it in force.
    pub(super) fn mount<F: NorFlash>(flash: &mut F, range: &Range<u32>) -> Result<Self, NorFlashErrorKind> {
        let mut items = Self { log: Log::mount(flash, range)?, places: [None; KEYS], damaged: 0 };
        items.find(flash)?;
        Ok(items)
    }

    fn find<F: NorFlash>(&mut self, flash: &mut F) -> Result<(), NorFlashErrorKind> {
        let Self { log, places, damaged } = self;
        *places = [None; KEYS];
        log.visit(flash, &mut [0; ITEM_BYTES_MAX], |entry, is_whole| {
            let key = entry.id.seq.0 as usize;
            if let Some(place) = places.get_mut(key) {
                let bit = 1 << key;
                if is_whole {
                    *place = Some(entry);
                    *damaged &= !bit;
                } else {
                    *damaged |= bit;
                }
            }
        })
    }

    /// What was kept last is damaged: what [`Self::kept`] finds is older, or nothing.
    pub(super) const fn is_damaged(&self, key: u8) -> bool {
        self.damaged >> key & 1 == 1
    }

    /// Keeps an item in the place of what it had. After an error what it had still counts; another try may do.
    pub(super) fn keep<F: NorFlash>(
        &mut self,
        flash: &mut F,
        key: u8,
        data: &[u8],
    ) -> Result<(), AppendError> {
        if usize::from(key) >= KEYS || data.len() > ITEM_BYTES_MAX {
            return Err(AppendError::Full);
        }
        if !self.makes_way() {
            self.log.reopen_page(flash, id(key))?;
            self.find(flash)?;
            self.copy(flash)?;
        }
        // A page of copies may leave too little room; after a round of all pages there is no more to gain.
        for _ in 0..self.log.pages() {
            if !self.log.needs_page::<F>(data.len()) {
                return self.put(flash, key, data);
            }
            self.log.open_page(flash, id(key))?;
            self.copy(flash)?;
        }
        Err(AppendError::Full)
    }

    /// Copies an item into `out`; returns its bytes.
    pub(super) fn kept<'o, F: NorFlash>(
        &self,
        flash: &mut F,
        key: u8,
        out: &'o mut [u8],
    ) -> Result<Option<&'o [u8]>, NorFlashErrorKind> {
        match self.places.get(usize::from(key)) {
            Some(Some(entry)) => self.log.read(flash, entry, out),
            Some(None) | None => Ok(None),
        }
    }

    pub(super) const fn erasures(&self) -> u32 {
        self.log.erasures()
    }

    /// Nothing that counts is on the page that is erased next.
    fn makes_way(&self) -> bool {
        let making_way = self.log.making_way();
        making_way.is_none() || !self.places.iter().flatten().any(|entry| Some(entry.page) == making_way)
    }

    /// Copies what counts from the page that is erased next to the head page, which is empty.
    fn copy<F: NorFlash>(&mut self, flash: &mut F) -> Result<(), AppendError> {
        let Some(making_way) = self.log.making_way() else { return Ok(()) };
        let mut bytes = [0; ITEM_BYTES_MAX];
        for key in 0..KEYS as u8 {
            let Some(entry) = self.places[usize::from(key)].filter(|entry| entry.page == making_way) else {
                continue;
            };
            match self.log.read(flash, &entry, &mut bytes)? {
                Some(data) => {
                    let length = data.len();
                    self.put(flash, key, &bytes[..length])?;
                }
                // Damaged since the mount: there is nothing to copy.
                None => self.places[usize::from(key)] = None,
            }
        }
        Ok(())
    }

    fn put<F: NorFlash>(&mut self, flash: &mut F, key: u8, data: &[u8]) -> Result<(), AppendError> {
        let entry = self.log.append(flash, id(key), data)?;
        self.places[usize::from(key)] = Some(entry);
        self.damaged &= !(1 << key);
        Ok(())
    }
}

const fn id(key: u8) -> FrameId {
    FrameId::new(0, key as u32)
}

//! A ring of erase pages that entries are appended to.
//!
//! ```text
//! page:   | header, 32 bytes                                    | entry | entry | ... | erased |
//!         | magic 4 | page number 4 | epoch 4 | seq 4 | sum 4 | ff |
//! entry:  | header, 16 bytes                                            | data, padded to words |
//!         | length 2 | half sum of the rest 2 | epoch 4 | seq 4 | sum of data 4 |
//! ```
//! All numbers little-endian. Page number `n` lies at place `n % pages`, so that numbers tell order and wear. A page is erased
//! when it is opened; its header then names the entry it was opened for. Ids ascend through the ring, which is what finding
//! relies on.
//!
//! An entry's data is written before its header: a header with a true sum has its data. What a power cut leaves behind is
//! passed over: a page without a true header is not there, and the rest of a page after a torn entry stays unused.

use super::check::Check;
use core::ops::Range;
use embedded_storage::nor_flash::{NorFlash, NorFlashError, NorFlashErrorKind};
use lenke_wire::{FrameId, codec::FRAME_BYTES_MAX};

const MAGIC: [u8; 4] = *b"LKJ1";
const PAGE_HEADER_BYTES: usize = 32;
const PAGE_SUMMED_BYTES: usize = 16;
const ENTRY_HEADER_BYTES: usize = 16;
const ERASED: u8 = 0xff;
/// Bytes that are read and compared at once.
const CHUNK_BYTES: usize = 64;

/// Largest word that flash may be written in.
pub(super) const WRITE_BYTES_MAX: usize = 32;
/// A page must hold a frame of any length.
pub(super) const PAGE_BYTES_MIN: usize = PAGE_HEADER_BYTES + 2 * WRITE_BYTES_MAX + FRAME_BYTES_MAX;

type Result<T> = core::result::Result<T, NorFlashErrorKind>;

/// Why an entry was not appended. Nothing that was there has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AppendError {
    /// There is no room in the page, nor in any other that holds nothing to be kept.
    Full,
    /// The flash failed; the page is closed.
    Flash(NorFlashErrorKind),
    /// The flash failed, and cannot be read either: the entry may be there. The page is closed.
    Doubtful(NorFlashErrorKind),
}

impl From<NorFlashErrorKind> for AppendError {
    fn from(error: NorFlashErrorKind) -> Self {
        Self::Flash(error)
    }
}

/// An entry, and where it is. Ordered by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) id: FrameId,
    /// The page's number.
    pub(super) page: u32,
    /// Of the header, from the page's start.
    offset: u32,
    pub(super) length: u16,
    sum: u32,
}

/// A ring: where it is, and where it ends.
#[derive(Debug)]
pub(super) struct Log {
    start: u32,
    pages: u32,
    /// Number of the page that is written to.
    head: Option<u32>,
    /// Where the next entry goes, from the head page's start.
    offset: u32,
}

impl Log {
    pub(super) fn mount<F: NorFlash>(flash: &mut F, range: &Range<u32>) -> Result<Self> {
        let page_bytes = F::ERASE_SIZE as u32;
        let pages = (range.end - range.start) / page_bytes;
        let mut log = Self { start: range.start, pages, head: None, offset: page_bytes };
        for place in 0..pages {
            let header = log.page_header_at(flash, place)?;
            log.head = log.head.max(header.map(|(number, _)| number));
        }
        if let Some(head) = log.head {
            log.offset = log.end_of(flash, head)?;
        }
        Ok(log)
    }

    /// Will an entry of this length need a new page?
    pub(super) const fn needs_page<F: NorFlash>(&self, length: usize) -> bool {
        self.head.is_none() || self.offset as usize + entry_bytes::<F>(length) > F::ERASE_SIZE
    }

    /// Appends an entry to the head page, which must have the room. After an error the page is closed. Flash that
    /// fails after it has written is read back, and what is there is appended.
    pub(super) fn append<F: NorFlash>(
        &mut self,
        flash: &mut F,
        id: FrameId,
        data: &[u8],
    ) -> core::result::Result<Entry, AppendError> {
        let length = u16::try_from(data.len()).map_err(|_| AppendError::Full)?;
        let Some(page) = self.head.filter(|_| !self.needs_page::<F>(data.len())) else {
            return Err(AppendError::Full);
        };
        let entry = Entry { id, page, offset: self.offset, length, sum: Check::new().add(data).sum() };
        let at = self.page_address::<F>(page) + self.offset;
        let written = write_padded(flash, at + entry_header_bytes::<F>(), data)
            .and_then(|()| write_padded(flash, at, &entry_header(&entry)));
        self.offset = match written {
            Ok(()) => self.offset + entry_bytes::<F>(data.len()) as u32,
            Err(_) => F::ERASE_SIZE as u32,
        };
        let Err(error) = written else { return Ok(entry) };
        match self.holds(flash, &entry, data) {
            Ok(true) => Ok(entry),
            Ok(false) => Err(AppendError::Flash(error)),
            Err(_) => Err(AppendError::Doubtful(error)),
        }
    }

    /// Is the entry there, with all its data?
    fn holds<F: NorFlash>(&self, flash: &mut F, entry: &Entry, data: &[u8]) -> Result<bool> {
        if self.entry_at(flash, entry.page, entry.offset)? != Some(*entry) {
            return Ok(false);
        }
        let mut at = self.page_address::<F>(entry.page) + entry.offset + entry_header_bytes::<F>();
        let mut there = [0; CHUNK_BYTES];
        for chunk in data.chunks(CHUNK_BYTES) {
            let there = &mut there[..chunk.len()];
            read(flash, at, there)?;
            if there != chunk {
                return Ok(false);
            }
            at += chunk.len() as u32;
        }
        Ok(true)
    }

    /// Erases the page after the head page and makes it the head page, for entries from `id` on. What it held is gone,
    /// also after an error.
    pub(super) fn open_page<F: NorFlash>(&mut self, flash: &mut F, id: FrameId) -> Result<()> {
        self.open(flash, self.head.map_or(0, |head| head + 1), id)
    }

    /// Erases the head page itself.
    pub(super) fn reopen_page<F: NorFlash>(&mut self, flash: &mut F, id: FrameId) -> Result<()> {
        self.open(flash, self.head.unwrap_or(0), id)
    }

    fn open<F: NorFlash>(&mut self, flash: &mut F, number: u32, id: FrameId) -> Result<()> {
        let address = self.page_address::<F>(number);
        let opened = flash
            .erase(address, address + F::ERASE_SIZE as u32)
            .map_err(|error| error.kind())
            .and_then(|()| write_padded(flash, address, &page_header(number, id)));
        self.head = Some(number);
        self.offset = if opened.is_ok() { PAGE_HEADER_BYTES as u32 } else { F::ERASE_SIZE as u32 };
        opened
    }

    pub(super) const fn pages(&self) -> u32 {
        self.pages
    }

    /// The number of the page that the next [`Self::open_page`] erases.
    pub(super) fn making_way(&self) -> Option<u32> {
        (self.head? + 1).checked_sub(self.pages)
    }

    /// The first entry with an id of at least `from`.
    pub(super) fn first_from<F: NorFlash>(&self, flash: &mut F, from: FrameId) -> Result<Option<Entry>> {
        let mut cursor = self.cursor(flash, from)?;
        while let Some(entry) = self.next(flash, &mut cursor)? {
            if entry.id >= from {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }

    /// Counts the ids of entries from `from` on for which `counts` is true, until it is `None`. An entry that was written, but
    /// could not be read back, was written again: the same one twice in a row.
    pub(super) fn walk<F: NorFlash>(
        &self,
        flash: &mut F,
        from: FrameId,
        counts: impl Fn(&Entry) -> Option<bool>,
    ) -> Result<u32> {
        let mut cursor = self.cursor(flash, from)?;
        let mut count = 0;
        let mut last = None;
        while let Some(entry) = self.next(flash, &mut cursor)? {
            if entry.id < from || last.replace(entry.id) == Some(entry.id) {
                continue;
            }
            match counts(&entry) {
                Some(true) => count += 1,
                Some(false) => {}
                None => break,
            }
        }
        Ok(count)
    }

    /// The last entry that `is_wanted`.
    pub(super) fn newest<F: NorFlash>(
        &self,
        flash: &mut F,
        is_wanted: impl Fn(FrameId) -> bool,
    ) -> Result<Option<Entry>> {
        for number in self.numbers().rev() {
            let newest = self.newest_on(flash, number, &is_wanted)?;
            if newest.is_some() {
                return Ok(newest);
            }
        }
        Ok(None)
    }

    /// Every entry, oldest first, and whether its data is what was written, read with the help of `bytes`.
    pub(super) fn visit<F: NorFlash>(
        &self,
        flash: &mut F,
        bytes: &mut [u8],
        mut take: impl FnMut(Entry, bool),
    ) -> Result<()> {
        let mut cursor = Cursor { number: self.numbers().start, offset: PAGE_HEADER_BYTES as u32 };
        while let Some(entry) = self.next(flash, &mut cursor)? {
            take(entry, self.read(flash, &entry, bytes)?.is_some());
        }
        Ok(())
    }

    /// An entry's data, in `out`; `None` if it is longer than that, or not what was written.
    pub(super) fn read<'o, F: NorFlash>(
        &self,
        flash: &mut F,
        entry: &Entry,
        out: &'o mut [u8],
    ) -> Result<Option<&'o [u8]>> {
        let Some(out) = out.get_mut(..usize::from(entry.length)) else { return Ok(None) };
        let at = self.page_address::<F>(entry.page) + entry.offset + entry_header_bytes::<F>();
        read(flash, at, out)?;
        Ok((Check::new().add(out).sum() == entry.sum).then_some(out))
    }

    /// How full the ring is if `first` is the first entry that must be kept.
    pub(super) fn fill_percent<F: NorFlash>(&self, first: Option<&Entry>) -> u8 {
        let Some((head, first)) = self.head.zip(first) else { return 0 };
        let page_bytes = F::ERASE_SIZE as u64;
        let used =
            u64::from(head - first.page) * page_bytes + u64::from(self.offset) - u64::from(first.offset);
        (used * 100 / (u64::from(self.pages) * page_bytes)).min(100) as u8
    }

    /// Erasures of the most worn page.
    pub(super) const fn erasures(&self) -> u32 {
        match self.head {
            Some(head) => head / self.pages + 1,
            None => 0,
        }
    }

    /// Numbers that pages may have now.
    fn numbers(&self) -> Range<u32> {
        self.head.map_or(0..0, |head| (head + 1).saturating_sub(self.pages)..head + 1)
    }

    /// Before the first entry with an id of at least `from`: on the last page that was opened for one below it. An entry whose
    /// page failed may have had another page opened for it.
    fn cursor<F: NorFlash>(&self, flash: &mut F, from: FrameId) -> Result<Cursor> {
        let Range { start: mut low, end: mut high } = self.numbers();
        // No page from `high` on begins below `from`; `number` is the last one that is known to.
        let mut number = low;
        while low < high {
            let middle = low + (high - low) / 2;
            let mut probe = middle;
            let mut first = self.page_header(flash, probe)?;
            while first.is_none() && probe > low {
                probe -= 1;
                first = self.page_header(flash, probe)?;
            }
            match first {
                Some(id) if id >= from => high = probe,
                Some(_) => (number, low) = (probe, middle + 1),
                None => low = middle + 1,
            }
        }
        Ok(Cursor { number, offset: PAGE_HEADER_BYTES as u32 })
    }

    fn next<F: NorFlash>(&self, flash: &mut F, cursor: &mut Cursor) -> Result<Option<Entry>> {
        while self.head.is_some_and(|head| cursor.number <= head) {
            let fresh = cursor.offset == PAGE_HEADER_BYTES as u32;
            if (!fresh || self.page_header(flash, cursor.number)?.is_some())
                && let Some(entry) = self.entry_at(flash, cursor.number, cursor.offset)?
            {
                cursor.offset += entry_bytes::<F>(usize::from(entry.length)) as u32;
                return Ok(Some(entry));
            }
            *cursor = Cursor { number: cursor.number + 1, offset: PAGE_HEADER_BYTES as u32 };
        }
        Ok(None)
    }

    /// The last entry of a page that `is_wanted`; none if the page is not there.
    pub(super) fn newest_on<F: NorFlash>(
        &self,
        flash: &mut F,
        number: u32,
        is_wanted: impl Fn(FrameId) -> bool,
    ) -> Result<Option<Entry>> {
        let mut newest = None;
        if self.page_header(flash, number)?.is_none() {
            return Ok(None);
        }
        let mut offset = PAGE_HEADER_BYTES as u32;
        while let Some(entry) = self.entry_at(flash, number, offset)? {
            offset += entry_bytes::<F>(usize::from(entry.length)) as u32;
            if is_wanted(entry.id) {
                newest = Some(entry);
            }
        }
        Ok(newest)
    }

    /// Where the next entry of a page goes: its end, if anything but erased bytes follows the last entry.
    fn end_of<F: NorFlash>(&self, flash: &mut F, number: u32) -> Result<u32> {
        let mut offset = PAGE_HEADER_BYTES as u32;
        while let Some(entry) = self.entry_at(flash, number, offset)? {
            offset += entry_bytes::<F>(usize::from(entry.length)) as u32;
        }
        let (page_bytes, address) = (F::ERASE_SIZE as u32, self.page_address::<F>(number));
        let mut at = offset;
        let mut chunk = [0; CHUNK_BYTES];
        while at < page_bytes {
            let length = chunk.len().min((page_bytes - at) as usize);
            read(flash, address + at, &mut chunk[..length])?;
            if chunk[..length].iter().any(|&byte| byte != ERASED) {
                return Ok(page_bytes);
            }
            at += length as u32;
        }
        Ok(offset)
    }

    fn entry_at<F: NorFlash>(&self, flash: &mut F, page: u32, offset: u32) -> Result<Option<Entry>> {
        let left = F::ERASE_SIZE as u32 - offset;
        if left < entry_header_bytes::<F>() {
            return Ok(None);
        }
        let mut header = [0; ENTRY_HEADER_BYTES];
        read(flash, self.page_address::<F>(page) + offset, &mut header)?;
        let entry = parse_entry_header(&header, page, offset);
        Ok(entry.filter(|entry| entry_bytes::<F>(usize::from(entry.length)) as u32 <= left))
    }

    /// What a page was opened for, if it is there.
    fn page_header<F: NorFlash>(&self, flash: &mut F, number: u32) -> Result<Option<FrameId>> {
        let header = self.page_header_at(flash, number % self.pages)?;
        Ok(header.and_then(|(there, first)| (there == number).then_some(first)))
    }

    fn page_header_at<F: NorFlash>(&self, flash: &mut F, place: u32) -> Result<Option<(u32, FrameId)>> {
        let mut header = [0; PAGE_SUMMED_BYTES + 4];
        read(flash, self.page_address::<F>(place), &mut header)?;
        Ok(parse_page_header(&header).filter(|(number, _)| number % self.pages == place))
    }

    const fn page_address<F: NorFlash>(&self, number: u32) -> u32 {
        self.start + number % self.pages * F::ERASE_SIZE as u32
    }
}

/// The place of an entry that is to be looked at next.
struct Cursor {
    number: u32,
    offset: u32,
}

/// Bytes that an entry's header takes: at least a word, because it is written on its own.
const fn entry_header_bytes<F: NorFlash>() -> u32 {
    ENTRY_HEADER_BYTES.next_multiple_of(F::WRITE_SIZE) as u32
}

const fn entry_bytes<F: NorFlash>(length: usize) -> usize {
    entry_header_bytes::<F>() as usize + length.next_multiple_of(F::WRITE_SIZE)
}

fn entry_header(entry: &Entry) -> [u8; ENTRY_HEADER_BYTES] {
    let mut header = [0; ENTRY_HEADER_BYTES];
    header[..2].copy_from_slice(&entry.length.to_le_bytes());
    header[4..8].copy_from_slice(&entry.id.epoch.0.to_le_bytes());
    header[8..12].copy_from_slice(&entry.id.seq.0.to_le_bytes());
    header[12..].copy_from_slice(&entry.sum.to_le_bytes());
    let half = half_sum(&header);
    header[2..4].copy_from_slice(&half);
    header
}

fn parse_entry_header(header: &[u8; ENTRY_HEADER_BYTES], page: u32, offset: u32) -> Option<Entry> {
    if half_sum(header) != header[2..4] {
        return None;
    }
    let id = FrameId::new(number(header, 4)?, number(header, 8)?);
    let length = u16::from_le_bytes([header[0], header[1]]);
    Some(Entry { id, page, offset, length, sum: number(header, 12)? })
}

/// Of a header, without its own two bytes.
fn half_sum(header: &[u8; ENTRY_HEADER_BYTES]) -> [u8; 2] {
    let [low, high, ..] = Check::new().add(&header[..2]).add(&header[4..]).sum().to_le_bytes();
    [low, high]
}

fn page_header(number: u32, first: FrameId) -> [u8; PAGE_HEADER_BYTES] {
    let mut header = [ERASED; PAGE_HEADER_BYTES];
    header[..4].copy_from_slice(&MAGIC);
    header[4..8].copy_from_slice(&number.to_le_bytes());
    header[8..12].copy_from_slice(&first.epoch.0.to_le_bytes());
    header[12..16].copy_from_slice(&first.seq.0.to_le_bytes());
    let sum = Check::new().add(&header[..PAGE_SUMMED_BYTES]).sum();
    header[PAGE_SUMMED_BYTES..PAGE_SUMMED_BYTES + 4].copy_from_slice(&sum.to_le_bytes());
    header
}

fn parse_page_header(header: &[u8]) -> Option<(u32, FrameId)> {
    let sum = Check::new().add(header.get(..PAGE_SUMMED_BYTES)?).sum();
    let is_ours = header.starts_with(&MAGIC) && number(header, PAGE_SUMMED_BYTES)? == sum;
    is_ours.then_some((number(header, 4)?, FrameId::new(number(header, 8)?, number(header, 12)?)))
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|chunk| u32::from_le_bytes(*chunk))
}

fn read<F: NorFlash>(flash: &mut F, at: u32, out: &mut [u8]) -> Result<()> {
    flash.read(at, out).map_err(|error| error.kind())
}

/// Writes whole words, the last one filled up with erased bytes.
fn write_padded<F: NorFlash>(flash: &mut F, at: u32, data: &[u8]) -> Result<()> {
    let (whole, rest) = data.split_at(data.len() - data.len() % F::WRITE_SIZE);
    if !whole.is_empty() {
        flash.write(at, whole).map_err(|error| error.kind())?;
    }
    if !rest.is_empty() {
        let mut word = [ERASED; WRITE_BYTES_MAX];
        word[..rest.len()].copy_from_slice(rest);
        flash.write(at + whole.len() as u32, &word[..F::WRITE_SIZE]).map_err(|error| error.kind())?;
    }
    Ok(())
}

//! Which part of the flash holds what.

use super::log::{PAGE_BYTES_MIN, WRITE_BYTES_MAX};
use core::{fmt, ops::Range};
use embedded_storage::nor_flash::NorFlash;

/// Bytes of the items' ring, and its pages at least: all items twice, and a page each for copies and for what makes way.
const ITEMS_BYTES: u32 = 32 * 1_024;
const ITEMS_PAGES_MIN: u32 = 4;
/// Events get one page in this many.
const ALARM_SHARE: u32 = 8;
const RING_PAGES_MIN: u32 = 2;

/// Byte ranges of the three partitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Frames of [`super::Class::Records`].
    pub records: Range<u32>,
    /// Frames of [`super::Class::Alarms`].
    pub alarms: Range<u32>,
    /// Epoch, releases and items.
    pub items: Range<u32>,
}

/// Why partitions do not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayoutError {
    /// A partition does not begin or end with a page.
    Alignment,
    /// A partition of fewer than two pages.
    TooSmall,
    /// Partitions overlap, or leave the flash.
    Range,
    /// The flash's pages or words are of a size that does not do.
    Geometry,
}

impl fmt::Display for LayoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Alignment => "a partition does not begin or end with an erase page",
            Self::TooSmall => "a partition has fewer than two erase pages",
            Self::Range => "partitions overlap or leave the flash",
            Self::Geometry => "an erase page holds no frame, or bytes cannot be read singly",
        })
    }
}

impl core::error::Error for LayoutError {}

impl Layout {
    /// Splits `range`: 32 KiB for items, an eighth of the rest for events, the rest for records.
    ///
    /// # Errors
    /// The range is too small.
    pub const fn split<F: NorFlash>(range: Range<u32>) -> Result<Self, LayoutError> {
        let page = F::ERASE_SIZE as u32;
        let pages = range.end.saturating_sub(range.start) / page;
        let items = ITEMS_BYTES.div_ceil(page);
        let items = if items < ITEMS_PAGES_MIN { ITEMS_PAGES_MIN } else { items };
        if pages < items + 2 * RING_PAGES_MIN {
            return Err(LayoutError::TooSmall);
        }
        let share = (pages - items) / ALARM_SHARE;
        let alarms = if share < RING_PAGES_MIN { RING_PAGES_MIN } else { share };
        let items_end = range.start + items * page;
        let alarms_end = items_end + alarms * page;
        let end = range.start + pages * page;
        Ok(Self { items: range.start..items_end, alarms: items_end..alarms_end, records: alarms_end..end })
    }

    pub(super) fn check<F: NorFlash>(&self, flash: &F) -> Result<(), LayoutError> {
        let page = F::ERASE_SIZE as u32;
        let words_fit = F::WRITE_SIZE.is_power_of_two() && F::WRITE_SIZE <= WRITE_BYTES_MAX;
        if F::READ_SIZE != 1
            || !words_fit
            || F::ERASE_SIZE < PAGE_BYTES_MIN
            || !page.is_multiple_of(F::WRITE_SIZE as u32)
        {
            return Err(LayoutError::Geometry);
        }
        let mut parts = [&self.records, &self.alarms, &self.items];
        parts.sort_unstable_by_key(|part| part.start);
        for part in parts {
            if !part.start.is_multiple_of(page) || !part.end.is_multiple_of(page) {
                return Err(LayoutError::Alignment);
            }
            if part.end.saturating_sub(part.start) < RING_PAGES_MIN * page {
                return Err(LayoutError::TooSmall);
            }
        }
        let overlap = parts.windows(2).any(|pair| pair[0].end > pair[1].start);
        if overlap || parts[2].end as usize > flash.capacity() {
            return Err(LayoutError::Range);
        }
        Ok(())
    }
}

//! What a tag reads from its flash before anything else: the provisioning record and the boot counter; and the flash's map.
//!
//! The boot counter is the epoch of the frames that this boot seals, so that no number is ever used twice: it is counted up
//! and stored before the core is made. Two erase units take turns; an entry is the counter and its complement, 8 bytes.
//!
//! ```text
//! unit A | 1 !1 | 2 !2 | ... | 512 !512 |      full: erase B, go on there; A stays until B is full
//! unit B | 513 !513 | blank ...         |
//! ```

use core::fmt;
use core::ops::Range;
use embedded_storage::nor_flash::NorFlash;
use lenke_firmware_core::provision::{PROVISION_BYTES, Provision, ProvisionError};
use lenke_wire::Epoch;

/// Bytes of an erase unit that the map is made for.
pub const UNIT_BYTES: u32 = 0x1000;
/// Where the provisioning record is.
pub const PROVISION_AT: u32 = 0;
/// The boot counter's two erase units.
pub const BOOTS: Range<u32> = 0x1000..0x3000;
/// Latches, plan, downlink counter, zones.
pub const SAVED: Range<u32> = 0x4000..0x1_0000;
/// The alarms' queue.
pub const ALARMS: Range<u32> = 0x1_0000..0x2_0000;
/// The records' queue.
pub const RECORDS: Range<u32> = 0x2_0000..0x10_0000;

const ENTRY_BYTES: u32 = 8;
const ENTRIES: u32 = UNIT_BYTES / ENTRY_BYTES;
const BLANK: [u8; ENTRY_BYTES as usize] = [0xff; ENTRY_BYTES as usize];

/// Why a tag cannot start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BootError {
    /// The flash does not work.
    Flash,
    /// There is no valid provisioning record.
    Provision(ProvisionError),
    /// The boot counter has come to its end.
    Exhausted,
}

impl fmt::Display for BootError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flash => f.write_str("the flash does not work"),
            Self::Provision(error) => error.fmt(f),
            Self::Exhausted => f.write_str("the boot counter has come to its end"),
        }
    }
}

impl core::error::Error for BootError {}

/// Reads the provisioning record.
///
/// # Errors
/// The flash does not work, or holds no valid record.
pub fn read_provision(flash: &mut impl NorFlash) -> Result<Provision, BootError> {
    let mut bytes = [0; PROVISION_BYTES];
    flash.read(PROVISION_AT, &mut bytes).map_err(|_| BootError::Flash)?;
    Provision::decode(&bytes).map_err(BootError::Provision)
}

/// Counts this boot, and returns its number once it is stored.
///
/// # Errors
/// The flash does not work, or the numbers are used up.
pub fn count_boot(flash: &mut impl NorFlash) -> Result<Epoch, BootError> {
    let units = [BOOTS.start, BOOTS.start + UNIT_BYTES];
    let found = [read_unit(flash, units[0])?, read_unit(flash, units[1])?];
    let current = usize::from(found[1].last > found[0].last);
    let next = found[current].last.checked_add(1).filter(|&next| next < u32::MAX);
    let next = next.ok_or(BootError::Exhausted)?;
    let at = if found[current].used < ENTRIES {
        units[current] + found[current].used * ENTRY_BYTES
    } else {
        let other = units[1 - current];
        flash.erase(other, other + UNIT_BYTES).map_err(|_| BootError::Flash)?;
        other
    };
    flash.write(at, &entry(next)).map_err(|_| BootError::Flash)?;
    let mut stored = BLANK;
    flash.read(at, &mut stored).map_err(|_| BootError::Flash)?;
    if stored == entry(next) { Ok(Epoch(next)) } else { Err(BootError::Flash) }
}

/// What one unit holds.
struct Unit {
    /// The highest number; 0 if there is none.
    last: u32,
    /// Entries up to the last that is not blank.
    used: u32,
}

fn read_unit(flash: &mut impl NorFlash, start: u32) -> Result<Unit, BootError> {
    let mut unit = Unit { last: 0, used: 0 };
    for index in 0..ENTRIES {
        let mut bytes = BLANK;
        flash.read(start + index * ENTRY_BYTES, &mut bytes).map_err(|_| BootError::Flash)?;
        if bytes == BLANK {
            continue;
        }
        // A torn entry takes its place, and its number is free to be used again: nothing was sealed under it.
        unit.used = index + 1;
        let [a, b, c, d, ..] = bytes;
        let number = u32::from_le_bytes([a, b, c, d]);
        if entry(number) == bytes {
            unit.last = unit.last.max(number);
        }
    }
    Ok(unit)
}

fn entry(number: u32) -> [u8; ENTRY_BYTES as usize] {
    let mut bytes = BLANK;
    bytes[..4].copy_from_slice(&number.to_le_bytes());
    bytes[4..].copy_from_slice(&(!number).to_le_bytes());
    bytes
}

#[cfg(test)]
mod tests;

//! What a tag reads from its flash before anything else, and the flash's map: the provisioning record and the journal, which
//! counts the boots. A boot's number is the epoch of the frames that it seals.

use core::{fmt, ops::Range};
use embedded_storage::nor_flash::NorFlash;
use lenke_firmware_core::{
    BeaconKey, HomeBeacon, Identity, Settings,
    journal::{
        FlashJournal,
        flash::{Layout, MountError},
    },
    provision::{PROVISION_BYTES, Provision, ProvisionError},
};
use lenke_wire::{Epoch, frame::DeviceKey};

/// Where the provisioning record is.
pub const PROVISION_AT: u32 = 0;
/// The journal: state, alarms and records; the part before it is the record's, with room for more of its kind.
pub const JOURNAL: Range<u32> = 0x4000..0x10_0000;

/// Why a tag cannot start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BootError {
    /// The flash does not work.
    Flash,
    /// There is no valid provisioning record.
    Provision(ProvisionError),
    /// The journal cannot be used.
    Journal(MountError),
}

impl fmt::Display for BootError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flash => f.write_str("the flash does not work"),
            Self::Provision(error) => error.fmt(f),
            Self::Journal(error) => error.fmt(f),
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

/// What the record says to the core.
pub fn identify(provision: &Provision, epoch: Epoch) -> (Identity, Settings) {
    let identity = Identity { device: provision.device, key: DeviceKey::new(provision.key), epoch };
    let home_beacon = provision.beacon.map(|(device, key)| HomeBeacon { device, key: BeaconKey::new(key) });
    (identity, Settings { authority: provision.authority, home_beacon, ..Settings::default() })
}

/// Takes up the journal, and counts this boot: the epoch that is returned is stored, and was never used before.
///
/// # Errors
/// The journal cannot be used.
pub fn mount<F: NorFlash>(flash: F) -> Result<(FlashJournal<F>, Epoch), BootError> {
    let layout = Layout::split::<F>(JOURNAL).map_err(MountError::Layout);
    layout.and_then(|layout| FlashJournal::mount(flash, layout, Epoch(1))).map_err(BootError::Journal)
}

#[cfg(test)]
mod tests;

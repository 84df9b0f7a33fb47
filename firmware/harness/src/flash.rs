//! The tag's flash as a file: provisioned before the first boot, and read back by the tag's own journal after a cut.

use anyhow::{Context, Result};
use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashErrorKind, ReadNorFlash};
use lenke_firmware_core::{
    Journal,
    journal::{Class, FlashJournal, flash::Layout},
    provision::Provision,
};
use lenke_wire::{Epoch, FrameId, codec::FRAME_BYTES_MAX};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{Read, Write},
    ops::Range,
    path::Path,
};

/// Bytes of the machine's memory there.
pub(crate) const FILE_BYTES: usize = 16 * 1024 * 1024;
/// Bytes that the map covers.
const MAP_BYTES: usize = 0x10_0000;

/// Where the journal is, by the map of `firmware/app/README.md`.
const JOURNAL: Range<u32> = 0x4000..0x10_0000;

/// Makes the file of a tag that was never switched on.
pub(crate) fn provision(path: &Path, provision: &Provision) -> Result<()> {
    let mut bytes = vec![0xff; FILE_BYTES];
    let record = provision.encode();
    bytes[..record.len()].copy_from_slice(&record);
    File::create(path)?.write_all(&bytes).with_context(|| format!("cannot write {}", path.display()))
}

/// The frames that the flash keeps for the centre.
pub(crate) fn kept(path: &Path) -> Result<BTreeMap<FrameId, Vec<u8>>> {
    let mut bytes = vec![0; MAP_BYTES];
    File::open(path)?.read_exact(&mut bytes).with_context(|| format!("cannot read {}", path.display()))?;
    let layout = Layout::split::<Image>(JOURNAL)?;
    let (journal, _) =
        FlashJournal::mount(Image(bytes), layout, Epoch(1)).context("the flash has no journal")?;
    let mut frames = BTreeMap::new();
    for class in [Class::Alarms, Class::Records] {
        let mut from = FrameId::new(0, 0);
        while let Some(id) = journal.first_from(class, from) {
            let mut out = [0; FRAME_BYTES_MAX];
            let length = journal.read(id, &mut out).with_context(|| format!("frame {id} cannot be read"))?;
            frames.insert(id, out[..length].to_vec());
            from = FrameId::new(id.epoch.0, id.seq.0.checked_add(1).context("the last number of all")?);
        }
    }
    Ok(frames)
}

/// A copy of the flash, of the geometry that the image sees.
struct Image(Vec<u8>);

impl Image {
    fn range(&mut self, from: u32, to: u32) -> Result<&mut [u8], NorFlashErrorKind> {
        self.0.get_mut(from as usize..to as usize).ok_or(NorFlashErrorKind::OutOfBounds)
    }
}

impl ErrorType for Image {
    type Error = NorFlashErrorKind;
}

impl ReadNorFlash for Image {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, out: &mut [u8]) -> Result<(), Self::Error> {
        out.copy_from_slice(self.range(offset, offset + out.len() as u32)?);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.0.len()
    }
}

impl NorFlash for Image {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = 4_096;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Self::Error> {
        self.range(from, to)?.fill(0xff);
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Self::Error> {
        let range = self.range(offset, offset + bytes.len() as u32)?;
        range.iter_mut().zip(bytes).for_each(|(cell, byte)| *cell &= byte);
        Ok(())
    }
}

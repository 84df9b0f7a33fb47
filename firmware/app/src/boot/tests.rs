//! A blank chip, a provisioned one, and boot after boot on it.

use super::*;
use embedded_storage::nor_flash::{ErrorType, ReadNorFlash};
use lenke_firmware_core::{Journal, journal::Class};
use lenke_wire::FrameId;
use std::{convert::Infallible, vec, vec::Vec};

/// A megabyte of NOR flash with the board's geometry.
struct Flash(Vec<u8>);

impl ErrorType for Flash {
    type Error = Infallible;
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Infallible> {
        let at = offset as usize;
        bytes.copy_from_slice(&self.0[at..at + bytes.len()]);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.0.len()
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = 4096;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Infallible> {
        self.0[from as usize..to as usize].fill(0xff);
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Infallible> {
        bytes.iter().zip(&mut self.0[offset as usize..]).for_each(|(byte, cell)| *cell &= byte);
        Ok(())
    }
}

#[test]
fn blank_flash_has_no_provisioning_record_and_a_written_one_is_read() {
    let mut flash = Flash(vec![0xff; 0x10_0000]);
    assert_eq!(read_provision(&mut flash), Err(BootError::Provision(ProvisionError::Magic)));
    let record = crate::bench::provision();
    flash.write(PROVISION_AT, &record.encode()).unwrap();
    assert_eq!(read_provision(&mut flash), Ok(record));
}

#[test]
fn every_boot_has_a_higher_epoch_and_finds_the_frames_of_those_before() {
    let mut flash = Flash(vec![0xff; 0x10_0000]);
    for boot in 1..=5 {
        let (mut journal, epoch) = mount(flash).unwrap();
        assert_eq!(epoch, Epoch(boot));
        assert_eq!(journal.count(), boot - 1);
        journal.append(Class::Records, FrameId::new(boot, 0), b"frame").unwrap();
        flash = journal.into_flash();
    }
    assert!(flash.0[..JOURNAL.start as usize].iter().all(|&byte| byte == 0xff));
}

#[test]
fn a_chip_that_is_too_small_is_refused() {
    let flash = Flash(vec![0xff; 0x8000]);
    assert!(matches!(mount(flash), Err(BootError::Journal(MountError::Layout(_)))));
}

//! The boot counter, with the power cut at every byte that is programmed or erased.

use super::*;
use embedded_storage::nor_flash::{ErrorType, NorFlashError, NorFlashErrorKind, ReadNorFlash};
use std::{vec, vec::Vec};

/// Flash that programs and erases byte by byte until the power goes.
#[derive(Clone)]
struct Flash {
    bytes: Vec<u8>,
    budget: usize,
}

#[derive(Debug)]
struct Cut;

impl NorFlashError for Cut {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

impl Flash {
    fn new() -> Self {
        Self { bytes: vec![0xff; 0x4000], budget: usize::MAX }
    }

    fn change(&mut self, at: usize, to: impl Fn(u8) -> u8) -> Result<(), Cut> {
        self.budget = self.budget.checked_sub(1).ok_or(Cut)?;
        self.bytes[at] = to(self.bytes[at]);
        Ok(())
    }
}

impl ErrorType for Flash {
    type Error = Cut;
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Cut> {
        let at = offset as usize;
        bytes.copy_from_slice(&self.bytes[at..at + bytes.len()]);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.bytes.len()
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = UNIT_BYTES as usize;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Cut> {
        (from as usize..to as usize).try_for_each(|at| self.change(at, |_| 0xff))
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Cut> {
        bytes.iter().zip(offset as usize..).try_for_each(|(&byte, at)| self.change(at, |old| old & byte))
    }
}

#[test]
fn boots_are_counted_from_one_through_both_units_and_back() {
    let mut flash = Flash::new();
    for number in 1..=3 * ENTRIES + 5 {
        assert_eq!(count_boot(&mut flash), Ok(Epoch(number)));
    }
    assert_eq!(flash.bytes[..0x1000], [0xff; 0x1000]);
    assert_eq!(flash.bytes[0x3000..], [0xff; 0x1000]);
}

#[test]
fn a_cut_at_any_byte_never_brings_a_number_twice() {
    // Around the change of units, where an erase is part of the count.
    let mut flash = Flash::new();
    for _ in 0..2 * ENTRIES - 2 {
        count_boot(&mut flash).unwrap();
    }
    let mut last = 2 * ENTRIES - 2;
    for _ in 0..5 {
        for budget in (0..12).chain((12..4200).step_by(97)) {
            let mut torn = flash.clone();
            torn.budget = budget;
            let counted = count_boot(&mut torn);
            torn.budget = usize::MAX;
            let next = count_boot(&mut torn).unwrap().0;
            assert!(next > last, "cut after {budget} bytes at {last}");
            assert!(counted.is_err() || next > counted.unwrap().0);
        }
        last = count_boot(&mut flash).unwrap().0;
    }
}

#[test]
fn a_counter_at_its_end_is_refused_instead_of_starting_again() {
    let mut flash = Flash::new();
    flash.write(BOOTS.start, &entry(u32::MAX - 1)).unwrap();
    assert_eq!(count_boot(&mut flash), Err(BootError::Exhausted));
}

#[test]
fn blank_flash_has_no_provisioning_record() {
    let mut flash = Flash::new();
    assert_eq!(read_provision(&mut flash), Err(BootError::Provision(ProvisionError::Magic)));
    let record = crate::bench::provision();
    flash.write(PROVISION_AT, &record.encode()).unwrap();
    assert_eq!(read_provision(&mut flash), Ok(record));
}

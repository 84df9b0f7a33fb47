//! The chip's own flash, bank 2: the provisioning record and the journal. The image runs from bank 1, which goes on while
//! bank 2 is programmed or erased.

use embassy_stm32::{
    Peri,
    flash::{Blocking, Error, Flash, WRITE_SIZE},
    peripherals::FLASH,
};
use embedded_storage::nor_flash::{ErrorType, NorFlash, ReadNorFlash};

/// From the start of the flash.
const BANK_2: u32 = 0x10_0000;
const BANK_BYTES: usize = 0x10_0000;
const PAGE_BYTES: usize = 0x2000;

/// Bank 2.
pub(crate) struct Bank(Flash<'static, Blocking>);

impl Bank {
    pub(crate) fn new(flash: Peri<'static, FLASH>) -> Self {
        Self(Flash::new_blocking(flash))
    }
}

impl ErrorType for Bank {
    type Error = Error;
}

impl ReadNorFlash for Bank {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Error> {
        self.0.blocking_read(BANK_2 + offset, bytes)
    }

    fn capacity(&self) -> usize {
        BANK_BYTES
    }
}

impl NorFlash for Bank {
    const WRITE_SIZE: usize = WRITE_SIZE;
    const ERASE_SIZE: usize = PAGE_BYTES;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Error> {
        self.0.blocking_erase(BANK_2 + from, BANK_2 + to)
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Error> {
        self.0.blocking_write(BANK_2 + offset, bytes)
    }
}

//! The PSRAM as NOR flash: erased to ones, programmed towards zeros, byte by byte in the order of the addresses.
//!
//! The host maps the same memory from a file; a power cut leaves the file with the bytes that were written by then.

use core::{
    convert::Infallible,
    sync::atomic::{AtomicBool, Ordering},
};
use embedded_storage::nor_flash::{ErrorType, MultiwriteNorFlash, NorFlash, ReadNorFlash};

const BASE: usize = 0x8000_0000;
/// Bytes of the board's flash; the machine's PSRAM is larger.
pub(crate) const CAPACITY: usize = 2 * 1024 * 1024;

static TAKEN: AtomicBool = AtomicBool::new(false);

/// The flash. There is one.
pub(crate) struct Flash(&'static mut [u8]);

impl Flash {
    /// The flash, the first time.
    #[expect(unsafe_code, reason = "memory that no linker knows")]
    pub(crate) fn take() -> Option<Self> {
        if TAKEN.swap(true, Ordering::Relaxed) {
            return None;
        }
        // SAFETY: the machine has 16 MiB of memory there, the linker script places nothing in it, any bytes are valid, and the
        // flag above lets this slice be made once only. The host changes the file behind it only while no image runs.
        Some(Self(unsafe { core::slice::from_raw_parts_mut(BASE as *mut u8, CAPACITY) }))
    }
}

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
        CAPACITY
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
        let at = offset as usize;
        for (cell, &byte) in self.0[at..at + bytes.len()].iter_mut().zip(bytes) {
            *cell &= byte;
        }
        Ok(())
    }
}

impl MultiwriteNorFlash for Flash {}

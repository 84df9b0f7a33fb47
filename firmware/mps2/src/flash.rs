//! The PSRAM as NOR flash: erased to ones, programmed towards zeros, byte by byte in the order of the addresses.
//!
//! The host maps the same memory from a file; a power cut leaves the file with the bytes that were written by then. The host can
//! also say in which operation to come, and after which share of its bytes, the power fails ([`fail_in`]).

use crate::lockstep;
use core::{
    convert::Infallible,
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
};
use embedded_storage::nor_flash::{ErrorType, MultiwriteNorFlash, NorFlash, ReadNorFlash};

const BASE: usize = 0x8000_0000;
/// Bytes of the board's flash; the machine's PSRAM is larger.
pub(crate) const CAPACITY: usize = 2 * 1024 * 1024;

static TAKEN: AtomicBool = AtomicBool::new(false);

/// Operations that succeed before the one that does not; all ones: all of them.
static SUCCEEDING: AtomicU32 = AtomicU32::new(u32::MAX);
/// Thousandths of that one's bytes that are still done.
static DONE_PERMILLE: AtomicU32 = AtomicU32::new(0);

/// The power fails after so many operations, in the middle of the next.
pub(crate) fn fail_in(operations: u32, done_permille: u32) {
    SUCCEEDING.store(operations, Ordering::Relaxed);
    DONE_PERMILLE.store(done_permille, Ordering::Relaxed);
}

/// Begins an operation of so many bytes; returns how many are done before the power fails, if it does.
fn failing(bytes: usize) -> Option<usize> {
    match SUCCEEDING.load(Ordering::Relaxed) {
        u32::MAX => None,
        0 => Some(bytes * DONE_PERMILLE.load(Ordering::Relaxed).min(1_000) as usize / 1_000),
        left => {
            SUCCEEDING.store(left - 1, Ordering::Relaxed);
            None
        }
    }
}

/// Tells the host, which ends the machine, and does nothing more.
fn dead() -> ! {
    lockstep::say(format_args!("X"));
    loop {
        cortex_m::asm::wfi();
    }
}

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
        let cells = &mut self.0[from as usize..to as usize];
        if let Some(done) = failing(cells.len()) {
            cells[..done].fill(0xff);
            dead();
        }
        cells.fill(0xff);
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Infallible> {
        let at = offset as usize;
        let failing = failing(bytes.len());
        let done = failing.unwrap_or(bytes.len());
        for (cell, &byte) in self.0[at..at + done].iter_mut().zip(bytes) {
            *cell &= byte;
        }
        if failing.is_some() {
            dead();
        }
        Ok(())
    }
}

impl MultiwriteNorFlash for Flash {}

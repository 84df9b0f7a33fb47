//! CMSDK APB UARTs, polled: bytes come only during the host's turn, when the image looks at all of them.
//!
//! | offset | register | bits |
//! |---|---|---|
//! | 0x0 | data | |
//! | 0x4 | state | 0 transmit buffer full, 1 receive buffer full |
//! | 0x8 | control | 0 transmit on, 1 receive on, 3 receive interrupt on |
//! | 0xc | interrupts, write 1 to clear | 1 receive |
//! | 0x10 | divider of the baud rate, at least 16 | |
//!
//! The receive interrupt is never taken: interrupts stay masked, and a pending one only ends the processor's sleep.

use crate::mmio::Register;
use core::{
    convert::Infallible,
    sync::atomic::{AtomicU32, Ordering},
};
use cortex_m::{interrupt::InterruptNumber, peripheral::NVIC};
use embassy_sync::{blocking_mutex::raw::CriticalSectionRawMutex, pipe::Pipe};
use embedded_io_async::{ErrorType, Read, Write};

/// Bytes that wait for a task at most, each UART.
pub(crate) const BUFFER_BYTES: usize = 512;

const BASE: usize = 0x5020_0000;
const STRIDE: usize = 0x1000;
const FIRST_INTERRUPT: u16 = 32;
const CLOCK_HZ: u32 = 20_000_000;
const BAUD: u32 = 115_200;

pub(crate) static MODEM: Uart = Uart::new(0);
pub(crate) static GNSS: Uart = Uart::new(1);
pub(crate) static HOST: Uart = Uart::new(2);
pub(crate) static RADIO: Uart = Uart::new(3);

#[derive(Clone, Copy)]
struct Interrupt(u16);

#[expect(unsafe_code, reason = "the trait is unsafe")]
// SAFETY: the numbers are those of the machine's receive interrupts, below 240.
unsafe impl InterruptNumber for Interrupt {
    fn number(self) -> u16 {
        self.0
    }
}

/// One UART.
pub(crate) struct Uart {
    data: Register,
    state: Register,
    control: Register,
    interrupts: Register,
    divider: Register,
    interrupt: Interrupt,
    received: Pipe<CriticalSectionRawMutex, BUFFER_BYTES>,
    bytes_in: AtomicU32,
    bytes_out: AtomicU32,
}

impl Uart {
    const fn new(index: usize) -> Self {
        let base = BASE + index * STRIDE;
        Self {
            data: Register::at(base),
            state: Register::at(base + 0x4),
            control: Register::at(base + 0x8),
            interrupts: Register::at(base + 0xc),
            divider: Register::at(base + 0x10),
            interrupt: Interrupt(FIRST_INTERRUPT + 2 * index as u16),
            received: Pipe::new(),
            bytes_in: AtomicU32::new(0),
            bytes_out: AtomicU32::new(0),
        }
    }

    /// Switches it on.
    #[expect(unsafe_code, reason = "unmasking is unsafe in general")]
    pub(crate) fn start(&self) {
        self.divider.write(CLOCK_HZ / BAUD);
        self.control.write(0b1011);
        // SAFETY: no critical section relies on this interrupt being masked: all of them stay masked by PRIMASK.
        unsafe { NVIC::unmask(self.interrupt) };
    }

    /// Takes a byte from the hardware.
    pub(crate) fn poll(&self) -> Option<u8> {
        if self.state.read() & 2 == 0 {
            return None;
        }
        self.interrupts.write(2);
        let byte = self.data.read() as u8;
        NVIC::unpend(self.interrupt);
        Some(byte)
    }

    /// Moves what has arrived to where the tasks read it, as far as there is room.
    pub(crate) fn pump(&self) {
        while self.room() > 0 {
            let Some(byte) = self.poll() else { return };
            // There is room, and nobody else writes.
            self.received.try_write(&[byte]).ok();
            self.bytes_in.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until the hardware takes a byte.
    pub(crate) fn put(&self, byte: u8) {
        while self.state.read() & 1 != 0 {}
        self.data.write(u32::from(byte));
        self.bytes_out.fetch_add(1, Ordering::Relaxed);
    }

    /// Bytes that the tasks' buffer still takes.
    pub(crate) fn room(&self) -> usize {
        self.received.free_capacity()
    }

    /// Bytes since the start.
    pub(crate) fn bytes_in(&self) -> u32 {
        self.bytes_in.load(Ordering::Relaxed)
    }

    /// Bytes since the start.
    pub(crate) fn bytes_out(&self) -> u32 {
        self.bytes_out.load(Ordering::Relaxed)
    }
}

/// The direction from the outside.
pub(crate) struct Receiver(pub(crate) &'static Uart);

impl ErrorType for Receiver {
    type Error = Infallible;
}

impl Read for Receiver {
    async fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Infallible> {
        Ok(self.0.received.read(bytes).await)
    }
}

/// The direction to the outside.
pub(crate) struct Transmitter(pub(crate) &'static Uart);

impl ErrorType for Transmitter {
    type Error = Infallible;
}

impl Write for Transmitter {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        bytes.iter().for_each(|&byte| self.0.put(byte));
        Ok(bytes.len())
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl core::fmt::Write for Transmitter {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        text.bytes().for_each(|byte| self.0.put(byte));
        Ok(())
    }
}

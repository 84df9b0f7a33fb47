//! Why the image started, and how it ends: restarts, panics, faults, the watchdog.
//!
//! A word in memory that no start clears keeps the cause of a reset that the image made itself. After power on, that word
//! holds anything but its mark.

use crate::{
    mmio::Register,
    uart::{HOST, Transmitter},
};
use core::{fmt::Write, mem::MaybeUninit, panic::PanicInfo};
use cortex_m::peripheral::SCB;
use cortex_m_rt::{ExceptionFrame, exception};
use lenke_firmware_core::ResetCause;

/// Upper bits of the word: the lower ones are a cause.
const MARK: u32 = 0x1e4c_e500;

#[unsafe(link_section = ".uninit.reset_cause")]
#[expect(unsafe_code, reason = "the section keeps the word over resets")]
static mut KEPT: MaybeUninit<u32> = MaybeUninit::uninit();

/// It is read and written like a register: nothing else knows its value.
fn kept() -> Register {
    Register::at(&raw const KEPT as usize)
}

/// Why the image started, if it was itself that brought it about; asked once.
pub(crate) fn take_cause() -> Option<ResetCause> {
    let word = kept().read();
    kept().write(0);
    [ResetCause::Watchdog, ResetCause::Software].into_iter().find(|&cause| word == MARK | cause as u32)
}

/// Starts anew.
pub(crate) fn reset(cause: ResetCause) -> ! {
    kept().write(MARK | cause as u32);
    SCB::sys_reset()
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    if let Some(place) = info.location() {
        // The UART takes everything.
        writeln!(Transmitter(&HOST), "P {}:{}", place.file(), place.line()).ok();
    }
    reset(ResetCause::Software)
}

#[exception]
#[allow(unsafe_code, reason = "the runtime asks for an unsafe function")]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    // The UART takes everything.
    writeln!(Transmitter(&HOST), "P fault:{}", frame.pc()).ok();
    reset(ResetCause::Software)
}

/// The machine's watchdog bites.
#[exception]
#[allow(unsafe_code, reason = "the runtime asks for an unsafe function")]
unsafe fn NonMaskableInt() {
    reset(ResetCause::Watchdog)
}

/// The machine's interrupts stay masked: their part of the vector table is one word that is never used.
#[expect(unsafe_code, reason = "the linker script asks for this name")]
#[used]
#[unsafe(no_mangle)]
#[unsafe(link_section = ".vector_table.interrupts")]
static __INTERRUPTS: [usize; 1] = [0];

/// CMSDK APB watchdog: counts the machine's clock down, in real time.
pub(crate) mod watchdog {
    use crate::mmio::Register;

    const BASE: usize = 0x5008_1000;
    const LOAD: Register = Register::at(BASE);
    const CONTROL: Register = Register::at(BASE + 0x8);
    const CLEAR: Register = Register::at(BASE + 0xc);
    const CLOCK_HZ: u32 = 20_000_000;
    /// Real seconds from idle to idle at most.
    const PATIENCE_S: u32 = 30;

    /// Starts it: an interrupt that cannot be masked when the time is over, a reset after as much again.
    pub(crate) fn start() {
        LOAD.write(PATIENCE_S * CLOCK_HZ);
        CONTROL.write(0b11);
    }

    /// Puts it off.
    pub(crate) fn feed() {
        CLEAR.write(1);
    }
}

//! Watchdog, real-time clock, and why the chip started.

use core::mem::MaybeUninit;
use cortex_m::peripheral::SCB;
use embassy_stm32::{
    Peri, pac,
    peripherals::{IWDG, RTC},
    rtc::{DateTime, DayOfWeek, Rtc, RtcConfig, RtcTimeProvider},
    wdg::IndependentWatchdog,
};
use lenke_firmware_app::supervisor::System;
use lenke_firmware_core::{
    ResetCause,
    gnss::calendar::{Moment, of_day_ms},
};
use lenke_wire::UnixMillis;

/// Longer than the supervisor's interval, and than it takes to erase what a full journal needs.
const WATCHDOG_US: u32 = 30_000_000;
/// A clock that shows less was never set.
const YEAR_MIN: u16 = 2025;
/// What the word in memory holds once the image has run.
const MARK: u32 = 0x1e4c_e5a5;

/// Survives a reset, but not a loss of power.
#[expect(unsafe_code, reason = "the section keeps the word over resets")]
#[unsafe(link_section = ".uninit.ran")]
static mut RAN: MaybeUninit<u32> = MaybeUninit::uninit();

/// Why the chip started; asked once.
pub(crate) fn take_cause() -> ResetCause {
    let flags = pac::RCC.csr().read();
    pac::RCC.csr().modify(|register| register.set_rmvf(true));
    let has_run = was_marked();
    if flags.iwdgrstf() || flags.wwdgrstf() {
        ResetCause::Watchdog
    } else if flags.sftrstf() {
        ResetCause::Software
    } else if flags.borrstf() {
        // The supply sagged, or came on: after a sag the memory still knows that the image ran.
        if has_run { ResetCause::BrownOut } else { ResetCause::Power }
    } else {
        ResetCause::Pin
    }
}

/// Whether the image had run in this memory; it has now.
#[expect(unsafe_code, reason = "memory that no start clears")]
fn was_marked() -> bool {
    let word = (&raw mut RAN).cast::<u32>();
    // SAFETY: the word is this function's alone, which runs before any task; any bits are a number.
    unsafe {
        let had = word.read_volatile() == MARK;
        word.write_volatile(MARK);
        had
    }
}

/// The supervisor's view of the board.
pub(crate) struct Board {
    watchdog: IndependentWatchdog<'static, IWDG>,
    clock: Rtc,
    provider: RtcTimeProvider,
}

impl Board {
    /// Starts the watchdog, which nothing stops.
    pub(crate) fn new(watchdog: Peri<'static, IWDG>, clock: Peri<'static, RTC>) -> Self {
        let mut watchdog = IndependentWatchdog::new(watchdog, WATCHDOG_US);
        watchdog.unleash();
        let (clock, provider) = Rtc::new(clock, RtcConfig::default());
        Self { watchdog, clock, provider }
    }

    /// What the real-time clock shows, if it was ever set.
    pub(crate) fn time(&self) -> Option<UnixMillis> {
        let time = self.provider.now().ok().filter(|time| time.year() >= YEAR_MIN)?;
        let seconds_ms = i64::from(time.second()) * 1_000;
        let of_day_ms = of_day_ms(i64::from(time.hour()), i64::from(time.minute()), seconds_ms)?;
        let (year, month, day) = (i64::from(time.year()), i64::from(time.month()), i64::from(time.day()));
        Moment { year, month, day, of_day_ms }.to_unix()
    }
}

impl System for Board {
    fn feed(&mut self) {
        self.watchdog.pet();
    }

    /// A time that the clock cannot show leaves it as it is.
    fn set_clock(&mut self, time: UnixMillis) {
        if let Some(time) = date_time(time) {
            self.clock.set_datetime(time).ok();
        }
    }

    fn restart(&mut self) {
        SCB::sys_reset();
    }
}

/// The date of a time, by counting years and months: it is needed once an hour.
fn date_time(time: UnixMillis) -> Option<DateTime> {
    let seconds = u32::try_from(time.0 / 1_000).ok()?;
    let (mut days, of_day) = (seconds / 86_400, seconds % 86_400);
    let mut year = 1970_u16;
    let is_leap = |year: u16| year.is_multiple_of(4);
    while days >= 365 + u32::from(is_leap(year)) {
        days -= 365 + u32::from(is_leap(year));
        year += 1;
    }
    let mut month = 0;
    for length in [31, 28 + u32::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        month += 1;
        if days < length {
            break;
        }
        days -= length;
    }
    // Below 32, 24, 60 and 60. The weekday is nobody's business.
    let (day, hour, minute, second) =
        (days as u8 + 1, (of_day / 3_600) as u8, (of_day / 60 % 60) as u8, (of_day % 60) as u8);
    DateTime::from(year, month, day, DayOfWeek::Monday, hour, minute, second, 0).ok()
}

//! The board's inputs and outputs: levels that the host sets and sees.

use core::{
    convert::Infallible,
    future::poll_fn,
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    task::Poll,
};
use embassy_sync::waitqueue::AtomicWaker;
use embedded_hal::digital::{ErrorType, InputPin, OutputPin};
use embedded_hal_async::digital::Wait;

/// An input that one task waits for.
pub(crate) struct Level {
    high: AtomicBool,
    waker: AtomicWaker,
}

impl Level {
    pub(crate) const fn new() -> Self {
        Self { high: AtomicBool::new(false), waker: AtomicWaker::new() }
    }

    /// The host sets it.
    pub(crate) fn set(&self, high: bool) {
        self.high.store(high, Ordering::Relaxed);
        self.waker.wake();
    }

    fn is(&self, high: bool) -> bool {
        self.high.load(Ordering::Relaxed) == high
    }
}

/// The task's side of an input.
pub(crate) struct Input(pub(crate) &'static Level);

impl Input {
    async fn wait(&self, high: bool) {
        poll_fn(|context| {
            self.0.waker.register(context.waker());
            if self.0.is(high) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

impl ErrorType for Input {
    type Error = Infallible;
}

impl InputPin for Input {
    fn is_high(&mut self) -> Result<bool, Infallible> {
        Ok(self.0.is(true))
    }

    fn is_low(&mut self) -> Result<bool, Infallible> {
        Ok(self.0.is(false))
    }
}

impl Wait for Input {
    async fn wait_for_high(&mut self) -> Result<(), Infallible> {
        self.wait(true).await;
        Ok(())
    }

    async fn wait_for_low(&mut self) -> Result<(), Infallible> {
        self.wait(false).await;
        Ok(())
    }

    async fn wait_for_rising_edge(&mut self) -> Result<(), Infallible> {
        self.wait(false).await;
        self.wait(true).await;
        Ok(())
    }

    async fn wait_for_falling_edge(&mut self) -> Result<(), Infallible> {
        self.wait(true).await;
        self.wait(false).await;
        Ok(())
    }

    async fn wait_for_any_edge(&mut self) -> Result<(), Infallible> {
        self.wait(self.0.is(false)).await;
        Ok(())
    }
}

/// All outputs, one bit each.
static OUTPUTS: AtomicU32 = AtomicU32::new(0);

/// What the host sees.
pub(crate) fn outputs() -> u32 {
    OUTPUTS.load(Ordering::Relaxed)
}

/// One output.
pub(crate) struct Output(u32);

impl Output {
    pub(crate) const fn bit(bit: u32) -> Self {
        Self(1 << bit)
    }
}

impl ErrorType for Output {
    type Error = Infallible;
}

impl OutputPin for Output {
    fn set_low(&mut self) -> Result<(), Infallible> {
        OUTPUTS.fetch_and(!self.0, Ordering::Relaxed);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        OUTPUTS.fetch_or(self.0, Ordering::Relaxed);
        Ok(())
    }
}

//! What tests run on: virtual time of each thread's own, UARTs out of pipes, pins, a tag with its keys.

use crate::{crypto::DeviceKeys, hub::Hub};
use core::{
    cell::{Cell, RefCell},
    convert::Infallible,
    future::{Future, poll_fn},
    pin::pin,
    task::{Context, Poll, Waker},
};
use embassy_sync::{blocking_mutex::raw::NoopRawMutex, pipe::Pipe};
use embassy_time::Instant;
use embassy_time_driver::{Driver, time_driver_impl};
use embassy_time_queue_utils::Queue;
use embedded_hal::digital::{ErrorType, InputPin, OutputPin};
use embedded_hal_async::digital::Wait;
use lenke_firmware_core::{BeaconKey, Input, ResetCause, Tag, journal::Ring, provision::Provision};
use lenke_wire::{
    DeviceId, Epoch, FrameId, UnixMillis,
    codec::{FRAME_BYTES_MAX, INNER_BYTES_MAX},
    downlink::{Downlink, encode_downlink},
    frame::{DeviceKey, Direction, seal},
};
use std::{rc::Rc, thread_local, vec, vec::Vec};

pub(crate) const START: UnixMillis = UnixMillis(1_795_293_600_000);
pub(crate) const DEVICE: DeviceId = DeviceId::new(42);
pub(crate) const HOME: DeviceId = DeviceId::new(900);
pub(crate) const HOME_KEY: BeaconKey = BeaconKey::new([9; 16]);
pub(crate) const SEED: [u8; 32] = [7; 32];

thread_local! {
    static NOW: Cell<u64> = const { Cell::new(0) };
    static ALARMS: RefCell<Queue> = const { RefCell::new(Queue::new()) };
}

struct VirtualTime;

impl Driver for VirtualTime {
    fn now(&self) -> u64 {
        NOW.get()
    }

    fn schedule_wake(&self, at: u64, waker: &Waker) {
        ALARMS.with_borrow_mut(|alarms| alarms.schedule_wake(at, waker));
    }
}

time_driver_impl!(static TIME: VirtualTime = VirtualTime);

/// Runs to the end, with the time leaping from alarm to alarm; panics if nothing would ever happen any more, or after a
/// virtual day.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let end = NOW.get() + 86_400_000_000;
    let mut quiet = 0;
    loop {
        // Everything is polled again after each leap: wakers need not say who woke.
        for _ in 0..POLLS {
            if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                return value;
            }
        }
        let next = ALARMS.with_borrow_mut(|alarms| alarms.next_expiration(NOW.get()));
        if next == u64::MAX {
            // An alarm that had passed already took all others with it, which share its waker.
            quiet += 1;
            assert!(quiet < 3, "nothing happens any more at {} s", NOW.get() / 1_000_000);
            continue;
        }
        quiet = 0;
        assert!(next < end, "no end within a day");
        NOW.set(next);
        ALARMS.with_borrow_mut(|alarms| alarms.next_expiration(next));
    }
}

/// Polls without a leap of time: what one side of a pipe wrote the other reads, several times over.
const POLLS: usize = 64;

pub(crate) fn elapsed_s() -> u64 {
    Instant::now().as_secs()
}

pub(crate) type Uart<const N: usize> = Pipe<NoopRawMutex, N>;
pub(crate) type TestHub = Hub<Ring<16_384, 8_192>, DeviceKeys>;

pub(crate) fn provision() -> Provision {
    use lenke_firmware_core::provision::Name;
    Provision {
        device: DEVICE,
        key: [1; 16],
        secret: SEED,
        authority: None,
        beacon: Some((HOME, [9; 16])),
        at: START,
        host: Name::new("broker.example").unwrap(),
        port: 8883,
        tls: true,
        apn: Name::new("iot").unwrap(),
    }
}

pub(crate) fn hub() -> TestHub {
    let (identity, settings) = crate::boot::identify(&provision(), Epoch(1));
    Hub::new(Tag::new(identity, settings), Ring::new(), DeviceKeys::new(&SEED))
}

/// Switches the tag on.
pub(crate) fn start(hub: &TestHub) {
    hub.give(Input::Started { cause: ResetCause::Power, rtc: Some(START) });
}

/// The centre's downlink `counter`: it has everything of `epoch` up to `seq`.
pub(crate) fn sealed_ack(counter: u32, epoch: u32, seq: u32) -> Vec<u8> {
    let (mut inner, mut sealed) = ([0; INNER_BYTES_MAX], vec![0; FRAME_BYTES_MAX]);
    let length = encode_downlink(&Downlink::Ack(FrameId::new(epoch, seq)), &mut inner).unwrap();
    let key = DeviceKey::new([1; 16]);
    let id = FrameId::new(1, counter);
    let length = seal(&key, DEVICE, Direction::Down, id, &inner[..length], &mut sealed).unwrap();
    sealed.truncate(length);
    sealed
}

/// A pin whose level both sides share.
#[derive(Clone, Default)]
pub(crate) struct Pin(pub(crate) Rc<Cell<bool>>, pub(crate) Rc<Cell<u32>>);

impl Pin {
    pub(crate) fn level(&self) -> bool {
        self.0.get()
    }

    pub(crate) fn set(&self, level: bool) {
        self.0.set(level);
    }

    /// Times that it went from low to high.
    pub(crate) fn rises(&self) -> u32 {
        self.1.get()
    }
}

impl ErrorType for Pin {
    type Error = Infallible;
}

impl OutputPin for Pin {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.0.set(false);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        if !self.0.replace(true) {
            self.1.set(self.1.get() + 1);
        }
        Ok(())
    }
}

impl InputPin for Pin {
    fn is_high(&mut self) -> Result<bool, Infallible> {
        Ok(self.0.get())
    }

    fn is_low(&mut self) -> Result<bool, Infallible> {
        Ok(!self.0.get())
    }
}

impl Wait for Pin {
    async fn wait_for_high(&mut self) -> Result<(), Infallible> {
        poll_fn(|_| if self.0.get() { Poll::Ready(Ok(())) } else { Poll::Pending }).await
    }

    async fn wait_for_low(&mut self) -> Result<(), Infallible> {
        poll_fn(|_| if self.0.get() { Poll::Pending } else { Poll::Ready(Ok(())) }).await
    }

    async fn wait_for_rising_edge(&mut self) -> Result<(), Infallible> {
        self.wait_for_low().await?;
        self.wait_for_high().await
    }

    async fn wait_for_falling_edge(&mut self) -> Result<(), Infallible> {
        self.wait_for_high().await?;
        self.wait_for_low().await
    }

    async fn wait_for_any_edge(&mut self) -> Result<(), Infallible> {
        let level = self.0.get();
        poll_fn(|_| if self.0.get() == level { Poll::Pending } else { Poll::Ready(Ok(())) }).await
    }
}

//! The tag with its journal, signer and clock, in one place that all tasks share.
//!
//! [`Hub::give`] hands one input to the core and turns its effects into signals, in one go and without an await: inputs take
//! effect in the order in which they happen. The tasks wait for the signals:
//!
//! | signal | waits | effect |
//! |---|---|---|
//! | `wake` | [`run_timer`] | `WakeAt` |
//! | `sample` | GNSS | `SampleGnss` |
//! | `connect`, `frames` | modem | `Connect`, `Transmit` |
//! | `notices` | wearer's signals | `Notice` |
//! | `system` | supervisor | a clock that must be set or is far ahead |

use crate::{
    clock::{Clock, Correction},
    promise::{Promises, Task},
};
use core::cell::RefCell;
use embassy_futures::select::{Either, select};
use embassy_sync::{blocking_mutex::raw::NoopRawMutex, channel::Channel, signal::Signal};
use embassy_time::{Duration, Instant, Timer};
use heapless::Deque;
use lenke_firmware_core::{Counters, Effect, Effects, Input, Journal, Tag, journal::Class};
use lenke_wire::{FrameId, Lane, UnixMillis, chain::Sign, codec::FRAME_BYTES_MAX, downlink::NoticeCode};

/// Frames that wait for the modem at most; the core has fewer in flight, repetitions after a time-out included.
pub const OUTBOX_MAX: usize = 16;
/// Notices that wait for the wearer's attention at most.
pub const NOTICES_MAX: usize = 4;
/// The core is woken at least this often, so that a hanging timer is found.
const WAKE_EVERY: Duration = Duration::from_secs(20);
/// A wake-up may be late by this much.
const WAKE_SLACK: Duration = Duration::from_secs(5);

pub(crate) type Local<T> = Signal<NoopRawMutex, T>;

/// What the supervisor must do to the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SystemWish {
    /// Set the real-time clock.
    SetClock(UnixMillis),
    /// The clock was far ahead: set it back and restart, in a new epoch.
    Restart(UnixMillis),
}

/// What a hub could not do, in numbers since the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Lost {
    /// Frames that found no room on the way to the modem; the core sends them again.
    pub frames: u32,
    /// Notices that found no room on the way to the wearer.
    pub notices: u32,
}

struct State<J> {
    tag: Tag,
    journal: J,
    effects: Effects,
    clock: Clock,
    wake_at: UnixMillis,
    /// Network signal in dBm, degrees Celsius.
    environment: (i16, i8),
    outbox: Deque<(FrameId, Lane), OUTBOX_MAX>,
    lost: Lost,
}

/// The tag and what the tasks share with it.
pub struct Hub<J, S> {
    state: RefCell<State<J>>,
    signer: S,
    /// Who said to be back by when.
    pub promises: Promises,
    wake: Local<()>,
    pub(crate) sample: Local<()>,
    pub(crate) connect: Local<()>,
    pub(crate) frames: Local<()>,
    pub(crate) notices: Channel<NoopRawMutex, NoticeCode, NOTICES_MAX>,
    pub(crate) system: Local<SystemWish>,
}

impl<J: Journal, S: Sign> Hub<J, S> {
    /// A tag that is not yet told that it has started.
    pub fn new(tag: Tag, journal: J, signer: S, clock: Clock) -> Self {
        let state = State {
            tag,
            journal,
            effects: Effects::new(),
            clock,
            wake_at: UnixMillis(0),
            environment: (0, 0),
            outbox: Deque::new(),
            lost: Lost::default(),
        };
        Self {
            state: RefCell::new(state),
            signer,
            promises: Promises::default(),
            wake: Signal::new(),
            sample: Signal::new(),
            connect: Signal::new(),
            frames: Signal::new(),
            notices: Channel::new(),
            system: Signal::new(),
        }
    }

    /// Hands one input to the core, and its effects to the tasks.
    pub fn give(&self, input: Input<'_>) {
        let mut state = self.state.borrow_mut();
        let State { tag, journal, effects, clock, .. } = &mut *state;
        tag.handle_event(input, clock.now(Instant::now()), journal, &self.signer, effects);
        while let Some(effect) = state.effects.pop() {
            self.carry_out(effect, &mut state);
        }
    }

    fn carry_out(&self, effect: Effect, state: &mut State<J>) {
        match effect {
            Effect::WakeAt(at) => {
                if state.wake_at != at {
                    state.wake_at = at;
                    self.wake.signal(());
                }
            }
            Effect::SampleGnss => self.sample.signal(()),
            Effect::Connect => self.connect.signal(()),
            Effect::Transmit { frame, lane } => {
                if !state.outbox.iter().any(|waiting| waiting.0 == frame)
                    && state.outbox.push_back((frame, lane)).is_err()
                {
                    state.lost.frames = state.lost.frames.saturating_add(1);
                }
                self.frames.signal(());
            }
            Effect::Notice(code) => {
                if self.notices.try_send(code).is_err() {
                    state.lost.notices = state.lost.notices.saturating_add(1);
                }
            }
        }
    }

    /// The next frame to publish, copied into `out`.
    pub(crate) fn take_frame(&self, out: &mut [u8; FRAME_BYTES_MAX]) -> Option<(FrameId, Lane, usize)> {
        let mut state = self.state.borrow_mut();
        while let Some((frame, lane)) = state.outbox.pop_front() {
            // One that was acknowledged meanwhile is gone.
            if let Some(length) = state.journal.read(frame, out) {
                return Some((frame, lane, length));
            }
        }
        None
    }

    /// The link is gone, and with it what was to be sent over it.
    pub(crate) fn lose_link(&self) {
        self.state.borrow_mut().outbox.clear();
        self.give(Input::LinkDown);
    }

    /// Somebody who knows says that it is `time` now.
    pub fn correct_clock(&self, time: UnixMillis) {
        match self.state.borrow_mut().clock.correct(time, Instant::now()) {
            Correction::Kept => {}
            Correction::Advanced => {
                self.system.signal(SystemWish::SetClock(time));
                self.wake.signal(());
            }
            Correction::Ahead => self.system.signal(SystemWish::Restart(time)),
        }
    }

    /// How well the network is heard.
    pub fn note_signal(&self, dbm: i16) {
        self.note_environment(|environment| environment.0 = dbm);
    }

    /// How warm the board is.
    pub fn note_temperature(&self, celsius: i8) {
        self.note_environment(|environment| environment.1 = celsius);
    }

    fn note_environment(&self, note: impl FnOnce(&mut (i16, i8))) {
        let mut state = self.state.borrow_mut();
        note(&mut state.environment);
        let (signal_dbm, temperature_c) = state.environment;
        drop(state);
        self.give(Input::Environment { signal_dbm, temperature_c });
    }

    /// What the clock shows.
    pub fn now(&self) -> UnixMillis {
        self.state.borrow_mut().clock.now(Instant::now())
    }

    /// Numbers for whoever watches: next frame, core's counters, frames that wait for the centre, own losses.
    pub fn numbers(&self) -> (FrameId, Counters, u32, Lost) {
        let state = self.state.borrow();
        (state.tag.next_frame(), *state.tag.counters(), state.journal.count(), state.lost)
    }

    /// The link to the centre is up.
    pub fn is_connected(&self) -> bool {
        self.state.borrow().tag.is_connected()
    }

    /// Strap and case latch.
    pub fn latches(&self) -> (bool, bool) {
        self.state.borrow().tag.latches()
    }

    /// How full a queue of the journal is, percent.
    pub fn fill_percent(&self, class: Class) -> u8 {
        self.state.borrow().journal.fill_percent(class)
    }

    fn wake_at(&self) -> Instant {
        let state = self.state.borrow();
        state.clock.instant(state.wake_at)
    }
}

/// Wakes the core when it wishes. Never ends.
pub async fn run_timer<J: Journal, S: Sign>(hub: &Hub<J, S>) -> ! {
    loop {
        hub.promises.within(Task::Timer, WAKE_EVERY + WAKE_SLACK);
        let at = hub.wake_at().min(Instant::now() + WAKE_EVERY);
        if let Either::Second(()) = select(hub.wake.wait(), Timer::at(at)).await {
            hub.give(Input::Timer);
        }
    }
}

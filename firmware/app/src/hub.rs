//! The tag with its storage and keys, in one place that all tasks share.
//!
//! [`Hub::give`] hands one input to the core and turns its effects into signals, in one go and without an await: inputs take
//! effect in the order in which they happen. The tasks wait for the signals:
//!
//! | signal | waits | effect |
//! |---|---|---|
//! | `wake` | [`run_timer`] | `WakeAt` |
//! | `gnss` | GNSS receiver | `SampleGnss`, `PowerGnss` |
//! | `link`, `frames` | modem | `Connect`, `Disconnect`, `Transmit` |
//! | `challenge` | beacon radio | `ChallengeBeacon` |
//! | `notices` | vibration and light | `Notice` |
//! | `system` | supervisor | `StartUpdate`; a time of day to keep |

use crate::promise::{Promises, Task};
use core::cell::{Cell, RefCell};
use embassy_futures::select::{Either, select};
use embassy_sync::{blocking_mutex::raw::NoopRawMutex, channel::Channel, signal::Signal};
use embassy_time::{Duration, Instant, Timer};
use heapless::Deque;
use lenke_firmware_core::{
    Config, Counters, Effect, Effects, GnssPower, Input, Journal, Tag, Uptime,
    beacon::Challenge,
    input::{NO_SIGNAL_DBM, UpdateProgress},
    journal::Class,
};
use lenke_wire::{
    DeviceId, FrameId, Lane, UnixMillis,
    codec::FRAME_BYTES_MAX,
    downlink::NoticeCode,
    sign::{Sign, Verify},
};

/// Frames that wait for the modem at most; the core has fewer in flight, repetitions after a time-out included.
pub const OUTBOX_MAX: usize = 16;
/// Notices that wait for the wearer's attention at most.
pub const NOTICES_MAX: usize = 4;
/// The core is woken at least this often, so that a hanging timer is found.
const WAKE_EVERY: Duration = Duration::from_secs(20);
/// A wake-up may be late by this much.
const WAKE_SLACK: Duration = Duration::from_secs(5);
/// The real-time clock is set this often at most.
const CLOCK_EVERY: Duration = Duration::from_secs(3_600);

/// Frames, and what else outlives a reset.
pub trait Storage: Journal + Config {}

impl<T: Journal + Config> Storage for T {}

/// The tag's own signature, and other people's.
pub trait Keys: Sign + Verify {}

impl<T: Sign + Verify> Keys for T {}

pub(crate) type Local<T> = Signal<NoopRawMutex, T>;

/// What the modem must do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkWish {
    Up,
    /// Down, with the modem off.
    Down,
}

/// What the supervisor must do to the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SystemWish {
    /// Set the real-time clock.
    SetClock(UnixMillis),
    /// Start again.
    Restart,
}

/// What a hub could not do, in numbers since the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Lost {
    /// Frames that found no room on the way to the modem; the core sends them again.
    pub frames: u32,
    /// Notices that found no room on the way to the wearer.
    pub notices: u32,
    /// Effects that found no room in the core's own queue.
    pub effects: u32,
}

/// For whoever watches: all since the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// The number that the next frame gets.
    pub next: FrameId,
    /// The core's counters.
    pub counters: Counters,
    /// Frames that wait for the centre.
    pub waiting: u32,
    /// The hub's own losses.
    pub lost: Lost,
}

struct State<J> {
    tag: Tag,
    storage: J,
    effects: Effects,
    wake_at: Uptime,
    /// Network signal in dBm, degrees Celsius.
    environment: (i16, i8),
    clock_set_at: Option<Instant>,
    outbox: Deque<(FrameId, Lane), OUTBOX_MAX>,
    lost: Lost,
}

/// The tag and what the tasks share with it.
pub struct Hub<J, K> {
    state: RefCell<State<J>>,
    keys: K,
    /// Who said to be back by when.
    pub promises: Promises,
    wake: Local<()>,
    pub(crate) gnss: Local<()>,
    pub(crate) gnss_power: Cell<GnssPower>,
    pub(crate) is_position_wished: Cell<bool>,
    pub(crate) strap_hertz: Cell<u8>,
    pub(crate) link: Local<LinkWish>,
    pub(crate) frames: Local<()>,
    pub(crate) challenge: Local<(DeviceId, Challenge)>,
    pub(crate) notices: Channel<NoopRawMutex, NoticeCode, NOTICES_MAX>,
    pub(crate) system: Local<SystemWish>,
}

impl<J: Storage, K: Keys> Hub<J, K> {
    /// A tag that is not yet told that it has started.
    pub fn new(tag: Tag, storage: J, keys: K) -> Self {
        let state = State {
            tag,
            storage,
            effects: Effects::new(),
            wake_at: Uptime::START,
            environment: (NO_SIGNAL_DBM, 0),
            clock_set_at: None,
            outbox: Deque::new(),
            lost: Lost::default(),
        };
        Self {
            state: RefCell::new(state),
            keys,
            promises: Promises::default(),
            wake: Signal::new(),
            gnss: Signal::new(),
            gnss_power: Cell::new(GnssPower::Off),
            is_position_wished: Cell::new(false),
            strap_hertz: Cell::new(0),
            link: Signal::new(),
            frames: Signal::new(),
            challenge: Signal::new(),
            notices: Channel::new(),
            system: Signal::new(),
        }
    }

    /// Hands one input to the core, and its effects to the tasks.
    pub fn give(&self, input: Input<'_>) {
        let mut state = self.state.borrow_mut();
        let State { tag, storage, effects, .. } = &mut *state;
        tag.handle_event(input, uptime(Instant::now()), storage, &self.keys, effects);
        let mut wants_update = false;
        while let Some(effect) = state.effects.pop() {
            wants_update |= effect == Effect::FetchUpdate;
            self.carry_out(effect, &mut state);
        }
        state.lost.effects = state.effects.dropped();
        drop(state);
        if wants_update {
            // No board has a second slot yet, and says so in its settings: this is never asked for.
            self.give(Input::Update(UpdateProgress::Failed));
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
            Effect::SampleGnss => {
                self.is_position_wished.set(true);
                self.gnss.signal(());
            }
            Effect::PowerGnss(power) => {
                self.gnss_power.set(power);
                self.gnss.signal(());
            }
            Effect::SampleStrap { hertz } => self.strap_hertz.set(hertz),
            Effect::Connect => self.link.signal(LinkWish::Up),
            Effect::Disconnect => self.link.signal(LinkWish::Down),
            Effect::Transmit { frame, lane } => self.send(frame, lane, state),
            Effect::ChallengeBeacon { beacon, challenge } => self.challenge.signal((beacon, challenge)),
            Effect::Notice { code, .. } => {
                if self.notices.try_send(code).is_err() {
                    state.lost.notices = state.lost.notices.saturating_add(1);
                }
            }
            Effect::FetchUpdate => {}
            Effect::StartUpdate => self.system.signal(SystemWish::Restart),
        }
    }

    fn send(&self, frame: FrameId, lane: Lane, state: &mut State<J>) {
        let is_waiting = state.outbox.iter().any(|waiting| waiting.0 == frame);
        if !is_waiting && state.outbox.push_back((frame, lane)).is_err() {
            state.lost.frames = state.lost.frames.saturating_add(1);
        }
        self.frames.signal(());
    }

    /// The next frame to publish, copied into `out`.
    pub(crate) fn take_frame(&self, out: &mut [u8; FRAME_BYTES_MAX]) -> Option<(FrameId, Lane, usize)> {
        let mut state = self.state.borrow_mut();
        while let Some((frame, lane)) = state.outbox.pop_front() {
            // One that was acknowledged meanwhile is gone.
            if let Some(length) = state.storage.read(frame, out) {
                return Some((frame, lane, length));
            }
        }
        None
    }

    /// The frame waits for the centre still.
    pub(crate) fn keeps(&self, frame: FrameId) -> bool {
        let state = self.state.borrow();
        let has = |class| state.storage.first_from(class, frame) == Some(frame);
        has(Class::Alarms) || has(Class::Records)
    }

    /// The link is gone, and with it what was to be sent over it.
    pub(crate) fn lose_link(&self) {
        self.state.borrow_mut().outbox.clear();
        self.give(Input::LinkDown);
    }

    /// The core has just heard what time it is: the clock that runs through a reset should know too.
    pub(crate) fn keep_time(&self) {
        let now = Instant::now();
        let mut state = self.state.borrow_mut();
        if state.clock_set_at.is_none_or(|at| now >= at + CLOCK_EVERY) {
            state.clock_set_at = Some(now);
            self.system.signal(SystemWish::SetClock(state.tag.time(uptime(now))));
        }
    }

    /// How well the network is heard.
    pub(crate) fn note_signal(&self, dbm: i16) {
        self.note_environment(|environment| environment.0 = dbm);
    }

    /// How warm the board is.
    pub(crate) fn note_temperature(&self, celsius: i8) {
        self.note_environment(|environment| environment.1 = celsius);
    }

    fn note_environment(&self, note: impl FnOnce(&mut (i16, i8))) {
        let mut state = self.state.borrow_mut();
        note(&mut state.environment);
        let (signal_dbm, temperature_c) = state.environment;
        drop(state);
        self.give(Input::Environment { signal_dbm, temperature_c });
    }

    /// Looks at the tag.
    pub fn look<T>(&self, look: impl FnOnce(&Tag) -> T) -> T {
        look(&self.state.borrow().tag)
    }

    /// Numbers for whoever watches.
    pub fn numbers(&self) -> Numbers {
        let state = self.state.borrow();
        Numbers {
            next: state.tag.next_frame(),
            counters: *state.tag.counters(),
            waiting: state.storage.count(),
            lost: state.lost,
        }
    }

    /// How full a queue of the journal is, percent.
    pub fn fill_percent(&self, class: Class) -> u8 {
        self.state.borrow().storage.fill_percent(class)
    }
}

/// Wakes the core when it wishes. Never ends.
pub async fn run_timer<J: Storage, K: Keys>(hub: &Hub<J, K>) -> ! {
    loop {
        hub.promises.within(Task::Timer, WAKE_EVERY + WAKE_SLACK);
        let wished = instant(hub.state.borrow().wake_at);
        let at = wished.min(Instant::now() + WAKE_EVERY);
        if let Either::Second(()) = select(hub.wake.wait(), Timer::at(at)).await {
            hub.give(Input::Timer);
        }
    }
}

fn uptime(at: Instant) -> Uptime {
    Uptime::from_ms(i64::try_from(at.as_millis()).unwrap_or(i64::MAX))
}

fn instant(at: Uptime) -> Instant {
    Instant::from_millis(u64::try_from(at.ms()).unwrap_or(0))
}

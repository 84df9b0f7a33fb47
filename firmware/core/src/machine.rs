//! [`Tag`]: the parts put together, one call for each input.
//!
//! Each call first gives its input to the parts that care, then finds the state of the table in [`crate::state`], lets every part do
//! what the time asks for, sends what the windows allow, and last says when to wake up.

mod commands;
mod senses;
mod shell;

pub use shell::Counters;
pub(crate) use shell::{Keys, Shell, Storage};

use crate::{
    Effect, Effects, Input, ResetCause, Uptime,
    beacon::Prover,
    clock::Clock,
    effect::GnssPower,
    energy,
    integrity::Integrity,
    jitter::Jitter,
    journal::Journal,
    location::{Due, Location},
    motion::Motion,
    power::Power,
    recorder::Recorder,
    settings::{Identity, Settings},
    state::{ALARM_S, Conditions, Rates, Stage},
    storage::{Config, Item, Latched, SAVED_BYTES_MAX, Saved},
    tamper::Contact,
    transmitter::Transmitter,
    update::Update,
    zones::Zones,
};
use lenke_wire::{
    BatteryState, Event, EventKind, FrameId, Health, TagState, UnixMillis,
    command::Plan,
    sign::{Sign, Verify},
};

/// A change of state brings timers forward, whose work may change the state again: not more often than this in one call.
const ROUNDS_MAX: usize = 3;

/// A tag, home unit or victim unit: everything but its drivers.
pub struct Tag {
    identity: Identity,
    counters: Counters,
    parts: Parts,
}

/// What the board was told last.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Told {
    gnss: GnssPower,
    strap_hertz: u8,
}

struct Parts {
    settings: Settings,
    saved: Saved,
    plan: Plan,
    state: TagState,
    rates: Rates,
    told: Option<Told>,
    stage: Stage,
    /// Since when the strap has been closed, while it is being put on.
    closed_since: Option<Uptime>,
    /// When an open strap counts again after an officer cleared its latch.
    fitting_until: Option<Uptime>,
    recorder: Recorder,
    transmitter: Transmitter,
    location: Location,
    zones: Zones,
    integrity: Integrity,
    motion: Motion,
    clock: Clock,
    power: Power,
    strap: Contact,
    /// Light, pressure; and one bit for each that found the case open.
    case: [Contact; 2],
    case_sensors: u8,
    prover: Prover,
    beacon_failed_at: Option<Uptime>,
    update: Option<Update>,
    alarm_until: Option<Uptime>,
    /// Since when, and until when.
    pursuit: Option<(Uptime, Uptime)>,
    health_at: Option<Uptime>,
    environment: Option<(i16, i8)>,
    /// Send the next fix at once.
    report_at_once: bool,
    /// The last call for help, until the centre has it.
    panic: Option<FrameId>,
    /// A latch's event found no room: it is tried again when there is some.
    is_debt_stuck: bool,
    /// Items that could not be kept.
    faults: u32,
    /// Of these and the storage's own, told so far.
    faults_told: u32,
}

impl Tag {
    /// A tag before [`Input::Started`].
    pub fn new(identity: Identity, settings: Settings) -> Self {
        let jitter = Jitter::new(identity.device, identity.epoch);
        let conditions = Conditions { stage: settings.stage, ..Conditions::default() };
        let parts = Parts {
            settings,
            saved: Saved { stage: settings.stage, ..Saved::default() },
            plan: settings.plan,
            state: conditions.state(),
            rates: conditions.rates(&settings.plan),
            told: None,
            stage: settings.stage,
            closed_since: None,
            fitting_until: None,
            recorder: Recorder::new(&identity),
            transmitter: Transmitter::new(jitter),
            location: Location::new(),
            zones: Zones::new(),
            integrity: Integrity::new(),
            motion: Motion::new(),
            clock: Clock::new(),
            power: Power::new(),
            strap: Contact::new(),
            case: [const { Contact::new() }; 2],
            case_sensors: 0,
            prover: Prover::new(identity.epoch),
            beacon_failed_at: None,
            update: None,
            alarm_until: None,
            pursuit: None,
            health_at: None,
            environment: None,
            report_at_once: false,
            panic: None,
            is_debt_stuck: false,
            faults: 0,
            faults_told: 0,
        };
        Self { identity, counters: Counters::default(), parts }
    }

    /// Takes one input at `now`, which never goes back. What it brings about is in `effects` and in the storage.
    pub fn handle_event<J: Journal + Config, K: Sign + Verify>(
        &mut self,
        input: Input<'_>,
        now: Uptime,
        storage: &mut J,
        keys: &K,
        effects: &mut Effects,
    ) {
        let Self { identity, counters, parts } = self;
        let stamp = parts.clock.stamp(now);
        let mut shell = Shell { now, stamp, identity, storage, keys, effects, counters };
        parts.handle_input(input, &mut shell);
        for _ in 0..ROUNDS_MAX {
            parts.settle(&mut shell);
            parts.handle_timers(&mut shell);
            if parts.conditions(now).state() == parts.state {
                break;
            }
        }
        parts.transmitter.handle_timer(parts.settings.ack_timeout_s, parts.rates.modem, &mut shell);
        parts.transmitter.poll(parts.settings.ack_timeout_s, &mut shell);
        if let Some(at) = parts.deadline(now) {
            shell.effects.push(Effect::WakeAt(at));
        }
    }

    /// Numbers since the start.
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The plan in force.
    pub const fn plan(&self) -> &Plan {
        &self.parts.plan
    }

    /// Version of the zone set in force, 0 for none.
    pub fn zones_version(&self) -> u32 {
        self.parts.zones.version()
    }

    /// What the tag is doing.
    pub const fn state(&self) -> TagState {
        self.parts.state
    }

    /// The number that the next frame gets.
    pub const fn next_frame(&self) -> FrameId {
        self.parts.recorder.next()
    }

    /// The link to the centre is up.
    pub fn is_connected(&self) -> bool {
        self.parts.transmitter.is_up()
    }

    /// Strap and case latch.
    pub const fn latches(&self) -> (bool, bool) {
        (self.parts.saved.strap.set, self.parts.saved.case.set)
    }

    /// The last battery measurement, with the forecast.
    pub const fn battery(&self) -> Option<BatteryState> {
        self.parts.power.state()
    }

    /// The image that is being fetched.
    pub const fn update(&self) -> Option<&Update> {
        self.parts.update.as_ref()
    }

    /// The time of day as the tag knows it.
    pub fn time(&self, now: Uptime) -> UnixMillis {
        self.parts.clock.stamp(now).at
    }
}

impl Parts {
    fn conditions(&self, now: Uptime) -> Conditions {
        Conditions {
            stage: self.stage,
            updating: self.update.is_some(),
            pursuit: self.pursuit.is_some_and(|(_, until)| now < until),
            alarm: self.has_alarm(now),
            home: self.location.is_home(),
            near: self.zones.is_near(),
            charging: self.power.is_charging(),
            reserve: self.power.is_reserve(),
            low: self.power.is_low(),
            still: self.motion.is_still(now),
        }
    }

    fn has_alarm(&self, now: Uptime) -> bool {
        self.alarm_until.is_some_and(|until| now < until)
    }

    /// The mean current of the present state, microamperes.
    fn drain_ua(&self, now: Uptime) -> u32 {
        energy::draw_of(&self.conditions(now), &self.plan).total_ua()
    }

    /// Finds the state and tells everybody its rates.
    fn settle<J: Storage, K: Keys>(&mut self, shell: &mut Shell<'_, J, K>) {
        let conditions = self.conditions(shell.now);
        self.state = conditions.state();
        self.rates = conditions.rates(&self.plan);
        self.location.set_interval(self.rates.collect_s, shell.now);
        let told = Told { gnss: self.rates.gnss_power(), strap_hertz: self.rates.strap_hertz };
        let before = self.told.replace(told);
        if before.is_none_or(|before| before.gnss != told.gnss) {
            shell.effects.push(Effect::PowerGnss(told.gnss));
        }
        if before.is_none_or(|before| before.strap_hertz != told.strap_hertz) {
            shell.effects.push(Effect::SampleStrap { hertz: told.strap_hertz });
        }
    }

    fn handle_start<J: Storage, K: Keys>(
        &mut self,
        cause: ResetCause,
        rtc: Option<UnixMillis>,
        shell: &mut Shell<'_, J, K>,
    ) {
        let mut bytes = [0; Item::BYTES_MAX];
        let faults = shell.storage.faults();
        let kept = shell.storage.kept(Item::Saved, &mut bytes).map(|length| Saved::decode(&bytes[..length]));
        let is_unread = shell.storage.is_damaged(Item::Saved) || shell.storage.faults() != faults;
        let is_lost = matches!(kept, Some(Err(_))) || is_unread;
        if let Some(Ok(saved)) = kept {
            self.saved = saved;
            self.stage = saved.stage;
            self.plan = saved.plan.and_then(|body| body.plan()).unwrap_or(self.plan);
        }
        if is_lost {
            // A latch may be forgotten with it: raised, so that an officer looks. Their events have no sample that was open.
            for latched in [&mut self.saved.strap, &mut self.saved.case] {
                *latched = Latched { set: true, owed: true, event: None };
            }
        }
        if self.stage == Stage::Fitting {
            self.fitting_until = Some(shell.now.plus_s(senses::FITTING_S));
        }
        self.clock.start(self.saved.time, rtc, shell.now);
        shell.stamp = self.clock.stamp(shell.now);
        self.location.start(shell.now);
        let has_zones = self.zones.restore(self.saved.zones, shell.storage);
        self.report(EventKind::PowerOn, cause as i32, shell);
        if is_lost || !has_zones {
            self.report_fault(shell);
        }
        self.pay_debts(shell);
        self.conclude_update(shell);
    }

    /// Did the firmware that was started for a trial stay?
    fn conclude_update<J: Storage, K: Keys>(&mut self, shell: &mut Shell<'_, J, K>) {
        let Some(awaited) = self.saved.firmware_awaited else { return };
        let value = i32::try_from(awaited.version).unwrap_or(i32::MAX);
        if awaited.version == self.settings.firmware {
            self.report(EventKind::UpdateApplied, value, shell);
            self.saved.firmware_min = self.saved.firmware_min.max(awaited.min_version);
        } else {
            self.report(EventKind::UpdateFailed, value, shell);
        }
        self.saved.firmware_awaited = None;
        self.keep(shell);
    }

    fn handle_timers<J: Storage, K: Keys>(&mut self, shell: &mut Shell<'_, J, K>) {
        self.handle_contacts(shell);
        self.handle_fitting(shell);
        self.end_pursuit(shell);
        self.handle_update(shell);
        self.pay_debts(shell);
        // At most a sample and a loss.
        while let Some(due) = self.location.handle_timer(&self.plan, shell.now) {
            match due {
                Due::Sample => shell.effects.push(Effect::SampleGnss),
                Due::Lost(seconds) => {
                    self.report(EventKind::GnssLost, seconds, shell);
                }
            }
        }
        if self.health_at.is_some_and(|at| shell.now >= at) {
            self.commit_health(shell);
        }
        self.recorder.handle_timer(&self.rates, shell);
        if self.faults_told == 0 {
            self.tell_faults(shell);
        }
        if let Some(lost) = self.recorder.poll_overflow(shell.storage) {
            self.report(EventKind::JournalOverflow, i32::try_from(lost).unwrap_or(i32::MAX), shell);
        }
    }

    fn deadline(&self, now: Uptime) -> Option<Uptime> {
        [
            self.location.deadline(&self.plan),
            self.strap.deadline().filter(|_| self.stage == Stage::Worn),
            self.case[0].deadline(),
            self.case[1].deadline(),
            self.health_at,
            self.recorder.deadline(&self.rates),
            self.transmitter.deadline(),
            self.motion.deadline(now),
            self.alarm_until.filter(|&until| until > now),
            self.pursuit.map(|(_, until)| until),
            self.fitting_deadline(),
            self.update.map(|update| update.deadline()).filter(|&at| at > now),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Get a position and send it at once.
    const fn ask(&mut self) {
        self.report_at_once = true;
        self.location.ask();
    }

    /// Keeps what must outlive a reset. Whether that worked.
    fn keep<J: Storage, K: Keys>(&mut self, shell: &mut Shell<'_, J, K>) -> bool {
        if shell.stamp.uncertainty_s.is_some() {
            self.saved.time = shell.stamp.at;
        }
        let mut bytes = [0; SAVED_BYTES_MAX];
        let kept = shell.storage.keep(Item::Saved, self.saved.encode(&mut bytes)).is_ok();
        if !kept {
            self.report_fault(shell);
        }
        kept
    }

    /// An item could not be kept, or was not what it should be.
    fn report_fault<J: Storage, K: Keys>(&mut self, shell: &mut Shell<'_, J, K>) {
        self.faults = self.faults.saturating_add(1);
        Counters::count(&mut shell.counters.faults, 1);
        if self.faults_told == 0 {
            self.tell_faults(shell);
        }
    }

    /// Storage failed: told at the first time, and from then on with the health reports, in sum.
    fn tell_faults<J: Storage, K: Keys>(&mut self, shell: &mut Shell<'_, J, K>) {
        let faults = self.faults.saturating_add(shell.storage.faults());
        if faults > self.faults_told {
            self.faults_told = faults;
            self.report(EventKind::JournalFault, i32::try_from(faults).unwrap_or(i32::MAX), shell);
        }
    }

    fn commit_health<J: Storage, K: Keys>(&mut self, shell: &mut Shell<'_, J, K>) {
        let Some(battery) = self.power.state() else { return };
        self.health_at = Some(shell.now.plus_s(self.settings.health_s.max(1)));
        let (signal_dbm, temperature_c) = self.environment.unwrap_or((0, 0));
        let health = Health {
            at: shell.stamp.at,
            battery,
            strap_latched: self.saved.strap.set,
            case_latched: self.saved.case.set,
            plan_version: self.plan.version,
            unacknowledged: shell.storage.count(),
            signal_dbm,
            temperature_c,
            firmware: self.settings.firmware,
            zones_version: self.zones.version(),
            state: Some(self.state),
        };
        self.recorder.commit_health(&health, shell);
        self.tell_faults(shell);
        // Once per health report the time of day survives a reset, give or take that interval.
        self.keep(shell);
    }

    /// Commits an event. What is an alarm brings the state, and a position.
    fn report<J: Storage, K: Keys>(
        &mut self,
        kind: EventKind,
        value: i32,
        shell: &mut Shell<'_, J, K>,
    ) -> Option<FrameId> {
        let event = Event {
            at: shell.stamp.at,
            time_source: shell.stamp.source,
            kind,
            value,
            position: self.location.position(shell.now),
        };
        if matches!(
            kind,
            EventKind::StrapOpen | EventKind::CaseOpen | EventKind::Panic | EventKind::SpoofingSuspected
        ) {
            self.raise(shell.now);
        }
        self.recorder.commit_event(&event, shell)
    }

    /// An alarm begins, or goes on.
    const fn raise(&mut self, now: Uptime) {
        self.alarm_until = Some(now.plus_s(ALARM_S));
        self.ask();
    }
}

#[cfg(test)]
mod bench;
#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;

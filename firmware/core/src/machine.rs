//! [`Tag`]: the parts put together, one call for each input.
//!
//! Each call first gives its input to the parts that care, then lets every part do what the time asks for, then
//! sends what the windows allow, and last says when to wake up.

use crate::{
    Effect, Effects, GnssFix, Input, Journal, ResetCause,
    jitter::Jitter,
    journal::Saved,
    location::{Due, Location},
    power::Power,
    recorder::Recorder,
    settings::{Identity, Settings},
    tamper::{Change, Contact},
    transmitter::Transmitter,
};
use lenke_wire::{
    BatteryState, DeviceId, Event, EventKind, Fix, FrameId, Health, Sighting, TimeSource, UnixMillis,
    chain::Sign,
    codec::{COURSE_CDEG_END, FRAME_BYTES_MAX},
    downlink::{Downlink, NoticeCode, Plan, decode_downlink},
    frame::{Direction, open},
};

/// What happened since the start, in numbers. They saturate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Counters {
    /// Frames that the journal took.
    pub committed: u32,
    /// Fixes in those frames.
    pub fixes: u32,
    /// Transmissions asked for, repetitions included.
    pub transmitted: u32,
    /// Times that the centre's acknowledgement made no progress in time.
    pub timeouts: u32,
    /// Frames that the centre acknowledged.
    pub acknowledged: u32,
    /// Fixes given up because the journal was full or filling.
    pub fixes_given_up: u32,
    /// Health reports and sightings given up because the journal was full.
    pub records_given_up: u32,
    /// Events given up because both queues were full.
    pub events_given_up: u32,
    /// Downlinks that did not open or did not decode.
    pub downlinks_invalid: u32,
    /// Downlinks whose counter was not above the last one's.
    pub downlinks_replayed: u32,
    /// Plans for another base version, or older than the one in force.
    pub plans_refused: u32,
}

impl Counters {
    pub(crate) const fn count(counter: &mut u32, more: u32) {
        *counter = counter.saturating_add(more);
    }
}

/// What one call works with besides the tag's own state.
pub(crate) struct Shell<'a, J, S> {
    pub(crate) now: UnixMillis,
    pub(crate) identity: &'a Identity,
    pub(crate) journal: &'a mut J,
    pub(crate) signer: &'a S,
    pub(crate) effects: &'a mut Effects,
    pub(crate) counters: &'a mut Counters,
}

/// A tag, home unit or victim unit: everything but its drivers.
pub struct Tag {
    identity: Identity,
    counters: Counters,
    state: State,
}

struct State {
    settings: Settings,
    plan: Plan,
    recorder: Recorder,
    transmitter: Transmitter,
    location: Location,
    power: Power,
    strap: Contact,
    case: Contact,
    last_downlink: Option<FrameId>,
    health_at: Option<UnixMillis>,
    environment: (i16, i8),
    /// The link has been up since the start: the board's clock is the network's at least.
    connected: bool,
    /// Send the next fix at once.
    report_at_once: bool,
    /// The last call for help, until the centre has it.
    panic: Option<FrameId>,
}

impl Tag {
    /// A tag before [`Input::Started`].
    pub fn new(identity: Identity, settings: Settings) -> Self {
        let jitter = Jitter::new(identity.device, identity.epoch);
        let state = State {
            settings,
            plan: settings.plan,
            recorder: Recorder::new(&identity),
            transmitter: Transmitter::new(jitter),
            location: Location::new(),
            power: Power::new(),
            strap: Contact::new(),
            case: Contact::new(),
            last_downlink: None,
            health_at: None,
            environment: (0, 0),
            connected: false,
            report_at_once: false,
            panic: None,
        };
        Self { identity, counters: Counters::default(), state }
    }

    /// Takes one input at `now`, which never goes back. What it brings about is in `effects` and in the journal.
    pub fn handle_event<J: Journal, S: Sign>(
        &mut self,
        input: Input<'_>,
        now: UnixMillis,
        journal: &mut J,
        signer: &S,
        effects: &mut Effects,
    ) {
        let Self { identity, counters, state } = self;
        let mut shell = Shell { now, identity, journal, signer, effects, counters };
        state.handle_input(input, &mut shell);
        state.handle_timers(&mut shell);
        state.transmitter.poll(state.settings.ack_timeout_s, &mut shell);
        if let Some(at) = state.deadline() {
            shell.effects.push(Effect::WakeAt(at));
        }
    }

    /// Numbers since the start.
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The plan in force.
    pub const fn plan(&self) -> &Plan {
        &self.state.plan
    }

    /// The number that the next frame gets.
    pub const fn next_frame(&self) -> FrameId {
        self.state.recorder.next()
    }

    /// The link to the centre is up.
    pub fn is_connected(&self) -> bool {
        self.state.transmitter.is_up()
    }

    /// The home beacon silences GNSS.
    pub fn is_home(&self) -> bool {
        self.state.location.is_home()
    }

    /// Strap and case latch.
    pub const fn latches(&self) -> (bool, bool) {
        (self.state.strap.latched(), self.state.case.latched())
    }

    /// The last battery measurement, with the forecast.
    pub const fn battery(&self) -> Option<BatteryState> {
        self.state.power.state()
    }
}

impl State {
    fn handle_input<J: Journal, S: Sign>(&mut self, input: Input<'_>, shell: &mut Shell<'_, J, S>) {
        match input {
            Input::Started { cause } => self.handle_start(cause, shell),
            Input::Fix(fix) => self.handle_fix(&fix, shell),
            Input::NoFix => self.location.handle_no_fix(),
            Input::Strap { open } => {
                let change = self.strap.handle_sample(open, shell.now);
                self.handle_strap(change, shell);
            }
            Input::Case { open } => {
                let change = self.case.handle_sample(open, shell.now);
                self.handle_case(change, shell);
            }
            Input::Battery(measured) => self.handle_battery(measured, shell),
            Input::Beacon { heard, rssi_dbm, authenticated } => {
                self.handle_beacon(heard, rssi_dbm, authenticated, shell);
            }
            Input::Environment { signal_dbm, temperature_c } => {
                self.environment = (signal_dbm, temperature_c);
            }
            Input::Panic => {
                self.panic = self.report(EventKind::Panic, 0, shell).or(self.panic);
                self.ask(shell.now);
            }
            Input::LinkUp => {
                self.connected = true;
                self.recorder.flush(shell);
                self.transmitter.handle_link_up(shell.journal);
            }
            Input::LinkDown => self.transmitter.handle_link_down(shell.now),
            Input::Downlink(frame) => self.handle_downlink(frame, shell),
            Input::PubAck(frame) => self.transmitter.handle_pub_ack(frame),
            Input::Timer => {}
        }
    }

    fn handle_start<J: Journal, S: Sign>(&mut self, cause: ResetCause, shell: &mut Shell<'_, J, S>) {
        let saved = shell.journal.saved();
        self.plan = saved.plan.unwrap_or(self.plan);
        self.last_downlink = saved.last_downlink;
        self.strap.restore(saved.strap_latched);
        self.case.restore(saved.case_latched);
        self.location.start(shell.now);
        self.report(EventKind::PowerOn, cause as i32, shell);
    }

    fn handle_timers<J: Journal, S: Sign>(&mut self, shell: &mut Shell<'_, J, S>) {
        let change = self.strap.handle_timer(shell.now);
        self.handle_strap(change, shell);
        let change = self.case.handle_timer(shell.now);
        self.handle_case(change, shell);
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
        self.recorder.handle_timer(&self.plan, shell);
        if let Some(lost) = self.recorder.poll_overflow(shell.journal) {
            self.report(EventKind::JournalOverflow, i32::try_from(lost).unwrap_or(i32::MAX), shell);
        }
        self.transmitter.handle_timer(self.settings.ack_timeout_s, shell);
    }

    fn deadline(&self) -> Option<UnixMillis> {
        [
            Some(self.location.deadline(&self.plan)),
            self.strap.deadline(),
            self.case.deadline(),
            self.health_at,
            self.recorder.deadline(&self.plan),
            self.transmitter.deadline(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    fn handle_fix<J: Journal, S: Sign>(&mut self, fix: &GnssFix, shell: &mut Shell<'_, J, S>) {
        let taken = self.location.handle_fix(fix, &self.plan, shell.now);
        if let Some(seconds) = taken.regained {
            self.report(EventKind::GnssRegained, seconds, shell);
        }
        if taken.record {
            let fix = Fix {
                at: fix.at,
                time_source: TimeSource::Gnss,
                position: fix.position,
                accuracy_dm: fix.accuracy_dm,
                speed_cm_s: fix.speed_cm_s,
                course_cdeg: fix.course_cdeg % COURSE_CDEG_END,
                satellites: fix.satellites,
            };
            self.recorder.handle_fix(fix, &self.plan, shell);
            if self.report_at_once {
                self.report_at_once = false;
                self.recorder.flush(shell);
            }
        }
    }

    fn handle_beacon<J: Journal, S: Sign>(
        &mut self,
        heard: DeviceId,
        rssi_dbm: i8,
        authenticated: bool,
        shell: &mut Shell<'_, J, S>,
    ) {
        if authenticated && self.settings.home_beacon == Some(heard) {
            self.location.handle_home(shell.now);
        }
        let sighting = Sighting { at: shell.now, heard, rssi_dbm, authenticated };
        self.recorder.handle_sighting(sighting, &self.plan, shell);
    }

    fn handle_strap<J: Journal, S: Sign>(&mut self, change: Option<Change>, shell: &mut Shell<'_, J, S>) {
        match change {
            Some(Change::Opened) => {
                self.save(shell);
                self.report(EventKind::StrapOpen, 0, shell);
                shell.effects.push(Effect::Notice(NoticeCode::CheckStrap));
                self.ask(shell.now);
            }
            Some(Change::Closed) => {
                self.report(EventKind::StrapClosed, 0, shell);
            }
            None => {}
        }
    }

    fn handle_case<J: Journal, S: Sign>(&mut self, change: Option<Change>, shell: &mut Shell<'_, J, S>) {
        if change == Some(Change::Opened) {
            self.save(shell);
            self.report(EventKind::CaseOpen, 0, shell);
            self.ask(shell.now);
        }
    }

    fn handle_battery<J: Journal, S: Sign>(&mut self, measured: BatteryState, shell: &mut Shell<'_, J, S>) {
        let first = self.power.state().is_none();
        let (changes, warn) = self.power.handle_battery(measured, &self.plan, shell.now);
        for kind in changes.into_iter().flatten() {
            self.report(kind, i32::from(measured.percent.min(100)), shell);
        }
        if warn {
            shell.effects.push(Effect::Notice(NoticeCode::Charge));
        }
        if first {
            self.commit_health(shell);
        }
    }

    fn handle_downlink<J: Journal, S: Sign>(&mut self, frame: &[u8], shell: &mut Shell<'_, J, S>) {
        let mut inner = [0; FRAME_BYTES_MAX];
        let Identity { key, device, .. } = shell.identity;
        let opened = open(key, *device, Direction::Down, frame, &mut inner).ok();
        let Some((counter, downlink)) =
            opened.and_then(|(id, inner)| Some((id, decode_downlink(inner).ok()?)))
        else {
            Counters::count(&mut shell.counters.downlinks_invalid, 1);
            return;
        };
        if self.last_downlink.is_some_and(|last| counter <= last) {
            Counters::count(&mut shell.counters.downlinks_replayed, 1);
            return;
        }
        self.last_downlink = Some(counter);
        match downlink {
            Downlink::Ack(through) => self.handle_ack(through, shell),
            Downlink::Plan(plan) => self.handle_plan(plan.unverified(), shell),
            Downlink::Notice(code) => shell.effects.push(Effect::Notice(code)),
            Downlink::Query => self.ask(shell.now),
            Downlink::Zones(_) | Downlink::Pursuit(_) | Downlink::ClearLatch(_) | Downlink::Ota(_) => {
                Counters::count(&mut shell.counters.downlinks_invalid, 1);
            }
        }
        self.save(shell);
    }

    fn handle_ack<J: Journal, S: Sign>(&mut self, through: FrameId, shell: &mut Shell<'_, J, S>) {
        let released = shell.journal.release(through);
        Counters::count(&mut shell.counters.acknowledged, released);
        self.transmitter.handle_ack(through, released, self.settings.ack_timeout_s, shell.now);
        if self.panic.is_some_and(|panic| panic.epoch == through.epoch && panic.seq <= through.seq) {
            self.panic = None;
            shell.effects.push(Effect::Notice(NoticeCode::HelpNotified));
        }
    }

    fn handle_plan<J: Journal, S: Sign>(&mut self, plan: &Plan, shell: &mut Shell<'_, J, S>) {
        if plan.version == self.plan.version {
            return;
        }
        if plan.version < self.plan.version || plan.base_version != self.plan.version {
            Counters::count(&mut shell.counters.plans_refused, 1);
            return;
        }
        self.plan = *plan;
        self.location.handle_plan(plan, shell.now);
        self.report(EventKind::PlanApplied, i32::try_from(plan.version).unwrap_or(i32::MAX), shell);
    }

    /// Get a position and send it at once.
    const fn ask(&mut self, now: UnixMillis) {
        self.report_at_once = true;
        self.location.ask(now);
    }

    fn save<J: Journal, S: Sign>(&self, shell: &mut Shell<'_, J, S>) {
        shell.journal.save(&Saved {
            strap_latched: self.strap.latched(),
            case_latched: self.case.latched(),
            plan: (self.plan.version != 0).then_some(self.plan),
            last_downlink: self.last_downlink,
        });
    }

    fn commit_health<J: Journal, S: Sign>(&mut self, shell: &mut Shell<'_, J, S>) {
        let Some(battery) = self.power.state() else { return };
        self.health_at = Some(shell.now.plus_s(i64::from(self.settings.health_s.max(1))));
        let (signal_dbm, temperature_c) = self.environment;
        let health = Health {
            at: shell.now,
            battery,
            strap_latched: self.strap.latched(),
            case_latched: self.case.latched(),
            plan_version: self.plan.version,
            unacknowledged: shell.journal.count(),
            signal_dbm,
            temperature_c,
            firmware: self.settings.firmware,
            zones_version: 0,
            state: None,
        };
        self.recorder.commit_health(&health, shell);
    }

    fn report<J: Journal, S: Sign>(
        &mut self,
        kind: EventKind,
        value: i32,
        shell: &mut Shell<'_, J, S>,
    ) -> Option<FrameId> {
        let event = self.event(kind, value, shell.now);
        self.recorder.commit_event(&event, shell)
    }

    fn event(&self, kind: EventKind, value: i32, now: UnixMillis) -> Event {
        let time_source = if self.location.has_time() {
            TimeSource::Held
        } else if self.connected {
            TimeSource::Network
        } else {
            TimeSource::Unset
        };
        Event { at: now, time_source, kind, value, position: self.location.position(&self.plan, now) }
    }
}

#[cfg(test)]
mod bench;
#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;

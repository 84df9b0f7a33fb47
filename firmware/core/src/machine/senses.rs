//! What the tag's senses say, and what it makes of that.

use super::{Keys, Parts, Shell, Storage};
use crate::{
    Effect, GnssFix, Input, Uptime,
    beacon::{Answer, Proof},
    clock::Reading,
    input::{CaseSensor, NO_SIGNAL_DBM},
    integrity::Indication,
    state::Stage,
    storage::Latched,
    tamper::{Change, Contact},
    zones::Crossing,
};
use lenke_fence::Kind;
use lenke_wire::{
    BatteryState, DeviceId, EventKind, Fix, Sighting, TagState, TimeSource, codec::COURSE_CDEG_END,
    downlink::NoticeCode,
};

/// An open strap counts again this long after an officer cleared its latch.
pub(super) const FITTING_S: u32 = 900;
/// A strap that is put on has been closed for this long.
const CLOSED_S: u32 = 10;
/// A beacon that fails is told of at most so often.
const BEACON_FAILED_MS: i64 = 3_600_000;
/// Crossings told of one fix; a set whose zones are crossed by more at once is asked again at the next fix.
const CROSSINGS_MAX: usize = 8;

impl Parts {
    pub(super) fn handle_input<J: Storage, K: Keys>(
        &mut self,
        input: Input<'_>,
        shell: &mut Shell<'_, J, K>,
    ) {
        match input {
            Input::Started { cause, rtc } => self.handle_start(cause, rtc, shell),
            Input::NetworkTime { at, uncertainty_ms } => {
                let reading = self.clock.handle_network(at, uncertainty_ms, shell.now);
                self.handle_reading(reading, shell);
            }
            Input::Fix(fix) => self.handle_fix(&fix, shell),
            Input::NoFix => self.handle_no_fix(shell),
            Input::Signal(signal) => {
                let indication = self.integrity.handle_signal(signal, shell.now);
                self.indicate(indication, shell);
            }
            Input::Strap { open } => self.handle_strap_sample(open, shell),
            Input::Case { sensor, open } => {
                let change = self.case[sensor as usize].handle_sample(open, shell.now);
                self.handle_case(sensor, change, shell);
            }
            Input::Motion { moving } => self.motion.handle_motion(moving, shell.now),
            Input::Battery(measured) => self.handle_battery(measured, shell),
            Input::Beacon { heard, rssi_dbm } => self.handle_beacon(heard, rssi_dbm, shell),
            Input::BeaconAnswer { heard, rssi_dbm, answer } => {
                self.handle_answer(heard, rssi_dbm, &answer, shell)
            }
            Input::Environment { signal_dbm, temperature_c } => {
                self.environment = Some((signal_dbm, temperature_c));
            }
            Input::CheckInMissed { task } => {
                self.report(EventKind::TaskStalled, i32::from(task), shell);
            }
            Input::Panic => {
                self.panic = self.report(EventKind::Panic, 0, shell).or(self.panic);
            }
            Input::LinkUp => self.handle_link_up(shell),
            Input::LinkDown => self.transmitter.handle_link_down(shell.now),
            Input::Downlink(frame) => self.handle_downlink(frame, shell),
            Input::PubAck(frame) => self.transmitter.handle_pub_ack(frame),
            Input::Update(progress) => self.handle_progress(progress, shell),
            Input::Timer => {}
        }
    }

    fn handle_link_up<J: Storage, K: Keys>(&mut self, shell: &mut Shell<'_, J, K>) {
        let down_s = self.transmitter.down_ms(shell.now).unwrap_or(0) / 1000;
        if down_s >= i64::from(self.rates.transmit_s) * 2 {
            self.report(EventKind::NetworkRegained, i32::try_from(down_s).unwrap_or(i32::MAX), shell);
        }
        self.recorder.flush(shell);
        self.transmitter.handle_link_up(shell.storage);
    }

    fn handle_reading<J: Storage, K: Keys>(&mut self, reading: Reading, shell: &mut Shell<'_, J, K>) {
        shell.stamp = self.clock.stamp(shell.now);
        if let Reading::Overruled(off_ms) = reading {
            let seconds = (off_ms / 1000).clamp(i64::from(i32::MIN), i64::from(i32::MAX));
            // Clamped.
            self.report(EventKind::ClockSet, seconds as i32, shell);
        }
    }

    fn handle_fix<J: Storage, K: Keys>(&mut self, fix: &GnssFix, shell: &mut Shell<'_, J, K>) {
        let reading = self.clock.handle_gnss(fix.at, shell.now);
        self.handle_reading(reading, shell);
        let disagrees = matches!(reading, Reading::Disagrees(_));
        let judged = self.integrity.handle_fix(fix, disagrees, &self.motion, shell.now);
        let taken = self.location.handle_fix(fix, shell.now);
        if let Some(seconds) = taken.regained {
            self.report(EventKind::GnssRegained, seconds, shell);
        }
        if taken.home_refuted {
            self.fail_beacon(shell);
        }
        self.indicate(judged.indication, shell);
        if judged.is_outlier {
            // A second look decides whether it counts.
            self.location.ask();
        } else {
            self.handle_crossings(fix, shell);
        }
        if taken.record {
            let (at, time_source) =
                if disagrees { (shell.stamp.at, shell.stamp.source) } else { (fix.at, TimeSource::Gnss) };
            let fix = Fix {
                at,
                time_source,
                position: fix.position,
                accuracy_dm: fix.accuracy_dm,
                speed_cm_s: fix.speed_cm_s,
                course_cdeg: fix.course_cdeg % COURSE_CDEG_END,
                satellites: fix.satellites,
            };
            self.recorder.handle_fix(fix, &self.rates, shell);
        }
        if core::mem::take(&mut self.report_at_once) {
            self.recorder.flush(shell);
        }
    }

    fn handle_crossings<J: Storage, K: Keys>(&mut self, fix: &GnssFix, shell: &mut Shell<'_, J, K>) {
        let mut crossings = [None; CROSSINGS_MAX];
        let mut places = crossings.iter_mut();
        self.zones.handle_position(fix.position, fix.accuracy_dm, |crossing| {
            let place = places.next();
            let has_room = place.is_some();
            if let Some(place) = place {
                *place = Some(crossing);
            }
            has_room
        });
        for Crossing { event, zone, is_breach, kind } in crossings.into_iter().flatten() {
            self.report(event, zone, shell);
            if is_breach {
                self.raise(shell.now);
            }
            let code = match (kind, event) {
                (Kind::Exclusion, EventKind::ZoneEntered | EventKind::ZoneNear) => NoticeCode::LeaveArea,
                (Kind::Inclusion, EventKind::ZoneLeft) => NoticeCode::GoHome,
                (Kind::Exclusion | Kind::Inclusion, _) => continue,
            };
            shell.effects.push(Effect::Notice { code, at: None });
        }
    }

    fn handle_no_fix<J: Storage, K: Keys>(&mut self, shell: &mut Shell<'_, J, K>) {
        self.location.handle_no_fix();
        let hears_cells = self.environment.is_some_and(|(signal_dbm, _)| signal_dbm > NO_SIGNAL_DBM);
        let has_network = self.transmitter.is_up() || hears_cells;
        let indication = self.integrity.handle_silence(has_network, &self.motion, shell.now);
        self.indicate(indication, shell);
    }

    fn indicate<J: Storage, K: Keys>(&mut self, indication: Option<Indication>, shell: &mut Shell<'_, J, K>) {
        if let Some((kind, value)) = indication {
            self.report(kind, value, shell);
        }
    }

    fn handle_beacon<J: Storage, K: Keys>(
        &mut self,
        heard: DeviceId,
        rssi_dbm: i8,
        shell: &mut Shell<'_, J, K>,
    ) {
        let at = shell.stamp.at;
        self.recorder.handle_sighting(Sighting { at, heard, rssi_dbm, authenticated: false }, shell);
        let home = self.settings.home_beacon.filter(|home| home.device == heard);
        let challenge =
            home.and_then(|home| self.prover.handle_heartbeat(&home, shell.identity.device, shell.now));
        if let Some(challenge) = challenge {
            shell.effects.push(Effect::ChallengeBeacon { beacon: heard, challenge });
        }
    }

    fn handle_answer<J: Storage, K: Keys>(
        &mut self,
        heard: DeviceId,
        rssi_dbm: i8,
        answer: &Answer,
        shell: &mut Shell<'_, J, K>,
    ) {
        let Some(home) = self.settings.home_beacon.filter(|home| home.device == heard) else { return };
        match self.prover.handle_answer(&home, shell.identity.device, answer, shell.now) {
            Proof::Home => {
                let at = shell.stamp.at;
                self.recorder.handle_sighting(Sighting { at, heard, rssi_dbm, authenticated: true }, shell);
                if !self.location.handle_home(shell.now) {
                    self.fail_beacon(shell);
                }
            }
            Proof::Forged => self.fail_beacon(shell),
            Proof::Nothing => {}
        }
    }

    /// The home beacon is not what it should be, or not where.
    fn fail_beacon<J: Storage, K: Keys>(&mut self, shell: &mut Shell<'_, J, K>) {
        if self.beacon_failed_at.is_some_and(|at| shell.now.since_ms(at) < BEACON_FAILED_MS) {
            return;
        }
        self.beacon_failed_at = Some(shell.now);
        let number = self.settings.home_beacon.map_or(0, |home| home.device.number());
        // 31 bits.
        self.report(EventKind::BeaconFailed, (number & 0x7fff_ffff) as i32, shell);
    }

    fn handle_strap_sample<J: Storage, K: Keys>(&mut self, open: bool, shell: &mut Shell<'_, J, K>) {
        let change = self.strap.handle_sample(open, shell.now);
        if self.stage == Stage::Worn {
            self.handle_strap(change, shell);
            return;
        }
        self.strap.forgive();
        if open {
            self.closed_since = None;
            self.stage = self.saved.stage;
        } else if self.closed_since.is_none() {
            self.closed_since = Some(shell.now);
            self.stage = Stage::Fitting;
        }
    }

    /// Being put on: until the strap has been closed for long enough, or the officer's time is over.
    pub(super) fn handle_fitting<J: Storage, K: Keys>(&mut self, shell: &mut Shell<'_, J, K>) {
        if self.stage == Stage::Worn || self.fitting_deadline().is_none_or(|at| shell.now < at) {
            return;
        }
        self.stage = Stage::Worn;
        self.saved.stage = Stage::Worn;
        self.closed_since = None;
        self.fitting_until = None;
        self.location.forget_home();
        self.keep(shell);
        self.report(EventKind::StateChanged, TagState::Roam as i32, shell);
        self.ask();
        if self.strap.is_open() {
            let change = self.strap.handle_sample(true, shell.now);
            self.handle_strap(change, shell);
        }
    }

    pub(super) fn fitting_deadline(&self) -> Option<Uptime> {
        let closed = self.closed_since.map(|since| since.plus_s(CLOSED_S));
        [closed, self.fitting_until].into_iter().flatten().min()
    }

    pub(super) fn handle_contacts<J: Storage, K: Keys>(&mut self, shell: &mut Shell<'_, J, K>) {
        if self.stage == Stage::Worn {
            let change = self.strap.handle_timer(shell.now);
            self.handle_strap(change, shell);
        }
        for sensor in [CaseSensor::Light, CaseSensor::Pressure] {
            let change = self.case[sensor as usize].handle_timer(shell.now);
            self.handle_case(sensor, change, shell);
        }
    }

    fn handle_strap<J: Storage, K: Keys>(&mut self, change: Option<Change>, shell: &mut Shell<'_, J, K>) {
        match change {
            Some(Change::Suspected) => {
                shell.effects.push(Effect::Notice { code: NoticeCode::CheckStrap, at: None });
                self.report(EventKind::StrapSuspected, 0, shell);
            }
            Some(Change::Opened) => {
                self.saved.strap = Latched { set: true, owed: true, event: None };
                self.is_debt_stuck = false;
                self.keep(shell);
                self.pay_debts(shell);
            }
            Some(Change::Closed) => {
                self.report(EventKind::StrapClosed, 0, shell);
            }
            None => {}
        }
    }

    fn handle_case<J: Storage, K: Keys>(
        &mut self,
        sensor: CaseSensor,
        change: Option<Change>,
        shell: &mut Shell<'_, J, K>,
    ) {
        if change == Some(Change::Opened) {
            self.case_sensors |= 1 << sensor as u8;
            self.saved.case = Latched { set: true, owed: true, event: None };
            self.is_debt_stuck = false;
            self.keep(shell);
            self.pay_debts(shell);
        }
    }

    /// Commits the events of latches that are set: now, or once power is back and there is room.
    pub(super) fn pay_debts<J: Storage, K: Keys>(&mut self, shell: &mut Shell<'_, J, K>) {
        if self.is_debt_stuck || !(self.saved.strap.owed || self.saved.case.owed) {
            return;
        }
        if self.saved.strap.owed {
            let trace = Contact::trace(&self.strap).cast_signed();
            self.saved.strap = self.paid(EventKind::StrapOpen, trace, shell);
        }
        if self.saved.case.owed {
            let sensors = i32::from(self.case_sensors);
            self.saved.case = self.paid(EventKind::CaseOpen, sensors, shell);
        }
        self.is_debt_stuck = self.saved.strap.owed || self.saved.case.owed;
        self.keep(shell);
    }

    fn paid<J: Storage, K: Keys>(
        &mut self,
        kind: EventKind,
        value: i32,
        shell: &mut Shell<'_, J, K>,
    ) -> Latched {
        let event = self.report(kind, value, shell);
        Latched { set: true, owed: event.is_none(), event }
    }

    fn handle_battery<J: Storage, K: Keys>(&mut self, measured: BatteryState, shell: &mut Shell<'_, J, K>) {
        let first = self.power.state().is_none();
        let drain_ua = self.drain_ua(shell.now);
        let at = shell.stamp.uncertainty_s.map(|_| shell.stamp.at);
        let told = self.power.handle_battery(measured, &self.plan, drain_ua, at, shell.now);
        for kind in told.events.into_iter().flatten() {
            self.report(kind, i32::from(measured.percent.min(100)), shell);
        }
        if told.nudge {
            let at = self.power.state().and_then(|state| state.empty_at);
            shell.effects.push(Effect::Notice { code: NoticeCode::Charge, at });
        }
        if first {
            self.settle(shell);
            self.commit_health(shell);
        }
    }
}

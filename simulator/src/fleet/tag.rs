//! One device of a fleet: lets its world happen to the firmware core, in the scenario's time.

use crate::clock::RunningClock;
use crate::station::{BEACON_DBM, Station};
use crate::world::World;
use lenke_firmware_core::{GnssFix, Input, ResetCause};
use lenke_wire::{BatteryState, DeviceId, UnixMillis};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// The world is looked at so often: scenario seconds, but never more often than the real time below.
const LOOK_S: i64 = 5;
/// See [`LOOK_S`].
const LOOK_REAL_MIN: Duration = Duration::from_millis(250);
/// A beacon is heard so often, seconds.
const BEACON_S: i64 = 20;
/// What every board measures for its health report: network signal in dBm, degrees Celsius.
const ENVIRONMENT: (i16, i8) = (-93, 24);

/// One device and its world.
pub(crate) struct Runner {
    pub(crate) station: Station,
    pub(crate) world: World,
    pub(crate) clock: RunningClock,
    /// When it is switched on.
    pub(crate) begin: UnixMillis,
    /// How far its own clock is ahead.
    pub(crate) ahead_ms: i64,
    /// Its frames can never be acknowledged: nobody waits for it.
    pub(crate) doomed: bool,
    pub(crate) seen: Seen,
}

/// What the core knows of the world.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    battery: Option<BatteryState>,
    strap_open: bool,
    moving: Option<bool>,
    beacon: Option<(DeviceId, UnixMillis)>,
    look_at: UnixMillis,
}

/// How a fleet ends: first it hands in what it has, then it stops.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ending {
    pub(crate) drain: CancellationToken,
    pub(crate) stop: CancellationToken,
}

impl Runner {
    /// Runs until the ending.
    pub(crate) async fn run(mut self, ending: Ending) {
        tokio::select! {
            () = sleep_until(self.clock.real(self.begin)) => {}
            () = ending.drain.cancelled() => return,
            () = ending.stop.cancelled() => return,
        }
        let now = self.now();
        self.station.handle(Input::Started { cause: ResetCause::Power, rtc: Some(now) }, now);
        let (signal_dbm, temperature_c) = ENVIRONMENT;
        self.station.handle(Input::Environment { signal_dbm, temperature_c }, now);
        while !ending.stop.is_cancelled() {
            let draining = ending.drain.is_cancelled();
            if draining && (self.doomed || self.station.unacknowledged() == 0) {
                break;
            }
            self.step(draining).await;
            let until = self.next_look();
            let happening = tokio::select! {
                happening = self.station.wait(until) => Some(happening),
                () = ending.drain.cancelled(), if !draining => None,
                () = ending.stop.cancelled() => None,
            };
            if let Some(happening) = happening {
                let now = self.now();
                self.station.handle_happening(happening, now).await;
            }
        }
        self.station.close().await;
    }

    fn now(&self) -> UnixMillis {
        self.clock.now().plus_ms(self.ahead_ms)
    }

    async fn step(&mut self, draining: bool) {
        let now = self.now();
        if draining {
            // wherever it is, it comes into the network and hands in what it has
            self.station.behave();
            self.station.set_online(true, now);
            self.station.hurry();
        } else if now >= self.seen.look_at {
            self.look(now);
        }
        self.station.wake(now);
        if self.station.take_fix_wanted() {
            self.sample(draining, now);
        }
        self.station.carry_out(now).await;
    }

    fn sample(&mut self, draining: bool, now: UnixMillis) {
        let fix = if draining { None } else { self.world.fix(now) };
        let input = fix.map_or(Input::NoFix, |fix| {
            Input::Fix(GnssFix {
                at: now,
                position: fix.position,
                accuracy_dm: fix.accuracy_dm,
                speed_cm_s: fix.speed_cm_s,
                course_cdeg: fix.course_cdeg,
                satellites: fix.satellites,
            })
        });
        self.station.handle(input, now);
    }

    /// Tells the core what has changed since the last look.
    fn look(&mut self, now: UnixMillis) {
        let step = self.clock.sim_duration(LOOK_REAL_MIN).as_millis();
        let step_ms = i64::try_from(step).unwrap_or(i64::MAX).max(LOOK_S * 1000);
        self.seen.look_at = now.plus_ms(step_ms);
        self.station.set_online(self.world.is_online(now), now);
        let strap_open = self.world.strap_open(now);
        if strap_open != self.seen.strap_open {
            self.seen.strap_open = strap_open;
            self.station.handle(Input::Strap { open: strap_open }, now);
        }
        let battery = self.world.battery(now);
        let told = |seen: BatteryState| (seen.percent, seen.charging) == (battery.percent, battery.charging);
        if !self.seen.battery.is_some_and(told) {
            self.seen.battery = Some(battery);
            self.station.handle(Input::Battery(battery), now);
        }
        let moving = self.world.is_moving(now);
        if self.seen.moving.replace(moving) != Some(moving) {
            self.station.handle(Input::Motion { moving }, now);
        }
        let heard = self.world.heard(now);
        let due =
            |(unit, at): (DeviceId, UnixMillis)| Some(unit) != heard || now.since_ms(at) >= BEACON_S * 1000;
        if let Some(unit) = heard.filter(|_| self.seen.beacon.is_none_or(due)) {
            self.seen.beacon = Some((unit, now));
            self.station.handle(Input::Beacon { heard: unit, rssi_dbm: BEACON_DBM }, now);
        }
    }

    fn next_look(&self) -> Instant {
        let look_at = self.station.wake_at().map_or(self.seen.look_at, |at| at.min(self.seen.look_at));
        let at = self.clock.real(look_at.plus_ms(-self.ahead_ms));
        at.max(Instant::now() + Duration::from_millis(1))
    }
}

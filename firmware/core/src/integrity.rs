//! Are the satellites' signals what they should be? Evidence of jamming, spoofing and shielding, weighed into indications.
//!
//! | evidence | for | points |
//! |---|---|---|
//! | the receiver's own detector: indicated, multiple signs | spoofing | 50, 100 |
//! | the fix's time disagrees with a good clock | spoofing | 40 |
//! | faster than [`SPEED_M_S_MAX`] from the last fix, beyond both accuracies | spoofing | 35 |
//! | moved, or says that it moves, while the accelerometer has been still for a minute | spoofing | 35 |
//! | six or more satellites, all equally strong, and too strong | spoofing | 35 |
//! | the receiver's jamming indicator at [`JAMMING_PERCENT_MIN`] or more | jamming | 40 |
//!
//! Each fix (spoofing) or word about signals (jamming) first lets a quarter of what was gathered fade, then adds its own. At
//! [`TELL`] points an indication is told, once until they have faded below [`QUIET`]: no single sign but the receiver's own strongest one
//! tells anything, three in a row or two at once do.
//!
//! Shielding is told when satellites and network vanish together after good reception, and stay away for [`SHIELDED_MS`]
//! while the accelerometer feels motion.

use crate::{
    GnssFix, Uptime,
    gnss::{Signal, SpoofingState},
    motion::Motion,
};
use lenke_fence::Circle;
use lenke_wire::{EventKind, Position};

/// Nobody on the ground is faster, m/s.
const SPEED_M_S_MAX: i64 = 90;
/// Receiver and clock may be this much apart in what a speed is made of, metres.
const JUMP_M_MIN: i64 = 100;
/// A still tag's fixes wander less than this beyond their accuracy, metres.
const WANDER_M_MAX: i64 = 150;
/// A still tag's receiver says less than this, cm/s.
const STILL_CM_S_MAX: u16 = 500;
/// The accelerometer has felt nothing for this long.
const RESTING_MS: i64 = 60_000;
/// Satellites at the zenith reach about 50 dB-Hz; from one place on the ground they are equally strong and stronger.
const UNIFORM_SPREAD_DB: u8 = 3;
const UNIFORM_TRACKED: u8 = 6;
const UNIFORM_DBHZ: u8 = 47;
const JAMMING_PERCENT_MIN: u8 = 75;
/// Reception was good: the mean of the four strongest, dB-Hz.
const GOOD_DBHZ: u8 = 33;
/// Good reception so long before the silence speaks for shielding, not for a house.
const GOOD_WITHIN_MS: i64 = 120_000;
const SHIELDED_MS: i64 = 300_000;

const TELL: u16 = 80;
const QUIET: u16 = 20;
const CLOCK: u16 = 40;
const MOTION: u16 = 35;
const JAMMING: u16 = 40;
const INDICATED: u16 = 50;
const CERTAIN: u16 = 100;

/// Points that fade.
#[derive(Clone, Copy)]
struct Evidence {
    points: u16,
    told: bool,
}

impl Evidence {
    const NONE: Self = Self { points: 0, told: false };

    /// Percent, if it is to be told now.
    fn add(&mut self, points: u16) -> Option<i32> {
        self.points = (self.points - self.points / 4).saturating_add(points).min(200);
        if self.points < QUIET {
            self.told = false;
        }
        if self.points < TELL || self.told {
            return None;
        }
        self.told = true;
        Some(i32::from(self.points.min(100)))
    }
}

/// What is told: an event's kind and its value.
pub(crate) type Indication = (EventKind, i32);

/// What a fix is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Judged {
    /// It cannot be reached from the one before: to be believed only if the next one confirms it.
    pub(crate) is_outlier: bool,
    pub(crate) indication: Option<Indication>,
}

pub(crate) struct Integrity {
    last: Option<(Uptime, GnssFix)>,
    /// Where the tag was when it came to rest.
    anchor: Option<GnssFix>,
    signal: Option<Signal>,
    good_at: Option<Uptime>,
    spoofing: Evidence,
    jamming: Evidence,
    /// Since when neither satellites nor network are heard after good reception.
    silent_since: Option<Uptime>,
    shielding_told: bool,
}

impl Integrity {
    pub(crate) const fn new() -> Self {
        Self {
            last: None,
            anchor: None,
            signal: None,
            good_at: None,
            spoofing: Evidence::NONE,
            jamming: Evidence::NONE,
            silent_since: None,
            shielding_told: false,
        }
    }

    pub(crate) fn handle_signal(&mut self, signal: Signal, now: Uptime) -> Option<Indication> {
        self.signal = Some(signal);
        if signal.tracked >= 4 && signal.strongest_dbhz >= GOOD_DBHZ {
            self.good_at = Some(now);
        }
        let percent = signal.jamming_percent.unwrap_or(0);
        let points = if percent >= JAMMING_PERCENT_MIN { JAMMING } else { 0 };
        let told = self.jamming.add(points)?;
        Some((EventKind::JammingSuspected, told.max(i32::from(percent))))
    }

    /// Weighs a fix; `clock_disagrees` is the clock's word about its time.
    pub(crate) fn handle_fix(
        &mut self,
        fix: &GnssFix,
        clock_disagrees: bool,
        motion: &Motion,
        now: Uptime,
    ) -> Judged {
        self.silent_since = None;
        self.shielding_told = false;
        let is_outlier = self.last.is_some_and(|(at, last)| is_jump(&last, fix, now.since_ms(at)));
        let mut points = match self.signal.map(|signal| signal.spoofing) {
            Some(SpoofingState::Indicated) => INDICATED,
            Some(SpoofingState::Multiple) => CERTAIN,
            Some(SpoofingState::Unknown | SpoofingState::None) | None => 0,
        };
        points += if clock_disagrees { CLOCK } else { 0 };
        points += if is_outlier { MOTION } else { 0 };
        points += if self.moves_at_rest(fix, motion, now) { MOTION } else { 0 };
        points += if self.signal.is_some_and(is_uniform) { MOTION } else { 0 };
        self.last = Some((now, *fix));
        let indication = self.spoofing.add(points).map(|percent| (EventKind::SpoofingSuspected, percent));
        Judged { is_outlier, indication }
    }

    /// No fix, and perhaps no network: shielding?
    pub(crate) fn handle_silence(
        &mut self,
        has_network: bool,
        motion: &Motion,
        now: Uptime,
    ) -> Option<Indication> {
        if has_network {
            self.silent_since = None;
            self.shielding_told = false;
            return None;
        }
        let was_good = self.good_at.is_some_and(|at| now.since_ms(at) <= GOOD_WITHIN_MS);
        if self.silent_since.is_none() && was_good {
            self.silent_since = Some(now);
        }
        let long = self.silent_since.is_some_and(|since| now.since_ms(since) >= SHIELDED_MS);
        if !long || self.shielding_told || motion.moving_ms(now) < RESTING_MS {
            return None;
        }
        self.shielding_told = true;
        Some((EventKind::ShieldingSuspected, 0))
    }

    fn moves_at_rest(&mut self, fix: &GnssFix, motion: &Motion, now: Uptime) -> bool {
        if motion.resting_ms(now) < RESTING_MS {
            self.anchor = None;
            return false;
        }
        let anchor = *self.anchor.get_or_insert(*fix);
        let wandered_m = metres(anchor.position, fix.position) - accuracies_m(&anchor, fix);
        wandered_m > WANDER_M_MAX || fix.speed_cm_s > STILL_CM_S_MAX
    }
}

fn is_uniform(signal: Signal) -> bool {
    signal.tracked >= UNIFORM_TRACKED
        && signal.spread_db <= UNIFORM_SPREAD_DB
        && signal.strongest_dbhz >= UNIFORM_DBHZ
}

fn is_jump(from: &GnssFix, to: &GnssFix, elapsed_ms: i64) -> bool {
    let way_m = metres(from.position, to.position) - accuracies_m(from, to) - JUMP_M_MIN;
    way_m > 0 && way_m.saturating_mul(1000) > SPEED_M_S_MAX.saturating_mul(elapsed_ms.max(1))
}

/// Three times the 68 % radius of both: what chance alone exceeds once in many thousand fixes.
fn accuracies_m(one: &GnssFix, other: &GnssFix) -> i64 {
    (i64::from(one.accuracy_dm) + i64::from(other.accuracy_dm)) * 3 / 10
}

/// Metres between two places; at most 100 km.
pub(crate) fn metres(one: Position, other: Position) -> i64 {
    /// A circle around one of them, whose radius is taken off again.
    const RADIUS_M: i64 = 1;
    let circle = Circle::new(one, RADIUS_M as u32 * 1000);
    (RADIUS_M - i64::from(circle.signed_distance(other).0) / 10).max(0)
}

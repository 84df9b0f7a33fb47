//! When a condition holds: weekly windows in an IANA time zone, and dated exceptions.
//!
//! Windows are given in local time and may run past midnight; those that overlap or touch are one. A local time that
//! the clocks skip in spring means the moment of the skip; one that occurs twice in autumn means the first. That map
//! from local times to moments never runs backwards, so each moment is in exactly one state, on each day of 23, 24 or
//! 25 hours.
//!
//! With W the weekly windows, A what exceptions add and R what they remove, the schedule holds in (W + A) - R.

mod exception;
mod week;

pub use exception::{Effect, Exception};

use crate::interval::{Interval, Intervals};
use exception::Changes;
use jiff::{
    Timestamp, ToSpan,
    civil::Date,
    tz::{AmbiguousOffset, TimeZone},
};
use lenke_wire::UnixMillis;
use serde::{Deserialize, Serialize};
use week::{DAY_MIN, WEEK_MIN, Week};

/// No schedule may have more windows.
pub const WINDOWS_MAX: usize = 200;
/// Nor more exceptions.
pub const EXCEPTIONS_MAX: usize = 400;
/// Moments before the year 1900 or after 2500 count as these.
const MILLIS_MIN: i64 = -2_208_988_800_000;
const MILLIS_MAX: i64 = 16_725_225_600_000;
/// No offset from UTC changes by more (Samoa skipped a day in 2011).
const SKIP_MIN: i64 = DAY_MIN;

/// `from` to `to` on `weekday`; `to` <= `from` runs into the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WeeklyWindow {
    /// 1 = Monday ... 7 = Sunday.
    pub weekday: u8,
    /// Minute of the day it begins, 0..1440.
    pub from_min: u16,
    /// Minute of the day it ends, 1..=1440 (0 means the same as 1440: midnight).
    pub to_min: u16,
}

/// A schedule that is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// No such time zone.
    #[error("there is no time zone {0:?}")]
    TimeZone(String),
    /// A schedule without a window or an addition would never hold.
    #[error("the schedule has no window")]
    NoWindow,
    /// More windows than allowed.
    #[error("the schedule has more than {WINDOWS_MAX} windows")]
    TooManyWindows,
    /// More exceptions than allowed.
    #[error("the schedule has more than {EXCEPTIONS_MAX} exceptions")]
    TooManyExceptions,
    /// An exception that ends before it begins.
    #[error("exception {}: its end does not lie after its begin", .exception + 1)]
    EmptyException {
        /// Which exception, from 0.
        exception: usize,
    },
    /// A weekday that is not 1 to 7.
    #[error("window {}: weekday {weekday} is not 1 (Monday) to 7 (Sunday)", .window + 1)]
    Weekday {
        /// Which window, from 0.
        window: usize,
        /// As given.
        weekday: u8,
    },
    /// A minute beyond the day's end.
    #[error("window {}: minute {minute} is not within the day", .window + 1)]
    Minute {
        /// Which window, from 0.
        window: usize,
        /// As given.
        minute: u16,
    },
}

/// Weekly windows in an IANA time zone, with dated exceptions; valid by construction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Plain", into = "Plain")]
pub struct Schedule {
    name: String,
    windows: Vec<WeeklyWindow>,
    exceptions: Vec<Exception>,
    zone: TimeZone,
    week: Week,
    changes: Changes,
}

/// The serialized form.
#[derive(Serialize, Deserialize)]
struct Plain {
    time_zone: String,
    windows: Vec<WeeklyWindow>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    exceptions: Vec<Exception>,
}

impl TryFrom<Plain> for Schedule {
    type Error = ScheduleError;

    fn try_from(plain: Plain) -> Result<Self, ScheduleError> {
        Self::with_exceptions(plain.time_zone, plain.windows, plain.exceptions)
    }
}

impl From<Schedule> for Plain {
    fn from(schedule: Schedule) -> Self {
        Self { time_zone: schedule.name, windows: schedule.windows, exceptions: schedule.exceptions }
    }
}

impl Schedule {
    /// Windows of the week in the time zone with this IANA name, such as Europe/Oslo.
    ///
    /// # Errors
    /// The time zone is unknown, or a window does not make sense.
    pub fn new(
        time_zone: impl Into<String>,
        windows: impl Into<Vec<WeeklyWindow>>,
    ) -> Result<Self, ScheduleError> {
        Self::with_exceptions(time_zone, windows, Vec::new())
    }

    /// The same with dated exceptions.
    ///
    /// # Errors
    /// The time zone is unknown, or a window or an exception does not make sense.
    pub fn with_exceptions(
        time_zone: impl Into<String>,
        windows: impl Into<Vec<WeeklyWindow>>,
        exceptions: impl Into<Vec<Exception>>,
    ) -> Result<Self, ScheduleError> {
        let (name, windows, exceptions) = (time_zone.into(), windows.into(), exceptions.into());
        let changes = Changes::of(&exceptions)?;
        if windows.is_empty() && changes.added.is_empty() {
            return Err(ScheduleError::NoWindow);
        }
        if windows.len() > WINDOWS_MAX {
            return Err(ScheduleError::TooManyWindows);
        }
        for (window, given) in windows.iter().enumerate() {
            let WeeklyWindow { weekday, from_min, to_min } = *given;
            if !(1..=7).contains(&weekday) {
                return Err(ScheduleError::Weekday { window, weekday });
            }
            if i64::from(from_min) >= DAY_MIN {
                return Err(ScheduleError::Minute { window, minute: from_min });
            }
            if i64::from(to_min) > DAY_MIN {
                return Err(ScheduleError::Minute { window, minute: to_min });
            }
        }
        let Ok(zone) = TimeZone::get(&name) else { return Err(ScheduleError::TimeZone(name)) };
        let week = Week::new(&windows);
        Ok(Self { name, windows, exceptions, zone, week, changes })
    }

    /// IANA name of the time zone.
    pub fn time_zone(&self) -> &str {
        &self.name
    }

    /// The windows as given.
    pub fn windows(&self) -> &[WeeklyWindow] {
        &self.windows
    }

    /// The exceptions as given.
    pub fn exceptions(&self) -> &[Exception] {
        &self.exceptions
    }

    /// The same schedule, but for these stretches, in which it does not hold: what a permission does.
    #[must_use]
    pub fn without(&self, exempt: &Intervals) -> Self {
        let mut rest = self.clone();
        rest.changes.removed = rest.changes.removed.union(exempt);
        rest
    }

    /// Whether it holds at a moment.
    pub fn holds_at(&self, at: UnixMillis) -> bool {
        let Changes { added, removed } = &self.changes;
        !removed.contains(at) && (added.contains(at) || self.holds_weekly_at(clamped(at)))
    }

    fn holds_weekly_at(&self, at: UnixMillis) -> bool {
        self.week.is_always() || self.instances(at, at, 0).any(|window| window.contains(at))
    }

    /// The window a moment lies in, whole: touching windows are one. [`Interval::ALWAYS`] if it always holds.
    pub fn window_at(&self, at: UnixMillis) -> Option<Interval> {
        let mut window = self.around(at, at).at(at)?;
        // What an exception adds may join windows that lay apart, at either end: until nothing is joined. Between its ends
        // it holds, whatever there is.
        loop {
            let ends = self.around(window.from, window.from).union(&self.around(window.to, window.to));
            let wider = ends.union(&Intervals::from_iter([window])).at(at)?;
            if wider == window {
                return Some(window);
            }
            window = wider;
        }
    }

    /// The first window that begins after a moment; nothing if none does.
    pub fn next_window(&self, after: UnixMillis) -> Option<Interval> {
        // A skip of the clocks can swallow a window: of two weeks it leaves one.
        let weeks = (2 * WEEK_MIN + 2 * SKIP_MIN) * 60;
        // They tell what comes until the next exception begins or ends: after each of these, others do.
        let begin = std::iter::once(after).chain(self.changes.edges_after(after)).find_map(|horizon| {
            let until = horizon.plus_s(weeks);
            let begins = |window: &Interval| {
                // Beyond the horizon there may be more windows than were looked at.
                after < window.from && horizon <= window.from && window.from <= until
            };
            self.around(horizon, until).into_iter().find(begins)
        })?;
        self.window_at(begin.from)
    }

    /// The first moment after `after` at which it begins or ceases to hold; nothing if it never does.
    pub fn next_change(&self, after: UnixMillis) -> Option<UnixMillis> {
        match self.window_at(after) {
            Some(window) => (window.to != Interval::ALWAYS.to).then_some(window.to),
            None => self.next_window(after).map(|window| window.from),
        }
    }

    /// When it holds within [`from`, `to`), cut off at both ends.
    pub fn intervals(&self, from: UnixMillis, to: UnixMillis) -> Intervals {
        let within = Intervals::from_iter([Interval::new(from, to)]);
        self.around(from, to).intersection(&within)
    }

    /// When it holds: exact within [`from`, `to`], and the windows there are whole where no exception joins more.
    fn around(&self, from: UnixMillis, to: UnixMillis) -> Intervals {
        let weekly = if self.week.is_always() {
            Intervals::from_iter([Interval::ALWAYS])
        } else {
            // A skip of the clocks can swallow the gap between two windows.
            self.instances(clamped(from), clamped(to), 2 * self.week.longest_min() + SKIP_MIN).collect()
        };
        self.changes.apply(&weekly)
    }

    /// The week's windows as moments, as many as can touch [`from`, `to`] widened by `margin_min` on both sides.
    fn instances(
        &self,
        from: UnixMillis,
        to: UnixMillis,
        margin_min: i64,
    ) -> impl Iterator<Item = Interval> + '_ {
        let monday = monday_of(self.local_date(from));
        let minute_of = |at: UnixMillis| {
            let local = self.zone.to_datetime(timestamp(at));
            let days = i64::from(monday.until(local.date()).map_or(0, |span| span.get_days()));
            days * DAY_MIN + i64::from(local.hour()) * 60 + i64::from(local.minute())
        };
        let (first, last) = (minute_of(from) - SKIP_MIN - margin_min, minute_of(to) + SKIP_MIN + margin_min);
        self.week
            .windows_touching(first, last)
            .map(move |(begin, end)| Interval::new(self.moment(monday, begin), self.moment(monday, end)))
    }

    fn local_date(&self, at: UnixMillis) -> Date {
        self.zone.to_datetime(timestamp(at)).date()
    }

    /// The moment of a local time, given in minutes since the begin of `monday`.
    fn moment(&self, monday: Date, minute: i64) -> UnixMillis {
        let (day, minute) = (minute.div_euclid(DAY_MIN), minute.rem_euclid(DAY_MIN));
        let date = monday.saturating_add(day.days());
        let local = date.at((minute / 60) as i8, (minute % 60) as i8, 0, 0);
        let (offset, skipped) = match self.zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => {
                (offset, false)
            }
            AmbiguousOffset::Gap { before, .. } => (before, true),
        };
        let at = offset.to_timestamp(local).unwrap_or(Timestamp::MAX);
        if skipped
            && let Ok(after) = at.checked_add(1.nanosecond())
            && let Some(skip) = self.zone.preceding(after).next()
        {
            return UnixMillis(skip.timestamp().as_millisecond());
        }
        UnixMillis(at.as_millisecond())
    }
}

fn clamped(at: UnixMillis) -> UnixMillis {
    UnixMillis(at.0.clamp(MILLIS_MIN, MILLIS_MAX))
}

fn timestamp(at: UnixMillis) -> Timestamp {
    Timestamp::from_millisecond(at.0).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn monday_of(date: Date) -> Date {
    date.saturating_sub(i64::from(date.weekday().to_monday_zero_offset()).days())
}

#[cfg(test)]
mod tests;

//! The board's own time: milliseconds since it started, which only grow.
//!
//! All timers run by it. What a record says about the time of day is the core's `clock`: a wrong time of day delays nothing
//! and reorders nothing.

/// A moment since the start. Not a time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Uptime(i64);

impl Uptime {
    /// The start.
    pub const START: Self = Self(0);

    /// `millis` after the start.
    pub const fn from_ms(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds after the start.
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// This moment and `millis` more.
    #[must_use]
    #[inline(never)]
    pub const fn plus_ms(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// This moment and `seconds` more.
    #[must_use]
    #[inline(never)]
    pub const fn plus_s(self, seconds: u32) -> Self {
        Self(self.0.saturating_add(seconds as i64 * 1000))
    }

    /// Milliseconds from `earlier` to this moment.
    #[inline(never)]
    pub const fn since_ms(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Whole seconds from `earlier` to this moment.
    pub const fn since_s(self, earlier: Self) -> i64 {
        self.since_ms(earlier) / 1000
    }
}

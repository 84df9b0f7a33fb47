//! Calendar dates to Unix time, checked.

use lenke_wire::UnixMillis;

/// A moment as receivers write it, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Of our era.
    pub year: i64,
    /// From 1.
    pub month: i64,
    /// From 1.
    pub day: i64,
    /// Milliseconds since midnight; the leap second's reach beyond the day's last.
    pub of_day_ms: i64,
}

/// A day and its leap second.
const DAY_MS_MAX: i64 = 86_401_000;

impl Moment {
    /// `None` if there is no such moment between 1980, when GPS time starts, and 2099.
    pub fn to_unix(self) -> Option<UnixMillis> {
        let Self { year, month, day, of_day_ms } = self;
        if !(1980..2100).contains(&year) || !(0..DAY_MS_MAX).contains(&of_day_ms) {
            return None;
        }
        // Within these years every fourth is a leap year.
        let length = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if year % 4 == 0 => 29,
            2 => 28,
            _ => return None,
        };
        if !(1..=length).contains(&day) {
            return None;
        }
        Some(UnixMillis(days_since_1970(year, month, day) * 86_400_000 + of_day_ms))
    }
}

/// Counts from 1 March, so that the leap day is a year's last: Hinnant, "chrono-compatible low-level date algorithms".
/// The years in question need no correction for centuries but that of 1970's era, a constant.
const fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    // 1 March 1976 is day 2251.
    2251 + (year - 1976) * 365 + (year - 1976).div_euclid(4) + day_of_year
}

/// Milliseconds since midnight; `None` if no clock shows this.
pub const fn of_day_ms(hour: i64, minute: i64, second_ms: i64) -> Option<i64> {
    // Second 60 is a leap second.
    if hour < 0 || hour > 23 || minute < 0 || minute > 59 || second_ms < 0 || second_ms >= 61_000 {
        return None;
    }
    Some((hour * 60 + minute) * 60_000 + second_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unix_s(year: i64, month: i64, day: i64) -> Option<i64> {
        Moment { year, month, day, of_day_ms: 0 }.to_unix().map(|at| at.0 / 1000)
    }

    #[test]
    fn known_days_have_their_unix_time() {
        assert_eq!(unix_s(1980, 1, 6), Some(315_964_800));
        assert_eq!(unix_s(2000, 2, 29), Some(951_782_400));
        assert_eq!(unix_s(2000, 3, 1), Some(951_868_800));
        assert_eq!(unix_s(2026, 11, 21), Some(1_795_219_200));
        assert_eq!(unix_s(2099, 12, 31), Some(4_102_358_400));
    }

    #[test]
    fn days_follow_each_other_without_gap() {
        let mut last = unix_s(1979 + 1, 1, 1).unwrap() - 86_400;
        let mut count = 0;
        for year in 1980..2100 {
            for month in 1..=12 {
                for day in 1..=31 {
                    let Some(at) = unix_s(year, month, day) else { continue };
                    assert_eq!(at, last + 86_400, "{year}-{month}-{day}");
                    last = at;
                    count += 1;
                }
            }
        }
        assert_eq!(count, 120 * 365 + 30);
    }

    #[test]
    fn days_that_are_none_are_refused() {
        for (year, month, day) in
            [(2025, 2, 29), (2025, 6, 31), (2025, 13, 1), (2025, 0, 1), (2025, 1, 0), (1979, 1, 1)]
        {
            assert_eq!(unix_s(year, month, day), None);
        }
        assert_eq!(of_day_ms(24, 0, 0), None);
        assert_eq!(of_day_ms(23, 59, 60_999), Some(86_400_999));
    }
}

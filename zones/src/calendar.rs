//! Days of a place: of 23, 24 or 25 hours, as its clocks have it.

use crate::interval::Interval;
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use lenke_wire::UnixMillis;

/// Days that one question answers at most; later ones are left out.
pub const DAYS_MAX: usize = 1_000;

/// There is no such time zone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no time zone {0:?}")]
pub struct CalendarError(pub String);

/// The calendar of a time zone.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: TimeZone,
}

/// One day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    date: Date,
    /// From its first moment to the first of the next day.
    pub interval: Interval,
}

impl Day {
    /// Year, month and day, such as 2026-11-22.
    pub fn date(&self) -> String {
        self.date.to_string()
    }

    /// 1 = Monday ... 7 = Sunday.
    pub fn weekday(&self) -> u8 {
        self.date.weekday().to_monday_one_offset().unsigned_abs()
    }
}

impl Calendar {
    /// The calendar of the time zone with this IANA name, such as Europe/Oslo.
    ///
    /// # Errors
    /// There is none of this name.
    pub fn new(name: &str) -> Result<Self, CalendarError> {
        TimeZone::get(name).map(|zone| Self { zone }).map_err(|_| CalendarError(name.to_owned()))
    }

    /// Every day that shares a moment with `within`, whole and in order, up to [`DAYS_MAX`].
    pub fn days(&self, within: Interval) -> Vec<Day> {
        let mut days = Vec::new();
        if within.is_empty() {
            return days;
        }
        let mut date = self.zone.to_datetime(timestamp(within.from)).date();
        while days.len() < DAYS_MAX {
            let next = date.saturating_add(1.day());
            let interval = Interval::new(self.begin(date), self.begin(next));
            if interval.from >= within.to || next == date {
                break;
            }
            // A day that the clocks skip has no moment.
            if !interval.is_empty() {
                days.push(Day { date, interval });
            }
            date = next;
        }
        days
    }

    /// The moment in local time, such as 2026-11-22 14:05:09.
    pub fn local(&self, at: UnixMillis) -> String {
        self.zone.to_datetime(timestamp(at)).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    fn begin(&self, date: Date) -> UnixMillis {
        let midnight = self.zone.to_ambiguous_zoned(date.at(0, 0, 0, 0)).compatible();
        UnixMillis(midnight.map_or(Timestamp::MAX, |zoned| zoned.timestamp()).as_millisecond())
    }
}

fn timestamp(at: UnixMillis) -> Timestamp {
    let (least, most) = (Timestamp::MIN.as_millisecond(), Timestamp::MAX.as_millisecond());
    Timestamp::from_millisecond(at.0.clamp(least, most)).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UnixMillis {
        UnixMillis(text.parse::<Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn days_follow_each_other_without_a_gap_and_are_as_long_as_the_clocks_make_them() {
        let calendar = Calendar::new("Europe/Oslo").unwrap();
        for (from, to, hours) in [
            ("2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z", [24, 23, 24]),
            ("2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z", [24, 25, 24]),
        ] {
            let days = calendar.days(Interval::new(at(from), at(to)));
            assert_eq!(
                days.iter().map(|day| day.interval.length_ms() / 3_600_000).collect::<Vec<_>>(),
                hours
            );
            assert!(days.windows(2).all(|pair| pair[0].interval.to == pair[1].interval.from));
        }
        let days = calendar.days(Interval::new(at("2026-03-28T12:00:00Z"), at("2026-03-28T12:00:01Z")));
        assert_eq!(days.iter().map(Day::date).collect::<Vec<_>>(), ["2026-03-28"]);
        assert_eq!(days[0].weekday(), 6);
        assert_eq!(calendar.local(at("2026-03-28T12:00:05Z")), "2026-03-28 13:00:05");
    }

    #[test]
    fn an_unknown_time_zone_is_named_and_no_time_has_no_days() {
        assert_eq!(
            Calendar::new("Europe/Atlantis").unwrap_err(),
            CalendarError("Europe/Atlantis".to_owned())
        );
        let calendar = Calendar::new("Europe/Oslo").unwrap();
        assert!(calendar.days(Interval::new(UnixMillis(5), UnixMillis(5))).is_empty());
        assert_eq!(calendar.days(Interval::new(UnixMillis(0), UnixMillis(i64::MAX))).len(), DAYS_MAX);
    }

    #[test]
    fn a_day_that_the_clocks_skipped_is_left_out() {
        let calendar = Calendar::new("Pacific/Apia").unwrap();
        let days = calendar.days(Interval::new(at("2011-12-29T12:00:00Z"), at("2011-12-31T12:00:00Z")));
        let dates: Vec<_> = days.iter().map(Day::date).collect();
        assert!(!dates.contains(&"2011-12-30".to_owned()), "{dates:?}");
        assert!(days.windows(2).all(|pair| pair[0].interval.to == pair[1].interval.from));
    }
}

//! When a condition holds.

use serde::{Deserialize, Serialize};

/// Weekly windows in an IANA time zone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    /// IANA name, such as Europe/Oslo.
    pub time_zone: String,
    /// Windows of the week.
    pub windows: Vec<WeeklyWindow>,
}

/// `from` to `to` on `weekday`; `to` <= `from` runs into the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeeklyWindow {
    /// 1 = Monday ... 7 = Sunday.
    pub weekday: u8,
    /// Minute of the day it begins, 0..1440.
    pub from_min: u16,
    /// Minute of the day it ends, 1..=1440.
    pub to_min: u16,
}

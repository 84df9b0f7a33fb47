//! The supervision plan as a device follows it.

use super::{COMMAND_DOMAIN, sealed};
use crate::{
    cbor::Fields,
    codec::{DecodeError, EncodeError, Writer, required},
    downlink::CommandKind,
};

/// Shortest collect and transmit interval.
pub const INTERVAL_S_MIN: u32 = 1;
/// Longest interval of any kind: a day.
pub const INTERVAL_S_MAX: u32 = 86_400;

/// How a device supervises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Number of this plan, counted up by the centre; 0 is the built-in one.
    pub version: u32,
    /// The plan this one replaces; a device that follows another refuses it.
    pub base_version: u32,
    /// Seconds from fix to fix.
    pub collect_s: u32,
    /// Seconds from report to report of fixes.
    pub transmit_s: u32,
    /// Seconds without a fix until that is an event.
    pub no_fix_s: u32,
    /// Percent at which the battery counts as low.
    pub battery_low: u8,
    /// Percent at which the battery counts as critical; below `battery_low`.
    pub battery_critical: u8,
    /// What circumstances make of the collect interval.
    pub rates: Rates,
}

/// Seconds from fix to fix in special circumstances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// While nothing moves the device.
    pub still_s: u32,
    /// Near a zone's boundary.
    pub near_s: u32,
    /// In pursuit, and while an alarm lasts; transmitted at once.
    pub pursuit_s: u32,
    /// At home, where the beacon silences GNSS: seconds from spot check to spot check.
    pub home_check_s: u32,
    /// Percent of battery below which only alarms are sent; at most `battery_critical`.
    pub battery_reserve: u8,
}

impl Rates {
    /// What the centre sends where nobody has set anything else.
    pub const DEFAULT: Self =
        Self { still_s: 600, near_s: 10, pursuit_s: 5, home_check_s: 3_600, battery_reserve: 4 };
}

impl Default for Rates {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Plan {
    /// Every interval within its limits, collect not above transmit, reserve not above critical, critical below low.
    pub fn is_valid(&self) -> bool {
        let intervals = INTERVAL_S_MIN..=INTERVAL_S_MAX;
        let Rates { still_s, near_s, pursuit_s, home_check_s, battery_reserve } = self.rates;
        [self.collect_s, self.transmit_s, self.no_fix_s, still_s, near_s, pursuit_s, home_check_s]
            .iter()
            .all(|interval| intervals.contains(interval))
            && self.collect_s <= self.transmit_s
            && battery_reserve <= self.battery_critical
            && self.battery_critical < self.battery_low
            && self.battery_low <= 100
    }
}

impl sealed::Body for Plan {
    const DOMAIN: &'static [u8] = COMMAND_DOMAIN;
    const KIND: Option<u8> = Some(CommandKind::Plan as u8);

    fn encode(&self, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
        if !self.is_valid() {
            return Err(EncodeError::Value);
        }
        let Rates { still_s, near_s, pursuit_s, home_check_s, battery_reserve } = self.rates;
        writer.map(12)?;
        for (key, value) in (3_u8..).zip([
            self.version,
            self.base_version,
            self.collect_s,
            self.transmit_s,
            self.no_fix_s,
            self.battery_low.into(),
            self.battery_critical.into(),
            still_s,
            near_s,
            pursuit_s,
            home_check_s,
            battery_reserve.into(),
        ]) {
            writer.u8(key)?.u32(value)?;
        }
        Ok(())
    }

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        let mut fields = Fields::open(body)?;
        let mut values = [None; 12];
        while let Some(key) = fields.next_key()? {
            match key {
                8 | 9 | 14 => values[key as usize - 3] = Some(fields.at_most::<u32>(100)?),
                3..15 => values[key as usize - 3] = Some(fields.number::<u32>()?),
                _ => fields.skip()?,
            }
        }
        let value = |key: u8| required(values[usize::from(key) - 3], key);
        // At most 100, as read.
        let percent = |key: u8| value(key).map(|percent| percent as u8);
        let plan = Self {
            version: value(3)?,
            base_version: value(4)?,
            collect_s: value(5)?,
            transmit_s: value(6)?,
            no_fix_s: value(7)?,
            battery_low: percent(8)?,
            battery_critical: percent(9)?,
            rates: Rates {
                still_s: value(10)?,
                near_s: value(11)?,
                pursuit_s: value(12)?,
                home_check_s: value(13)?,
                battery_reserve: percent(14)?,
            },
        };
        if plan.is_valid() { Ok(plan) } else { Err(DecodeError::Plan) }
    }
}

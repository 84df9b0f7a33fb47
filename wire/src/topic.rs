//! MQTT topic names: `lenke/v1/{device}/up/live`, `.../up/backlog`, `.../down`, `.../state`.
//!
//! A device publishes and subscribes only below its own id; the front door and the broker's access list hold it to that.

use crate::DeviceId;
use core::fmt;

/// Subscription filter for live reports of all devices.
pub const UP_LIVE_FILTER: &str = "lenke/v1/+/up/live";
/// Subscription filter for backlog reports of all devices.
pub const UP_BACKLOG_FILTER: &str = "lenke/v1/+/up/backlog";

const PREFIX: &str = "lenke/v1/";

/// Which way a report takes through topic, ingest and store: a backlog never delays what is live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "snake_case"))]
pub enum Lane {
    /// Alarms and what is news.
    Live,
    /// What an outage held back.
    Backlog,
}

/// A topic of one device; `Display` writes its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topic {
    device: DeviceId,
    tail: &'static str,
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}/{}", self.device, self.tail)
    }
}

/// Where a device publishes reports.
pub const fn up(device: DeviceId, lane: Lane) -> Topic {
    Topic {
        device,
        tail: match lane {
            Lane::Live => "up/live",
            Lane::Backlog => "up/backlog",
        },
    }
}

/// Where a device hears from the centre.
pub const fn down(device: DeviceId) -> Topic {
    Topic { device, tail: "down" }
}

/// Where a device's last will says that its connection is gone.
pub const fn state(device: DeviceId) -> Topic {
    Topic { device, tail: "state" }
}

/// Why a topic is not one that reports come in on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TopicError {
    /// Not below `lenke/v1/`.
    Prefix,
    /// What stands in the device's place is no device id.
    Device,
    /// Neither `up/live` nor `up/backlog`.
    Lane,
}

impl fmt::Display for TopicError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Prefix => "the topic is not below lenke/v1/",
            Self::Device => "the topic names no device",
            Self::Lane => "the topic is neither up/live nor up/backlog",
        })
    }
}

impl core::error::Error for TopicError {}

/// Reads the topic of a report.
///
/// # Errors
/// The part that is wrong.
pub fn parse_up(topic: &str) -> Result<(DeviceId, Lane), TopicError> {
    let rest = topic.strip_prefix(PREFIX).ok_or(TopicError::Prefix)?;
    let (device, tail) = rest.split_once('/').ok_or(TopicError::Lane)?;
    let device = device.parse().map_err(|_| TopicError::Device)?;
    match tail {
        "up/live" => Ok((device, Lane::Live)),
        "up/backlog" => Ok((device, Lane::Backlog)),
        _ => Err(TopicError::Lane),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn report_topics_round_trip() {
        let device = DeviceId::new(42);
        assert_eq!(up(device, Lane::Live).to_string(), "lenke/v1/lk000042/up/live");
        assert_eq!(up(device, Lane::Backlog).to_string(), "lenke/v1/lk000042/up/backlog");
        assert_eq!(down(device).to_string(), "lenke/v1/lk000042/down");
        assert_eq!(state(device).to_string(), "lenke/v1/lk000042/state");
        for lane in [Lane::Live, Lane::Backlog] {
            assert_eq!(parse_up(&up(device, lane).to_string()), Ok((device, lane)));
        }
    }

    #[test]
    fn a_foreign_topic_is_refused_with_the_wrong_part_named() {
        for (topic, error) in [
            ("", TopicError::Prefix),
            ("lenke/v2/lk000042/up/live", TopicError::Prefix),
            ("lenke/v1/lk42/up/live", TopicError::Device),
            ("lenke/v1//up/live", TopicError::Device),
            ("lenke/v1/lk000042", TopicError::Lane),
            ("lenke/v1/lk000042/down", TopicError::Lane),
            ("lenke/v1/lk000042/up/live/", TopicError::Lane),
        ] {
            assert_eq!(parse_up(topic), Err(error), "{topic}");
        }
    }
}

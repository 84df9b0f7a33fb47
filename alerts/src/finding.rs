//! What a monitor found, and why: the operator, the wearer's lawyer and the court read the same explanation.

use crate::{AlertKind, ConditionId, OrderId, PermissionReason, Subject};
use lenke_wire::{DeviceId, FrameId, Position, UnixMillis};
use lenke_zones::{WearerId, ZoneId};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};

/// Deterministic: the same facts give the same id, so a replay or a failover raises nothing twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AlertId(pub [u8; 16]);

impl fmt::Display for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an alert id is 32 lower-case hexadecimal digits")]
pub struct AlertIdError;

impl FromStr for AlertId {
    type Err = AlertIdError;

    fn from_str(text: &str) -> Result<Self, AlertIdError> {
        let digits = text.as_bytes();
        if digits.len() != 32 {
            return Err(AlertIdError);
        }
        let mut id = [0; 16];
        for (byte, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
            let value = |digit: u8| match digit {
                b'0'..=b'9' => Ok(digit - b'0'),
                b'a'..=b'f' => Ok(digit - b'a' + 10),
                _ => Err(AlertIdError),
            };
            *byte = value(pair[0])? << 4 | value(pair[1])?;
        }
        Ok(Self(id))
    }
}

impl Serialize for AlertId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for AlertId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// A zone as it was when the decision was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ZoneRef {
    /// Identity.
    pub id: ZoneId,
    /// Version that was evaluated.
    pub version: u32,
    /// What operators call it.
    pub name: String,
}

/// A permission that exempts the wearer, or that had until a moment ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermissionRef {
    /// The condition that it is.
    pub id: ConditionId,
    /// Why it was given.
    pub reason: PermissionReason,
    /// When it runs out.
    pub to: UnixMillis,
}

/// One fix that a decision rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FixEvidence {
    /// Device that reported it.
    pub device: DeviceId,
    /// Frame it came in.
    pub frame: FrameId,
    /// When it was taken.
    pub at: UnixMillis,
    /// Where.
    pub position: Position,
    /// 68 % radius, metres.
    pub accuracy_m: f64,
    /// To the zone's boundary, metres; positive inside.
    pub signed_distance_m: Option<f64>,
    /// Probability of having been inside.
    pub probability: Option<f64>,
}

/// Why, as a code with its figures; the console puts it into words in the reader's language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "code")]
pub enum Reason {
    /// One fix was surely inside.
    InsideSurely {
        /// Probability of having been inside.
        probability: f64,
        /// Metres inside the boundary.
        depth_m: f64,
    },
    /// Several of the last fixes were probably inside.
    InsideRepeatedly {
        /// Fixes that were.
        hits: u8,
        /// Fixes looked at.
        window: u8,
        /// Metres inside the boundary at the last.
        depth_m: f64,
    },
    /// In the warning strip.
    InBuffer {
        /// Metres to the boundary.
        distance_m: f64,
        /// Width of the strip, metres.
        buffer_m: f64,
    },
    /// The path between two fixes outside crossed the zone.
    PathCrossed {
        /// Length inside, metres.
        chord_m: f64,
        /// Interpolated entry.
        entered_at: UnixMillis,
        /// Interpolated exit.
        left_at: UnixMillis,
    },
    /// The curfew began and the wearer was elsewhere.
    NotHome {
        /// Metres from home's boundary at the last fix, if known.
        distance_m: Option<f64>,
        /// Begin of the curfew window.
        curfew_from: UnixMillis,
        /// Grace, seconds.
        grace_s: u32,
    },
    /// Came home after the window began.
    CameLate {
        /// Seconds late.
        late_s: i64,
        /// Begin of the curfew window.
        curfew_from: UnixMillis,
    },
    /// Left home during the window.
    LeftHome {
        /// Metres from home's boundary.
        distance_m: f64,
        /// End of the curfew window.
        curfew_to: UnixMillis,
    },
    /// No evidence of presence or absence.
    NoEvidence {
        /// Seconds without.
        silent_s: i64,
    },
    /// Close to the protected person. The distance is a band: nobody may compute the victim's place from it.
    NearVictim {
        /// Upper end of the distance band, metres.
        within_m: f64,
        /// Ring that was crossed, metres.
        ring_m: f64,
        /// Seconds until they meet at this speed, if closing in.
        contact_s: Option<i64>,
    },
    /// The protected person cannot be protected right now.
    Blind {
        /// Seconds since the last position of the victim unit, if any.
        victim_age_s: Option<i64>,
        /// Seconds since the last position of the tag, if any.
        wearer_age_s: Option<i64>,
    },
    /// The device says so itself.
    DeviceReported {
        /// The event's number, whose meaning its kind gives.
        value: i32,
    },
    /// Battery below a mark.
    Battery {
        /// Percent.
        percent: u8,
        /// When it will be empty, if that can be told.
        empty_at: Option<UnixMillis>,
    },
    /// Nothing heard.
    Silent {
        /// Last time the device was heard, if ever.
        last_heard: Option<UnixMillis>,
        /// Seconds that the plan allows.
        allowed_s: u32,
    },
    /// Heard, but without a usable fix.
    NoFix {
        /// Last usable fix, if ever.
        last_fix: Option<UnixMillis>,
        /// Seconds that the plan allows.
        allowed_s: u32,
    },
    /// Ingest refused something that should not exist.
    Refused {
        /// Which rule, such as `conflicting_bytes`.
        rule: String,
    },
}

/// Everything a reader needs to follow the decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// Rule and its version, such as `exclusion.confirm/1`.
    pub rule: String,
    /// Why.
    pub reason: Reason,
    /// The zone, where one is concerned.
    pub zone: Option<ZoneRef>,
    /// The permission for the zone that ran out last, if that was within a day before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission: Option<PermissionRef>,
    /// The fixes it rests on, oldest first. Never a protected person's.
    pub fixes: Vec<FixEvidence>,
}

/// What a monitor found: becomes an alert, or one more occurrence of an open one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Deterministic identity.
    pub id: AlertId,
    /// Whom it concerns.
    pub wearer: WearerId,
    /// Under which order.
    pub order: OrderId,
    /// What.
    pub kind: AlertKind,
    /// What it is about, besides the wearer.
    #[serde(default)]
    pub subject: Subject,
    /// When it happened.
    pub occurred_at: UnixMillis,
    /// When the centre came to know.
    pub known_at: UnixMillis,
    /// It lies in the past: a backlog brought it.
    pub late: bool,
    /// Where the wearer was, if known.
    pub position: Option<Position>,
    /// Why.
    pub explanation: Explanation,
}

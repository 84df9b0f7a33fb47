//! Why an alert fired, as a code with its figures; the pages put it into words in the reader's language.

use lenke_alerts::Reason;
use serde::Serialize;
use utoipa::ToSchema;

/// Why, as a code with its figures. Times are milliseconds of Unix time.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "code")]
#[schema(as = Reason)]
pub(crate) enum ReasonView {
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
        entered_at: i64,
        /// Interpolated exit.
        left_at: i64,
    },
    /// The curfew began and the wearer was elsewhere.
    NotHome {
        /// Metres from home's boundary at the last fix, if known.
        distance_m: Option<f64>,
        /// Begin of the curfew window.
        curfew_from: i64,
        /// Grace, seconds.
        grace_s: u32,
    },
    /// Came home after the window began.
    CameLate {
        /// Seconds late.
        late_s: i64,
        /// Begin of the curfew window.
        curfew_from: i64,
    },
    /// Left home during the window.
    LeftHome {
        /// Metres from home's boundary.
        distance_m: f64,
        /// End of the curfew window.
        curfew_to: i64,
    },
    /// No evidence of presence or absence.
    NoEvidence {
        /// Seconds without.
        silent_s: i64,
    },
    /// Close to the protected person, within a band that hides the exact distance.
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
        empty_at: Option<i64>,
    },
    /// Nothing heard.
    Silent {
        /// Last time the device was heard, if ever.
        last_heard: Option<i64>,
        /// Seconds that the plan allows.
        allowed_s: u32,
    },
    /// Heard, but without a usable fix.
    NoFix {
        /// Last usable fix, if ever.
        last_fix: Option<i64>,
        /// Seconds that the plan allows.
        allowed_s: u32,
    },
    /// Ingest refused something that should not exist.
    Refused {
        /// Which rule, such as `conflicting_bytes`.
        rule: String,
    },
}

impl From<&Reason> for ReasonView {
    fn from(reason: &Reason) -> Self {
        let millis = |at: lenke_wire::UnixMillis| at.0;
        match *reason {
            Reason::InsideSurely { probability, depth_m } => Self::InsideSurely { probability, depth_m },
            Reason::InsideRepeatedly { hits, window, depth_m } => {
                Self::InsideRepeatedly { hits, window, depth_m }
            }
            Reason::InBuffer { distance_m, buffer_m } => Self::InBuffer { distance_m, buffer_m },
            Reason::PathCrossed { chord_m, entered_at, left_at } => {
                Self::PathCrossed { chord_m, entered_at: entered_at.0, left_at: left_at.0 }
            }
            Reason::NotHome { distance_m, curfew_from, grace_s } => {
                Self::NotHome { distance_m, curfew_from: curfew_from.0, grace_s }
            }
            Reason::CameLate { late_s, curfew_from } => Self::CameLate { late_s, curfew_from: curfew_from.0 },
            Reason::LeftHome { distance_m, curfew_to } => {
                Self::LeftHome { distance_m, curfew_to: curfew_to.0 }
            }
            Reason::NoEvidence { silent_s } => Self::NoEvidence { silent_s },
            Reason::NearVictim { within_m, ring_m, contact_s } => {
                Self::NearVictim { within_m, ring_m, contact_s }
            }
            Reason::Blind { victim_age_s, wearer_age_s } => Self::Blind { victim_age_s, wearer_age_s },
            Reason::DeviceReported { value } => Self::DeviceReported { value },
            Reason::Battery { percent, empty_at } => {
                Self::Battery { percent, empty_at: empty_at.map(millis) }
            }
            Reason::Silent { last_heard, allowed_s } => {
                Self::Silent { last_heard: last_heard.map(millis), allowed_s }
            }
            Reason::NoFix { last_fix, allowed_s } => {
                Self::NoFix { last_fix: last_fix.map(millis), allowed_s }
            }
            Reason::Refused { ref rule } => Self::Refused { rule: rule.clone() },
        }
    }
}

//! What a zone is.

use crate::{GroupId, Metres, WearerId, ZoneId, geometry::Geometry, schedule::Schedule};
use lenke_wire::UnixMillis;
use serde::{Deserialize, Serialize};

/// No warning strip may be wider, metres.
pub const BUFFER_M_MAX: f64 = 50_000.0;
/// No zone's name may be longer, bytes.
pub const NAME_BYTES_MAX: usize = 200;

/// Whether the wearer must stay out or stay in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZoneKind {
    /// The wearer must not be inside.
    Exclusion,
    /// The wearer must be inside while the schedule holds (home, workplace).
    Inclusion,
}

/// Who a zone holds for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assignment {
    /// One wearer's own zone.
    Personal(WearerId),
    /// Every wearer of any of these groups.
    Shared(Vec<GroupId>),
}

/// When fixes inside become a confirmed stay; every change is a new version.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfirmPolicy {
    /// Version of the policy, shown with every decision it made.
    pub version: u32,
    /// One fix with at least this probability confirms at once.
    pub confirm_at: f64,
    /// A fix with at least this probability counts as a hit.
    pub suspect_at: f64,
    /// This many hits ...
    pub hits: u8,
    /// ... of the last so many fixes confirm.
    pub window: u8,
}

impl Default for ConfirmPolicy {
    fn default() -> Self {
        Self { version: 1, confirm_at: 0.95, suspect_at: 0.5, hits: 2, window: 3 }
    }
}

/// A court-ordered area in one of its versions. [`Zone::validated`] and deserialization refuse what [`ZoneError`] lists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Zone {
    /// Identity over all versions.
    pub id: ZoneId,
    /// Counted from 1; a change is a new version.
    pub version: u32,
    /// What operators call it. No victim's name or address.
    pub name: String,
    /// Stay out or stay in.
    pub kind: ZoneKind,
    /// Where it is.
    pub geometry: Geometry,
    /// Width of the warning strip around it; 0 for none.
    pub buffer: Metres,
    /// When fixes become a stay.
    pub policy: ConfirmPolicy,
    /// When it holds; always if absent.
    pub schedule: Option<Schedule>,
    /// For whom it holds.
    pub assignment: Assignment,
}

/// A zone that is refused.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum ZoneError {
    /// Versions count from 1.
    #[error("a zone's versions count from 1")]
    Version,
    /// The name is empty or too long.
    #[error("a zone's name has 1 to {NAME_BYTES_MAX} bytes")]
    Name,
    /// The buffer is not a number from 0 on, or too wide.
    #[error("the buffer of {0} m is not within 0 to {BUFFER_M_MAX} m")]
    Buffer(f64),
    /// A probability of the policy is not above 0 and at most 1.
    #[error("the policy's probability {0} is not above 0 and at most 1")]
    Probability(f64),
    /// Suspicion would need more certainty than confirmation.
    #[error("the policy suspects at {suspect_at}, which is above the {confirm_at} it confirms at")]
    SuspectAboveConfirm {
        /// As given.
        suspect_at: f64,
        /// As given.
        confirm_at: f64,
    },
    /// The policy wants no hit, or more hits than fixes.
    #[error("the policy wants {hits} hits of {window} fixes")]
    Hits {
        /// As given.
        hits: u8,
        /// As given.
        window: u8,
    },
    /// A shared zone without a group would hold for nobody.
    #[error("a shared zone names at least one group")]
    NoGroup,
}

impl ConfirmPolicy {
    /// The policy, if it makes sense.
    ///
    /// # Errors
    /// What does not.
    pub fn validated(self) -> Result<Self, ZoneError> {
        for probability in [self.confirm_at, self.suspect_at] {
            if !(probability > 0.0 && probability <= 1.0) {
                return Err(ZoneError::Probability(probability));
            }
        }
        if self.suspect_at > self.confirm_at {
            let Self { suspect_at, confirm_at, .. } = self;
            return Err(ZoneError::SuspectAboveConfirm { suspect_at, confirm_at });
        }
        if self.hits == 0 || self.hits > self.window {
            return Err(ZoneError::Hits { hits: self.hits, window: self.window });
        }
        Ok(self)
    }
}

impl Zone {
    /// The zone, if it makes sense. Its geometry and schedule do by construction.
    ///
    /// # Errors
    /// What does not.
    pub fn validated(self) -> Result<Self, ZoneError> {
        if self.version == 0 {
            return Err(ZoneError::Version);
        }
        if self.name.trim().is_empty() || self.name.len() > NAME_BYTES_MAX {
            return Err(ZoneError::Name);
        }
        check_buffer(self.buffer)?;
        self.policy.validated()?;
        match &self.assignment {
            Assignment::Shared(groups) if groups.is_empty() => Err(ZoneError::NoGroup),
            Assignment::Shared(_) | Assignment::Personal(_) => Ok(self),
        }
    }

    /// Whether it holds at a moment: always, or while its schedule does.
    pub fn holds_at(&self, at: UnixMillis) -> bool {
        self.schedule.as_ref().is_none_or(|schedule| schedule.holds_at(at))
    }
}

/// Whether a warning strip has a width that makes sense.
pub(crate) fn check_buffer(buffer: Metres) -> Result<(), ZoneError> {
    if (0.0..=BUFFER_M_MAX).contains(&buffer.0) { Ok(()) } else { Err(ZoneError::Buffer(buffer.0)) }
}

/// The serialized form, before it is looked at.
#[derive(Deserialize)]
struct Unchecked {
    id: ZoneId,
    version: u32,
    name: String,
    kind: ZoneKind,
    geometry: Geometry,
    buffer: Metres,
    policy: ConfirmPolicy,
    schedule: Option<Schedule>,
    assignment: Assignment,
}

impl TryFrom<Unchecked> for Zone {
    type Error = ZoneError;

    fn try_from(zone: Unchecked) -> Result<Self, ZoneError> {
        let Unchecked { id, version, name, kind, geometry, buffer, policy, schedule, assignment } = zone;
        Self { id, version, name, kind, geometry, buffer, policy, schedule, assignment }.validated()
    }
}

#[cfg(test)]
mod tests;

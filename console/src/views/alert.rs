//! An alert as operators see it.

use super::{
    WearerText, ZoneText,
    place::{Frame, Place},
    reason::ReasonView,
};
use lenke_alerts::{
    Alert, AlertKind, AlertState, Explanation, FixEvidence, PermissionReason, PermissionRef, Subject,
    TimelineEntry, ZoneRef,
    alert::{Change, Outcome},
};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, schema::Schema},
};

/// What happened; the codes are those of evaluation.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct KindView(pub(crate) AlertKind);

impl PartialSchema for KindView {
    fn schema() -> RefOr<Schema> {
        let codes = AlertKind::ALL.iter().map(|kind| kind.code());
        ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("What happened"))
            .enum_values(Some(codes))
            .into()
    }
}

impl ToSchema for KindView {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("AlertKind")
    }
}

/// How urgent; P1 is the most urgent.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = Priority)]
pub(crate) enum PriorityView {
    /// A life may be at risk: a minute.
    P1,
    /// A condition is broken: minutes.
    P2,
    /// It will become a problem: hours.
    P3,
    /// For the log.
    P4,
}

impl From<lenke_alerts::Priority> for PriorityView {
    fn from(priority: lenke_alerts::Priority) -> Self {
        match priority {
            lenke_alerts::Priority::P1 => Self::P1,
            lenke_alerts::Priority::P2 => Self::P2,
            lenke_alerts::Priority::P3 => Self::P3,
            lenke_alerts::Priority::P4 => Self::P4,
        }
    }
}

/// Where the work stands.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AlertState)]
pub(crate) enum StateView {
    /// Nobody has taken it.
    Raised,
    /// Somebody has.
    Acknowledged,
    /// A person closed it.
    Resolved,
}

impl From<AlertState> for StateView {
    fn from(state: AlertState) -> Self {
        match state {
            AlertState::Raised => Self::Raised,
            AlertState::Acknowledged => Self::Acknowledged,
            AlertState::Resolved => Self::Resolved,
        }
    }
}

/// How a person closes an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Outcome)]
pub(crate) enum OutcomeView {
    /// It was what it seemed and was dealt with.
    Handled,
    /// True, but permitted or excused.
    Excused,
    /// The technology was wrong.
    FalseAlert,
    /// Passed to the police.
    Police,
}

impl From<Outcome> for OutcomeView {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Handled => Self::Handled,
            Outcome::Excused => Self::Excused,
            Outcome::FalseAlert => Self::FalseAlert,
            Outcome::Police => Self::Police,
        }
    }
}

impl From<OutcomeView> for Outcome {
    fn from(outcome: OutcomeView) -> Self {
        match outcome {
            OutcomeView::Handled => Self::Handled,
            OutcomeView::Excused => Self::Excused,
            OutcomeView::FalseAlert => Self::FalseAlert,
            OutcomeView::Police => Self::Police,
        }
    }
}

/// One change in an alert's life.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "change")]
#[schema(as = Change)]
pub(crate) enum ChangeView {
    /// It came to be.
    Raised,
    /// Somebody took it.
    Acknowledged,
    /// Somebody wrote something down.
    Noted {
        /// What.
        text: String,
    },
    /// Its condition no longer holds.
    Ended {
        /// The permission that ended it, if that did and not the wearer.
        #[serde(skip_serializing_if = "Option::is_none")]
        permission: Option<PermissionView>,
    },
    /// Its condition holds again.
    Recurred,
    /// Nobody took it in time.
    Escalated,
    /// A person closed it.
    Resolved {
        /// How.
        outcome: OutcomeView,
        /// Why.
        text: String,
    },
}

impl From<&Change> for ChangeView {
    fn from(change: &Change) -> Self {
        match change {
            Change::Raised => Self::Raised,
            Change::Acknowledged => Self::Acknowledged,
            Change::Noted { text } => Self::Noted { text: text.clone() },
            Change::Ended { permission } => Self::Ended { permission: permission.as_ref().map(Into::into) },
            Change::Recurred => Self::Recurred,
            Change::Escalated => Self::Escalated,
            Change::Resolved { outcome, text } => {
                Self::Resolved { outcome: (*outcome).into(), text: text.clone() }
            }
        }
    }
}

/// Why a permission was given.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PermissionReason)]
pub(crate) enum PermissionReasonView {
    /// Work or training for it.
    Work,
    /// School.
    School,
    /// A doctor, a hospital, treatment.
    Health,
    /// The court, the police, the prison service.
    Court,
    /// Family: a funeral, a birth, a holiday.
    Family,
    /// Something else, which the case file tells.
    Other,
}

impl From<PermissionReason> for PermissionReasonView {
    fn from(reason: PermissionReason) -> Self {
        match reason {
            PermissionReason::Work => Self::Work,
            PermissionReason::School => Self::School,
            PermissionReason::Health => Self::Health,
            PermissionReason::Court => Self::Court,
            PermissionReason::Family => Self::Family,
            PermissionReason::Other => Self::Other,
        }
    }
}

/// A permission that exempts the wearer.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PermissionRef)]
pub(crate) struct PermissionView {
    /// The order's condition that it is.
    pub(crate) id: u64,
    /// Why it was given.
    pub(crate) reason: PermissionReasonView,
    /// When it runs out, milliseconds of Unix time.
    pub(crate) to: i64,
}

impl From<&PermissionRef> for PermissionView {
    fn from(permission: &PermissionRef) -> Self {
        Self { id: permission.id.0, reason: permission.reason.into(), to: permission.to.0 }
    }
}

/// What happened to an alert, who did it and when.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TimelineEntry)]
pub(crate) struct TimelineView {
    /// When, milliseconds of Unix time.
    pub(crate) at: i64,
    /// A user's name, or `system`.
    pub(crate) actor: String,
    /// What.
    pub(crate) what: ChangeView,
    /// The alert's version after it.
    pub(crate) version: u32,
}

impl From<&TimelineEntry> for TimelineView {
    fn from(entry: &TimelineEntry) -> Self {
        Self {
            at: entry.at.0,
            actor: entry.actor.clone(),
            what: (&entry.what).into(),
            version: entry.version,
        }
    }
}

/// A zone as it was when the decision was made.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ZoneRef)]
pub(crate) struct ZoneRefView {
    /// Identity.
    pub(crate) id: ZoneText,
    /// Version that was evaluated.
    pub(crate) version: u32,
    /// What operators call it.
    pub(crate) name: String,
}

impl From<&ZoneRef> for ZoneRefView {
    fn from(zone: &ZoneRef) -> Self {
        Self { id: ZoneText(zone.id), version: zone.version, name: zone.name.clone() }
    }
}

/// One fix that a decision rests on.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = FixEvidence)]
pub(crate) struct EvidenceView {
    /// Device that reported it.
    pub(crate) device: String,
    /// Frame it came in.
    pub(crate) frame: Frame,
    /// When it was taken, milliseconds of Unix time.
    pub(crate) at: i64,
    /// Where.
    pub(crate) position: Place,
    /// 68 % radius, metres.
    pub(crate) accuracy_m: f64,
    /// To the zone's boundary, metres; positive inside.
    pub(crate) signed_distance_m: Option<f64>,
    /// Probability of having been inside.
    pub(crate) probability: Option<f64>,
}

impl From<&FixEvidence> for EvidenceView {
    fn from(fix: &FixEvidence) -> Self {
        Self {
            device: fix.device.to_string(),
            frame: fix.frame.into(),
            at: fix.at.0,
            position: fix.position.into(),
            accuracy_m: fix.accuracy_m,
            signed_distance_m: fix.signed_distance_m,
            probability: fix.probability,
        }
    }
}

/// Everything a reader needs to follow the decision.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Explanation)]
pub(crate) struct ExplanationView {
    /// Rule and its version.
    #[schema(example = "exclusion.confirm/1")]
    pub(crate) rule: String,
    /// Why, as a code with its figures.
    pub(crate) reason: ReasonView,
    /// The zone, where one is concerned.
    pub(crate) zone: Option<ZoneRefView>,
    /// The fixes it rests on, oldest first. Never a protected person's.
    pub(crate) fixes: Vec<EvidenceView>,
}

impl From<&Explanation> for ExplanationView {
    fn from(explanation: &Explanation) -> Self {
        Self {
            rule: explanation.rule.clone(),
            reason: (&explanation.reason).into(),
            zone: explanation.zone.as_ref().map(Into::into),
            fixes: explanation.fixes.iter().map(Into::into).collect(),
        }
    }
}

/// Something a person must handle.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Alert)]
pub(crate) struct AlertView {
    /// 32 lower-case hexadecimal digits; the same facts give the same id.
    #[schema(example = "0123456789abcdef0123456789abcdef")]
    pub(crate) id: String,
    /// Whom it concerns.
    pub(crate) wearer: WearerText,
    /// Under which order.
    pub(crate) order: u64,
    /// What happened.
    pub(crate) kind: KindView,
    /// The protected person it is about, where it is about one.
    pub(crate) victim: Option<WearerText>,
    /// How urgent.
    pub(crate) priority: PriorityView,
    /// Where the work stands.
    pub(crate) state: StateView,
    /// The condition holds right now.
    pub(crate) active: bool,
    /// Times its condition began to hold.
    pub(crate) occurrences: u32,
    /// Steps of escalation taken.
    pub(crate) escalation: u8,
    /// A backlog brought it: it happened in the past.
    pub(crate) late: bool,
    /// When it happened, milliseconds of Unix time.
    pub(crate) occurred_at: i64,
    /// When the alert was raised, milliseconds of Unix time.
    pub(crate) raised_at: i64,
    /// Until when somebody should take it, milliseconds of Unix time.
    pub(crate) deadline_at: i64,
    /// When its condition began to hold again last, if it did, milliseconds of Unix time.
    pub(crate) recurred_at: Option<i64>,
    /// When its condition ended, if it did, milliseconds of Unix time.
    pub(crate) ended_at: Option<i64>,
    /// Who has it.
    pub(crate) owner: Option<String>,
    /// Where the wearer was, if known.
    pub(crate) position: Option<Place>,
    /// Why.
    pub(crate) explanation: ExplanationView,
    /// Rises with every change; an action names the version it saw.
    pub(crate) version: u32,
    /// All changes, oldest first.
    pub(crate) timeline: Vec<TimelineView>,
    /// Changes by the system that the timeline gave up to stay bounded.
    pub(crate) timeline_dropped: u32,
}

impl From<&Alert> for AlertView {
    fn from(alert: &Alert) -> Self {
        Self {
            id: alert.id.to_string(),
            wearer: WearerText(alert.wearer),
            order: alert.order.0,
            kind: KindView(alert.kind),
            victim: match alert.subject {
                Subject::Victim(victim) => Some(WearerText(victim)),
                Subject::Wearer | Subject::Zone(_) | Subject::Condition(_) | Subject::Device(_) => None,
            },
            priority: alert.priority.into(),
            state: alert.state.into(),
            active: alert.active,
            occurrences: alert.occurrences,
            escalation: alert.escalation,
            late: alert.late,
            occurred_at: alert.occurred_at.0,
            raised_at: alert.raised_at.0,
            deadline_at: alert.deadline_at.0,
            recurred_at: alert.recurred_at.map(|at| at.0),
            ended_at: alert.ended_at.map(|at| at.0),
            owner: alert.owner.clone(),
            position: alert.position.map(Into::into),
            explanation: (&alert.explanation).into(),
            version: alert.version,
            timeline: alert.timeline.iter().map(Into::into).collect(),
            timeline_dropped: alert.timeline_dropped,
        }
    }
}

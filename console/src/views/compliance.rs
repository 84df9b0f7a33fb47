//! The compliance account and the intervals that it is made of.

use super::{WearerText, ZoneText};
use lenke_alerts::{
    Case, Cause, Clause, ComplianceAccount, ConditionId, ConditionRule, IntervalKind, IntervalRecord, State,
    Stretch, Subject, Totals,
};
use lenke_zones::Calendar;
use serde::Serialize;
use utoipa::ToSchema;

/// What a moment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ComplianceState)]
pub enum StateView {
    /// All that was asked was done.
    Compliant,
    /// A permission exempts.
    Exempt,
    /// Nobody can tell.
    Unknown,
    /// A condition was broken.
    Violating,
}

impl From<State> for StateView {
    fn from(state: State) -> Self {
        match state {
            State::Compliant => Self::Compliant,
            State::Exempt => Self::Exempt,
            State::Unknown => Self::Unknown,
            State::Violating => Self::Violating,
        }
    }
}

/// Milliseconds in each state: together the length of the time that they are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ComplianceTotals)]
pub struct TotalsView {
    /// All that was asked was done.
    pub compliant_ms: i64,
    /// A permission exempted.
    pub exempt_ms: i64,
    /// Nobody can tell.
    pub unknown_ms: i64,
    /// A condition was broken.
    pub violating_ms: i64,
    /// Of the time of violation, what passed without evidence at the time.
    pub uncertain_ms: i64,
}

impl From<Totals> for TotalsView {
    fn from(totals: Totals) -> Self {
        let Totals { compliant_ms, exempt_ms, unknown_ms, violating_ms, uncertain_ms } = totals;
        Self { compliant_ms, exempt_ms, unknown_ms, violating_ms, uncertain_ms }
    }
}

/// A stretch of one state with one cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ComplianceStretch)]
pub struct StretchView {
    /// First moment, milliseconds of Unix time.
    pub from: i64,
    /// First moment after.
    pub to: i64,
    /// First moment in the order's time zone.
    #[schema(example = "2026-11-22 22:00:00")]
    pub local_from: String,
    /// First moment after in the order's time zone.
    #[schema(example = "2026-11-22 23:15:00")]
    pub local_to: String,
    /// What it is.
    pub state: StateView,
    /// Why: `nothing_due`, `kept`, `grace`, `permitted`, `not_fitted`, `not_watched`, `nothing_heard`, or the kind of the
    /// interval that says so.
    #[schema(example = "away")]
    pub cause: String,
    /// The interval that says so.
    #[schema(pattern = "^[0-9a-f]{32}$")]
    pub interval: Option<String>,
    /// The permission that exempts.
    #[schema(value_type = Option<String>)]
    pub permission: Option<String>,
    /// It counts as violating, but no evidence was seen within it.
    pub uncertain: bool,
    /// The line that decides: a condition's number, or `zones`.
    pub clause: Option<String>,
}

impl StretchView {
    fn of(stretch: &Stretch, calendar: &Calendar) -> Self {
        let (interval, permission) = match stretch.cause {
            Cause::Interval { id, .. } => (Some(id.to_string()), None),
            Cause::Permitted { permission } => (None, Some(permission.0.to_string())),
            Cause::NothingDue
            | Cause::Kept
            | Cause::Grace
            | Cause::NotFitted
            | Cause::NotWatched
            | Cause::NothingHeard => (None, None),
        };
        Self {
            from: stretch.from.0,
            to: stretch.to.0,
            local_from: calendar.local(stretch.from),
            local_to: calendar.local(stretch.to),
            state: stretch.state.into(),
            cause: cause(stretch.cause).to_owned(),
            interval,
            permission,
            uncertain: stretch.uncertain,
            clause: stretch.clause.map(clause),
        }
    }
}

const fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::NothingDue => "nothing_due",
        Cause::Kept => "kept",
        Cause::Grace => "grace",
        Cause::Permitted { .. } => "permitted",
        Cause::NotFitted => "not_fitted",
        Cause::NotWatched => "not_watched",
        Cause::NothingHeard => "nothing_heard",
        Cause::Interval { kind, .. } => kind.code(),
    }
}

fn clause(clause: Clause) -> String {
    match clause {
        Clause::Condition { id } => id.0.to_string(),
        Clause::Zones => "zones".to_owned(),
    }
}

/// One line of the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ComplianceLine)]
pub struct LineView {
    /// A condition's number, or `zones` for the exclusion zones that hold without a condition of their own.
    pub clause: String,
    /// `exclusion`, `curfew`, `victim_protection`, `trail_monitoring` or `zones`.
    pub rule: String,
    /// The zone that the condition names.
    #[schema(pattern = "^Z-[0-9]{5,19}$", example = "Z-00007")]
    pub zone: Option<String>,
    /// What operators call it.
    pub zone_name: Option<String>,
    /// Time in each state.
    pub totals: TotalsView,
    /// Stretches that follow each other without a gap.
    pub stretches: Vec<StretchView>,
}

/// One day of the order's time zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ComplianceDay)]
pub struct DayView {
    /// The date.
    #[schema(example = "2026-11-22")]
    pub date: String,
    /// First moment of the day, milliseconds of Unix time.
    pub begins: i64,
    /// First moment after: a day has 23, 24 or 25 hours.
    pub ends: i64,
    /// Time in each state, as far as the day is of the order's time.
    pub totals: TotalsView,
    /// Stretches that follow each other without a gap, each with the line that decides.
    pub stretches: Vec<StretchView>,
}

/// The compliance account of an order's time: each moment is in exactly one state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Compliance)]
pub struct ComplianceView {
    /// Whose.
    #[schema(value_type = String, example = "W-00042")]
    pub wearer: String,
    /// The order.
    pub order: String,
    /// Its version in force, by which the account is made.
    pub order_version: u32,
    /// IANA name of the time zone that days and local times are of.
    #[schema(example = "Europe/Oslo")]
    pub time_zone: String,
    /// First moment of the order's time within what was asked, milliseconds of Unix time.
    pub from: i64,
    /// First moment after: never beyond now.
    pub to: i64,
    /// The order as a whole.
    pub totals: TotalsView,
    /// Day by day.
    pub days: Vec<DayView>,
    /// Condition by condition.
    pub lines: Vec<LineView>,
}

impl ComplianceView {
    pub(crate) fn of(
        case: &Case<'_>,
        account: &ComplianceAccount,
        time_zone: &str,
        calendar: &Calendar,
    ) -> Self {
        let stretches = |stretches: &[Stretch]| -> Vec<StretchView> {
            stretches.iter().map(|stretch| StretchView::of(stretch, calendar)).collect()
        };
        let days = calendar.days(account.span).into_iter().map(|day| {
            let part = account.within(day.interval);
            DayView {
                date: day.date(),
                begins: day.interval.from.0,
                ends: day.interval.to.0,
                totals: part.totals().into(),
                stretches: stretches(&part.whole),
            }
        });
        let lines = account.lines.iter().map(|line| {
            let (rule, zone) = about(case, line.clause);
            let known = case.zones.iter().find(|known| Some(known.id) == zone);
            LineView {
                clause: clause(line.clause),
                rule: rule.to_owned(),
                zone: zone.map(|zone| zone.to_string()),
                zone_name: known.map(|zone| zone.name.clone()),
                totals: Totals::of(&line.stretches).into(),
                stretches: stretches(&line.stretches),
            }
        });
        Self {
            wearer: case.wearer.id.to_string(),
            order: case.wearer.order.0.to_string(),
            order_version: case.wearer.order_version,
            time_zone: time_zone.to_owned(),
            from: account.span.from.0,
            to: account.span.to.0,
            totals: account.totals().into(),
            days: days.collect(),
            lines: lines.collect(),
        }
    }
}

/// What kind of line it is, and the zone it names.
fn about(case: &Case<'_>, clause: Clause) -> (&'static str, Option<lenke_zones::ZoneId>) {
    let Clause::Condition { id } = clause else { return ("zones", None) };
    let condition = case.wearer.conditions.iter().find(|condition| condition.id == id);
    match condition.map(|condition| &condition.rule) {
        Some(ConditionRule::Exclusion { zone }) => ("exclusion", Some(*zone)),
        Some(ConditionRule::Curfew { zone, .. }) => ("curfew", Some(*zone)),
        Some(ConditionRule::VictimProtection { .. }) => ("victim_protection", None),
        Some(ConditionRule::Permission(_)) => ("permission", None),
        Some(ConditionRule::TrailMonitoring) | None => ("trail_monitoring", None),
    }
}

/// One interval as it is known now. It holds no position.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Interval)]
pub(crate) struct IntervalView {
    /// Identity: the same while it is amended.
    #[schema(pattern = "^[0-9a-f]{32}$")]
    id: String,
    /// What it says: `watched`, `silent`, `unplaced`, `blind`, `strap_open`, `inside`, `crossed`, `home`, `away`, `near`.
    kind: &'static str,
    /// The condition that it is about.
    condition: Option<String>,
    /// The zone that it is about.
    zone: Option<ZoneText>,
    /// In which version it was evaluated.
    zone_version: Option<u32>,
    /// Rule and its version.
    #[schema(example = "presence.away/1")]
    rule: String,
    /// First moment, milliseconds of Unix time.
    from: i64,
    /// First moment after; nothing while it lasts.
    to: Option<i64>,
    /// Part of it was not seen.
    uncertain: bool,
    /// A backlog brought or amended it.
    late: bool,
    /// The alert of the same moments.
    alert: Option<String>,
    /// When the centre came to know of it as it is now.
    known_at: i64,
    /// Whose.
    wearer: WearerText,
}

impl From<&IntervalRecord> for IntervalView {
    fn from(record: &IntervalRecord) -> Self {
        let condition = match record.subject {
            Subject::Condition(ConditionId(id)) => Some(id.to_string()),
            Subject::Wearer | Subject::Zone(_) | Subject::Victim(_) | Subject::Device(_) => None,
        };
        Self {
            id: record.id.to_string(),
            kind: IntervalKind::code(record.kind),
            condition,
            zone: record.zone.map(|zone| ZoneText(zone.id)),
            zone_version: record.zone.map(|zone| zone.version),
            rule: record.rule.clone(),
            from: record.from.0,
            to: record.to.map(|to| to.0),
            uncertain: record.uncertain,
            late: record.late,
            alert: record.alert.map(|alert| alert.to_string()),
            known_at: record.known_at.0,
            wearer: WearerText(record.wearer),
        }
    }
}

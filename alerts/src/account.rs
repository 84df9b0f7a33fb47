//! The compliance account: each moment of an order is exactly one of compliant, violating, unknown and exempt, with
//! the cause.
//!
//! An order's time runs from the first moment that the wearer was fitted with a tag to the last, and not beyond now. Each
//! of its lines (a condition; the shared zones together) has a state at each of these moments. Of what holds, the first
//! one counts:
//!
//! | line | because |
//! |---|---|
//! | exempt | a permission exempts from what the line would ask |
//! | unknown: not fitted | nobody wore the tag, so nothing said before goes on |
//! | violating | the line was broken; it counts as broken until evidence says otherwise, and as *uncertain* while there is none |
//! | unknown | no evidence for longer than the line allows, the strap open, nobody watching |
//! | compliant | the line asks nothing now; or it was kept; or lateness within the grace |
//!
//! The order as a whole is what the worst of its lines is: violating, then unknown, then exempt, then compliant. A
//! permission to be away from home does not excuse from anything else, so exempt comes behind these two.
//!
//! What is kept counts as kept only while evidence says so, what is broken as broken until evidence says otherwise:
//! silence never makes an account better.
//!
//! Left to others: where intervals come from ([`crate::monitor`]) and in which language they are told.

mod canvas;
mod line;

#[cfg(test)]
mod tests;

use crate::{ConditionId, ConditionRule, IntervalId, IntervalKind, IntervalRecord, Wearer};
use canvas::Canvas;
use lenke_wire::UnixMillis;
use lenke_zones::{Interval, Intervals, Zone};
use line::Surroundings;
use serde::Serialize;

/// What a moment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// All that was asked was done.
    Compliant,
    /// A permission exempts.
    Exempt,
    /// Nobody can tell.
    Unknown,
    /// A condition was broken.
    Violating,
}

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "code")]
pub enum Cause {
    /// Nothing was asked.
    NothingDue,
    /// It was kept.
    Kept,
    /// Late, within the grace.
    Grace,
    /// A permission.
    Permitted {
        /// The condition that it is.
        permission: ConditionId,
    },
    /// The wearer had no tag.
    NotFitted,
    /// The centre kept no account.
    NotWatched,
    /// Nothing was heard since, and nothing was recorded of that: the centre itself may be down.
    NothingHeard,
    /// This interval.
    Interval {
        /// What it says.
        kind: IntervalKind,
        /// Which.
        id: IntervalId,
    },
}

/// What a line of the account is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "about")]
pub enum Clause {
    /// A condition of the order.
    Condition {
        /// Which.
        id: ConditionId,
    },
    /// The exclusion zones that hold without a condition of their own.
    Zones,
}

/// A stretch of one state with one cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Stretch {
    /// First moment.
    pub from: UnixMillis,
    /// First moment after.
    pub to: UnixMillis,
    /// What it is.
    pub state: State,
    /// Why.
    pub cause: Cause,
    /// It counts as violating, but no evidence was seen within it.
    pub uncertain: bool,
    /// The line that it is of.
    pub clause: Option<Clause>,
}

impl Stretch {
    /// Its moments.
    pub const fn interval(&self) -> Interval {
        Interval::new(self.from, self.to)
    }
}

/// Milliseconds in each state: together the length of the order's time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// All that was asked was done.
    pub compliant_ms: i64,
    /// A permission exempted.
    pub exempt_ms: i64,
    /// Nobody can tell.
    pub unknown_ms: i64,
    /// A condition was broken.
    pub violating_ms: i64,
    /// Of that, without evidence at the time.
    pub uncertain_ms: i64,
}

impl Totals {
    /// Of some stretches.
    pub fn of(stretches: &[Stretch]) -> Self {
        let mut totals = Self::default();
        for stretch in stretches {
            let length_ms = stretch.interval().length_ms();
            *match stretch.state {
                State::Compliant => &mut totals.compliant_ms,
                State::Exempt => &mut totals.exempt_ms,
                State::Unknown => &mut totals.unknown_ms,
                State::Violating => &mut totals.violating_ms,
            } += length_ms;
            totals.uncertain_ms += if stretch.uncertain { length_ms } else { 0 };
        }
        totals
    }

    /// All four states together.
    pub const fn sum_ms(&self) -> i64 {
        self.compliant_ms + self.exempt_ms + self.unknown_ms + self.violating_ms
    }
}

/// All that an account is made of.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The wearer with the order in force.
    pub wearer: &'a Wearer,
    /// The zones in force; those that are not this wearer's are passed over.
    pub zones: &'a [Zone],
    /// When the wearer carried a tag.
    pub fitted: &'a Intervals,
    /// Every interval that shares a moment with the time asked for, and every [`IntervalKind::Watched`].
    pub records: &'a [IntervalRecord],
    /// When the centre heard of the wearer's tag last.
    pub heard_at: Option<UnixMillis>,
    /// Nothing after it is told.
    pub now: UnixMillis,
}

impl Case<'_> {
    /// The order's time within `span`.
    pub fn order_time(&self, span: Interval) -> Interval {
        let (first, last) = (self.fitted.as_slice().first(), self.fitted.as_slice().last());
        let (Some(first), Some(last)) = (first, last) else { return Interval::new(span.from, span.from) };
        let hull = Interval::new(first.from, last.to.min(self.now));
        let time = hull.intersection(span);
        if time.is_empty() { Interval::new(span.from, span.from) } else { time }
    }

    /// IANA name of the time zone that the order's schedules are in, if it has any.
    pub fn time_zone(&self) -> Option<&str> {
        let curfew = self.wearer.conditions.iter().find_map(|condition| match &condition.rule {
            ConditionRule::Curfew { schedule, .. } => Some(schedule),
            ConditionRule::Exclusion { .. }
            | ConditionRule::VictimProtection { .. }
            | ConditionRule::Permission(_)
            | ConditionRule::TrailMonitoring => None,
        });
        let of_zone = || {
            self.zones
                .iter()
                .filter(|zone| line::is_of(zone, self.wearer))
                .find_map(|zone| zone.schedule.as_ref())
        };
        curfew.or_else(of_zone).map(lenke_zones::Schedule::time_zone)
    }
}

/// One line: stretches that follow each other without a gap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// What it is about.
    pub clause: Clause,
    /// In order of time.
    pub stretches: Vec<Stretch>,
}

/// The account of one order's time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ComplianceAccount {
    /// The order's time that it is of.
    pub span: Interval,
    /// The lines, in the order of the conditions.
    pub lines: Vec<Line>,
    /// The order as a whole: stretches that follow each other without a gap, each with the line that decides.
    pub whole: Vec<Stretch>,
}

impl ComplianceAccount {
    /// The account of the order's time within `span`.
    pub fn new(case: &Case<'_>, span: Interval) -> Self {
        let span = case.order_time(span);
        let surroundings = Surroundings::of(case, span);
        let lines = line::clauses(case)
            .into_iter()
            .map(|clause| Line { clause, stretches: surroundings.line(clause) })
            .collect::<Vec<_>>();
        let whole = whole(span, &lines);
        Self { span, lines, whole }
    }

    /// The part of it that lies within `span`.
    #[must_use]
    pub fn within(&self, span: Interval) -> Self {
        let cut = |stretches: &[Stretch]| -> Vec<Stretch> {
            let parts = stretches.iter().filter_map(|stretch| {
                let Interval { from, to } = stretch.interval().intersection(span);
                (from < to).then_some(Stretch { from, to, ..*stretch })
            });
            parts.collect()
        };
        let lines = self.lines.iter().map(|line| Line { stretches: cut(&line.stretches), ..*line });
        Self { span: self.span.intersection(span), lines: lines.collect(), whole: cut(&self.whole) }
    }

    /// The totals of the order as a whole.
    pub fn totals(&self) -> Totals {
        Totals::of(&self.whole)
    }
}

/// Of each moment the worst that any line says; of lines that say the same, the first.
fn whole(span: Interval, lines: &[Line]) -> Vec<Stretch> {
    let nothing = Coat { state: State::Compliant, cause: Cause::NothingDue, uncertain: false, clause: None };
    let mut canvas = Canvas::new(span, nothing);
    let rank = |stretch: &Stretch| match stretch.state {
        State::Compliant if stretch.cause == Cause::NothingDue => None,
        State::Compliant => Some(0),
        State::Exempt => Some(1),
        State::Unknown => Some(2),
        State::Violating if stretch.uncertain => Some(3),
        State::Violating => Some(4),
    };
    for level in 0..=4 {
        for line in lines.iter().rev() {
            for stretch in line.stretches.iter().filter(|stretch| rank(stretch) == Some(level)) {
                canvas.paint(stretch.interval(), Coat::of(stretch));
            }
        }
    }
    stretches(&canvas)
}

/// What a moment wears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Coat {
    state: State,
    cause: Cause,
    uncertain: bool,
    clause: Option<Clause>,
}

impl Coat {
    const fn of(stretch: &Stretch) -> Self {
        let Stretch { state, cause, uncertain, clause, .. } = *stretch;
        Self { state, cause, uncertain, clause }
    }
}

fn stretches(canvas: &Canvas<Coat>) -> Vec<Stretch> {
    let stretch = |(Interval { from, to }, Coat { state, cause, uncertain, clause })| Stretch {
        from,
        to,
        state,
        cause,
        uncertain,
        clause,
    };
    canvas.pieces().into_iter().map(stretch).collect()
}

//! One line of the account: what it asks when, what broke it, and when nobody could tell.

use super::{Canvas, Case, Cause, Clause, Coat, State, Stretch, stretches};
use crate::{ConditionRule, IntervalKind, IntervalRecord, Permission, Subject, Wearer};
use lenke_wire::UnixMillis;
use lenke_zones::{Assignment, Interval, Intervals, Schedule, WearerId, Zone, ZoneId, ZoneKind};

/// Whether a zone holds for a wearer.
pub(super) fn is_of(zone: &Zone, wearer: &Wearer) -> bool {
    match &zone.assignment {
        Assignment::Personal(whose) => *whose == wearer.id,
        Assignment::Shared(groups) => groups.iter().any(|group| wearer.groups.contains(group)),
    }
}

/// The lines of an order, conditions first.
pub(super) fn clauses(case: &Case<'_>) -> Vec<Clause> {
    let conditions = case.wearer.conditions.iter();
    let lines = conditions.filter(|condition| !matches!(condition.rule, ConditionRule::Permission(_)));
    let mut clauses: Vec<_> = lines.map(|condition| Clause::Condition { id: condition.id }).collect();
    clauses.extend(loose_zones(case).next().map(|_| Clause::Zones));
    clauses
}

/// Exclusion zones of the wearer that no condition names.
fn loose_zones<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a Zone> {
    let (zones, wearer) = (case.zones, case.wearer);
    let named = |zone: ZoneId| {
        wearer.conditions.iter().any(
            |condition| matches!(condition.rule, ConditionRule::Exclusion { zone: known } if known == zone),
        )
    };
    zones
        .iter()
        .filter(move |zone| zone.kind == ZoneKind::Exclusion && is_of(zone, wearer) && !named(zone.id))
}

/// What all lines share.
pub(super) struct Surroundings<'a> {
    case: &'a Case<'a>,
    span: Interval,
    /// Since when the account was kept, each time that it was begun anew.
    watches: Vec<UnixMillis>,
}

/// What a line asks.
struct Demand<'a> {
    /// When it binds, permissions taken out.
    due: Intervals,
    /// When it would bind but for a permission, and which.
    exempt: Vec<(Interval, Cause)>,
    /// The intervals that break it, and the moments at which they do.
    broken: Vec<(&'a IntervalRecord, Intervals)>,
    /// Lateness that is not yet a breach.
    grace: Intervals,
    /// A gap of evidence matters if it is longer, milliseconds; silence always does if nothing.
    silence_ms: Option<i64>,
    unplaced_ms: i64,
    /// A protected person to be seen as well.
    victim: Option<WearerId>,
}

impl<'a> Surroundings<'a> {
    pub(super) fn of(case: &'a Case<'a>, span: Interval) -> Self {
        let watched = case.records.iter().filter(|record| record.kind == IntervalKind::Watched);
        let mut watches: Vec<_> = watched.map(|record| record.from).collect();
        watches.sort_unstable();
        Self { case, span, watches }
    }

    pub(super) fn line(&self, clause: Clause) -> Vec<Stretch> {
        let coat = |state, cause| Coat { state, cause, uncertain: false, clause: Some(clause) };
        let mut canvas = Canvas::new(self.span, coat(State::Compliant, Cause::NothingDue));
        let Some(demand) = self.demand(clause) else { return stretches(&canvas) };
        canvas.paint_all(&demand.due, coat(State::Compliant, Cause::Kept));
        canvas.paint_all(&demand.grace, coat(State::Compliant, Cause::Grace));
        let mut unseen = Vec::new();
        for (interval, cause) in self.unseen(&demand) {
            let moments = demand.due.intersection(&one(interval));
            canvas.paint_all(&moments, coat(State::Unknown, cause));
            unseen.extend(moments);
        }
        let unseen: Intervals = unseen.into_iter().collect();
        for certain in [false, true] {
            for (record, moments) in &demand.broken {
                let dark = if record.uncertain { moments.clone() } else { moments.intersection(&unseen) };
                let moments = if certain { moments.difference(&dark) } else { dark };
                let cause = Cause::Interval { kind: record.kind, id: record.id };
                let coat = Coat { uncertain: !certain, ..coat(State::Violating, cause) };
                canvas.paint_all(&moments, coat);
            }
        }
        let bare = self.case.fitted.complement(self.span).intersection(&demand.due);
        canvas.paint_all(&bare, coat(State::Unknown, Cause::NotFitted));
        for (interval, cause) in &demand.exempt {
            canvas.paint(*interval, coat(State::Exempt, *cause));
        }
        stretches(&canvas)
    }

    fn demand(&self, clause: Clause) -> Option<Demand<'a>> {
        let id = match clause {
            Clause::Zones => return Some(self.of_loose_zones()),
            Clause::Condition { id } => id,
        };
        let wearer = self.case.wearer;
        let condition = wearer.conditions.iter().find(|condition| condition.id == id)?;
        match &condition.rule {
            ConditionRule::Exclusion { zone } => Some(self.of_exclusion(*zone)),
            ConditionRule::Curfew { zone, schedule, grace_s, unknown_s, .. } => {
                Some(self.of_curfew(Subject::Condition(id), *zone, schedule, (*grace_s, *unknown_s)))
            }
            ConditionRule::VictimProtection { victim, .. } => {
                let mut demand = self.plain(one(self.span));
                demand.victim = Some(*victim);
                demand.broken = self.broken(&demand.due, |record| {
                    record.kind == IntervalKind::Near && record.subject == Subject::Victim(*victim)
                });
                Some(demand)
            }
            ConditionRule::TrailMonitoring => Some(self.plain(one(self.span))),
            ConditionRule::Permission(_) => None,
        }
    }

    /// Binds at these moments, without a permission or a breach.
    fn plain(&self, due: Intervals) -> Demand<'a> {
        Demand {
            due,
            exempt: Vec::new(),
            broken: Vec::new(),
            grace: Intervals::default(),
            silence_ms: None,
            unplaced_ms: i64::from(self.case.wearer.plan.no_fix_s) * 1000,
            victim: None,
        }
    }

    fn of_exclusion(&self, zone: ZoneId) -> Demand<'a> {
        let known = self.case.zones.iter().find(|known| known.id == zone);
        let asked = self.asked(known.and_then(|zone| zone.schedule.as_ref()));
        let permits = self.permits(zone);
        let mut demand = self.plain(asked.difference(&union(&permits)));
        demand.exempt = exempt(&asked, &permits);
        demand.broken = self.broken(&demand.due, |record| is_stay(record, zone));
        demand
    }

    fn of_loose_zones(&self) -> Demand<'a> {
        let mut asked = Intervals::default();
        let mut broken = Vec::new();
        for zone in loose_zones(self.case) {
            let of_zone = self.asked(zone.schedule.as_ref());
            let binds = of_zone.difference(&union(&self.permits(zone.id)));
            broken.extend(self.broken(&binds, |record| is_stay(record, zone.id)));
            asked = asked.union(&of_zone);
        }
        let mut demand = self.plain(asked);
        demand.broken = broken;
        demand
    }

    fn of_curfew(
        &self,
        subject: Subject,
        zone: ZoneId,
        schedule: &Schedule,
        (grace_s, unknown_s): (u32, u32),
    ) -> Demand<'a> {
        let asked = self.asked(Some(schedule));
        let permits = self.permits(zone);
        let permitted = union(&permits);
        let mut demand = self.plain(asked.difference(&permitted));
        demand.exempt = exempt(&asked, &permits);
        let allowed_ms = i64::from(unknown_s) * 1000;
        (demand.silence_ms, demand.unplaced_ms) = (Some(allowed_ms), allowed_ms);
        let bound = schedule.without(&permitted);
        let away: Vec<_> = self
            .broken(&demand.due, |record| record.kind == IntervalKind::Away && record.subject == subject)
            .into_iter()
            .map(|(record, moments)| {
                let graces = demand.due.iter().filter_map(|window| {
                    // Windows are cut off where the account begins: their own begin counts.
                    let begin = bound.window_at(window.from).map_or(window.from, |whole| whole.from);
                    let was_away = self.moments(record).contains(begin);
                    was_away.then(|| Interval::new(begin, begin.plus_s(i64::from(grace_s))))
                });
                let graces = graces.collect::<Intervals>().intersection(&moments);
                (record, moments.difference(&graces), graces)
            })
            .collect();
        demand.grace = away.iter().flat_map(|(_, _, graces)| graces.iter().copied()).collect();
        demand.broken = away.into_iter().map(|(record, moments, _)| (record, moments)).collect();
        demand
    }

    /// When a schedule holds; always without one.
    fn asked(&self, schedule: Option<&Schedule>) -> Intervals {
        schedule.map_or_else(|| one(self.span), |schedule| schedule.intervals(self.span.from, self.span.to))
    }

    fn permits(&self, zone: ZoneId) -> Vec<(Interval, Cause)> {
        let permissions = self.case.wearer.permissions(zone);
        let permit =
            |(id, permission): (_, &Permission)| (permission.interval(), Cause::Permitted { permission: id });
        permissions.map(permit).collect()
    }

    /// The intervals that break a line, and when, within what it asks.
    fn broken(
        &self,
        due: &Intervals,
        breaks: impl Fn(&IntervalRecord) -> bool,
    ) -> Vec<(&'a IntervalRecord, Intervals)> {
        let records = self.case.records.iter().filter(|record| breaks(record));
        records.map(|record| (record, due.intersection(&one(self.moments(record))))).collect()
    }

    /// When nobody could tell, the more telling causes last.
    fn unseen(&self, demand: &Demand<'_>) -> Vec<(Interval, Cause)> {
        let case = self.case;
        let cause = |record: &IntervalRecord| Cause::Interval { kind: record.kind, id: record.id };
        let mut unseen = Vec::new();
        for kind in
            [IntervalKind::Unplaced, IntervalKind::Silent, IntervalKind::Blind, IntervalKind::StrapOpen]
        {
            let of_kind = case.records.iter().filter(|record| record.kind == kind);
            let matters = of_kind.filter(|record| match kind {
                IntervalKind::Unplaced => self.moments(record).length_ms() > demand.unplaced_ms,
                IntervalKind::Silent => {
                    demand.silence_ms.is_none_or(|allowed_ms| self.moments(record).length_ms() > allowed_ms)
                }
                IntervalKind::Watched
                | IntervalKind::Blind
                | IntervalKind::StrapOpen
                | IntervalKind::Inside
                | IntervalKind::Crossed
                | IntervalKind::Home
                | IntervalKind::Away
                | IntervalKind::Near => true,
            });
            let matters = matters.filter(|record| match record.subject {
                Subject::Victim(victim) => demand.victim == Some(victim),
                Subject::Wearer | Subject::Zone(_) | Subject::Condition(_) | Subject::Device(_) => true,
            });
            unseen.extend(matters.map(|record| (self.moments(record), cause(record))));
        }
        let silence_s = i64::from(case.wearer.plan.silence_s);
        if let Some(heard) = case.heard_at.filter(|heard| case.now.since_ms(*heard) > silence_s * 1000) {
            unseen.push((Interval::new(heard, case.now), Cause::NothingHeard));
        }
        let first = self.watches.first().copied().unwrap_or(self.span.to);
        unseen.push((Interval::new(self.span.from, first), Cause::NotWatched));
        unseen
    }

    /// Its moments; one that was open when the account was begun anew ended then, as far as anybody knows.
    fn moments(&self, record: &IntervalRecord) -> Interval {
        let known = self.watches.partition_point(|watch| *watch <= record.from);
        let anew = self.watches.get(known).filter(|_| known > 0 && record.to.is_none());
        Interval::new(record.from, record.to.or(anew.copied()).unwrap_or(self.case.now))
    }
}

fn is_stay(record: &IntervalRecord, zone: ZoneId) -> bool {
    matches!(record.kind, IntervalKind::Inside | IntervalKind::Crossed)
        && record.subject == Subject::Zone(zone)
}

fn one(interval: Interval) -> Intervals {
    Intervals::from_iter([interval])
}

fn union(permits: &[(Interval, Cause)]) -> Intervals {
    permits.iter().map(|(interval, _)| *interval).collect()
}

fn exempt(asked: &Intervals, permits: &[(Interval, Cause)]) -> Vec<(Interval, Cause)> {
    let parts = permits.iter().map(|(interval, cause)| (asked.intersection(&one(*interval)), *cause));
    parts.flat_map(|(moments, cause)| moments.into_iter().map(move |part| (part, cause))).collect()
}

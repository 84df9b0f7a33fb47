//! What a monitor vouches for, as intervals: told when they begin, end, or turn out otherwise.
//!
//! Rules state facts into the outbox; evidence comes straight from the reports. Both carry the time of the evidence, so
//! what a backlog brings finds its place and amends what was told ([`gaps`], [`runs`]).
//!
//! | interval | out of |
//! |---|---|
//! | watched | the first input, or the first fix that a backlog brings of before |
//! | silent, unplaced | moments at which the tag said something, or where it was |
//! | inside, home, away | what the rules of zones and curfews found of the fixes and sightings |
//! | crossed | transits |
//! | near, blind, strap open | the alerts of the same name, from their raise to their end |
//!
//! A protected person has no intervals.

mod fact;
mod gaps;
mod runs;

pub(super) use fact::{Fact, followed};

use super::exclusion::confirm_gap_ms;
use super::input::Effect;
use super::note::Note;
use super::scene::{Outbox, Scene};
use super::silence::Silence;
use crate::{
    AlertId, Condition, ConditionId, ConditionRule, IntervalId, IntervalKind, IntervalRecord, Subject,
    SupervisionPlan, Wearer, ZoneVersion,
};
use gaps::Gaps;
use lenke_wire::UnixMillis;
use lenke_zones::verdict;
use runs::{Reach, Runs, Stretch};
use serde::{Deserialize, Serialize};

/// Zones whose runs are kept at most; the one with the oldest evidence gives way.
const ZONES_MAX: usize = 32;
/// Evidence of presence this close leaves no room for more, seconds (or three collection intervals, if longer).
const DENSE_S: i64 = 180;
/// Outside a zone for this long, nothing late is expected of it any more, seconds.
const ZONE_FORGOTTEN_S: i64 = 7 * 86_400;
/// Open alerts followed at most; the one open for longest gives way, and its interval ends.
const FOLLOWED_MAX: usize = 16;
/// Evidence ahead of the centre's clock by more than this is a wrong clock, seconds.
const CLOCK_AHEAD_MAX_S: i64 = 120;

/// A stretch as it was told: the moment that names it, begin and end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(i64, i64, Option<i64>)", into = "(i64, i64, Option<i64>)")]
struct Told {
    anchor: UnixMillis,
    from: UnixMillis,
    to: Option<UnixMillis>,
}

impl From<(i64, i64, Option<i64>)> for Told {
    fn from((anchor, from, to): (i64, i64, Option<i64>)) -> Self {
        Self { anchor: UnixMillis(anchor), from: UnixMillis(from), to: to.map(UnixMillis) }
    }
}

impl From<Told> for (i64, i64, Option<i64>) {
    fn from(told: Told) -> Self {
        (told.anchor.0, told.from.0, told.to.map(|to| to.0))
    }
}

impl Told {
    const fn new(from: UnixMillis) -> Self {
        Self { anchor: from, from, to: None }
    }
}

/// Evidence of the tag, since the centre watches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Evidence {
    #[serde(rename = "w")]
    watched: Told,
    #[serde(rename = "h")]
    heard: Gaps,
    #[serde(rename = "p")]
    placed: Gaps,
}

/// An open alert that is an interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Followed {
    #[serde(rename = "i")]
    id: AlertId,
    #[serde(rename = "k")]
    kind: IntervalKind,
    #[serde(rename = "s")]
    subject: Subject,
    #[serde(rename = "a")]
    from: UnixMillis,
}

/// What was told of one wearer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Recorder {
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    evidence: Option<Evidence>,
    #[serde(rename = "c", default, skip_serializing_if = "Vec::is_empty")]
    curfews: Vec<(ConditionId, Runs)>,
    #[serde(rename = "z", default, skip_serializing_if = "Vec::is_empty")]
    zones: Vec<(ZoneVersion, Runs)>,
    #[serde(rename = "f", default, skip_serializing_if = "Vec::is_empty")]
    followed: Vec<Followed>,
}

/// Seconds without a position that matter to some condition.
fn unplaced_s(wearer: &Wearer) -> u32 {
    let of = |condition: &Condition| match condition.rule {
        ConditionRule::Curfew { unknown_s, .. } => Some(unknown_s),
        ConditionRule::Exclusion { .. }
        | ConditionRule::VictimProtection { .. }
        | ConditionRule::Permission(_)
        | ConditionRule::TrailMonitoring => None,
    };
    wearer.conditions.iter().filter_map(of).fold(wearer.plan.no_fix_s, u32::min)
}

/// How evidence of presence hangs together.
fn reach(plan: &SupervisionPlan) -> Reach {
    let dense_s = DENSE_S.max(3 * i64::from(plan.collect_s));
    Reach { dense_ms: dense_s * 1000, sure_ms: confirm_gap_ms(plan) }
}

fn ms(seconds: u32) -> i64 {
    i64::from(seconds) * 1000
}

impl Recorder {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The tag said something at a moment, by its own clock.
    pub(super) fn handle_heard(&mut self, at: UnixMillis, scene: &Scene<'_>, out: &mut Outbox) {
        let Some(evidence) = self.evidence(at, scene, out) else { return };
        let told = &mut out.teller(scene);
        evidence.heard.handle_evidence(at, ms(scene.context.wearer.plan.silence_s), |gap| told.silent(gap));
    }

    /// A plausible fix from before the centre watched: it watches from there on.
    pub(super) fn handle_earlier(&mut self, at: UnixMillis, scene: &Scene<'_>, out: &mut Outbox) {
        let Some(evidence) = self.evidence(at, scene, out) else { return };
        if at >= evidence.watched.from {
            return;
        }
        let wearer = scene.context.wearer;
        evidence.watched.from = at;
        let told = &mut out.teller(scene);
        told.watched(evidence.watched);
        evidence.heard.handle_earlier(at, ms(wearer.plan.silence_s), |gap| told.silent(gap));
        evidence.placed.handle_earlier(at, ms(unplaced_s(wearer)), |gap| told.unplaced(gap));
    }

    /// The tag said where it was, by a plausible fix or a sighting by the home unit.
    pub(super) fn handle_placed(&mut self, at: UnixMillis, scene: &Scene<'_>, out: &mut Outbox) {
        let Some(evidence) = self.evidence(at, scene, out) else { return };
        let wearer = scene.context.wearer;
        let told = &mut out.teller(scene);
        evidence.heard.handle_evidence(at, ms(wearer.plan.silence_s), |gap| told.silent(gap));
        evidence.placed.handle_evidence(at, ms(unplaced_s(wearer)), |gap| told.unplaced(gap));
    }

    /// An input is through: takes what the rules found, and looks at the clock.
    pub(super) fn settle(&mut self, silence: &Silence, scene: &Scene<'_>, out: &mut Outbox) {
        self.take_facts(scene, out);
        let Some(evidence) = self.evidence(scene.now, scene, out) else { return };
        let wearer = scene.context.wearer;
        let told = &mut out.teller(scene);
        if silence.is_unheard() && overdue(&evidence.heard, wearer.plan.silence_s, scene) {
            evidence.heard.handle_overdue(|gap| told.silent(gap));
        }
        // Without an alert yet, what was seen may still be on its way.
        let on_its_way_s = if silence.is_unplaced() { 0 } else { wearer.plan.transmit_s };
        if overdue(&evidence.placed, unplaced_s(wearer).saturating_add(on_its_way_s), scene) {
            evidence.placed.handle_overdue(|gap| told.unplaced(gap));
        }
    }

    /// Takes what the rules found so far.
    fn take_facts(&mut self, scene: &Scene<'_>, out: &mut Outbox) {
        let mut facts = out.take_facts();
        let watches = self.evidence(scene.now, scene, out).is_some();
        for fact in facts.drain(..).filter(|_| watches) {
            self.handle_fact(fact, scene, out);
        }
        out.give_back(facts);
    }

    /// A late fix surely outside a zone in which the wearer was seen says until when at most.
    pub(super) fn handle_late(&mut self, note: &Note, scene: &Scene<'_>, out: &mut Outbox) {
        self.take_facts(scene, out);
        let reach = reach(&scene.context.wearer.plan);
        for (version, runs) in &mut self.zones {
            let Some(zone) = scene.context.zones.zone(version.id) else { continue };
            let probability = verdict(zone, note.position, note.accuracy_m()).probability;
            if probability <= 1.0 - zone.policy.confirm_at {
                let told = &mut out.teller(scene);
                runs.handle_evidence(false, (note.at, note.at), reach, |stretch| {
                    told.inside(*version, stretch)
                });
            }
        }
    }

    /// Evidence so far, if this moment may be evidence. Watching begins with the first input.
    fn evidence(&mut self, at: UnixMillis, scene: &Scene<'_>, out: &mut Outbox) -> Option<&mut Evidence> {
        if scene.context.wearer.is_protected() || at > scene.now.plus_s(CLOCK_AHEAD_MAX_S) {
            return None;
        }
        Some(self.evidence.get_or_insert_with(|| {
            let since = scene.now;
            let told = Told::new(since);
            out.teller(scene).watched(told);
            Evidence { watched: told, heard: Gaps::new(since), placed: Gaps::new(since) }
        }))
    }

    fn handle_fact(&mut self, fact: Fact, scene: &Scene<'_>, out: &mut Outbox) {
        let reach = reach(&scene.context.wearer.plan);
        match fact {
            Fact::Zone { zone, inside, first, last } => {
                self.handle_zone(zone, inside, (first, last), scene, out);
            }
            Fact::Left { zone, last, next } => {
                // Unless the two are neighbours, evidence between them that is not at hand any more says where the stay
                // ended: right after `last`.
                let neighbours_ms = ms(scene.context.wearer.plan.collect_s) * 3 / 2;
                let placed = self.evidence.as_ref().map(|evidence| &evidence.placed);
                if placed.is_none_or(|placed| next <= placed.next_after(last, neighbours_ms)) {
                    self.handle_zone(zone, false, (next, next), scene, out);
                }
            }
            Fact::Crossed { zone, from, to } => {
                let told = Told { to: Some(to), ..Told::new(from) };
                let record = out.teller(scene).record(
                    IntervalKind::Crossed,
                    Subject::Zone(zone.id),
                    "exclusion.crossed/1",
                    told,
                );
                out.record(IntervalRecord { zone: Some(zone), uncertain: true, ..record });
            }
            Fact::Presence { condition, home, first, last } => {
                let runs = self.curfew(condition, scene.context.wearer);
                let told = &mut out.teller(scene);
                runs.handle_evidence(home, (first, last), reach, |stretch| told.presence(condition, stretch));
            }
            Fact::Suspected { condition, at } => {
                let runs = self.curfew(condition, scene.context.wearer);
                if runs.is_beside(false, at, reach.dense_ms) {
                    let told = &mut out.teller(scene);
                    runs.handle_evidence(false, (at, at), reach, |stretch| told.presence(condition, stretch));
                }
            }
            Fact::Raised { id, kind, subject, from } => self.follow(id, kind, subject, from, scene, out),
            Fact::Ended { id, at } => {
                if let Some(index) = self.followed.iter().position(|known| known.id == id) {
                    let known = self.followed.remove(index);
                    out.teller(scene).followed(known, Some(at.max(known.from)));
                }
            }
        }
    }

    fn handle_zone(
        &mut self,
        zone: ZoneVersion,
        inside: bool,
        span: (UnixMillis, UnixMillis),
        scene: &Scene<'_>,
        out: &mut Outbox,
    ) {
        let reach = reach(&scene.context.wearer.plan);
        let known = self.zones.iter().position(|(known, _)| known.id == zone.id);
        let index = match known {
            Some(index) => index,
            // Outside a zone that nobody was in says nothing.
            None if !inside => return,
            None => {
                self.make_room(scene, out);
                self.zones.push((zone, Runs::default()));
                self.zones.len() - 1
            }
        };
        let (version, runs) = &mut self.zones[index];
        *version = zone;
        let told = &mut out.teller(scene);
        runs.handle_evidence(inside, span, reach, |stretch| told.inside(zone, stretch));
        let Some(placed) = self.evidence.as_ref().map(|evidence| &evidence.placed) else { return };
        let loose = runs.loose_end(span.1).filter(|_| inside && span.1 < placed.last());
        if let Some((end, next)) = loose {
            // There is evidence after this, and none of it said inside: unless it lies beyond a gap, the stay ended here.
            let goes_on = next.is_some() && placed.begins_after(end, reach.dense_ms);
            if !goes_on {
                let end = end.plus_ms(1);
                runs.handle_evidence(false, (end, end), reach, |stretch| told.inside(zone, stretch));
            }
        }
    }

    /// Zones left long ago go; if there are too many all the same, the one with the oldest evidence goes, and what is
    /// open of it ends with its evidence.
    fn make_room(&mut self, scene: &Scene<'_>, out: &mut Outbox) {
        let reach = reach(&scene.context.wearer.plan);
        let long_ago = scene.now.plus_s(-ZONE_FORGOTTEN_S);
        self.zones.retain(|(_, runs)| runs.is(true) || runs.last().is_some_and(|last| last > long_ago));
        while self.zones.len() >= ZONES_MAX {
            let oldest = self.zones.iter().enumerate().min_by_key(|(_, (_, runs))| runs.last());
            let Some(index) = oldest.map(|(index, _)| index) else { return };
            let (zone, mut runs) = self.zones.remove(index);
            if let Some(last) = runs.last().filter(|_| runs.is(true)) {
                let end = last.plus_ms(1);
                let told = &mut out.teller(scene);
                runs.handle_evidence(false, (end, end), reach, |stretch| told.inside(zone, stretch));
            }
        }
    }

    /// The runs of a curfew; those of conditions that are gone go.
    fn curfew(&mut self, condition: ConditionId, wearer: &Wearer) -> &mut Runs {
        let index = self.curfews.iter().position(|(known, _)| *known == condition).unwrap_or_else(|| {
            self.curfews.retain(|(known, _)| wearer.conditions.iter().any(|stands| stands.id == *known));
            self.curfews.push((condition, Runs::default()));
            self.curfews.len() - 1
        });
        &mut self.curfews[index].1
    }

    fn follow(
        &mut self,
        id: AlertId,
        kind: IntervalKind,
        subject: Subject,
        from: UnixMillis,
        scene: &Scene<'_>,
        out: &mut Outbox,
    ) {
        if self.followed.iter().any(|known| known.id == id) {
            return;
        }
        if self.followed.len() >= FOLLOWED_MAX {
            let oldest = self.followed.remove(0);
            out.teller(scene).followed(oldest, Some(scene.now.max(oldest.from)));
        }
        let known = Followed { id, kind, subject, from };
        out.teller(scene).followed(known, None);
        self.followed.push(known);
    }
}

/// Nothing came for as long as is allowed.
fn overdue(gaps: &Gaps, allowed_s: u32, scene: &Scene<'_>) -> bool {
    scene.now.since_ms(gaps.last()) >= ms(allowed_s)
}

/// Puts intervals into words.
pub(super) struct Teller<'a> {
    scene: &'a Scene<'a>,
    out: &'a mut Outbox,
}

impl Outbox {
    fn teller<'a>(&'a mut self, scene: &'a Scene<'a>) -> Teller<'a> {
        Teller { scene, out: self }
    }

    fn record(&mut self, record: IntervalRecord) {
        self.push(Effect::Record(record));
    }
}

impl Teller<'_> {
    fn record(&self, kind: IntervalKind, subject: Subject, rule: &str, told: Told) -> IntervalRecord {
        let wearer = self.scene.context.wearer;
        IntervalRecord {
            id: IntervalId::new(wearer.id, kind, subject, told.anchor),
            wearer: wearer.id,
            order: wearer.order,
            order_version: wearer.order_version,
            kind,
            subject,
            zone: None,
            rule: rule.to_owned(),
            from: told.from,
            to: told.to,
            uncertain: false,
            late: self.scene.backlog,
            alert: None,
            known_at: self.scene.now,
        }
    }

    fn tell(&mut self, kind: IntervalKind, subject: Subject, rule: &str, told: Told) {
        let record = self.record(kind, subject, rule, told);
        self.out.record(record);
    }

    fn watched(&mut self, told: Told) {
        self.tell(IntervalKind::Watched, Subject::Wearer, "record.watched/1", told);
    }

    fn silent(&mut self, gap: Told) {
        self.tell(IntervalKind::Silent, Subject::Wearer, "evidence.silent/1", gap);
    }

    fn unplaced(&mut self, gap: Told) {
        self.tell(IntervalKind::Unplaced, Subject::Wearer, "evidence.unplaced/1", gap);
    }

    fn inside(&mut self, zone: ZoneVersion, stretch: Stretch) {
        if stretch.state {
            let subject = Subject::Zone(zone.id);
            let record = self.record(IntervalKind::Inside, subject, "exclusion.inside/1", stretch.told);
            self.out.record(IntervalRecord { zone: Some(zone), uncertain: stretch.uncertain, ..record });
        }
    }

    fn presence(&mut self, condition: ConditionId, stretch: Stretch) {
        let (kind, rule) = match stretch.state {
            true => (IntervalKind::Home, "presence.home/1"),
            false => (IntervalKind::Away, "presence.away/1"),
        };
        let zone = self.home_of(condition);
        let record = self.record(kind, Subject::Condition(condition), rule, stretch.told);
        self.out.record(IntervalRecord { zone, uncertain: stretch.uncertain, ..record });
    }

    /// The zone that a curfew asks for.
    fn home_of(&self, condition: ConditionId) -> Option<ZoneVersion> {
        let context = self.scene.context;
        let zone = context.wearer.conditions.iter().find_map(|known| match &known.rule {
            ConditionRule::Curfew { zone, .. } if known.id == condition => Some(*zone),
            ConditionRule::Curfew { .. }
            | ConditionRule::Exclusion { .. }
            | ConditionRule::VictimProtection { .. }
            | ConditionRule::Permission(_)
            | ConditionRule::TrailMonitoring => None,
        })?;
        context.zones.zone(zone).map(|zone| ZoneVersion { id: zone.id, version: zone.version })
    }

    fn followed(&mut self, known: Followed, to: Option<UnixMillis>) {
        let rule = match known.kind {
            IntervalKind::Near => "victim.near/1",
            IntervalKind::Blind => "victim.blind/1",
            IntervalKind::StrapOpen
            | IntervalKind::Watched
            | IntervalKind::Silent
            | IntervalKind::Unplaced
            | IntervalKind::Inside
            | IntervalKind::Crossed
            | IntervalKind::Home
            | IntervalKind::Away => "strap.open/1",
        };
        let told = Told { to, ..Told::new(known.from) };
        let record = self.record(known.kind, known.subject, rule, told);
        self.out.record(IntervalRecord { alert: Some(known.id), ..record });
    }
}

//! Absences that a backlog brings: one alert a window at most, and none for a window that was told already.

use super::{Curfew, Curfews, Terms};
use crate::{
    AlertKind, Reason,
    identity::{Origin, Subject},
    monitor::{
        exclusion::confirm_gap_ms,
        late::Late,
        note::{Judged, Note},
        recorder::Fact,
        scene::{Draft, Outbox, Scene, zone_ref},
    },
};
use lenke_wire::UnixMillis;
use lenke_zones::{Interval, verdict};
use serde::{Deserialize, Serialize};

/// Windows remembered.
const WINDOWS_MAX: usize = 3;

/// What is known and was said of one window.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Told {
    /// Begin of the window.
    #[serde(rename = "f")]
    from: UnixMillis,
    /// First moment seen home.
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    home_at: Option<UnixMillis>,
    /// An absence was raised.
    #[serde(rename = "t", default, skip_serializing_if = "std::ops::Not::not")]
    told: bool,
}

impl Curfews {
    /// A plausible fix from before the newest.
    pub(in crate::monitor) fn handle_late(
        &mut self,
        note: &Note,
        late: &Late,
        scene: &Scene<'_>,
        out: &mut Outbox,
    ) {
        self.each(scene, out, |curfew, terms, out| curfew.handle_late(note, late, &terms, scene, out));
    }
}

impl Curfew {
    pub(super) fn mark_home(&mut self, window: Interval, at: UnixMillis) {
        let told = self.told(window);
        told.home_at = Some(told.home_at.map_or(at, |known| known.min(at)));
    }

    pub(super) fn mark_told(&mut self, window: Interval) {
        self.told(window).told = true;
    }

    fn told(&mut self, window: Interval) -> &mut Told {
        let known = self.told.iter().position(|told| told.from == window.from);
        let index = known.unwrap_or_else(|| {
            if self.told.len() >= WINDOWS_MAX {
                self.told.remove(0);
            }
            self.told.push(Told { from: window.from, home_at: None, told: false });
            self.told.len() - 1
        });
        &mut self.told[index]
    }

    pub(super) fn handle_late(
        &mut self,
        note: &Note,
        late: &Late,
        terms: &Terms<'_>,
        scene: &Scene<'_>,
        out: &mut Outbox,
    ) {
        let Some(zone) = scene.context.zones.zone(terms.zone) else { return };
        let Some(window) = terms.due().window_at(note.at) else { return };
        let policy = &zone.policy;
        let probability = |note: &Note| verdict(zone, note.position, note.accuracy_m()).probability;
        if probability(note) >= policy.confirm_at {
            self.mark_home(window, note.at);
            out.fact(Fact::Presence { condition: self.condition, home: true, first: note.at, last: note.at });
            return;
        }
        let is_away = |note: &Note| probability(note) <= 1.0 - policy.suspect_at && window.contains(note.at);
        if !is_away(note) {
            return;
        }
        let gap_ms = confirm_gap_ms(&scene.context.wearer.plan);
        let Some((first, last)) = late.confirmed(note.at, (policy.hits, policy.window), gap_ms, is_away)
        else {
            // Its neighbours may have been judged and let go before it came.
            out.fact(Fact::Suspected { condition: self.condition, at: note.at });
            return;
        };
        out.fact(Fact::Presence { condition: self.condition, home: false, first: first.at, last: last.at });
        let told = *self.told(window);
        let was_home = told.home_at.is_some_and(|home| home < first.at);
        let after_grace = last.at >= window.from.plus_s(terms.grace_s);
        if told.told || !(was_home || after_grace) {
            return;
        }
        self.mark_told(window);
        let seen = Judged::new(first, verdict(zone, first.position, first.accuracy_m()));
        let distance_m = (-seen.signed_distance_m()).max(0.0);
        let grace_s = u32::try_from(terms.grace_s).unwrap_or(u32::MAX);
        let (kind, rule, reason) = if was_home {
            let reason = Reason::LeftHome { distance_m, curfew_to: window.to };
            (AlertKind::CurfewLeftEarly, "curfew.left_early/1", reason)
        } else {
            let reason = Reason::NotHome { distance_m: Some(distance_m), curfew_from: window.from, grace_s };
            (AlertKind::CurfewAbsent, "curfew.absent/1", reason)
        };
        let draft = Draft {
            kind,
            rule,
            subject: Subject::Condition(self.condition),
            origin: Origin::Record { device: first.device, frame: first.frame, at: first.at },
            occurred_at: first.at,
            position: Some(first.position),
            reason,
            zone: Some(zone_ref(zone)),
            fixes: vec![seen.evidence()],
        };
        let id = out.raise_late(scene, draft);
        out.end_id(id, last.at);
    }
}

//! Evidence of being home or away, and what it says within a window.

use super::{Curfew, Curfews, Presence, Terms};
use crate::{
    AlertKind, Reason,
    monitor::{
        late::Late,
        note::{Judged, Note},
        recorder::Fact,
        scene::{Outbox, Scene},
    },
};
use lenke_wire::UnixMillis;
use lenke_zones::{Interval, verdict};

/// A fix outside this close in time to an authenticated sighting is the fix's error, seconds.
const SIGHTING_FRESH_S: i64 = 120;

impl Curfews {
    /// A good fix, ahead of all before.
    pub(in crate::monitor) fn handle_fix(
        &mut self,
        note: &Note,
        late: &mut Late,
        scene: &Scene<'_>,
        out: &mut Outbox,
    ) {
        self.each(scene, out, |curfew, terms, out| {
            curfew.roll(note.at, &terms, scene, out);
            if note.at < curfew.clear_from {
                // The window that it belongs to is over already, as far as the centre is concerned.
                late.remember(note);
                curfew.handle_late(note, late, &terms, scene, out);
            } else {
                curfew.handle_fix(note, &terms, scene, out);
            }
        });
    }

    /// Whether a fix lies in one of the homes.
    pub(in crate::monitor) fn is_home(&self, note: &Note, scene: &Scene<'_>) -> bool {
        let wearer = scene.context.wearer;
        wearer.conditions.iter().filter_map(|condition| Terms::of(condition, wearer)).any(|terms| {
            let zone = scene.context.zones.zone(terms.zone);
            zone.is_some_and(|zone| {
                verdict(zone, note.position, note.accuracy_m()).probability >= zone.policy.suspect_at
            })
        })
    }

    /// An authenticated sighting by a home unit, or of one.
    pub(in crate::monitor) fn handle_sighting(
        &mut self,
        at: UnixMillis,
        scene: &Scene<'_>,
        out: &mut Outbox,
    ) {
        self.each(scene, out, |curfew, terms, out| {
            curfew.roll(at, &terms, scene, out);
            curfew.sighted_at = Some(curfew.sighted_at.map_or(at, |known| known.max(at)));
            let is_news = curfew.evidence_at.is_none_or(|known| at >= known);
            if is_news && at >= curfew.clear_from {
                curfew.enter_window(at, &terms);
                curfew.evidence_at = Some(at);
                curfew.handle_home(at, &terms, scene, out);
            }
        });
    }
}

impl Curfew {
    fn handle_fix(&mut self, note: &Note, terms: &Terms<'_>, scene: &Scene<'_>, out: &mut Outbox) {
        let Some(zone) = scene.context.zones.zone(terms.zone) else { return };
        let said = verdict(zone, note.position, note.accuracy_m());
        let policy = &zone.policy;
        let contradicted =
            self.sighted_at.is_some_and(|at| note.at.since_ms(at).abs() <= SIGHTING_FRESH_S * 1000);
        let is_home = said.probability >= policy.suspect_at;
        let is_away = !is_home && said.probability <= 1.0 - policy.suspect_at && !contradicted;
        self.enter_window(note.at, terms);
        if self.evidence_at.is_none_or(|known| note.at > known) {
            self.evidence_at = Some(note.at);
        }
        out.end(&mut self.open.unknown, note.at);
        self.last = Some(Judged::new(*note, said));
        self.homes.push(is_home);
        self.aways.push(is_away);
        let surely = said.probability >= policy.confirm_at;
        if is_home && (surely || self.homes.confirm(policy)) {
            self.handle_home(note.at, terms, scene, out);
        } else if is_away {
            self.away_since.get_or_insert(note.at);
            if self.aways.confirm(policy) {
                self.handle_away(note.at, terms, scene, out);
            }
        }
    }

    /// The first evidence within a window says whether the wearer was home when it began.
    fn enter_window(&mut self, at: UnixMillis, terms: &Terms<'_>) {
        let Some(window) = self.in_window(at) else { return };
        let first = self.evidence_at.is_none_or(|known| known < window.from);
        let fresh =
            self.evidence_at.is_some_and(|known| window.from.since_ms(known) <= terms.unknown_s * 1000);
        if first && fresh && self.presence == Presence::Home {
            self.home_seen = true;
        }
    }

    /// Home at `at`.
    fn handle_home(&mut self, at: UnixMillis, terms: &Terms<'_>, scene: &Scene<'_>, out: &mut Outbox) {
        self.presence = Presence::Home;
        out.fact(Fact::Presence { condition: self.condition, home: true, first: at, last: at });
        self.away_since = None;
        self.aways = crate::monitor::note::Hits::default();
        let Some(window) = self.in_window(at) else { return };
        self.mark_home(window, at);
        if self.open.absent.is_some() {
            let late_s = at.since_ms(window.from) / 1000;
            let reason = Reason::CameLate { late_s, curfew_from: window.from };
            let kind = AlertKind::CurfewLateReturn;
            let draft = self.draft(kind, "curfew.late_return/1", at, reason, scene, terms);
            let id = out.raise(scene, draft, None);
            out.end_id(id, at);
        }
        self.open.end_all(at, None, out);
        self.home_seen = true;
    }

    /// Confirmed elsewhere at `at`.
    fn handle_away(&mut self, at: UnixMillis, terms: &Terms<'_>, scene: &Scene<'_>, out: &mut Outbox) {
        let begins = self.presence != Presence::Away;
        self.presence = Presence::Away;
        let first = self.away_since.filter(|_| begins).unwrap_or(at).min(at);
        out.fact(Fact::Presence { condition: self.condition, home: false, first, last: at });
        let Some(window) = self.in_window(at) else { return };
        let begins = self.open.absent.is_none() && self.open.left.is_none();
        if begins && self.home_seen {
            self.tell_left(window, terms, scene, out);
        } else if begins && at >= window.from.plus_s(terms.grace_s) {
            let reason = self.not_home(window, terms);
            // Named after the moment the grace was over, whenever that was confirmed.
            let moment = window.from.plus_s(terms.grace_s);
            let kind = AlertKind::CurfewAbsent;
            let draft = self.draft(kind, "curfew.absent/1", moment, reason, scene, terms);
            self.open.absent = Some(out.raise(scene, draft, None));
            self.mark_told(window);
        }
        if let Some(due) = self.not_returned_at(terms).filter(|due| at >= *due) {
            self.tell_not_returned(due, terms, window, scene, out);
        }
    }

    fn tell_left(&mut self, window: Interval, terms: &Terms<'_>, scene: &Scene<'_>, out: &mut Outbox) {
        let since = self.away_since.unwrap_or(window.from).max(window.from);
        let distance_m = self.last.map_or(0.0, |last| (-last.signed_distance_m()).max(0.0));
        let reason = Reason::LeftHome { distance_m, curfew_to: window.to };
        let kind = AlertKind::CurfewLeftEarly;
        let draft = self.draft(kind, "curfew.left_early/1", since, reason, scene, terms);
        self.open.left = Some(out.raise(scene, draft, None));
        self.mark_told(window);
    }
}

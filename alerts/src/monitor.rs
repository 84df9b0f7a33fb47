//! One wearer's state machine: reports, deadlines and a protected person's positions in, alerts out.
//!
//! | module | rules |
//! |---|---|
//! | [`track`] | plausibility: which fixes may confirm anything |
//! | [`silence`] | nothing heard, nothing placed |
//! | [`exclusion`], [`transit`] | exclusion zones: approach, breach, crossing between fixes |
//! | [`curfew`] | absent, left early, returned late, not returned, unknown |
//! | [`victim`] | nearness to a protected person, and whether that can be told |
//! | [`device`] | strap, case, panic, battery, signals |
//! | [`refusal`] | frames that should not exist |
//! | [`recorder`] | the intervals of violation, presence and silence that all of this makes |
//! | [`late`], [`history`] | backlog: judged among its neighbours in time, merged into what is known |
//!
//! Invariants: the same inputs give the same effects with the same ids; the state is bounded and serializes, and a
//! restored monitor goes on as the original would; late data never disturbs the live state; duplicates change nothing.
//! A protected person's position is never serialized, logged or put into an effect.
//!
//! Left to others: clocks, attribution of devices to wearers, deduplication of frames, an alert's life after its raise.
//!
//! The caller drains [`Monitor::poll_effect`] after each input and before it takes a snapshot, and calls
//! [`Monitor::handle_deadline`] when [`Monitor::deadline`] is due, at the begin, and after a change of the register.

mod curfew;
mod device;
mod exclusion;
mod history;
mod input;
mod late;
mod note;
mod recorder;
mod refusal;
mod scene;
mod silence;
mod track;
mod transit;
mod victim;

#[cfg(test)]
mod tests;

pub use input::{Content, Context, Effect, Report, Tally};

use curfew::Curfews;
use device::{Source, Units};
use exclusion::{Exclusion, confirm_gap_ms};
use history::History;
use late::Late;
use lenke_wire::{DeviceId, Event, Fix, FrameId, Sighting, UnixMillis, topic::Lane};
use lenke_zones::WearerId;
use note::Note;
use recorder::Recorder;
use refusal::Refusals;
use scene::{Outbox, Scene, earlier};
use serde::{Deserialize, Serialize};
use silence::Silence;
use track::{Mark, Track};
use victim::{Guards, Placed};

/// An event without a position gets the last one, if it is at most this old, seconds.
const EVENT_POSITION_AGE_S: i64 = 600;

/// One wearer's state.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Monitor {
    wearer: WearerId,
    /// When the next deadline is; at the begin at once, so that the first call learns the order's windows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wake: Option<UnixMillis>,
    silence: Silence,
    #[serde(default)]
    track: Track,
    #[serde(default, skip_serializing_if = "Units::is_empty")]
    units: Units,
    /// Last time that the tag was heard at home.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    home_at: Option<UnixMillis>,
    /// The tag that was heard last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tag: Option<DeviceId>,
    #[serde(default, skip_serializing_if = "Exclusion::is_empty")]
    exclusion: Exclusion,
    #[serde(default, skip_serializing_if = "Curfews::is_empty")]
    curfews: Curfews,
    #[serde(default, skip_serializing_if = "Guards::is_empty")]
    guards: Guards,
    #[serde(default, skip_serializing_if = "History::is_empty")]
    history: History,
    #[serde(default, skip_serializing_if = "Late::is_empty")]
    late: Late,
    #[serde(default, skip_serializing_if = "Refusals::is_empty")]
    refusals: Refusals,
    #[serde(default, skip_serializing_if = "Recorder::is_empty")]
    recorder: Recorder,
    #[serde(skip)]
    out: Outbox,
}

impl Monitor {
    /// Begins to watch over `wearer`.
    pub fn new(wearer: WearerId, now: UnixMillis) -> Self {
        Self {
            wearer,
            wake: Some(now),
            silence: Silence::new(now),
            track: Track::default(),
            units: Units::default(),
            home_at: None,
            tag: None,
            exclusion: Exclusion::default(),
            curfews: Curfews::default(),
            guards: Guards::default(),
            history: History::default(),
            late: Late::default(),
            refusals: Refusals::default(),
            recorder: Recorder::default(),
            out: Outbox::default(),
        }
    }

    /// Whom it watches over.
    pub fn wearer(&self) -> WearerId {
        self.wearer
    }

    /// A verified frame of one of the wearer's devices.
    pub fn handle_report(&mut self, report: &Report<'_>, context: &Context<'_>, now: UnixMillis) -> Tally {
        let scene = Scene { context, now, backlog: report.lane == Lane::Backlog };
        let source = Source { device: report.device, frame: report.frame };
        let of_home_unit = context.wearer.home_units.contains(&report.device);
        if !of_home_unit {
            self.tag = Some(report.device);
            self.silence.handle_heard(now, &mut self.out);
        }
        if let Some(at) = report.content.said_at().filter(|_| !of_home_unit) {
            self.recorder.handle_heard(at, &scene, &mut self.out);
        }
        let mut tally = Tally::default();
        match report.content {
            Content::Fixes(fixes) => self.handle_fixes(source, fixes, &scene, &mut tally),
            Content::Event(event) => self.handle_event(source, event, &scene),
            Content::Sightings(sightings) => self.handle_sightings(of_home_unit, sightings, &scene),
            Content::Health(health) => self.units.handle_health(source, health, &scene, &mut self.out),
            Content::Checkpoint => {}
        }
        self.late.tell_ends(&mut self.out);
        self.curfews.handle_deadline(self.silence.since(), &scene, &mut self.out);
        self.guards.handle_deadline(&self.silence, &scene, &mut self.out);
        self.settle(&scene);
        tally
    }

    /// Time has passed: see [`Self::deadline`].
    pub fn handle_deadline(&mut self, context: &Context<'_>, now: UnixMillis) {
        let scene = Scene { context, now, backlog: false };
        self.silence.handle_deadline(&scene, &mut self.out);
        self.curfews.handle_deadline(self.silence.since(), &scene, &mut self.out);
        self.guards.handle_deadline(&self.silence, &scene, &mut self.out);
        self.settle(&scene);
    }

    /// A fix of a protected person's unit, for the wearers who must keep away.
    pub fn handle_counterpart(
        &mut self,
        victim: WearerId,
        fix: &Fix,
        context: &Context<'_>,
        now: UnixMillis,
    ) {
        let scene = Scene { context, now, backlog: false };
        let placed = self.placed(&scene);
        self.guards.handle_counterpart(victim, placed.as_ref(), fix, &scene, &mut self.out);
        self.guards.handle_deadline(&self.silence, &scene, &mut self.out);
        self.settle(&scene);
    }

    /// The centre itself was down until now: clocks of silence start anew.
    pub fn handle_restart(&mut self, now: UnixMillis) {
        self.silence.handle_restart(now);
        self.wake = Some(now);
    }

    /// Ingest refused something that should not exist, such as other bytes under a known frame number.
    pub fn handle_refusal(
        &mut self,
        rule: &str,
        frame: Option<FrameId>,
        context: &Context<'_>,
        now: UnixMillis,
    ) {
        let scene = Scene { context, now, backlog: false };
        self.refusals.handle_refusal(rule, frame, &scene, &mut self.out);
        self.settle(&scene);
    }

    /// When [`Self::handle_deadline`] has something to do, if ever. A read of one field.
    pub fn deadline(&self) -> Option<UnixMillis> {
        self.wake
    }

    /// The next effect, in the order they came to be.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.out.pop()
    }

    fn handle_fixes(&mut self, source: Source, fixes: &[Fix], scene: &Scene<'_>, tally: &mut Tally) {
        if scene.context.wearer.is_protected() {
            // Where a protected person is, nobody keeps: only that the unit has a position.
            self.silence.handle_located(scene.now, &mut self.out);
            tally.live = u16::try_from(fixes.len()).unwrap_or(u16::MAX);
            return;
        }
        let mut fixes: Vec<&Fix> = fixes.iter().collect();
        fixes.sort_by_key(|fix| fix.at);
        for fix in fixes {
            let note = Note::new(source.device, source.frame, fix);
            let previous = self.track.good().copied();
            match self.track.handle_fix(&note, fix.time_source, scene) {
                Mark::Good => {
                    tally.live += 1;
                    self.recorder.handle_earlier(note.at, scene, &mut self.out);
                    self.recorder.handle_placed(note.at, scene, &mut self.out);
                    self.handle_live(&note, previous, scene);
                }
                Mark::Late if self.handle_late(&note, scene) => {
                    tally.late += 1;
                    self.recorder.handle_earlier(note.at, scene, &mut self.out);
                    self.recorder.handle_placed(note.at, scene, &mut self.out);
                }
                Mark::Duplicate => tally.duplicate += 1,
                Mark::Late | Mark::Implausible => {
                    tally.implausible += 1;
                    self.recorder.handle_heard(note.at, scene, &mut self.out);
                }
            }
        }
    }

    /// A good fix, ahead of all before.
    fn handle_live(&mut self, note: &Note, previous: Option<Note>, scene: &Scene<'_>) {
        self.late.tell_ends(&mut self.out);
        let plan = &scene.context.wearer.plan;
        if let Some(previous) = previous.filter(|known| note.at.since_ms(known.at) > confirm_gap_ms(plan)) {
            // Both ends of the gap are neighbours of what a backlog may bring.
            self.late.remember(&previous);
            self.late.remember(note);
        }
        self.silence.handle_located(scene.now, &mut self.out);
        self.exclusion.handle_fix(note, previous.as_ref(), scene, &mut self.history, &mut self.out);
        self.curfews.handle_fix(note, &mut self.late, scene, &mut self.out);
        self.guards.handle_placed(&Placed { note: *note, at: note.at }, scene, &mut self.out);
    }

    /// A fix from before the newest. Returns whether it was plausible and new.
    fn handle_late(&mut self, note: &Note, scene: &Scene<'_>) -> bool {
        let taken = self.late.handle_fix(note, scene, &mut self.history, &mut self.out);
        if taken {
            self.curfews.handle_late(note, &self.late, scene, &mut self.out);
            self.recorder.handle_late(note, scene, &mut self.out);
        }
        taken
    }

    fn handle_event(&mut self, source: Source, event: &Event, scene: &Scene<'_>) {
        let fresh = |note: &&Note| event.at.since_ms(note.at).abs() <= EVENT_POSITION_AGE_S * 1000;
        let known = self.track.good().filter(fresh).map(|note| note.position);
        let event = Event { position: event.position.or(known), ..*event };
        self.units.handle_event(source, &event, scene, &mut self.out);
    }

    /// Only a home unit that proved who it is, or that heard this wearer's tag prove it, says that they are home.
    fn handle_sightings(&mut self, of_home_unit: bool, sightings: &[Sighting], scene: &Scene<'_>) {
        let homes = &scene.context.wearer.home_units;
        let says_home = |sighting: &&Sighting| {
            let heard_home = !of_home_unit && homes.contains(&sighting.heard);
            sighting.authenticated && (heard_home || of_home_unit && self.tag == Some(sighting.heard))
        };
        let moments: Vec<_> = sightings.iter().filter(says_home).map(|sighting| sighting.at).collect();
        for at in moments.into_iter().filter(|at| *at <= scene.now) {
            self.silence.handle_located(scene.now, &mut self.out);
            self.recorder.handle_placed(at, scene, &mut self.out);
            self.curfews.handle_sighting(at, scene, &mut self.out);
            self.home_at = Some(self.home_at.map_or(at, |known| known.max(at)));
        }
        if let Some(placed) = self.placed(scene).filter(|placed| Some(placed.at) == self.home_at) {
            self.guards.handle_placed(&placed, scene, &mut self.out);
        }
    }

    /// Where the wearer is: at the newest good fix, for as long as sightings say that it is still home.
    fn placed(&self, scene: &Scene<'_>) -> Option<Placed> {
        let note = *self.track.good()?;
        let sighted = self.home_at.filter(|at| *at > note.at && self.curfews.is_home(&note, scene));
        Some(Placed { note, at: sighted.unwrap_or(note.at) })
    }

    /// Tells of the intervals that the input changed, and remembers when to wake next.
    fn settle(&mut self, scene: &Scene<'_>) {
        self.recorder.settle(&self.silence, scene, &mut self.out);
        let wearer = scene.context.wearer;
        let silence = self.silence.deadline(&wearer.plan);
        let curfews = self.curfews.deadline(self.silence.since(), wearer);
        let guards = self.guards.deadline(&self.silence, &wearer.plan);
        self.wake = earlier(earlier(silence, curfews), guards);
    }
}

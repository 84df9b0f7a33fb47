//! Frames that ingest refused and that should not exist: an alert each rule, however often it is broken.

use super::scene::{Draft, Outbox, Scene};
use crate::{
    AlertKind, Reason,
    identity::{Origin, Subject},
};
use lenke_wire::{DeviceId, FrameId, UnixMillis};
use serde::{Deserialize, Serialize};

/// Refusals by one rule that follow each other within this are one alert, seconds.
const QUIET_S: i64 = 600;
/// Rules kept track of; the one broken longest ago gives way.
const RULES_MAX: usize = 8;
/// Characters of a rule's name.
const RULE_CHARS_MAX: usize = 48;

/// Rules and when they were last broken.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Refusals(Vec<(String, UnixMillis)>);

impl Refusals {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn handle_refusal(
        &mut self,
        rule: &str,
        frame: Option<FrameId>,
        scene: &Scene<'_>,
        out: &mut Outbox,
    ) {
        let rule: String = rule.chars().take(RULE_CHARS_MAX).collect();
        let known = self.0.iter().position(|(known, _)| *known == rule).map(|index| self.0.remove(index).1);
        if self.0.len() >= RULES_MAX {
            self.0.remove(0);
        }
        self.0.push((rule.clone(), scene.now));
        if known.is_some_and(|last| scene.now.since_ms(last) <= QUIET_S * 1000) {
            return;
        }
        // Without a number of its own, a refusal is named after the moment it came.
        let at = scene.now;
        let device = DeviceId::new(0);
        let origin = frame.map_or(Origin::Moment(at), |frame| Origin::Record {
            device,
            frame,
            at: UnixMillis::default(),
        });
        // Two rules broken by one frame are two alerts.
        let name = format!("ingest.refused.{rule}/1");
        let draft = Draft {
            kind: AlertKind::SecurityEvent,
            rule: &name,
            subject: Subject::Wearer,
            origin,
            occurred_at: at,
            position: None,
            reason: Reason::Refused { rule },
            zone: None,
            fixes: Vec::new(),
        };
        out.raise(scene, draft, None);
    }
}

//! The open alerts and every decision about them. Synchronous; `now` and what the store knows are passed in.
//!
//! A finding meets, in this order:
//!
//! | what is there | what happens |
//! |---|---|
//! | the alert that this finding became or was taken into, open or closed | another occurrence if it is later than the last, else nothing |
//! | an open alert on the same matter, live like it or late like it | another occurrence if it is later than the last |
//! | neither, or an earlier stay than the open alert's | a new alert |
//!
//! A matter is wearer, order, kind, and the finding's own subject - the zone, condition, device or protected person -
//! so that what concerns two victims of one wearer is two alerts, each with its own life. An alert of a backlog and a live one never take each other in: what
//! somebody has acknowledged about yesterday must not keep quiet what happens now.

use super::{DeskError, DeskInput, bounded::Bounded};
use lenke_alerts::{Action, Alert, AlertId, AlertKind, AlertState, Finding, OrderId, Subject};
use lenke_wire::UnixMillis;
use lenke_zones::{WearerId, ZoneId};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

/// Closed alerts kept at hand; older ones are looked up in the store.
const CLOSED_MAX: usize = 4096;
/// Findings taken into alerts that are kept at hand; older ones are looked up in the store.
const MERGED_MAX: usize = 65_536;

/// An alert that changed, to be shown and saved.
#[derive(Clone, Debug)]
pub(super) struct Changed {
    pub(super) alert: Arc<Alert>,
    /// The finding that it took in as another occurrence.
    pub(super) merged: Option<AlertId>,
}

/// What an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Matter {
    wearer: WearerId,
    order: OrderId,
    kind: AlertKind,
    subject: Subject,
    /// Alerts that were saved before they named their subject have the zone only.
    zone: Option<ZoneId>,
    late: bool,
}

impl Matter {
    fn of_finding(finding: &Finding) -> Self {
        let zone = finding.explanation.zone.as_ref().map(|zone| zone.id);
        let Finding { wearer, order, kind, subject, late, .. } = *finding;
        Self { wearer, order, kind, subject, zone, late }
    }

    fn of_alert(alert: &Alert) -> Self {
        let zone = alert.explanation.zone.as_ref().map(|zone| zone.id);
        let Alert { wearer, order, kind, subject, late, .. } = *alert;
        Self { wearer, order, kind, subject, zone, late }
    }
}

/// The open alerts, and what is known of the rest.
#[derive(Debug)]
pub(super) struct Book {
    open: HashMap<AlertId, Arc<Alert>>,
    closed: Bounded<AlertId, Arc<Alert>>,
    /// From a finding to the alert that took it in.
    merged: Bounded<AlertId, AlertId>,
    matters: HashMap<Matter, BTreeSet<AlertId>>,
    deadlines: BTreeSet<(UnixMillis, AlertId)>,
}

impl Book {
    pub(super) fn new(open: Vec<Arc<Alert>>) -> Self {
        let mut book = Self {
            open: HashMap::new(),
            closed: Bounded::new(CLOSED_MAX),
            merged: Bounded::new(MERGED_MAX),
            matters: HashMap::new(),
            deadlines: BTreeSet::new(),
        };
        open.into_iter().for_each(|alert| book.put(alert));
        book
    }

    /// How many alerts are open.
    pub(super) fn open_count(&self) -> usize {
        self.open.len()
    }

    /// The alert that the finding `id` became or was taken into, if it is at hand.
    pub(super) fn find(&self, id: AlertId) -> Option<&Arc<Alert>> {
        let id = self.merged.get(&id).unwrap_or(&id);
        self.open.get(id).or_else(|| self.closed.get(id))
    }

    /// Takes in what the store knows of the finding `id`. An alert that is at hand is newer than the stored one.
    pub(super) fn adopt(&mut self, id: AlertId, stored: Alert) {
        if stored.id != id {
            self.merged.insert(id, stored.id);
        }
        if self.find(stored.id).is_none() {
            self.put(Arc::new(stored));
        }
    }

    /// Handles what evaluation found; `None` if it was known. The caller has looked `id` up with [`Self::find`].
    pub(super) fn handle_input(&mut self, input: DeskInput, now: UnixMillis) -> Option<Changed> {
        match input {
            DeskInput::Raise(finding) => self.handle_finding(finding, now),
            DeskInput::End { id, at, permission } => {
                let id = self.find(id)?.id;
                self.change(id, |alert| alert.handle_end_under(at, permission, now))
            }
        }
    }

    fn handle_finding(&mut self, finding: Finding, now: UnixMillis) -> Option<Changed> {
        if let Some(known) = self.find(finding.id) {
            let id = known.id;
            return self.change(id, |alert| alert.handle_recurrence(&finding, now));
        }
        if let Some(id) = self.newest_on(Matter::of_finding(&finding))
            && let Some(changed) = self.change(id, |alert| alert.handle_recurrence(&finding, now))
        {
            self.merged.insert(finding.id, id);
            return Some(Changed { merged: Some(finding.id), ..changed });
        }
        let alert = Arc::new(Alert::raise(finding, now));
        self.put(alert.clone());
        Some(Changed { alert, merged: None })
    }

    /// A person acts. `Ok` with the alert unchanged if there was nothing left to do.
    pub(super) fn handle_action(
        &mut self,
        id: AlertId,
        version: u32,
        action: Action,
        actor: &str,
        now: UnixMillis,
    ) -> Result<(Arc<Alert>, Option<Changed>), DeskError> {
        let known = self.find(id).ok_or(DeskError::Unknown(id))?;
        if known.version != version {
            return Err(DeskError::Stale(known.clone()));
        }
        let mut alert = Alert::clone(known);
        alert.handle_action(action, actor, now).map_err(DeskError::Refused)?;
        if alert.version == version {
            return Ok((known.clone(), None));
        }
        let alert = Arc::new(alert);
        self.put(alert.clone());
        Ok((alert.clone(), Some(Changed { alert, merged: None })))
    }

    /// When [`Self::handle_deadlines`] has something to do, if ever.
    pub(super) fn deadline(&self) -> Option<UnixMillis> {
        self.deadlines.first().map(|&(deadline, _)| deadline)
    }

    /// Escalates what nobody took in time.
    pub(super) fn handle_deadlines(&mut self, now: UnixMillis) -> Vec<Changed> {
        let due: Vec<_> =
            self.deadlines.iter().take_while(|&&(deadline, _)| deadline <= now).map(|&(_, id)| id).collect();
        due.into_iter().filter_map(|id| self.change(id, |alert| alert.handle_deadline(now))).collect()
    }

    /// The open alert on the matter whose condition began last.
    fn newest_on(&self, matter: Matter) -> Option<AlertId> {
        let ids = self.matters.get(&matter)?;
        ids.iter()
            .copied()
            .max_by_key(|id| self.open.get(id).map(|alert| alert.recurred_at.unwrap_or(alert.occurred_at)))
    }

    /// Applies `change` to the alert; `None` if it says that nothing happened.
    fn change(&mut self, id: AlertId, change: impl FnOnce(&mut Alert) -> bool) -> Option<Changed> {
        let mut alert = Alert::clone(self.find(id)?);
        if !change(&mut alert) {
            return None;
        }
        let alert = Arc::new(alert);
        self.put(alert.clone());
        Some(Changed { alert, merged: None })
    }

    /// Puts an alert where it belongs and keeps the indexes true.
    fn put(&mut self, alert: Arc<Alert>) {
        let (id, matter) = (alert.id, Matter::of_alert(&alert));
        if let Some(deadline) = self.open.get(&id).and_then(|before| before.deadline()) {
            self.deadlines.remove(&(deadline, id));
        }
        if alert.state == AlertState::Resolved {
            self.open.remove(&id);
            if let Some(ids) = self.matters.get_mut(&matter) {
                ids.remove(&id);
                if ids.is_empty() {
                    self.matters.remove(&matter);
                }
            }
            self.closed.insert(id, alert);
            return;
        }
        self.closed.remove(&id);
        self.matters.entry(matter).or_default().insert(id);
        self.deadlines.extend(alert.deadline().map(|deadline| (deadline, id)));
        self.open.insert(id, alert);
    }
}

#[cfg(test)]
mod tests;

//! The register as pages need it: zones, and which of them hold for whom. No key of a device is kept here.
//!
//! Read again when its version in the store has changed; a store that does not answer leaves the last one in force.

use crate::limits;
use lenke_alerts::{ConditionRule, Device, Register};
use lenke_store::{Store, StoreError};
use lenke_wire::UnixMillis;
use lenke_zones::{Assignment, GroupId, Schedule, WearerId, Zone, ZoneId};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use tokio::{sync::Mutex, time::Instant};

/// A wearer, as far as zones go.
struct Case {
    groups: HashSet<GroupId>,
    zones: HashSet<ZoneId>,
}

/// A version of the register.
pub(crate) struct CaseBook {
    version: i64,
    zones: Vec<Zone>,
    curfews: HashMap<ZoneId, Vec<Schedule>>,
    cases: HashMap<WearerId, Case>,
    protected: HashSet<WearerId>,
    /// Who carries what: devices without their keys, and activations.
    carried: Register,
}

impl CaseBook {
    fn of(register: Register) -> Self {
        let protected = register.protected();
        let mut curfews: HashMap<_, Vec<_>> = HashMap::new();
        for wearer in &register.wearers {
            for condition in &wearer.conditions {
                if let ConditionRule::Curfew { zone, schedule, .. } = &condition.rule {
                    let exempt = wearer.permissions(*zone).map(|(_, permission)| permission.interval());
                    curfews.entry(*zone).or_default().push(schedule.without(&exempt.collect()));
                }
            }
        }
        let carried = Register {
            version: register.version,
            devices: register.devices.into_iter().map(|device| Device { key: [0; 16], ..device }).collect(),
            activations: register.activations,
            ..Register::default()
        };
        let cases = register.wearers.into_iter().map(|wearer| {
            let zones = wearer.conditions.iter().filter_map(|condition| match &condition.rule {
                ConditionRule::Exclusion { zone } | ConditionRule::Curfew { zone, .. } => Some(*zone),
                ConditionRule::VictimProtection { .. }
                | ConditionRule::Permission(_)
                | ConditionRule::TrailMonitoring => None,
            });
            let case = Case { zones: zones.collect(), groups: wearer.groups.iter().copied().collect() };
            (wearer.id, case)
        });
        Self {
            version: register.version,
            cases: cases.collect(),
            zones: register.zones,
            curfews,
            protected,
            carried,
        }
    }

    /// Who carries what: devices without their keys, and activations; nothing else of the register.
    pub(crate) const fn carried(&self) -> &Register {
        &self.carried
    }

    /// Every zone in its current version.
    pub(crate) fn zones(&self) -> &[Zone] {
        &self.zones
    }

    /// Whether `zone` binds somebody at `now`: its own schedule holds, and of the curfews there, if any, one does.
    pub(crate) fn holds_at(&self, zone: &Zone, now: UnixMillis) -> bool {
        let curfews = self.curfews.get(&zone.id);
        zone.holds_at(now) && curfews.is_none_or(|curfews| curfews.iter().any(|curfew| curfew.holds_at(now)))
    }

    /// Whether this is a monitored person. A protected person is not: nobody may look there.
    pub(crate) fn is_monitored(&self, wearer: WearerId) -> bool {
        self.cases.contains_key(&wearer) && !self.protected.contains(&wearer)
    }

    /// Whether this is a protected person.
    pub(crate) fn is_protected(&self, wearer: WearerId) -> bool {
        self.protected.contains(&wearer)
    }

    /// The zones that hold for `wearer`: own, shared by group, or named by a condition.
    pub(crate) fn zones_of(&self, wearer: WearerId) -> impl Iterator<Item = &Zone> {
        let case = self.cases.get(&wearer);
        self.zones.iter().filter(move |zone| {
            case.is_some_and(|case| {
                case.zones.contains(&zone.id)
                    || match &zone.assignment {
                        Assignment::Personal(owner) => *owner == wearer,
                        Assignment::Shared(groups) => groups.iter().any(|group| case.groups.contains(group)),
                    }
            })
        })
    }
}

/// The newest case book and when its version was last asked for.
pub(crate) struct CaseBooks {
    store: Arc<dyn Store>,
    last: Mutex<Option<(Instant, Arc<CaseBook>)>>,
}

impl CaseBooks {
    /// Nothing is read before it is asked for.
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, last: Mutex::default() }
    }

    /// The newest case book, at most [`limits::CASES_FRESH_FOR`] behind the store.
    pub(crate) async fn current(&self) -> Result<Arc<CaseBook>, StoreError> {
        let mut last = self.last.lock().await;
        let now = Instant::now();
        if let Some((asked_at, book)) = &*last
            && now.duration_since(*asked_at) < limits::CASES_FRESH_FOR
        {
            return Ok(Arc::clone(book));
        }
        let known = last.as_ref().map(|(_, book)| Arc::clone(book));
        let book = match (self.newer_than(known.as_deref()).await, known) {
            (Ok(Some(newer)), _) => Arc::new(newer),
            (Ok(None), Some(known)) => known,
            (Ok(None), None) => Arc::new(CaseBook::of(Register::default())),
            (Err(error), Some(known)) => {
                tracing::warn!(%error, "the register cannot be read; the last known one holds");
                known
            }
            (Err(error), None) => return Err(error),
        };
        *last = Some((now, Arc::clone(&book)));
        Ok(book)
    }

    async fn newer_than(&self, known: Option<&CaseBook>) -> Result<Option<CaseBook>, StoreError> {
        let version = self.store.register_version().await?;
        if known.is_some_and(|book| book.version == version) {
            return Ok(None);
        }
        Ok(Some(CaseBook::of(self.store.load_register().await?)))
    }
}

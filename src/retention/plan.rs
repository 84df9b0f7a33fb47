//! Who is due, and what keeps the others.

use crate::subject_keys::SubjectKeys;
use anyhow::Result;
use lenke_alerts::Register;
use lenke_store::{Custody, Subject};
use lenke_wire::UnixMillis;
use lenke_zones::WearerId;
use std::{
    collections::{HashMap, HashSet},
    fmt,
};

const DAY_MS: i64 = 86_400_000;

/// Somebody to erase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) wearer: WearerId,
    /// What is from before this goes.
    pub(crate) before: UnixMillis,
    /// Erased already: only what came later goes.
    pub(crate) again: bool,
    keep_days: Option<u32>,
}

impl Due {
    /// For the audit log.
    pub(crate) fn why(&self) -> String {
        match (self.again, self.keep_days) {
            (true, _) => "came after the erasure".to_owned(),
            (false, Some(days)) => format!("order ended more than {days} days ago"),
            (false, None) => String::new(),
        }
    }
}

/// Why somebody is not erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// Nobody of this pseudonym.
    Unknown,
    /// The order has not ended.
    Carries,
    /// A legal hold.
    Held(String),
    /// Alerts that no person has closed.
    OpenAlerts(usize),
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("nobody has this pseudonym"),
            Self::Carries => f.write_str("still carries a device: end the activation first"),
            Self::Held(reason) => write!(f, "held: {reason}"),
            Self::OpenAlerts(count) => write!(f, "{count} alerts are open: close them first"),
        }
    }
}

/// Everybody who is due.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) due: Vec<Due>,
    /// Those whose time is over, and what keeps them.
    pub(crate) kept: Vec<(WearerId, Obstacle)>,
}

/// What is known of all wearers at one moment.
struct Facts {
    ended: HashMap<WearerId, UnixMillis>,
    carrying: HashSet<WearerId>,
    open_alerts: HashMap<WearerId, usize>,
    subjects: HashMap<WearerId, Subject>,
}

impl Facts {
    async fn load(store: &dyn Custody, register: &Register, now: UnixMillis) -> Result<Self> {
        let mut facts = Self {
            ended: HashMap::new(),
            carrying: HashSet::new(),
            open_alerts: HashMap::new(),
            subjects: store.subjects().await?.into_iter().map(|subject| (subject.wearer, subject)).collect(),
        };
        for activation in &register.activations {
            match activation.to.filter(|to| *to <= now) {
                Some(to) => {
                    let ended = facts.ended.entry(activation.wearer).or_insert(to);
                    *ended = to.max(*ended);
                }
                None => _ = facts.carrying.insert(activation.wearer),
            }
        }
        for alert in store.open_alerts().await? {
            *facts.open_alerts.entry(alert.wearer).or_default() += 1;
        }
        Ok(facts)
    }

    fn obstacle(&self, wearer: WearerId) -> Option<Obstacle> {
        let hold = self.subjects.get(&wearer).and_then(|subject| subject.hold.as_ref());
        if let Some(hold) = hold {
            return Some(Obstacle::Held(hold.reason.clone()));
        }
        if self.carrying.contains(&wearer) {
            return Some(Obstacle::Carries);
        }
        self.open_alerts.get(&wearer).map(|count| Obstacle::OpenAlerts(*count))
    }
}

/// Whether `wearer` can be erased now.
pub(super) async fn check(
    store: &dyn Custody,
    wearer: WearerId,
    now: UnixMillis,
) -> Result<std::result::Result<Due, Obstacle>> {
    let register = store.load_register().await?;
    if register.wearers.iter().all(|known| known.id != wearer) {
        return Ok(Err(Obstacle::Unknown));
    }
    let facts = Facts::load(store, &register, now).await?;
    let due = Due { wearer, before: UnixMillis(i64::MAX), again: false, keep_days: None };
    Ok(facts.obstacle(wearer).map_or(Ok(due), Err))
}

impl Plan {
    /// Who is due at `now`, when history is kept for `days` after an order has ended (0: for ever, unless the order says
    /// otherwise).
    pub(crate) async fn make(
        store: &dyn Custody,
        keys: &SubjectKeys,
        days: u32,
        now: UnixMillis,
    ) -> Result<Self> {
        let register = store.load_register().await?;
        let facts = Facts::load(store, &register, now).await?;
        let mut erased: HashMap<WearerId, UnixMillis> = HashMap::new();
        for gone in keys.erased()? {
            let at = erased.entry(gone.wearer).or_insert(gone.at);
            *at = gone.at.max(*at);
        }
        let mut plan = Self::default();
        for wearer in register.wearers.iter().map(|wearer| wearer.id) {
            let subject = facts.subjects.get(&wearer);
            let ended = facts.ended.get(&wearer).copied();
            let gone = erased.get(&wearer).copied();
            let due = match gone {
                // A backup from before the erasure was brought back, or a tag brought what it still had.
                Some(at) if ended.is_none_or(|ended| ended <= at) && !facts.carrying.contains(&wearer) => {
                    let known = subject.is_some_and(|subject| subject.erased_at >= Some(at));
                    let named = subject.is_some_and(|subject| subject.person.is_some());
                    let left =
                        !known || named || keys.exists(wearer)? || store.has_history(wearer, at).await?;
                    left.then_some(Due { wearer, before: at, again: true, keep_days: None })
                }
                _ => {
                    let keep_days = subject.and_then(|subject| subject.keep_days).unwrap_or(days);
                    let over = |ended: UnixMillis| now.since_ms(ended) >= i64::from(keep_days) * DAY_MS;
                    (keep_days > 0 && ended.is_some_and(over)).then_some(Due {
                        wearer,
                        before: UnixMillis(i64::MAX),
                        again: false,
                        keep_days: Some(keep_days),
                    })
                }
            };
            let Some(due) = due else { continue };
            match facts.obstacle(wearer) {
                Some(Obstacle::Carries) => {}
                Some(obstacle) => plan.kept.push((wearer, obstacle)),
                None => plan.due.push(due),
            }
        }
        Ok(plan)
    }
}

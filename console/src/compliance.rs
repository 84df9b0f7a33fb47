//! A wearer's compliance account out of the store: for the HTTP API, the page and the command line alike.
//!
//! Nothing is kept of it: it is made anew of the intervals each time, so that what a backlog amended is in it.

pub use crate::views::compliance::{ComplianceView, DayView, LineView, StateView, StretchView, TotalsView};

use lenke_alerts::{Case, ComplianceAccount, DeviceKind, IntervalRecord, Register, Wearer};
use lenke_store::{IntervalKey, Store, StoreError, store::PAGE_ROWS_MAX};
use lenke_wire::UnixMillis;
use lenke_zones::{Calendar, CalendarError, Interval, Intervals, WearerId};

/// Longest time of one account, days.
pub const ACCOUNT_DAYS_MAX: i64 = 92;
/// Intervals that one account is made of at most.
pub const ACCOUNT_INTERVALS_MAX: usize = 50_000;
/// Time zone of an order whose schedules name none.
const TIME_ZONE: &str = "Europe/Oslo";
const DAY_MS: i64 = 86_400_000;

/// Why there is no account.
#[derive(Debug, thiserror::Error)]
pub enum ComplianceError {
    /// Nobody of this id is monitored.
    #[error("no wearer {0} is monitored")]
    NotMonitored(WearerId),
    /// The time is longer than one answer holds.
    #[error("an account is of at most {ACCOUNT_DAYS_MAX} days: ask for one after the other")]
    TooLong,
    /// More happened than one answer holds.
    #[error("more than {ACCOUNT_INTERVALS_MAX} intervals lie in this time: ask for a shorter one")]
    TooMuch,
    /// The order's schedules are in a time zone that this machine does not know.
    #[error(transparent)]
    TimeZone(#[from] CalendarError),
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The account of `wearer` within `span`, as it is known at `now`.
///
/// # Errors
/// Nobody is monitored under this id, the time is too long, or the store does not answer.
pub async fn read(
    store: &dyn Store,
    wearer: WearerId,
    span: Interval,
    now: UnixMillis,
) -> Result<ComplianceView, ComplianceError> {
    let last = store.device_last().await?;
    // The time of a centre that runs faster than the clock on the wall is known by what it has heard.
    let now = last.iter().map(|last| last.heard_at).fold(now, UnixMillis::max);
    let span = Interval::new(span.from, span.to.min(now));
    if span.to.0.saturating_sub(span.from.0) > ACCOUNT_DAYS_MAX * DAY_MS {
        return Err(ComplianceError::TooLong);
    }
    let register = store.load_register().await?;
    let person = monitored(&register, wearer).ok_or(ComplianceError::NotMonitored(wearer))?;
    let records = records(store, wearer, span).await?;
    let (fitted, tags) = fitted(&register, wearer);
    let heard = last.iter().filter(|last| last.wearer == wearer && tags.contains(&last.device));
    let case = Case {
        wearer: person,
        zones: &register.zones,
        fitted: &fitted,
        records: &records,
        heard_at: heard.map(|last| last.heard_at).max(),
        now,
    };
    let calendar_name = case.time_zone().unwrap_or(TIME_ZONE);
    let calendar = Calendar::new(calendar_name)?;
    let account = ComplianceAccount::new(&case, span);
    Ok(ComplianceView::of(&case, &account, calendar_name, &calendar))
}

/// The wearer, unless this is a protected person or nobody.
fn monitored(register: &Register, wearer: WearerId) -> Option<&Wearer> {
    let person = register.wearers.iter().find(|known| known.id == wearer)?;
    (!register.protected().contains(&wearer)).then_some(person)
}

/// When the wearer carried a tag, and which.
fn fitted(register: &Register, wearer: WearerId) -> (Intervals, Vec<lenke_wire::DeviceId>) {
    let is_tag = |id| register.devices.iter().any(|device| device.id == id && device.kind == DeviceKind::Tag);
    let carried: Vec<_> = register
        .activations
        .iter()
        .filter(|activation| activation.wearer == wearer && is_tag(activation.device))
        .collect();
    let intervals = carried
        .iter()
        .map(|activation| Interval::new(activation.from, activation.to.unwrap_or(UnixMillis(i64::MAX))));
    (intervals.collect(), carried.iter().map(|activation| activation.device).collect())
}

async fn records(
    store: &dyn Store,
    wearer: WearerId,
    span: Interval,
) -> Result<Vec<IntervalRecord>, ComplianceError> {
    let mut records: Vec<IntervalRecord> = Vec::new();
    loop {
        let after = records.last().map(IntervalKey::of);
        let page = store.intervals(wearer, span.from, span.to, after, PAGE_ROWS_MAX).await?;
        let full = page.len() >= PAGE_ROWS_MAX as usize;
        records.extend(page);
        if records.len() > ACCOUNT_INTERVALS_MAX {
            return Err(ComplianceError::TooMuch);
        }
        if !full {
            return Ok(records);
        }
    }
}

//! What happened to every frame, in numbers.
//!
//! Invariant, once nothing is pending: received + recovered = stored + duplicate + rejected + unaccepted.

use crate::Rejection;
use lenke_alerts::AlertKind;
use lenke_wire::{DeviceId, Outcome, Receipt, downlink::CommandKind};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

macro_rules! counts {
    ($($(#[$doc:meta])* $name:ident: $metric:literal,)*) => {
        #[derive(Debug, Default)]
        struct Numbers {
            $($name: AtomicU64,)*
            rejected: [AtomicU64; Rejection::ALL.len()],
            alerts: Mutex<BTreeMap<&'static str, u64>>,
        }

        impl Counters {
            $($(#[$doc])*
            pub(crate) fn $name(&self, count: u64) {
                self.0.$name.fetch_add(count, Relaxed);
                metrics::counter!($metric).increment(count);
            })*

            /// All numbers at about one moment.
            pub fn snapshot(&self) -> CountersSnapshot {
                let rejections: BTreeMap<_, _> = Rejection::ALL
                    .iter()
                    .zip(&self.0.rejected)
                    .map(|(rejection, count)| (rejection.code(), count.load(Relaxed)))
                    .filter(|(_, count)| *count > 0)
                    .collect();
                CountersSnapshot {
                    $($name: self.0.$name.load(Relaxed),)*
                    rejected: rejections.values().sum(),
                    rejections,
                    alerts: self.0.alerts.lock().unwrap_or_else(PoisonError::into_inner).clone(),
                }
            }
        }

        /// The numbers at one moment.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
        pub struct CountersSnapshot {
            $($(#[$doc])* pub $name: u64,)*
            /// Frames refused, all rules together.
            pub rejected: u64,
            /// Frames refused, by the code of the rule; rules that refused nothing are left out.
            pub rejections: BTreeMap<&'static str, u64>,
            /// Findings by the code of their kind.
            pub alerts: BTreeMap<&'static str, u64>,
        }
    };
}

counts! {
    /// Frames that reached the centre.
    received: "lenke_ingest_received_total",
    /// Frames read back from the journal after a restart.
    recovered: "lenke_ingest_recovered_total",
    /// Frames committed to the store, each counted once.
    stored: "lenke_ingest_stored_total",
    /// Frames that were known already.
    duplicate: "lenke_ingest_duplicate_total",
    /// Frames that were not acknowledged because the journal took nothing.
    unaccepted: "lenke_ingest_unaccepted_total",
    /// Stored frames that a backlog brought.
    late: "lenke_ingest_late_total",
    /// Positions committed to the store.
    fixes: "lenke_ingest_fixes_total",
    /// Cumulative acknowledgements sent to devices.
    acked: "lenke_ingest_acked_total",
    /// Other downlinks sent to devices.
    downlinks: "lenke_ingest_downlinks_total",
    /// Downlinks given up because their connection was slow.
    downlinks_dropped: "lenke_ingest_downlinks_dropped_total",
    /// Words about devices that the courier was too busy for; the next ones do.
    courier_inputs_dropped: "lenke_courier_inputs_dropped_total",
    /// Zone sets that had no room for all of a wearer's zones.
    zone_sets_cut: "lenke_courier_zone_sets_cut_total",
    /// Refused frames that were counted but not kept, because too many came at once.
    quarantine_dropped: "lenke_ingest_quarantine_dropped_total",
    /// Positions that were stored but not evaluated: they belong to a former wearer of the device.
    unevaluated: "lenke_ingest_unevaluated_total",
    /// Hash chains that were broken: what a device signed is not what came, or something never came.
    chain_breaks: "lenke_ingest_chain_breaks_total",
    /// Frames that no checkpoint was compared with, because what came before them was missing for too long.
    chain_passed_over: "lenke_ingest_chain_passed_over_total",
    /// Commits that failed and were tried again.
    commits_retried: "lenke_ingest_commits_retried_total",
    /// Connections taken by the front door.
    connections: "lenke_front_door_connections_total",
    /// Connections refused by the front door: limits, credentials, protocol.
    connections_refused: "lenke_front_door_connections_refused_total",
    /// Sessions ended because the same device connected anew.
    takeovers: "lenke_front_door_takeovers_total",
    /// Sessions that the broker had lost: what it held is gone, the devices send it again.
    broker_sessions_lost: "lenke_broker_sessions_lost_total",
}

/// Counts for the console and, through `metrics`, for monitoring; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Counters(Arc<Numbers>);

impl Counters {
    /// Counts a refusal and logs it with its reason: the 1st, 2nd, 4th, 8th, ... of each code as a warning, so that a flood
    /// costs 64 lines at the most, and every one at debug level.
    pub(crate) fn reject(&self, rejection: Rejection, device: Option<DeviceId>, detail: &str) {
        let place = Rejection::ALL.iter().position(|other| *other == rejection);
        let so_far = place
            .and_then(|place| self.0.rejected.get(place))
            .map_or(1, |count| count.fetch_add(1, Relaxed).saturating_add(1));
        if so_far.is_power_of_two() {
            tracing::warn!(code = rejection.code(), so_far, ?device, detail, "a report is refused");
        } else {
            tracing::debug!(code = rejection.code(), so_far, ?device, detail, "a report is refused");
        }
        metrics::counter!("lenke_ingest_rejected_total", "reason" => rejection.code()).increment(1);
    }

    /// Counts what became of a command, and says so where it was refused.
    pub(crate) fn receipt(&self, device: DeviceId, receipt: &Receipt) {
        let (command, outcome) = (command_code(receipt.command), outcome_code(receipt.outcome));
        if matches!(receipt.outcome, Outcome::Applied | Outcome::Incomplete) {
            tracing::debug!(%device, command, version = receipt.version, outcome, "a command was taken");
        } else {
            tracing::warn!(%device, command, outcome, version = receipt.version, "a device refused a command");
        }
        metrics::counter!("lenke_ingest_receipts_total", "command" => command, "outcome" => outcome)
            .increment(1);
    }

    pub(crate) fn alert(&self, kind: AlertKind) {
        let mut alerts = self.0.alerts.lock().unwrap_or_else(PoisonError::into_inner);
        *alerts.entry(kind.code()).or_default() += 1;
        metrics::counter!("lenke_ingest_findings_total", "kind" => kind.code()).increment(1);
    }
}

pub(crate) const fn command_code(command: CommandKind) -> &'static str {
    match command {
        CommandKind::Ack => "ack",
        CommandKind::Plan => "plan",
        CommandKind::Notice => "notice",
        CommandKind::Query => "query",
        CommandKind::Zones => "zones",
        CommandKind::Pursuit => "pursuit",
        CommandKind::ClearLatch => "clear_latch",
        CommandKind::Ota => "ota",
    }
}

const fn outcome_code(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Applied => "applied",
        Outcome::Signature => "signature",
        Outcome::Base => "base",
        Outcome::Rollback => "rollback",
        Outcome::Content => "content",
        Outcome::Size => "size",
        Outcome::Latch => "latch",
        Outcome::Alarm => "alarm",
        Outcome::Battery => "battery",
        Outcome::Board => "board",
        Outcome::Expired => "expired",
        Outcome::Unsupported => "unsupported",
        Outcome::Incomplete => "incomplete",
    }
}

impl Serialize for Counters {
    /// As [`Counters::snapshot`].
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.snapshot().serialize(serializer)
    }
}

impl CountersSnapshot {
    /// Frames on their way from the journal to the store.
    pub fn pending(&self) -> u64 {
        let done = self.stored + self.duplicate + self.rejected + self.unaccepted;
        (self.received + self.recovered).saturating_sub(done)
    }
}

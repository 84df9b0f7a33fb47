//! The hourly look after the database: partitions in time, limits as metrics and in the log.

use crate::db::condition::disk;
use lenke_store::{
    Clock, Upkeep,
    upkeep::{Headroom, Level},
};
use lenke_wire::UnixMillis;
use std::{
    fmt::Display,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// How often, in real time.
const EVERY: Duration = Duration::from_secs(3_600);
/// How often with an accelerated clock, whose weeks pass sooner.
const EVERY_ACCELERATED: Duration = Duration::from_secs(60);

/// The limits as they were last looked at, for whoever asks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watch(Arc<Mutex<Vec<Headroom>>>);

impl Watch {
    /// The limits.
    pub(crate) fn read(&self) -> Vec<Headroom> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn write(&self, limits: Vec<Headroom>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = limits;
    }
}

/// Looks after `store` until it is stopped. What fails is told and counted, and tried again the next time.
pub(crate) async fn run(
    store: Arc<dyn Upkeep>,
    clock: Clock,
    data_dir: PathBuf,
    watch: Watch,
    stop: CancellationToken,
) {
    let every = if clock.speed() > 1 { EVERY_ACCELERATED } else { EVERY };
    let mut tick = tokio::time::interval(every);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => {}
        }
        once(&*store, clock.now(), &data_dir, &watch).await;
    }
}

async fn once(store: &dyn Upkeep, now: UnixMillis, data_dir: &Path, watch: &Watch) {
    match store.keep_up(now).await {
        Ok(kept) => {
            metrics::counter!("lenke_store_partitions_added_total").increment(kept.partitions_added);
            metrics::counter!("lenke_store_partitions_dropped_total").increment(kept.partitions_dropped);
            if kept.partitions_busy > 0 {
                failed(kept.partitions_busy, &"empty partitions are in use, and are dropped another time");
            }
        }
        Err(error) => failed(1, &format_args!("the database could not be kept up: {error}")),
    }
    let mut limits = Vec::new();
    match store.condition(now).await {
        Ok(condition) => {
            metrics::gauge!("lenke_store_bytes").set(condition.bytes as f64);
            limits = condition.headroom;
        }
        Err(error) => failed(1, &format_args!("the database could not be looked at: {error}")),
    }
    match disk(data_dir) {
        Ok(limit) => limits.push(limit),
        Err(error) => failed(1, &format_args!("the disk could not be looked at: {error:#}")),
    }
    limits.iter().for_each(tell);
    watch.write(limits);
}

fn failed(count: u64, what: &dyn Display) {
    metrics::counter!("lenke_store_upkeep_failures_total").increment(count);
    tracing::warn!(count, "{what}");
}

fn tell(limit: &Headroom) {
    metrics::gauge!("lenke_store_headroom_used", "what" => limit.what).set(limit.used);
    match limit.level() {
        Level::Good => {}
        Level::Warn => tracing::warn!(what = limit.what, detail = %limit.detail, "a limit is half used up"),
        Level::Bad => tracing::error!(what = limit.what, detail = %limit.detail, "a limit is nearly met"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lenke_store::SqliteStore;

    #[tokio::test]
    async fn what_was_looked_at_last_is_there_for_who_asks() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("lenke.db")).await.unwrap();
        let watch = Watch::default();
        assert_eq!(watch.read(), []);
        once(&store, Clock::wall().now(), folder.path(), &watch).await;
        let limits: Vec<_> = watch.read().iter().map(|limit| limit.what).collect();
        assert_eq!(limits, ["file size", "downlink epochs", "disk of the data folder"]);
        once(&store, Clock::wall().now(), Path::new("/nowhere/at/all"), &watch).await;
        assert_eq!(watch.read().len(), 2, "a disk that cannot be looked at is not shown as it was");
    }
}

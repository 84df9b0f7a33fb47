//! The hourly look after the database: partitions in time, limits as metrics and in the log.

use crate::db::condition::disk;
use lenke_store::{
    Clock, Upkeep,
    upkeep::{Headroom, Level},
};
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// How often, in real time.
const EVERY: Duration = Duration::from_secs(3_600);
/// How often with an accelerated clock, whose weeks pass sooner.
const EVERY_ACCELERATED: Duration = Duration::from_secs(60);

/// Looks after `store` until it is stopped. What fails is told and tried again the next time.
pub(crate) async fn run(store: Arc<dyn Upkeep>, clock: Clock, data_dir: PathBuf, stop: CancellationToken) {
    let every = if clock.speed() > 1 { EVERY_ACCELERATED } else { EVERY };
    let mut tick = tokio::time::interval(every);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => {}
        }
        let now = clock.now();
        match store.keep_up(now).await {
            Ok(kept) => {
                metrics::counter!("lenke_store_partitions_added_total").increment(kept.partitions_added);
                metrics::counter!("lenke_store_partitions_dropped_total").increment(kept.partitions_dropped);
            }
            Err(error) => tracing::warn!(%error, "the database could not be kept up"),
        }
        match store.condition(now).await {
            Ok(condition) => {
                metrics::gauge!("lenke_store_bytes").set(condition.bytes as f64);
                condition.headroom.iter().for_each(tell);
            }
            Err(error) => tracing::warn!(%error, "the database could not be looked at"),
        }
        match disk(&data_dir) {
            Ok(limit) => tell(&limit),
            Err(error) => tracing::warn!(%error, "the disk could not be looked at"),
        }
    }
}

fn tell(limit: &Headroom) {
    metrics::gauge!("lenke_store_headroom_used", "what" => limit.what).set(limit.used);
    match limit.level() {
        Level::Good => {}
        Level::Warn => tracing::warn!(what = limit.what, detail = %limit.detail, "a limit is half used up"),
        Level::Bad => tracing::error!(what = limit.what, detail = %limit.detail, "a limit is nearly met"),
    }
}

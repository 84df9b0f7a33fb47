//! A new register is in force within about a second: everybody is told, and who changes shards is carried over while
//! the router's gate is closed.

use crate::{
    Registry,
    router::Router,
    shard::{Moved, ShardInput},
};
use arc_swap::ArcSwap;
use lenke_store::{Clock, Store, StoreError};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::oneshot,
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

/// How often the register's version is asked for.
const RELOAD_EVERY: Duration = Duration::from_secs(1);

pub(super) struct Watch {
    pub(super) store: Arc<dyn Store>,
    pub(super) registry: Arc<ArcSwap<Registry>>,
    pub(super) router: Arc<Router>,
    pub(super) clock: Clock,
}

impl Watch {
    pub(super) async fn run(self, token: CancellationToken) {
        let mut tick = interval(RELOAD_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = token.cancelled() => return,
                _ = tick.tick() => {}
            }
            let reload = async {
                match self.look().await {
                    Ok(Some(registry)) => self.change_to(Arc::new(registry)).await,
                    Ok(None) => {}
                    Err(error) => {
                        tracing::warn!(%error, "the register could not be read; the last one stays in force")
                    }
                }
            };
            tokio::select! {
                () = token.cancelled() => return,
                () = reload => {}
            }
        }
    }

    /// The register, if it is not the one in force.
    async fn look(&self) -> Result<Option<Registry>, StoreError> {
        if self.store.register_version().await? == self.registry.load().version() {
            return Ok(None);
        }
        let register = self.store.load_register().await?;
        Ok(Some(self.registry.load().next(register, self.clock.now())))
    }

    async fn change_to(&self, registry: Arc<Registry>) {
        let mut gate = self.router.gate.write().await;
        let mut moved: Vec<Vec<Moved>> = self.router.lanes.iter().map(|_| Vec::new()).collect();
        for lanes in &self.router.lanes {
            let (reply, answer) = oneshot::channel();
            let reload = ShardInput::Reload(Arc::clone(&registry), reply);
            if lanes.live.send(reload).await.is_err() {
                return;
            }
            for state in answer.await.unwrap_or_default() {
                let shard = match &state {
                    Moved::Wearer(wearer, _) => registry.shard_of_wearer(*wearer),
                    Moved::Device(device, _) => registry.shard_of_device(*device),
                };
                if let Some(place) = moved.get_mut(shard) {
                    place.push(state);
                }
            }
        }
        for (lanes, moved) in self.router.lanes.iter().zip(moved) {
            if !moved.is_empty() && lanes.live.send(ShardInput::Adopt(moved)).await.is_err() {
                return;
            }
        }
        tracing::info!(version = registry.version(), "a new register is in force");
        *gate = Arc::clone(&registry);
        self.registry.store(registry);
    }
}

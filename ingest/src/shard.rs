//! One task that owns the monitors of its wearers and the frame windows of their devices: no locks.
//!
//! ```text
//! live ----+-> window -> monitors -> findings ----> desk   (before and independent of the store)
//! backlog -+      |          |----- positions ---> desk   (never a protected person's)
//!                 +-> rows, committed, snapshots -> writer, at BATCH_ROWS_MAX rows or FLUSH_AFTER
//! ```
//!
//! Invariants: what a batch says is committed and what its snapshots have seen are the same frames. While the writer is
//! busy (the database is down) evaluation goes on and the batch grows, up to [`ROWS_HELD_MAX`]; then the shard takes
//! nothing more until it has got rid of it. A protected position reaches the monitors of those who must keep away and
//! goes nowhere else.

mod custody;
mod evaluate;
mod pending;
mod window;

use crate::{
    Counters, Registry,
    chain::Chains,
    courier::CourierHandle,
    intake::Admitted,
    journal::Ticket,
    writer::{Suspect, WriterHandle},
};
use custody::{CHECKPOINTS_BATCH, Unverified};
use lenke_alerts::Monitor;
use lenke_notify::Desk;
use lenke_store::{Clock, Committed, DeviceLast, rows::BATCH_ROWS_MAX};
use lenke_wire::{DeviceId, Position, UnixMillis};
use lenke_zones::{OwnZones, WearerId};
use pending::Pending;
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;
use window::Window;

/// A batch is sent to the writer at this age even if it is small.
pub const FLUSH_AFTER: Duration = Duration::from_millis(200);
/// Deadlines are looked at this often.
const TICK: Duration = Duration::from_millis(50);
/// Rows that a shard holds while the writer takes nothing.
pub const ROWS_HELD_MAX: usize = 400_000;
/// Messages of frames waiting for a shard, of at most 256 frames each.
const MESSAGES_QUEUED_MAX: usize = 64;
/// Backlog messages: one for each frame that may be under way, so that handing on never waits.
const BACKLOG_MESSAGES_MAX: usize = crate::intake::BACKLOG_FRAMES_MAX;

/// What a shard takes.
#[derive(Debug)]
pub(crate) enum ShardInput {
    /// Durable frames of the shard's devices.
    Frames(Vec<(Admitted, Ticket)>),
    /// A frame was refused that should not exist.
    Suspect(Suspect),
    /// A new register. Who no longer belongs here is given back.
    Reload(Arc<Registry>, oneshot::Sender<Vec<Moved>>),
    /// Who belongs here from now on.
    Adopt(Vec<Moved>),
    /// Everything taken so far goes to the writer.
    Drain(oneshot::Sender<()>),
}

/// State that changes shards.
#[derive(Debug)]
pub(crate) enum Moved {
    Wearer(WearerId, Box<WearerState>),
    Device(DeviceId, Box<DeviceState>),
}

/// Ways into a shard.
#[derive(Clone, Debug)]
pub(crate) struct ShardLanes {
    pub(crate) live: mpsc::Sender<ShardInput>,
    pub(crate) backlog: mpsc::Sender<ShardInput>,
}

/// The other ends.
#[derive(Debug)]
pub(crate) struct ShardQueues {
    live: mpsc::Receiver<ShardInput>,
    backlog: mpsc::Receiver<ShardInput>,
}

pub(crate) fn lanes() -> (ShardLanes, ShardQueues) {
    let (live, live_queue) = mpsc::channel(MESSAGES_QUEUED_MAX);
    let (backlog, backlog_queue) = mpsc::channel(BACKLOG_MESSAGES_MAX);
    (ShardLanes { live, backlog }, ShardQueues { live: live_queue, backlog: backlog_queue })
}

/// What a shard knows of one wearer.
#[derive(Debug)]
pub(crate) struct WearerState {
    monitor: Monitor,
    /// The wearer's own zones at hand, and how far they were.
    zones: OwnZones,
    /// The entry of this wearer among the shard's deadlines.
    deadline: Option<UnixMillis>,
    /// Time of the newest position that was published.
    published: Option<UnixMillis>,
}

/// What a shard knows of one device.
#[derive(Debug, Default)]
pub(crate) struct DeviceState {
    window: Window,
    /// How far its hash chain has been followed.
    chains: Chains,
    /// Where it was last: for what the centre tells it, never for a verdict.
    near: Option<Position>,
}

/// What the shard works with.
#[derive(Debug)]
pub(crate) struct ShardTools {
    pub(crate) desk: Desk,
    pub(crate) writer: WriterHandle,
    pub(crate) courier: CourierHandle,
    pub(crate) counters: Counters,
    pub(crate) clock: Clock,
}

/// One shard.
#[derive(Debug)]
pub(crate) struct Shard {
    index: usize,
    registry: Arc<Registry>,
    tools: ShardTools,
    wearers: HashMap<WearerId, WearerState>,
    devices: HashMap<DeviceId, DeviceState>,
    deadlines: BTreeSet<(UnixMillis, WearerId)>,
    touched: HashSet<WearerId>,
    /// Devices whose chain has moved since the last batch.
    changed_chains: HashSet<DeviceId>,
    /// Checkpoints whose signatures are still to be verified.
    unverified: Vec<Unverified>,
    pending: Pending,
}

impl Shard {
    pub(crate) fn new(index: usize, registry: Arc<Registry>, tools: ShardTools) -> Self {
        Self {
            index,
            registry,
            tools,
            wearers: HashMap::new(),
            devices: HashMap::new(),
            deadlines: BTreeSet::new(),
            touched: HashSet::new(),
            changed_chains: HashSet::new(),
            unverified: Vec::new(),
            pending: Pending::default(),
        }
    }

    /// Takes over what the store knows of those who belong to this shard.
    pub(crate) fn restore(
        &mut self,
        committed: &[Committed],
        snapshots: &[(WearerId, Vec<u8>)],
        last: &[DeviceLast],
        chains: &[(DeviceId, Vec<u8>)],
        now: UnixMillis,
    ) {
        for Committed { device, epoch, ranges } in committed {
            if self.registry.shard_of_device(*device) == self.index {
                self.devices.entry(*device).or_default().window.restore(*epoch, ranges.clone());
            }
        }
        for (device, bytes) in chains {
            if self.registry.shard_of_device(*device) != self.index {
                continue;
            }
            match Chains::from_bytes(bytes) {
                Some(chains) => self.devices.entry(*device).or_default().chains = chains,
                None => tracing::error!(%device, "a chain's state cannot be read; it is followed anew"),
            }
        }
        let registry = Arc::clone(&self.registry);
        for (wearer, bytes) in snapshots {
            if registry.shard_of_wearer(*wearer) != self.index || registry.wearer(*wearer).is_none() {
                continue;
            }
            match serde_json::from_slice::<Monitor>(bytes) {
                Ok(mut monitor) => {
                    monitor.handle_restart(now);
                    self.insert(*wearer, monitor);
                }
                Err(error) => {
                    tracing::error!(%wearer, %error, "a monitor's state cannot be read; it starts anew")
                }
            }
        }
        for last in last {
            if let (Some(wearer), Some(fix)) = (self.wearers.get_mut(&last.wearer), last.fix) {
                wearer.published = wearer.published.max(Some(fix.at));
            }
        }
        self.watch_over_all(now);
    }

    fn insert(&mut self, wearer: WearerId, monitor: Monitor) {
        self.wearers.insert(
            wearer,
            WearerState { monitor, zones: OwnZones::new(wearer), deadline: None, published: None },
        );
        self.rearm(wearer);
    }

    /// Everybody of this shard who carries a device has a monitor, heard of or not.
    fn watch_over_all(&mut self, now: UnixMillis) {
        let registry = Arc::clone(&self.registry);
        for wearer in registry.monitored(now) {
            if registry.shard_of_wearer(wearer) == self.index && !self.wearers.contains_key(&wearer) {
                self.insert(wearer, Monitor::new(wearer, now));
            }
        }
    }

    pub(crate) async fn run(mut self, mut queues: ShardQueues, token: CancellationToken) {
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            let has_room = self.pending.rows() < ROWS_HELD_MAX;
            tokio::select! {
                biased;
                () = token.cancelled() => return,
                _ = tick.tick() => self.handle_tick().await,
                input = queues.live.recv(), if has_room => match input {
                    Some(input) => self.handle_input(input, &mut queues.backlog).await,
                    None => return,
                },
                Some(input) = queues.backlog.recv(), if has_room => {
                    self.handle_input(input, &mut queues.backlog).await;
                }
            }
            if self.pending.rows() >= BATCH_ROWS_MAX {
                self.flush().await;
            }
        }
    }

    async fn handle_input(&mut self, input: ShardInput, backlog: &mut mpsc::Receiver<ShardInput>) {
        match input {
            ShardInput::Frames(frames) => {
                self.pending.begin(Instant::now());
                for (admitted, ticket) in frames {
                    self.handle_frame(admitted, ticket);
                }
                self.hand_out().await;
                if self.unverified.len() >= CHECKPOINTS_BATCH {
                    self.vouch().await;
                }
            }
            ShardInput::Suspect(Suspect { device, rejection, frame }) => {
                self.pending.begin(Instant::now());
                let now = self.tools.clock.now();
                self.handle_refusal(device, rejection, frame, now);
                self.hand_out().await;
            }
            ShardInput::Reload(registry, reply) => {
                self.finish(backlog).await;
                let moved = self.handle_reload(registry).await;
                reply.send(moved).unwrap_or_default();
            }
            ShardInput::Adopt(moved) => self.adopt(moved),
            ShardInput::Drain(reply) => {
                self.finish(backlog).await;
                self.flush_waiting().await;
                reply.send(()).unwrap_or_default();
            }
        }
    }

    /// Takes in what the backlog's queue holds: nothing of it may overtake what comes next.
    async fn finish(&mut self, backlog: &mut mpsc::Receiver<ShardInput>) {
        while let Ok(ShardInput::Frames(frames)) = backlog.try_recv() {
            self.pending.begin(Instant::now());
            for (admitted, ticket) in frames {
                self.handle_frame(admitted, ticket);
            }
        }
        self.hand_out().await;
    }

    async fn handle_reload(&mut self, registry: Arc<Registry>) -> Vec<Moved> {
        self.registry = Arc::clone(&registry);
        let leaves: Vec<_> = self
            .wearers
            .keys()
            .copied()
            .filter(|wearer| registry.shard_of_wearer(*wearer) != self.index)
            .collect();
        let gone: Vec<_> = self
            .devices
            .keys()
            .copied()
            .filter(|device| registry.shard_of_device(*device) != self.index)
            .collect();
        if !leaves.is_empty() || !gone.is_empty() {
            // Their frames must be with the writer before another shard's batch can speak of them.
            self.flush_waiting().await;
        }
        let mut moved = Vec::with_capacity(leaves.len() + gone.len());
        for wearer in leaves {
            if let Some(state) = self.wearers.remove(&wearer) {
                self.deadlines.retain(|(_, other)| *other != wearer);
                moved.push(Moved::Wearer(wearer, Box::new(WearerState { deadline: None, ..state })));
            }
        }
        for device in gone {
            let state = self.devices.remove(&device);
            moved.extend(state.map(|state| Moved::Device(device, Box::new(state))));
        }
        let now = self.tools.clock.now();
        self.watch_over_all(now);
        // A new zone or condition may hold at once: every monitor looks at the clock again.
        let mine: Vec<_> = self.wearers.keys().copied().collect();
        for wearer in mine {
            self.handle_deadline(wearer, now);
        }
        self.hand_out().await;
        moved
    }

    fn adopt(&mut self, moved: Vec<Moved>) {
        for state in moved {
            match state {
                Moved::Wearer(wearer, state) => {
                    self.wearers.insert(wearer, *state);
                    self.rearm(wearer);
                }
                Moved::Device(device, state) => {
                    self.devices.insert(device, *state);
                }
            }
        }
    }

    async fn handle_tick(&mut self) {
        let now = self.tools.clock.now();
        let mut due = Vec::new();
        while let Some(&(at, wearer)) = self.deadlines.first()
            && at <= now
        {
            self.deadlines.pop_first();
            due.push(wearer);
        }
        for wearer in due {
            if let Some(state) = self.wearers.get_mut(&wearer) {
                state.deadline = None;
            }
            self.pending.begin(Instant::now());
            self.handle_deadline(wearer, now);
        }
        self.hand_out().await;
        if self.pending.age().is_some_and(|age| age >= FLUSH_AFTER) {
            self.flush().await;
        }
    }

    /// Remembers when a monitor wants to be woken.
    fn rearm(&mut self, wearer: WearerId) {
        let Some(state) = self.wearers.get_mut(&wearer) else { return };
        let wanted = state.monitor.deadline();
        if wanted == state.deadline {
            return;
        }
        if let Some(old) = std::mem::replace(&mut state.deadline, wanted) {
            self.deadlines.remove(&(old, wearer));
        }
        self.deadlines.extend(wanted.map(|at| (at, wearer)));
    }

    /// Findings and positions go to the desk.
    async fn hand_out(&mut self) {
        let positions = self.pending.take_positions();
        if !positions.is_empty() {
            self.tools.desk.publish_positions(positions);
        }
        let findings = self.pending.take_findings();
        if !findings.is_empty()
            && let Err(error) = self.tools.desk.submit(findings).await
        {
            tracing::warn!(%error, "findings wait in the journal for the next start");
        }
    }

    /// Sends the batch to the writer if it has room; otherwise the batch goes on growing.
    async fn flush(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        self.vouch().await;
        let writer = self.tools.writer.clone();
        if let Some(permit) = writer.try_reserve() {
            permit.send(self.sealed());
        }
    }

    /// What a batch says was taken in has been verified, and what came of that is on its way, before it leaves.
    async fn vouch(&mut self) {
        if !self.unverified.is_empty() {
            self.verify_checkpoints();
            self.hand_out().await;
        }
    }

    async fn flush_waiting(&mut self) {
        self.vouch().await;
        let writer = self.tools.writer.clone();
        if !self.pending.is_empty()
            && let Some(permit) = writer.reserve().await
        {
            permit.send(self.sealed());
        }
    }
}

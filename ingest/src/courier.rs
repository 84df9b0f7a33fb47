//! Brings every device what it should hold, and what was ordered for it: plans, zones, pursuit, cleared latches, firmware.
//!
//! ```text
//! register ----> wants ----> shelf (version, hash, parts) --+
//! orders in the store ----------------> errands ------------+--> downlinks --> device
//! health, receipts, connections <---------------------------------------------'
//!    `--> what the device holds, what became of an order --> store --> console
//! ```
//!
//! One task, so that nothing overtakes. Losing an input only delays: a device that connects or reports is looked at again.

mod errands;
mod shelf;
mod wants;

pub use wants::TAG_ROOM;

use crate::{
    Counters, Registry,
    downlink::{Delivery, Downlinks},
    registry::DeviceEntry,
};
use arc_swap::ArcSwap;
use errands::{Errands, with_downlink};
use lenke_alerts::DeviceKind;
use lenke_store::{
    Clock, Outbox, StoreError,
    outbox::{CommandState, DeviceSet, OfficerKey, Order, SetKind, SetState},
};
use lenke_wire::{DeviceId, FrameId, Position, Receipt, UnixMillis, downlink::CommandKind, sign::KeyPair};
use shelf::{Parcel, Shelf};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;
use wants::{Content, Recipe, ZoneLists};

/// Inputs waiting for the courier.
pub const INPUTS_QUEUED_MAX: usize = 8_192;
/// How often orders, the register and what is due are looked at.
const TICK: Duration = Duration::from_millis(500);
/// How often the gauges are counted anew.
const GAUGES_EVERY: u32 = 20;
/// Sets written in one transaction.
const SAVED_TOGETHER_MAX: usize = 2_000;
/// Where there is not room for all shared zones, they are chosen anew once the wearer is this far from where they were
/// chosen for, metres.
const CHOSEN_FOR_M: f64 = 10_000.0;

/// What the courier is told.
#[derive(Debug)]
pub(crate) enum CourierInput {
    /// The device listens.
    Connected(DeviceId),
    /// The device says which versions it holds; `near` is where it was last.
    Holds { device: DeviceId, plan: Option<u32>, zones: Option<u32>, near: Option<Position> },
    /// What became of a command.
    Receipt { device: DeviceId, receipt: Box<Receipt>, is_live: bool },
}

/// The way to the courier; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct CourierHandle {
    inputs: mpsc::Sender<CourierInput>,
    counters: Counters,
}

impl CourierHandle {
    /// Tells the courier; a flood is counted, not waited for.
    pub(crate) fn tell(&self, input: CourierInput) {
        if self.inputs.try_send(input).is_err() {
            self.counters.courier_inputs_dropped(1);
        }
    }
}

pub(crate) fn channel(counters: Counters) -> (CourierHandle, mpsc::Receiver<CourierInput>) {
    let (inputs, queue) = mpsc::channel(INPUTS_QUEUED_MAX);
    (CourierHandle { inputs, counters }, queue)
}

/// What the courier knows of one device.
#[derive(Debug)]
struct Client {
    plan: Shelf,
    zones: Shelf,
    /// What the zones were made of, as [`Recipe::stamp`].
    stamp: Option<u64>,
    /// Where the shared zones were chosen for, if there was not room for all.
    chosen_for: Option<Position>,
    near: Option<Position>,
}

impl Client {
    fn new(device: DeviceId) -> Self {
        let shelf = |kind| Shelf::new(DeviceSet::new(device, kind));
        Self {
            plan: shelf(SetKind::Plan),
            zones: shelf(SetKind::Zones),
            stamp: None,
            chosen_for: None,
            near: None,
        }
    }

    fn shelves(&mut self) -> [&mut Shelf; 2] {
        [&mut self.plan, &mut self.zones]
    }

    fn shelf(&mut self, kind: SetKind) -> &mut Shelf {
        match kind {
            SetKind::Plan => &mut self.plan,
            SetKind::Zones => &mut self.zones,
        }
    }
}

/// What the courier works with.
pub(crate) struct CourierTools {
    pub(crate) outbox: Arc<dyn Outbox>,
    pub(crate) registry: Arc<ArcSwap<Registry>>,
    pub(crate) downlinks: Downlinks,
    pub(crate) authority: KeyPair,
    pub(crate) counters: Counters,
    pub(crate) clock: Clock,
}

/// The task.
pub(crate) struct Courier {
    tools: CourierTools,
    registry: Arc<Registry>,
    lists: ZoneLists,
    clients: HashMap<DeviceId, Client>,
    errands: Errands,
    officers: Vec<OfficerKey>,
    due: BTreeSet<(UnixMillis, DeviceId)>,
    dirty: HashSet<DeviceId>,
}

impl Courier {
    /// Takes over what the store knows.
    ///
    /// # Errors
    /// The store does not answer.
    pub(crate) async fn new(tools: CourierTools) -> Result<Self, StoreError> {
        let registry = tools.registry.load_full();
        let mut clients: HashMap<DeviceId, Client> = HashMap::new();
        for set in tools.outbox.device_sets().await? {
            let client = clients.entry(set.device).or_insert_with(|| Client::new(set.device));
            *client.shelf(set.kind) = Shelf::new(set);
        }
        let lists = ZoneLists::new(&registry);
        Ok(Self {
            tools,
            registry,
            lists,
            clients,
            errands: Errands::default(),
            officers: Vec::new(),
            due: BTreeSet::new(),
            dirty: HashSet::new(),
        })
    }

    pub(crate) async fn run(mut self, mut inputs: mpsc::Receiver<CourierInput>, token: CancellationToken) {
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut ticks: u32 = 0;
        self.look_at_all();
        loop {
            tokio::select! {
                biased;
                () = token.cancelled() => break,
                _ = tick.tick() => {
                    self.handle_tick().await;
                    if ticks.is_multiple_of(GAUGES_EVERY) {
                        self.count();
                    }
                    ticks = ticks.wrapping_add(1);
                }
                Some(input) = inputs.recv() => self.handle_input(input),
            }
        }
        self.save().await;
    }

    fn handle_input(&mut self, input: CourierInput) {
        let now = self.tools.clock.now();
        match input {
            CourierInput::Connected(device) => {
                if let Some(client) = self.clients.get_mut(&device) {
                    client.shelves().into_iter().for_each(|shelf| shelf.handle_contact(true, now));
                }
                self.look_at(device, now);
            }
            CourierInput::Holds { device, plan, zones, near } => {
                let client = self.clients.entry(device).or_insert_with(|| Client::new(device));
                client.near = near.or(client.near);
                for (shelf, version) in client.shelves().into_iter().zip([plan, zones]) {
                    if let Some(version) = version {
                        shelf.handle_held(version, now);
                    }
                    shelf.handle_contact(false, now);
                }
                self.look_at(device, now);
            }
            CourierInput::Receipt { device, receipt, is_live } => {
                let client = self.clients.entry(device).or_insert_with(|| Client::new(device));
                match receipt.command {
                    CommandKind::Plan => client.plan.handle_receipt(&receipt, is_live, now),
                    CommandKind::Zones => client.zones.handle_receipt(&receipt, is_live, now),
                    CommandKind::Ack
                    | CommandKind::Notice
                    | CommandKind::Query
                    | CommandKind::Pursuit
                    | CommandKind::ClearLatch
                    | CommandKind::Ota => self.errands.handle_receipt(device, &receipt, now),
                }
                self.look_at(device, now);
            }
        }
    }

    async fn handle_tick(&mut self) {
        let registry = self.tools.registry.load_full();
        if registry.version() != self.registry.version() {
            self.lists = ZoneLists::new(&registry);
            self.registry = registry;
            self.look_at_all();
        }
        match self.read_orders().await {
            Ok(new) => {
                let now = self.tools.clock.now();
                let devices: BTreeSet<_> = new.into_iter().chain(self.errands.devices()).collect();
                devices.into_iter().for_each(|device| self.carry_orders(device, now));
            }
            Err(error) => tracing::warn!(%error, "orders cannot be read; they are looked for again"),
        }
        let now = self.tools.clock.now();
        while let Some(&(at, device)) = self.due.first()
            && at <= now
        {
            self.due.pop_first();
            self.look_at(device, now);
        }
        self.save().await;
    }

    async fn read_orders(&mut self) -> Result<Vec<DeviceId>, StoreError> {
        let open = self.tools.outbox.open_commands().await?;
        if open.iter().any(|command| matches!(command.order, Order::ClearLatch { .. })) {
            self.officers = self.tools.outbox.officers().await?;
        }
        Ok(self.errands.refresh(open))
    }

    fn look_at_all(&mut self) {
        let now = self.tools.clock.now();
        let devices: Vec<_> = self.clients.keys().copied().collect();
        devices.into_iter().for_each(|device| self.look_at(device, now));
    }

    /// What the device should hold is compared with what it holds; what is due is sent.
    fn look_at(&mut self, device: DeviceId, now: UnixMillis) {
        self.want(device, now);
        self.carry_sets(device, now);
        self.carry_orders(device, now);
    }

    fn want(&mut self, device: DeviceId, now: UnixMillis) {
        let Some(entry) = self.registry.device(device) else { return };
        let Some(wearer) = entry.wearer_at(now).and_then(|wearer| self.registry.wearer(wearer)) else {
            return;
        };
        let Some(client) = self.clients.get_mut(&device) else { return };
        let key = &self.tools.authority;
        if let Some(content) = Content::plan(wearer) {
            client.plan.want(content, key, now);
        }
        if entry.kind != DeviceKind::Tag || entry.protected {
            return;
        }
        let is_far = |chosen: Position, near: Position| lenke_zones::distance_m(chosen, near) > CHOSEN_FOR_M;
        if client.chosen_for.zip(client.near).is_none_or(|(chosen, near)| is_far(chosen, near)) {
            client.chosen_for = client.near;
        }
        let near = client.chosen_for;
        let recipe = Recipe::new(wearer, &self.registry, &self.lists, near, now);
        if client.stamp == Some(recipe.stamp) && !client.zones.needs_content() {
            return;
        }
        let set = recipe.fences(&self.lists, near);
        if !set.left_out.is_empty() && client.stamp != Some(recipe.stamp) {
            self.tools.counters.zone_sets_cut(1);
            tracing::warn!(%device, left_out = set.left_out.len(), "a tag has no room for all zones: only the centre watches over the others");
        }
        client.stamp = Some(recipe.stamp);
        client.zones.want(Content::zones(set), key, now);
    }

    fn carry_sets(&mut self, device: DeviceId, now: UnixMillis) {
        let registry = Arc::clone(&self.registry);
        let Some(client) = self.clients.get_mut(&device) else { return };
        let entry = registry.device(device).filter(|entry| entry.wearer_at(now).is_some());
        for shelf in client.shelves() {
            let parcel = entry.and_then(|entry| Some((entry, shelf.parcel(now)?)));
            if let Some((entry, parcel)) = parcel {
                let counters = send_parcel(&self.tools.downlinks, entry, &parcel);
                if !counters.is_empty() {
                    shelf.handle_sent(counters, now);
                }
            }
            // Nobody listens: the next connection is another chance.
            if let Some(at) = shelf.due_at().filter(|at| *at > now) {
                self.due.insert((at, shelf.device()));
            }
            if shelf.is_dirty {
                self.dirty.insert(device);
            }
        }
    }

    fn carry_orders(&mut self, device: DeviceId, now: UnixMillis) {
        let registry = Arc::clone(&self.registry);
        let entry = registry.device(device);
        for id in self.errands.of(device) {
            if !self.errands.is_due(id, entry, now) || !self.has_standing(id, now) {
                continue;
            }
            let (Some(entry), Some(command)) = (entry, self.errands.get(id)) else { continue };
            let sent =
                with_downlink(&command.order, |downlink| self.tools.downlinks.send_counted(entry, downlink));
            match sent {
                Ok((Delivery::None, _)) => {}
                Ok((_, counter)) => self.errands.handle_sent(id, counter, now),
                Err(error) => {
                    tracing::error!(%device, id, %error, "an order in the store makes no command");
                    self.errands.settle(id, CommandState::Withdrawn, None, now);
                }
            }
        }
    }

    /// An officer's order is passed on while the officer's key holds.
    fn has_standing(&mut self, id: u64, now: UnixMillis) -> bool {
        let Some(Order::ClearLatch { officer, .. }) = self.errands.get(id).map(|command| &command.order)
        else {
            return true;
        };
        let officer = *officer;
        let holds = self.officers.iter().any(|key| key.number == officer && key.holds_at(now));
        if !holds {
            tracing::warn!(
                id,
                officer,
                "an officer's key is revoked or not in time: the order is not passed on"
            );
            self.errands.settle(id, CommandState::Withdrawn, None, now);
        }
        holds
    }

    /// Writes what has changed; what cannot be written is kept for the next time.
    async fn save(&mut self) {
        let commands = self.errands.take_dirty();
        if !commands.is_empty()
            && let Err(error) = self.tools.outbox.save_commands(&commands).await
        {
            tracing::warn!(%error, "how commands stand cannot be written; it is tried again");
            self.errands.put_back(commands);
        }
        while !self.dirty.is_empty() {
            let devices: Vec<_> = self.dirty.iter().copied().take(SAVED_TOGETHER_MAX).collect();
            let mut sets = Vec::with_capacity(devices.len() * 2);
            for device in &devices {
                let Some(client) = self.clients.get_mut(device) else { continue };
                sets.extend(
                    client.shelves().into_iter().filter(|shelf| shelf.is_dirty).map(|shelf| shelf.set),
                );
            }
            if let Err(error) = self.tools.outbox.save_sets(&sets).await {
                tracing::warn!(%error, "what devices hold cannot be written; it is tried again");
                return;
            }
            for device in devices {
                self.dirty.remove(&device);
                if let Some(client) = self.clients.get_mut(&device) {
                    client.shelves().into_iter().for_each(|shelf| shelf.is_dirty = false);
                }
            }
        }
    }

    fn count(&mut self) {
        let mut counts: HashMap<(SetKind, SetState), u32> = HashMap::new();
        let mut left_out = 0_u32;
        for client in self.clients.values_mut() {
            for shelf in client.shelves() {
                *counts.entry((shelf.set.kind, shelf.set.state())).or_default() += 1;
                left_out += u32::from(shelf.set.wanted.is_some_and(|wanted| wanted.left_out > 0));
            }
        }
        for kind in SetKind::ALL {
            for state in SetState::ALL {
                let count = counts.get(&(kind, state)).copied().unwrap_or(0);
                metrics::gauge!("lenke_courier_sets", "set" => kind.code(), "state" => state.code())
                    .set(count);
            }
        }
        metrics::gauge!("lenke_courier_zone_sets_cut").set(left_out);
    }
}

/// Counters of what was put on its way, in order; fewer than there are parts if the way is full.
fn send_parcel(downlinks: &Downlinks, entry: &DeviceEntry, parcel: &Parcel) -> Vec<FrameId> {
    let Parcel { wanted, body, parts } = parcel;
    match body {
        wants::Body::Plan(plan) => {
            downlinks.send_plan(entry, *plan, wanted.version, wanted.base).into_iter().collect()
        }
        wants::Body::Zones(bytes) => downlinks.send_zones(entry, wanted, bytes, *parts),
    }
}

#[cfg(test)]
mod tests;

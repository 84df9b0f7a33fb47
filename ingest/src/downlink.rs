//! What the centre tells devices: sealed, counted, and put on the connection that the device listens on right now.
//!
//! Every downlink carries the centre's counter: an epoch that this process was given by the store, and a number that
//! rises per device. A device takes only what is above the last it took, so sealing and queueing happen under one
//! lock: two tasks cannot overtake each other.
//!
//! Nothing is kept for a device that does not listen: acknowledgements are cumulative and repeated when the device
//! repeats a frame; what else must arrive is kept by [`crate::courier`], which tells it again until the device's receipt comes.

use crate::{Counters, registry::DeviceEntry};
use bytes::Bytes;
use lenke_alerts::SupervisionPlan;
use lenke_store::outbox::Wanted;
use lenke_wire::{
    DeviceId, FrameId,
    codec::{FRAME_BYTES_MAX, INNER_BYTES_MAX},
    command::{BODY_BYTES_MAX, Plan, Rates, Signed, ZoneSetHead},
    downlink::{Downlink, ZonesPart, encode_downlink},
    frame::{Direction, seal},
    sign::KeyPair,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::mpsc;

/// Downlinks waiting for one connection: a tag that was reset often in an outage hears of all its epochs at once.
pub const DOWNLINKS_QUEUED_MAX: usize = 64;
/// Downlinks waiting for the broker.
pub const BROKER_DOWNLINKS_QUEUED_MAX: usize = 4096;

/// A sealed downlink for the broker to deliver.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// To whom.
    pub device: DeviceId,
    /// The sealed frame.
    pub frame: Bytes,
}

/// Where a downlink was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// Nowhere: nobody listens, or the queue is full.
    None,
    /// On the connection of this number: it arrives as long as that connection lasts.
    Connection(u64),
    /// With the broker, which may deliver it much later or never.
    Broker,
}

/// Device -> the connection that hears for it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Downlinks(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    epoch: u32,
    counters: Counters,
    authority: KeyPair,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    lines: HashMap<DeviceId, Line>,
    connections: u64,
    broker: Option<mpsc::Sender<Outgoing>>,
}

#[derive(Debug, Default)]
struct Line {
    /// Number of the next downlink.
    seq: u32,
    connection: Option<(u64, mpsc::Sender<Bytes>)>,
}

/// A connection's end: downlinks come until it is dropped or another connection takes the device over.
#[derive(Debug)]
pub struct Attachment {
    device: DeviceId,
    connection: u64,
    downlinks: Downlinks,
    receiver: mpsc::Receiver<Bytes>,
}

impl Attachment {
    /// The next sealed downlink; `None` once the device listens elsewhere.
    pub async fn next(&mut self) -> Option<Bytes> {
        self.receiver.recv().await
    }

    /// A downlink that is already there.
    pub fn try_next(&mut self) -> Option<Bytes> {
        self.receiver.try_recv().ok()
    }
}

impl Drop for Attachment {
    fn drop(&mut self) {
        let mut table = self.downlinks.table();
        if let Some(line) = table.lines.get_mut(&self.device) {
            line.connection.take_if(|(connection, _)| *connection == self.connection);
        }
    }
}

impl Downlinks {
    /// `epoch` was never used before.
    pub(crate) fn new(epoch: u32, counters: Counters, authority: KeyPair) -> Self {
        Self(Arc::new(Shared { epoch, counters, authority, table: Mutex::default() }))
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on `device` is heard on this connection.
    pub(crate) fn attach(&self, device: DeviceId) -> Attachment {
        let (sender, receiver) = mpsc::channel(DOWNLINKS_QUEUED_MAX);
        let mut table = self.table();
        table.connections += 1;
        let connection = table.connections;
        table.lines.entry(device).or_default().connection = Some((connection, sender));
        Attachment { device, connection, downlinks: self.clone(), receiver }
    }

    /// From now on devices without a connection of their own are reached through a broker.
    pub(crate) fn attach_broker(&self) -> mpsc::Receiver<Outgoing> {
        let (sender, receiver) = mpsc::channel(BROKER_DOWNLINKS_QUEUED_MAX);
        self.table().broker = Some(sender);
        receiver
    }

    /// The number of the connection that `device` listens on.
    pub(crate) fn connection(&self, device: DeviceId) -> Option<u64> {
        self.table().lines.get(&device)?.connection.as_ref().map(|(number, _)| *number)
    }

    /// Signs, seals and queues a plan under these numbers; its counter, if it is on its way.
    pub(crate) fn send_plan(
        &self,
        device: &DeviceEntry,
        plan: Plan,
        version: u32,
        base: u32,
    ) -> Option<FrameId> {
        let mut body = [0; BODY_BYTES_MAX];
        let plan = Plan { version, base_version: base, ..plan };
        let signed = Signed::sign(plan, device.id, &self.0.authority, &mut body)
            .inspect_err(|error| tracing::error!(device = %device.id, %error, "a plan cannot be encoded"));
        self.send_if_heard(device, &Downlink::Plan(signed.ok()?))
    }

    /// Signs, seals and queues these parts (bit n: part n) of a zone set; their counters, as far as they are on their way.
    pub(crate) fn send_zones(
        &self,
        device: &DeviceEntry,
        wanted: &Wanted,
        set: &[u8],
        parts: u16,
    ) -> Vec<FrameId> {
        if !self.is_heard(device.id) {
            return Vec::new();
        }
        let head = ZoneSetHead {
            version: wanted.version,
            base_version: wanted.base,
            size: u32::try_from(set.len()).unwrap_or(u32::MAX),
            hash: wanted.digest,
        };
        let mut body = [0; BODY_BYTES_MAX];
        let head = match Signed::sign(head, device.id, &self.0.authority, &mut body) {
            Ok(head) => head,
            Err(error) => {
                tracing::error!(device = %device.id, %error, "a zone set cannot be encoded");
                return Vec::new();
            }
        };
        (0..head.unverified().parts())
            .filter(|part| parts & (1 << part) != 0)
            .map_while(|part| {
                let bytes = set.get(head.unverified().part_range(part)?)?;
                self.send_if_heard(device, &Downlink::Zones(ZonesPart { head, part, bytes }))
            })
            .collect()
    }

    fn send_if_heard(&self, device: &DeviceEntry, downlink: &Downlink<'_>) -> Option<FrameId> {
        let (delivery, counter) = self.send_counted(device, downlink);
        (delivery != Delivery::None).then_some(counter)
    }

    /// Whether something sent to `device` now would go anywhere.
    fn is_heard(&self, device: DeviceId) -> bool {
        let table = self.table();
        table.broker.is_some() || table.lines.get(&device).is_some_and(|line| line.connection.is_some())
    }

    /// Seals and queues.
    pub(crate) fn send(&self, device: &DeviceEntry, downlink: &Downlink<'_>) -> Delivery {
        self.send_counted(device, downlink).0
    }

    /// As [`Self::send`], with the counter that the device's receipt will name.
    pub(crate) fn send_counted(&self, device: &DeviceEntry, downlink: &Downlink<'_>) -> (Delivery, FrameId) {
        let mut table = self.table();
        let Table { lines, broker, .. } = &mut *table;
        let line = lines.entry(device.id).or_default();
        let counter = FrameId::new(self.0.epoch, line.seq);
        if line.connection.is_none() && broker.is_none() {
            return (Delivery::None, counter);
        }
        let Some(frame) = sealed(device, downlink, counter) else { return (Delivery::None, counter) };
        line.seq += 1;
        let (sent, way) = match (&line.connection, broker) {
            (Some((number, connection)), _) => {
                (connection.try_send(frame).is_ok(), Delivery::Connection(*number))
            }
            (None, Some(broker)) => {
                (broker.try_send(Outgoing { device: device.id, frame }).is_ok(), Delivery::Broker)
            }
            (None, None) => (false, Delivery::None),
        };
        let delivery = if sent { way } else { Delivery::None };
        match (delivery, downlink) {
            (Delivery::None, _) => self.0.counters.downlinks_dropped(1),
            (_, Downlink::Ack(_)) => self.0.counters.acked(1),
            (
                _,
                Downlink::Plan(_)
                | Downlink::Notice(_)
                | Downlink::Query
                | Downlink::Zones(_)
                | Downlink::Pursuit(_)
                | Downlink::ClearLatch(_)
                | Downlink::Ota(_),
            ) => {
                self.0.counters.downlinks(1);
                let kind = crate::counters::command_code(downlink.kind());
                metrics::counter!("lenke_courier_sent_total", "command" => kind).increment(1);
            }
        }
        (delivery, counter)
    }
}

/// The part of a supervision plan that the device follows, for one that follows version `base_version` now.
pub(crate) fn device_plan(plan: &SupervisionPlan, base_version: u32) -> Plan {
    Plan {
        version: plan.version,
        base_version,
        collect_s: plan.collect_s,
        transmit_s: plan.transmit_s,
        no_fix_s: plan.no_fix_s,
        battery_low: plan.battery_low,
        battery_critical: plan.battery_critical,
        rates: Rates::DEFAULT,
    }
}

fn sealed(device: &DeviceEntry, downlink: &Downlink<'_>, id: FrameId) -> Option<Bytes> {
    let mut inner = [0; INNER_BYTES_MAX];
    let mut frame = [0; FRAME_BYTES_MAX];
    let length = match encode_downlink(downlink, &mut inner) {
        Ok(length) => length,
        Err(error) => {
            tracing::error!(device = %device.id, %error, "a downlink cannot be encoded");
            return None;
        }
    };
    let inner = inner.get(..length)?;
    let length = seal(&device.key, device.id, Direction::Down, id, inner, &mut frame).ok()?;
    frame.get(..length).map(Bytes::copy_from_slice)
}

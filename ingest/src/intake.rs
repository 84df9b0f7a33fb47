//! Where frames enter: the front door and the broker source hand them in here and are told when they may acknowledge.

use crate::{
    Arrival, Attachment, Counters, Refusal, Registry, Rejection, Source,
    courier::{CourierHandle, CourierInput},
    decode::{Opened, decode},
    downlink::{Downlinks, Outgoing},
    journal::{Appender, Entry, JournalError, Record},
    router::Router,
    writer::{Suspect, WriterHandle},
};
use arc_swap::ArcSwap;
use lenke_store::{Clock, Quarantined};
use lenke_wire::{DeviceId, UnixMillis, credential::is_mqtt_password, topic::Lane};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

/// Backlog frames between intake and evaluation: what more there is waits with its sender, and live frames pass.
pub const BACKLOG_FRAMES_MAX: usize = 8192;

/// Bytes of a refused frame that are kept.
const QUARANTINED_BYTES_MAX: usize = 2048;

/// Why frames were not taken: none of them may be acknowledged.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The pipeline is ending.
    #[error("the centre is shutting down")]
    Closed,
    /// The journal did not take them.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// An authentic frame on its way to its shard.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub(crate) arrival: Arrival,
    pub(crate) received_at: UnixMillis,
    pub(crate) opened: Opened,
    /// A backlog frame's place among [`BACKLOG_FRAMES_MAX`].
    pub(crate) _place: Option<OwnedSemaphorePermit>,
}

/// Takes frames; cheap to clone.
#[derive(Clone, Debug)]
pub struct Intake(pub(crate) Arc<Shared>);

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) registry: Arc<ArcSwap<Registry>>,
    pub(crate) appender: Appender<Admitted>,
    pub(crate) backlog: Arc<Semaphore>,
    pub(crate) router: Arc<Router>,
    pub(crate) writer: WriterHandle,
    pub(crate) counters: Counters,
    pub(crate) downlinks: Downlinks,
    pub(crate) courier: CourierHandle,
    pub(crate) clock: Clock,
    pub(crate) closed: CancellationToken,
}

impl Intake {
    /// Takes frames and returns once all of them that are authentic are durable; then all may be acknowledged. The
    /// answer has one element for each frame, in order: what it was refused for, if it was.
    ///
    /// # Errors
    /// None may be acknowledged; the sender will send them again.
    pub async fn submit(&self, arrivals: Vec<Arrival>) -> Result<Vec<Option<Rejection>>, IntakeError> {
        let shared = &*self.0;
        let count = arrivals.len() as u64;
        shared.counters.received(count);
        if shared.closed.is_cancelled() {
            shared.counters.unaccepted(count);
            return Err(IntakeError::Closed);
        }
        let received_at = shared.clock.now();
        let registry = shared.registry.load_full();
        let mut answers = Vec::with_capacity(arrivals.len());
        let mut entries = Vec::with_capacity(arrivals.len());
        for arrival in arrivals {
            match decode(&registry, &arrival, received_at) {
                Ok(opened) => {
                    answers.push(opened.refusal.as_ref().map(|refusal| refusal.rejection));
                    let place = self.backlog_place(arrival.lane).await?;
                    let record = Record { arrival: arrival.clone(), received_at };
                    entries.push(Entry {
                        record,
                        cargo: Admitted { arrival, received_at, opened, _place: place },
                    });
                }
                Err(refusal) => {
                    answers.push(Some(refusal.rejection));
                    self.refuse(Some(arrival.device), &arrival.source, refusal, &arrival.bytes);
                }
            }
        }
        if entries.is_empty() {
            return Ok(answers);
        }
        let authentic = entries.len() as u64;
        shared.appender.append(entries).await.inspect_err(|_| shared.counters.unaccepted(authentic))?;
        Ok(answers)
    }

    async fn backlog_place(&self, lane: Lane) -> Result<Option<OwnedSemaphorePermit>, IntakeError> {
        match lane {
            Lane::Live => Ok(None),
            Lane::Backlog => {
                let place = Arc::clone(&self.0.backlog).acquire_owned().await;
                place.map(Some).map_err(|_| IntakeError::Closed)
            }
        }
    }

    /// Counts, logs and keeps what no enrolled device sealed, or what came where it must not.
    pub fn refuse(&self, device: Option<DeviceId>, source: &Source, refusal: Refusal, bytes: &[u8]) {
        let shared = &*self.0;
        let Refusal { rejection, detail } = refusal;
        shared.counters.reject(rejection, device, &format!("from {source}: {detail}"));
        if let Some(device) = device
            && rejection.is_security_event()
        {
            shared.router.suspect(Suspect { device, rejection, frame: None });
        }
        shared.writer.quarantine(Quarantined {
            device,
            source: source.to_string(),
            reason: rejection.code().to_owned(),
            received_at: shared.clock.now(),
            bytes: bytes.get(..bytes.len().min(QUARANTINED_BYTES_MAX)).unwrap_or_default().to_vec(),
            detail,
        });
    }

    /// As [`Intake::refuse`], for what never became an [`Arrival`]: counts it as received too.
    pub fn turn_away(&self, device: Option<DeviceId>, source: &Source, refusal: Refusal, bytes: &[u8]) {
        self.0.counters.received(1);
        self.refuse(device, source, refusal, bytes);
    }

    /// Whether `password` is that of the enrolled `device`.
    pub fn authenticate(&self, device: DeviceId, password: &[u8]) -> bool {
        let registry = self.0.registry.load();
        registry.device(device).is_some_and(|entry| is_mqtt_password(&entry.key, device, password))
    }

    /// Whether `device` is in the register.
    pub fn is_enrolled(&self, device: DeviceId) -> bool {
        self.0.registry.load().device(device).is_some()
    }

    /// The device listens for downlinks from now on; what it has missed is sent again.
    pub fn attach(&self, device: DeviceId) -> Attachment {
        let attachment = self.0.downlinks.attach(device);
        self.0.writer.reacknowledge(device);
        self.0.courier.tell(CourierInput::Connected(device));
        attachment
    }

    /// A broker reaches the devices that are not connected here.
    pub fn attach_broker(&self) -> mpsc::Receiver<Outgoing> {
        self.0.downlinks.attach_broker()
    }

    /// The numbers.
    pub fn counters(&self) -> &Counters {
        &self.0.counters
    }
}

//! From sealed bytes to values: open, read, and check that the times can be true.
//!
//! Three outcomes: an error for what no enrolled device sealed; a report; or a refusal of an authentic frame, which
//! goes the way of a report so that the device's acknowledgement can pass it.

use crate::{Arrival, Refusal, Registry, Rejection, registry::DeviceEntry};
use lenke_alerts::{WrongTime, carriers::is_alarm};
use lenke_wire::{
    Checkpoint, Event, Fix, FrameId, Health, Later, Receipt, Sighting, TimeSource, UnixMillis,
    codec::{self, INNER_BYTES_MAX, Payload},
    frame::{self, Direction, FrameError},
};

/// What a frame reports, owned.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Positions.
    Fixes(Vec<Fix>),
    /// An alarm or a change of state.
    Event(Event),
    /// Radio heartbeats.
    Sightings(Vec<Sighting>),
    /// The device's own state.
    Health(Health),
    /// The signed head of the hash chain.
    Checkpoint(Checkpoint),
    /// What became of a command.
    Receipt(Receipt),
    /// Something that a later version of the protocol added: its frame is kept.
    Later(Later),
}

/// An authentic frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// Its place in the device's journal.
    pub frame: FrameId,
    /// What it reports. An alarm is there even when the frame is refused for its clock: its time is then the
    /// centre's.
    pub body: Option<Body>,
    /// Why it is refused, if it is.
    pub refusal: Option<Refusal>,
    /// The report's bytes, for the chain.
    pub inner: Box<[u8]>,
}

/// Opens, reads and checks one frame.
///
/// # Errors
/// The frame is not the work of the device whose topic it came on.
pub fn decode(registry: &Registry, arrival: &Arrival, received_at: UnixMillis) -> Result<Opened, Refusal> {
    let Some(device) = registry.device(arrival.device) else {
        return Err(Refusal::new(Rejection::UnknownDevice, format!("{} is not enrolled", arrival.device)));
    };
    let mut inner = [0; INNER_BYTES_MAX];
    let (frame, inner) = frame::open(&device.key, device.id, Direction::Up, &arrival.bytes, &mut inner)
        .map_err(|error| Refusal::new(frame_rejection(error), error.to_string()))?;
    let body = match codec::decode(inner) {
        Ok(payload) => own(payload),
        Err(error) => {
            let refusal = Refusal::new(Rejection::Undecodable, error.to_string());
            return Ok(Opened { frame, body: None, refusal: Some(refusal), inner: inner.into() });
        }
    };
    let refusal = check(device, &body, received_at);
    let body = match refusal.as_ref().map(|refusal| refusal.rejection) {
        None => Some(body),
        // The fixes that somebody carried are good.
        Some(Rejection::NoActivation) if matches!(body, Body::Fixes(_)) => Some(body),
        Some(_) => alarm_at(body, received_at),
    };
    Ok(Opened { frame, body, refusal, inner: inner.into() })
}

fn frame_rejection(error: FrameError) -> Rejection {
    match error {
        FrameError::TooLong => Rejection::Oversized,
        FrameError::Truncated => Rejection::Truncated,
        FrameError::Authentication => Rejection::WrongKey,
        FrameError::Trailing | FrameError::Header | FrameError::Space => Rejection::Garbage,
    }
}

fn own(payload: Payload<'_>) -> Body {
    match payload {
        Payload::Fixes(fixes) => Body::Fixes(fixes.iter().collect()),
        Payload::Event(event) => Body::Event(event),
        Payload::Sightings(sightings) => Body::Sightings(sightings.iter().collect()),
        Payload::Health(health) => Body::Health(health),
        Payload::Checkpoint(checkpoint) => Body::Checkpoint(checkpoint),
        Payload::Receipt(receipt) => Body::Receipt(receipt),
        Payload::Later(later) => Body::Later(later),
    }
}

fn check(device: &DeviceEntry, body: &Body, received_at: UnixMillis) -> Option<Refusal> {
    let (first, last) = match body {
        Body::Fixes(fixes) => span(fixes.iter().map(|fix| fix.at))?,
        Body::Event(event) => (event.at, event.at),
        Body::Sightings(sightings) => span(sightings.iter().map(|sighting| sighting.at))?,
        Body::Health(health) => (health.at, health.at),
        Body::Receipt(receipt) => (receipt.at, receipt.at),
        // Whose signature a checkpoint bears is verified in batches.
        Body::Checkpoint(_) | Body::Later(_) => return None,
    };
    if let Some(wrong) = device.carriers().wrong_time(first, last, received_at) {
        let rejection = match wrong {
            WrongTime::Ahead(_) => Rejection::ClockAhead,
            WrongTime::BeforeEnrolment(_) => Rejection::BeforeEnrolment,
        };
        return Some(Refusal::new(rejection, wrong.to_string()));
    }
    let unattributed = match body {
        Body::Fixes(fixes) => fixes.iter().filter(|fix| device.wearer_at(fix.at).is_none()).count(),
        Body::Event(_)
        | Body::Sightings(_)
        | Body::Health(_)
        | Body::Checkpoint(_)
        | Body::Receipt(_)
        | Body::Later(_) => usize::from(device.wearer_at(last).is_none()),
    };
    (unattributed > 0).then(|| {
        Refusal::new(
            Rejection::NoActivation,
            format!("nobody carried the device at {unattributed} of its times"),
        )
    })
}

fn span(times: impl Iterator<Item = UnixMillis> + Clone) -> Option<(UnixMillis, UnixMillis)> {
    Some((times.clone().min()?, times.max()?))
}

/// An alarm must not be lost because the device's clock is wrong: it happened, and now is when it is known.
fn alarm_at(body: Body, received_at: UnixMillis) -> Option<Body> {
    match body {
        Body::Event(event) if is_alarm(event.kind) => {
            Some(Body::Event(Event { at: received_at, time_source: TimeSource::Unset, ..event }))
        }
        Body::Fixes(_)
        | Body::Event(_)
        | Body::Sightings(_)
        | Body::Health(_)
        | Body::Checkpoint(_)
        | Body::Receipt(_)
        | Body::Later(_) => None,
    }
}

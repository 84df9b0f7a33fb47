//! Bytes read as a report or end in a typed error; what reads can be written, and reads back as the same.

use lenke_wire::{
    Fix, Sighting,
    codec::{Content, EncodeError, INNER_BYTES_MAX, Payload, decode, encode},
};

/// Panics where an input breaks what must hold.
pub fn check(inner: &[u8]) {
    let Ok(payload) = decode(inner) else { return };
    let (fixes, sightings): (Vec<Fix>, Vec<Sighting>) = match &payload {
        Payload::Fixes(fixes) => (fixes.iter().collect(), Vec::new()),
        Payload::Sightings(sightings) => (Vec::new(), sightings.iter().collect()),
        Payload::Event(_)
        | Payload::Health(_)
        | Payload::Checkpoint(_)
        | Payload::Receipt(_)
        | Payload::Later(_) => (Vec::new(), Vec::new()),
    };
    let content = match &payload {
        Payload::Fixes(read) => {
            assert_eq!(read.count(), fixes.len());
            Content::Fixes(&fixes)
        }
        Payload::Sightings(_) => Content::Sightings(&sightings),
        Payload::Event(event) => Content::Event(event),
        Payload::Health(health) => Content::Health(health),
        Payload::Checkpoint(checkpoint) => Content::Checkpoint(checkpoint),
        Payload::Receipt(receipt) => Content::Receipt(receipt),
        Payload::Later(_) => return,
    };
    let mut out = [0; INNER_BYTES_MAX];
    let written = match encode(&content, &mut out) {
        Ok(length) => &out[..length],
        // Another interval may code the same fixes in more bytes than there is room for.
        Err(EncodeError::Space) if matches!(payload, Payload::Fixes(_)) => return,
        Err(error) => panic!("{error}: {payload:?}"),
    };
    match (decode(written).expect("what is written reads"), &payload) {
        (Payload::Fixes(again), Payload::Fixes(_)) => assert!(again.iter().eq(fixes)),
        (Payload::Sightings(again), Payload::Sightings(_)) => assert!(again.iter().eq(sightings)),
        (again, payload) => assert_eq!(again, *payload),
    }
}

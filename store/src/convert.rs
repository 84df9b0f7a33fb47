//! Between Rust's values and any database's: identities bit by bit, enums by their numbers, documents as JSON.

use crate::StoreError;
use lenke_alerts::AlertState;
use lenke_wire::{EventKind, TagState, TimeSource, topic::Lane};
use serde::{Serialize, de::DeserializeOwned};

/// What stands for a character that not every database can keep in a text.
const REPLACEMENT: &str = "\u{fffd}";

/// `value` as JSON text.
pub(crate) fn to_json<T: Serialize>(action: &'static str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Refused { action, source: error.into() })
}

/// A value from JSON text; `what` names it in the error.
pub(crate) fn from_json<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt { what, detail: error.to_string() })
}

/// Bytes of a fixed length.
pub(crate) fn array<const N: usize>(what: &'static str, bytes: &[u8]) -> Result<[u8; N], StoreError> {
    bytes
        .try_into()
        .map_err(|_| StoreError::Corrupt { what, detail: format!("{} bytes instead of {N}", bytes.len()) })
}

/// An identity as databases keep it.
pub(crate) const fn signed(id: u64) -> i64 {
    id.cast_signed()
}

/// An identity from how databases keep it.
pub(crate) const fn unsigned(id: i64) -> u64 {
    id.cast_unsigned()
}

/// The stored name of a state.
pub(crate) const fn alert_state(state: AlertState) -> &'static str {
    match state {
        AlertState::Raised => "raised",
        AlertState::Acknowledged => "acknowledged",
        AlertState::Resolved => "resolved",
    }
}

/// The source of a time from its number.
pub(crate) fn time_source(number: u8) -> Result<TimeSource, sqlx::Error> {
    [TimeSource::Gnss, TimeSource::Network, TimeSource::Held, TimeSource::Unset]
        .into_iter()
        .find(|&source| source as u8 == number)
        .ok_or_else(|| sqlx::Error::Decode(format!("time source {number}").into()))
}

/// An event's kind as the wire numbers it.
pub(crate) const fn event_kind(kind: EventKind) -> u8 {
    kind as u8
}

/// The kind that [`event_kind`] wrote.
pub(crate) fn read_event_kind(number: u8) -> Result<EventKind, sqlx::Error> {
    EventKind::ALL
        .into_iter()
        .find(|&kind| event_kind(kind) == number)
        .ok_or_else(|| sqlx::Error::Decode(format!("event kind {number}").into()))
}

/// What a device is doing, from its number.
pub(crate) fn read_state(number: u8) -> Result<TagState, sqlx::Error> {
    TagState::ALL
        .into_iter()
        .find(|&state| state as u8 == number)
        .ok_or_else(|| sqlx::Error::Decode(format!("state {number}").into()))
}

/// The lane that [`lane`] wrote.
pub(crate) fn read_lane(number: u8) -> Result<Lane, sqlx::Error> {
    [Lane::Live, Lane::Backlog]
        .into_iter()
        .find(|&known| lane(known) == number)
        .ok_or_else(|| sqlx::Error::Decode(format!("lane {number}").into()))
}

/// 0 for live, 1 for backlog.
pub(crate) const fn lane(lane: Lane) -> u8 {
    match lane {
        Lane::Live => 0,
        Lane::Backlog => 1,
    }
}

/// `text` as every database can keep it: PostgreSQL has no NUL in a text.
pub(crate) fn storable(text: &str) -> String {
    text.replace('\0', REPLACEMENT)
}

/// The longest beginning of `text` that has at most `bytes_max` bytes and ends between two characters.
pub(crate) fn cut(text: &str, bytes_max: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes_max)).unwrap_or(text)
}

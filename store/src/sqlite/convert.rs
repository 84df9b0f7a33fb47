//! Between Rust's values and SQLite's: identities bit by bit, errors by what they mean, enums by their numbers.

use crate::StoreError;
use lenke_wire::{EventKind, Fix, Position, TimeSource, topic::Lane};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{Row, Sqlite, query::Query, sqlite::SqliteArguments, sqlite::SqliteRow};

/// A statement with its values so far.
pub(super) type Bound<'q> = Query<'q, Sqlite, SqliteArguments>;

/// What a database error during `action` means to the caller.
pub(super) fn failed(action: &'static str) -> impl Fn(sqlx::Error) -> StoreError + Copy {
    move |error| {
        if is_about_the_data(&error) {
            return StoreError::Refused { action, source: error.into() };
        }
        if let sqlx::Error::ColumnDecode { source, .. } | sqlx::Error::Decode(source) = &error {
            return StoreError::Corrupt { what: "a row", detail: source.to_string() };
        }
        StoreError::Unavailable { action, source: error.into() }
    }
}

/// Whether the values were refused, and not the database out of order.
fn is_about_the_data(error: &sqlx::Error) -> bool {
    let constraint = error.as_database_error().is_some_and(|database| {
        database.is_foreign_key_violation() || database.is_check_violation() || database.is_unique_violation()
    });
    constraint || matches!(error, sqlx::Error::Encode(_))
}

/// `value` as JSON text.
pub(super) fn to_json<T: Serialize>(action: &'static str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Refused { action, source: error.into() })
}

/// A value from JSON text; `what` names it in the error.
pub(super) fn from_json<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt { what, detail: error.to_string() })
}

/// Bytes of a fixed length.
pub(super) fn array<const N: usize>(what: &'static str, bytes: &[u8]) -> Result<[u8; N], StoreError> {
    bytes
        .try_into()
        .map_err(|_| StoreError::Corrupt { what, detail: format!("{} bytes instead of {N}", bytes.len()) })
}

/// An identity as SQLite keeps it.
pub(super) const fn signed(id: u64) -> i64 {
    id.cast_signed()
}

/// An identity from how SQLite keeps it.
pub(super) const fn unsigned(id: i64) -> u64 {
    id.cast_unsigned()
}

/// Columns of a fix in every table that has one, in the order of [`bind_fix`] and [`read_fix`], after its time.
pub(super) const FIX_COLUMNS: &str =
    "lat_e7, lon_e7, accuracy_dm, speed_cm_s, course_cdeg, satellites, time_source";

/// Binds [`FIX_COLUMNS`]; all NULL without a fix.
pub(super) fn bind_fix<'q>(query: Bound<'q>, fix: Option<&Fix>) -> Bound<'q> {
    query
        .bind(fix.map(|fix| fix.position.lat_e7()))
        .bind(fix.map(|fix| fix.position.lon_e7()))
        .bind(fix.map(|fix| fix.accuracy_dm))
        .bind(fix.map(|fix| fix.speed_cm_s))
        .bind(fix.map(|fix| fix.course_cdeg))
        .bind(fix.map(|fix| fix.satellites))
        .bind(fix.map(|fix| fix.time_source as u8))
}

/// The fix whose time stands in column `at` and whose other columns stand under their names.
pub(super) fn read_fix(row: &SqliteRow, at: &str) -> Result<Fix, sqlx::Error> {
    let lat_e7 = row.try_get("lat_e7")?;
    let lon_e7 = row.try_get("lon_e7")?;
    Ok(Fix {
        at: lenke_wire::UnixMillis(row.try_get(at)?),
        time_source: time_source(row.try_get("time_source")?)?,
        position: Position::from_e7(lat_e7, lon_e7).map_err(|error| sqlx::Error::Decode(error.into()))?,
        accuracy_dm: row.try_get("accuracy_dm")?,
        speed_cm_s: row.try_get("speed_cm_s")?,
        course_cdeg: row.try_get("course_cdeg")?,
        satellites: row.try_get("satellites")?,
    })
}

fn time_source(number: u8) -> Result<TimeSource, sqlx::Error> {
    [TimeSource::Gnss, TimeSource::Network, TimeSource::Held, TimeSource::Unset]
        .into_iter()
        .find(|&source| source as u8 == number)
        .ok_or_else(|| sqlx::Error::Decode(format!("time source {number}").into()))
}

/// An event's kind as the wire numbers it.
pub(super) const fn event_kind(kind: EventKind) -> u8 {
    kind as u8
}

/// The lane that [`lane`] wrote.
pub(super) fn read_lane(number: u8) -> Result<Lane, sqlx::Error> {
    [Lane::Live, Lane::Backlog]
        .into_iter()
        .find(|&known| lane(known) == number)
        .ok_or_else(|| sqlx::Error::Decode(format!("lane {number}").into()))
}

/// 0 for live, 1 for backlog.
pub(super) const fn lane(lane: Lane) -> u8 {
    match lane {
        Lane::Live => 0,
        Lane::Backlog => 1,
    }
}

//! Between Rust's values and SQLite's: errors by what they mean, and the columns of a fix.

pub(super) use crate::convert::{
    alert_state, array, event_kind, from_json, lane, read_lane, signed, to_json, unsigned,
};
use crate::{StoreError, convert::time_source};
use lenke_wire::{Fix, Position, UnixMillis};
use sqlx::{Row, Sqlite, query::Query, sqlite::SqliteArguments, sqlite::SqliteRow};

/// A statement with its values so far.
pub(super) type Bound<'q> = Query<'q, Sqlite, SqliteArguments>;

/// What a database error during `action` means to the caller.
pub(crate) fn failed(action: &'static str) -> impl Fn(sqlx::Error) -> StoreError + Copy {
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

/// The fix whose time is `at` and whose [`FIX_COLUMNS`] begin at place `first`.
pub(super) fn read_fix(row: &SqliteRow, at: UnixMillis, first: usize) -> Result<Fix, sqlx::Error> {
    Ok(Fix {
        at,
        position: Position::from_e7(row.try_get(first)?, row.try_get(first + 1)?)
            .map_err(|error| sqlx::Error::Decode(error.into()))?,
        accuracy_dm: row.try_get(first + 2)?,
        speed_cm_s: row.try_get(first + 3)?,
        course_cdeg: row.try_get(first + 4)?,
        satellites: row.try_get(first + 5)?,
        time_source: time_source(row.try_get(first + 6)?)?,
    })
}

//! A row's columns one after another, by place and not by name: a trail has thousands of rows, and looking up names
//! and types would be most of what reading one costs. Who reads states the columns in the statement, in that order.

use super::convert::Moment;
use crate::convert::{time_source, unsigned};
use lenke_wire::{Fix, FrameId, Position, UnixMillis};
use sqlx::{Row as _, ValueRef as _, postgres::PgRow};

/// The columns that [`Cells::fix`] reads.
pub(super) const FIX: &str =
    "at, lat_e7, lon_e7, accuracy_dm, speed_cm_s, course_cdeg, satellites, time_source";

/// What is left to read of a row in PostgreSQL's binary form.
pub(super) struct Cells<'r> {
    row: &'r PgRow,
    next: usize,
}

impl<'r> Cells<'r> {
    /// All columns of `row`.
    pub(super) const fn of(row: &'r PgRow) -> Self {
        Self { row, next: 0 }
    }

    /// Bytes; nothing for NULL.
    fn bytes(&mut self) -> Result<Option<&'r [u8]>, sqlx::Error> {
        let value = self.row.try_get_raw(self.next)?;
        self.next += 1;
        if value.is_null() {
            return Ok(None);
        }
        value.as_bytes().map(Some).map_err(sqlx::Error::Decode)
    }

    /// Any of PostgreSQL's integers.
    fn int(&mut self) -> Result<i64, sqlx::Error> {
        let bytes = self.bytes()?.unwrap_or_default();
        match bytes.len() {
            8 => bytes.try_into().map(i64::from_be_bytes),
            4 => bytes.try_into().map(|bytes| i32::from_be_bytes(bytes).into()),
            _ => bytes.try_into().map(|bytes| i16::from_be_bytes(bytes).into()),
        }
        .map_err(|error| sqlx::Error::Decode(format!("column {}: {error}", self.next).into()))
    }

    /// A number, which may be narrower in Rust.
    pub(super) fn number<T>(&mut self) -> Result<T, sqlx::Error>
    where
        T: TryFrom<i64>,
        T::Error: std::error::Error + Send + Sync + 'static,
    {
        T::try_from(self.int()?).map_err(|error| sqlx::Error::Decode(error.into()))
    }

    /// A number, or nothing.
    pub(super) fn optional<T>(&mut self) -> Result<Option<T>, sqlx::Error>
    where
        T: TryFrom<i64>,
        T::Error: std::error::Error + Send + Sync + 'static,
    {
        if self.row.try_get_raw(self.next)?.is_null() {
            self.next += 1;
            return Ok(None);
        }
        self.number().map(Some)
    }

    /// An identity.
    pub(super) fn id(&mut self) -> Result<u64, sqlx::Error> {
        self.int().map(unsigned)
    }

    /// A `timestamptz`.
    pub(super) fn time(&mut self) -> Result<UnixMillis, sqlx::Error> {
        self.int().map(|micros| Moment::from_micros(micros).into())
    }

    /// A truth value.
    pub(super) fn flag(&mut self) -> Result<bool, sqlx::Error> {
        Ok(self.bytes()? == Some(&[1]))
    }

    /// Epoch and seq.
    pub(super) fn frame(&mut self) -> Result<FrameId, sqlx::Error> {
        Ok(FrameId::new(self.number()?, self.number()?))
    }

    /// The columns of [`FIX`].
    pub(super) fn fix(&mut self) -> Result<Fix, sqlx::Error> {
        let (at, lat_e7, lon_e7) = (self.time()?, self.number()?, self.number()?);
        Ok(Fix {
            at,
            position: Position::from_e7(lat_e7, lon_e7).map_err(|error| sqlx::Error::Decode(error.into()))?,
            accuracy_dm: self.number()?,
            speed_cm_s: self.number()?,
            course_cdeg: self.number()?,
            satellites: self.number()?,
            time_source: time_source(self.number()?)?,
        })
    }
}

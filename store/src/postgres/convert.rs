//! Between Rust's values and PostgreSQL's: errors by what they mean, moments as `timestamptz`.

use crate::StoreError;
pub(super) use crate::convert::{
    alert_state, array, event_kind, from_json, lane, read_lane, signed, to_json, unsigned,
};
use lenke_wire::UnixMillis;
use sqlx::{
    Decode, Encode, Postgres, Row, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgHasArrayType, PgRow, PgTypeInfo, PgValueRef},
};

/// A statement with its values so far.
pub(super) type Bound<'q> = sqlx::query::Query<'q, Postgres, sqlx::postgres::PgArguments>;

/// Milliseconds of Unix time at 2000-01-01, where PostgreSQL counts from.
const EPOCH_MS: i64 = 946_684_800_000;
/// The years 1 to 9999 in milliseconds from that moment: what every part of the database can reckon with.
const MOMENTS_MS: (i64, i64) = (-63_082_281_600_000, 252_455_615_999_999);
/// Classes of SQLSTATE that are about the data: wrong values, broken constraints.
const DATA_CLASSES: [&str; 2] = ["22", "23"];
/// SQLSTATE of a row for which there is no partition: the data are right.
const CHECK_VIOLATION: &str = "23514";

/// A moment as `timestamptz`; one before the year 1 or after 9999 becomes the border.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment(i64);

impl Moment {
    pub(super) const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    pub(super) const fn micros(self) -> i64 {
        self.0
    }
}

impl From<UnixMillis> for Moment {
    fn from(at: UnixMillis) -> Self {
        Self(at.0.saturating_sub(EPOCH_MS).clamp(MOMENTS_MS.0, MOMENTS_MS.1) * 1000)
    }
}

impl From<Moment> for UnixMillis {
    fn from(moment: Moment) -> Self {
        Self(moment.0.div_euclid(1000) + EPOCH_MS)
    }
}

impl Type<Postgres> for Moment {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("timestamptz")
    }
}

impl PgHasArrayType for Moment {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("_timestamptz")
    }
}

impl Encode<'_, Postgres> for Moment {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        <i64 as Encode<'_, Postgres>>::encode_by_ref(&self.0, buffer)
    }
}

impl Decode<'_, Postgres> for Moment {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        let bytes = value.as_bytes()?.try_into()?;
        Ok(Self(i64::from_be_bytes(bytes)))
    }
}

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
    let state = error.as_database_error().and_then(|database| database.code());
    let refused = state.is_some_and(|state| DATA_CLASSES.iter().any(|class| state.starts_with(class)));
    (refused && !lacks_partition(error)) || matches!(error, sqlx::Error::Encode(_))
}

/// Whether a row had no partition to go to.
pub(super) fn lacks_partition(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|database| {
        database.code().is_some_and(|state| state == CHECK_VIOLATION)
            && database.message().starts_with("no partition")
    })
}

/// A column that holds a number of a narrower type in Rust.
pub(super) fn narrow<T>(row: &PgRow, column: &str) -> Result<T, sqlx::Error>
where
    T: TryFrom<i64>,
    T::Error: std::error::Error + Send + Sync + 'static,
{
    T::try_from(row.try_get::<Wide, _>(column)?.0).map_err(|error| sqlx::Error::Decode(error.into()))
}

/// Any of PostgreSQL's integers.
struct Wide(i64);

impl Type<Postgres> for Wide {
    fn type_info() -> PgTypeInfo {
        <i64 as Type<Postgres>>::type_info()
    }

    fn compatible(kind: &PgTypeInfo) -> bool {
        [<i16 as Type<Postgres>>::type_info(), <i32 as Type<Postgres>>::type_info(), Self::type_info()]
            .contains(kind)
    }
}

impl Decode<'_, Postgres> for Wide {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        let bytes = value.as_bytes()?;
        Ok(Self(match bytes.len() {
            2 => i16::from_be_bytes(bytes.try_into()?).into(),
            4 => i32::from_be_bytes(bytes.try_into()?).into(),
            _ => i64::from_be_bytes(bytes.try_into()?),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_come_back_and_those_beyond_the_range_become_its_border() {
        for ms in [0, 1_767_225_600_123, -1, EPOCH_MS - 1] {
            assert_eq!(UnixMillis::from(Moment::from(UnixMillis(ms))), UnixMillis(ms));
        }
        let (first, last) = (Moment::from(UnixMillis(i64::MIN)), Moment::from(UnixMillis(i64::MAX)));
        assert_eq!((first.0, last.0), (-63_082_281_600_000_000, 252_455_615_999_999_000));
    }
}

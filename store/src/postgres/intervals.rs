//! Intervals: written within a batch's transaction, read by wearer and window.

use super::{
    bulk,
    columns::{Column, Columns},
    convert::{failed, narrow, signed, unsigned},
};
use crate::{
    IntervalKey, StoreError,
    interval::{COLUMNS, Plain, newest, replace, subject_columns},
    store::PAGE_ROWS_MAX,
};
use lenke_alerts::{IntervalId, IntervalRecord, OrderId, ZoneVersion};
use lenke_wire::UnixMillis;
use lenke_zones::{WearerId, ZoneId};
use sqlx::{PgConnection, PgPool, Row, postgres::PgRow};

pub(super) async fn write(
    connection: &mut PgConnection,
    records: &[IntervalRecord],
) -> Result<(), sqlx::Error> {
    let (stands, goes) = newest(records);
    if !goes.is_empty() {
        sqlx::query(
            "DELETE FROM \"interval\" USING unnest($1::bigint[], $2::bytea[]) AS gone (wearer, id)
             WHERE \"interval\".wearer = gone.wearer AND \"interval\".id = gone.id",
        )
        .bind(goes.iter().map(|record| signed(record.wearer.0)).collect::<Vec<_>>())
        .bind(goes.iter().map(|record| record.id.0.to_vec()).collect::<Vec<_>>())
        .execute(&mut *connection)
        .await?;
    }
    bulk::insert(connection, "\"interval\"", columns(&stands), &replace()).await.map(|_| ())
}

fn columns(records: &[&IntervalRecord]) -> Columns {
    let i64s = |value: fn(&IntervalRecord) -> Option<i64>| {
        Column::I64(records.iter().map(|record| value(record)).collect())
    };
    let bools = |value: fn(&IntervalRecord) -> bool| {
        Column::Bool(records.iter().map(|record| Some(value(record))).collect())
    };
    let columns = vec![
        i64s(|record| Some(signed(record.wearer.0))),
        Column::bytes(records.iter().map(|record| record.id.0.to_vec())),
        Column::texts(records.iter().map(|record| record.kind.code().to_owned())),
        i64s(|record| Some(subject_columns(record).0)),
        i64s(|record| Some(subject_columns(record).1)),
        i64s(|record| Some(signed(record.order.0))),
        i64s(|record| Some(record.order_version.into())),
        i64s(|record| record.zone.map(|zone| signed(zone.id.0))),
        i64s(|record| record.zone.map(|zone| zone.version.into())),
        Column::texts(records.iter().map(|record| record.rule.clone())),
        i64s(|record| Some(record.from.0)),
        i64s(|record| record.to.map(|to| to.0)),
        bools(|record| record.uncertain),
        bools(|record| record.late),
        Column::Bytes(records.iter().map(|record| record.alert.map(|alert| alert.0.to_vec())).collect()),
        i64s(|record| Some(record.known_at.0)),
    ];
    Columns::new(COLUMNS, records.len(), columns)
}

pub(super) async fn page(
    readers: &PgPool,
    wearer: WearerId,
    (from, to): (UnixMillis, UnixMillis),
    after: Option<IntervalKey>,
    limit: u32,
) -> Result<Vec<IntervalRecord>, StoreError> {
    let after = after.unwrap_or(IntervalKey { from: UnixMillis(i64::MIN), id: IntervalId([0; 16]) });
    let rows = sqlx::query(
        "SELECT * FROM \"interval\"
         WHERE wearer = $1 AND from_at < $2 AND (to_at IS NULL OR to_at > $3) AND (from_at, id) > ($4, $5)
         ORDER BY from_at, id LIMIT $6",
    )
    .bind(signed(wearer.0))
    .bind(to.0)
    .bind(from.0)
    .bind(after.from.0)
    .bind(after.id.0.to_vec())
    .bind(i64::from(limit.min(PAGE_ROWS_MAX)))
    .fetch_all(readers)
    .await
    .map_err(failed(READ))?;
    rows.iter().map(read).collect()
}

const READ: &str = "read a wearer's intervals";

fn read(row: &PgRow) -> Result<IntervalRecord, StoreError> {
    let failed = failed(READ);
    let id = |column| row.try_get::<i64, _>(column).map(unsigned).map_err(failed);
    let plain = Plain {
        wearer: WearerId(id("wearer")?),
        id: row.try_get("id").map_err(failed)?,
        kind: row.try_get("kind").map_err(failed)?,
        subject: (row.try_get("subject_kind").map_err(failed)?, id("subject")?),
        alert: row.try_get("alert").map_err(failed)?,
    };
    let zone: Option<i64> = row.try_get("zone").map_err(failed)?;
    let zone_version: Option<i64> = row.try_get("zone_version").map_err(failed)?;
    let zone_version = zone_version.and_then(|version| u32::try_from(version).ok());
    let order = OrderId(id("order_id")?);
    let order_version = narrow(row, "order_version").map_err(failed)?;
    let rule = row.try_get("rule").map_err(failed)?;
    let from = UnixMillis(row.try_get("from_at").map_err(failed)?);
    let to = row.try_get::<Option<i64>, _>("to_at").map_err(failed)?.map(UnixMillis);
    let uncertain = row.try_get("uncertain").map_err(failed)?;
    let late = row.try_get("late").map_err(failed)?;
    let known_at = UnixMillis(row.try_get("known_at").map_err(failed)?);
    plain.check(|plain| IntervalRecord {
        id: plain.id,
        wearer: plain.wearer,
        order,
        order_version,
        kind: plain.kind,
        subject: plain.subject,
        zone: zone
            .zip(zone_version)
            .map(|(zone, version)| ZoneVersion { id: ZoneId(unsigned(zone)), version }),
        rule,
        from,
        to,
        uncertain,
        late,
        alert: plain.alert,
        known_at,
    })
}

/// How many of a wearer begin before a moment.
pub(super) async fn count(
    connection: &mut PgConnection,
    wearer: WearerId,
    before: UnixMillis,
) -> Result<u64, sqlx::Error> {
    let found: i64 =
        sqlx::query_scalar("SELECT count(*) FROM \"interval\" WHERE wearer = $1 AND from_at < $2")
            .bind(signed(wearer.0))
            .bind(before.0)
            .fetch_one(connection)
            .await?;
    Ok(found.cast_unsigned())
}

/// Deletes up to `limit` of a wearer that begin before a moment, oldest first.
pub(super) async fn delete(
    connection: &mut PgConnection,
    wearer: WearerId,
    before: UnixMillis,
    limit: u64,
) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query(
        "DELETE FROM \"interval\" WHERE wearer = $1 AND id IN (
             SELECT id FROM \"interval\" WHERE wearer = $1 AND from_at < $2 ORDER BY from_at, id LIMIT $3)",
    )
    .bind(signed(wearer.0))
    .bind(before.0)
    .bind(signed(limit))
    .execute(connection)
    .await?;
    Ok(deleted.rows_affected())
}

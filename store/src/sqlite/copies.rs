//! Every table as neutral rows, read from one snapshot and written back.
//!
//! Tables with a bucket are read along it, as their key has it; the bucket itself is made again from the row's time.

use super::{
    bulk::Insert,
    convert::{Bound, failed},
    telemetry::bucket,
};
use crate::{
    StoreError, StoreSnapshot,
    entities::{Cell, Entity, Kind, Row},
    store::PAGE_ROWS_MAX,
};
use async_trait::async_trait;
use lenke_wire::UnixMillis;
use sqlx::{AssertSqlSafe, Row as _, Sqlite, SqliteConnection, Transaction, sqlite::SqliteRow};

const WRITE: &str = "write rows of another store";

/// A transaction that only reads.
pub(super) struct Snapshot(pub(super) Transaction<'static, Sqlite>);

#[async_trait]
impl StoreSnapshot for Snapshot {
    async fn read_rows(
        &mut self,
        entity: &'static Entity,
        after: Option<&Row>,
        limit: u32,
    ) -> Result<Vec<Row>, StoreError> {
        let failed = failed("read everything");
        let key = key(entity);
        let order = key.join(", ");
        let begin = match after {
            Some(_) => format!("WHERE ({order}) > ({})", vec!["?"; key.len()].join(", ")),
            None => String::new(),
        };
        let sql = format!("SELECT {} FROM {} {begin} ORDER BY {order} LIMIT ?", entity.names(), entity.name);
        let mut query = sqlx::query(AssertSqlSafe(sql));
        if let Some(after) = after {
            if let Some(bucket) = bucket_of(entity, after) {
                query = query.bind(bucket);
            }
            for (cell, column) in after.iter().zip(entity.columns) {
                if key.contains(&column.name) {
                    query = bind(query, cell, column.kind);
                }
            }
        }
        let rows = query.bind(limit.min(PAGE_ROWS_MAX)).fetch_all(&mut *self.0).await.map_err(failed)?;
        rows.iter().map(|row| read(entity, row).map_err(failed)).collect()
    }
}

pub(super) async fn write(
    connection: &mut SqliteConnection,
    entity: &'static Entity,
    rows: &[Row],
) -> Result<(), StoreError> {
    if rows.iter().any(|row| row.len() != entity.columns.len()) {
        let source = format!("a row of {} has not its {} columns", entity.name, entity.columns.len()).into();
        return Err(StoreError::Refused { action: WRITE, source });
    }
    let bucketed = bucket_column(entity).is_some();
    let head = match bucketed {
        true => format!("INSERT INTO {} (bucket, {})", entity.name, entity.names()),
        false => format!("INSERT INTO {} ({})", entity.name, entity.names()),
    };
    let insert = Insert { head: &head, columns: entity.columns.len() + usize::from(bucketed), tail: "" };
    let bind_row = |mut query: Bound<'static>, row: &Row| {
        if let Some(bucket) = bucket_of(entity, row) {
            query = query.bind(bucket);
        }
        row.iter().zip(entity.columns).fold(query, |query, (cell, column)| bind(query, cell, column.kind))
    };
    insert.run(connection, rows, bind_row).await.map_err(refused)?;
    Ok(())
}

/// Triggers refuse rows too, and say so as an aborted statement.
fn refused(error: sqlx::Error) -> StoreError {
    let by_trigger =
        error.as_database_error().is_some_and(|database| database.code().as_deref() == Some("1811"));
    match by_trigger {
        true => StoreError::Refused { action: WRITE, source: error.into() },
        false => failed(WRITE)(error),
    }
}

/// The time that a table's bucket follows from.
fn bucket_column(entity: &Entity) -> Option<&'static str> {
    match entity.name {
        "fix" | "sighting" | "event" | "health" => Some("at"),
        "frame" => Some("received_at"),
        _ => None,
    }
}

fn bucket_of(entity: &Entity, row: &Row) -> Option<i64> {
    let time = bucket_column(entity)?;
    let place = entity.columns.iter().position(|column| column.name == time)?;
    match row.get(place)? {
        Cell::Int(at) => Some(bucket(UnixMillis(*at))),
        Cell::Null | Cell::Text(_) | Cell::Bytes(_) => None,
    }
}

/// The table's key as this file has it, in its order.
fn key(entity: &Entity) -> Vec<&'static str> {
    let columns = entity.columns.iter().take(entity.key).map(|column| column.name);
    match bucket_column(entity) {
        Some("received_at") => {
            ["bucket"].into_iter().chain(columns.filter(|name| *name != "received_at")).collect()
        }
        Some(_) => ["bucket"].into_iter().chain(columns).collect(),
        None => columns.collect(),
    }
}

fn bind<'q>(query: Bound<'q>, cell: &Cell, kind: Kind) -> Bound<'q> {
    match cell {
        Cell::Int(number) => query.bind(*number),
        Cell::Text(text) => query.bind(text.clone()),
        Cell::Bytes(bytes) => query.bind(bytes.clone()),
        Cell::Null => match kind {
            Kind::Id | Kind::Time | Kind::Int | Kind::Bool => query.bind(None::<i64>),
            Kind::Text | Kind::Json => query.bind(None::<String>),
            Kind::Bytes => query.bind(None::<Vec<u8>>),
        },
    }
}

fn read(entity: &Entity, row: &SqliteRow) -> Result<Row, sqlx::Error> {
    let cell = |(place, kind): (usize, Kind)| -> Result<Cell, sqlx::Error> {
        let cell = match kind {
            Kind::Id | Kind::Time | Kind::Int | Kind::Bool => {
                row.try_get::<Option<i64>, _>(place)?.map(Cell::Int)
            }
            Kind::Text | Kind::Json => row.try_get::<Option<String>, _>(place)?.map(Cell::Text),
            Kind::Bytes => row.try_get::<Option<Vec<u8>>, _>(place)?.map(Cell::Bytes),
        };
        Ok(cell.unwrap_or(Cell::Null))
    };
    entity.columns.iter().enumerate().map(|(place, column)| cell((place, column.kind))).collect()
}

//! Every table as neutral rows, read from one snapshot and written back.

use super::{
    bulk,
    columns::{Column, Columns},
    convert::{Bound, Moment, failed},
    layout::{self, LAYOUT, week},
};
use crate::{
    StoreError, StoreSnapshot,
    entities::{self, Cell, Entity, Kind, Row},
    store::PAGE_ROWS_MAX,
};
use async_trait::async_trait;
use lenke_wire::UnixMillis;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Row as _, Transaction, postgres::PgRow};
use std::collections::BTreeSet;

const WRITE: &str = "write rows of another store";

/// A transaction that only reads.
pub(super) struct Snapshot(pub(super) Transaction<'static, Postgres>);

#[async_trait]
impl StoreSnapshot for Snapshot {
    async fn read_rows(
        &mut self,
        entity: &'static Entity,
        after: Option<&Row>,
        limit: u32,
    ) -> Result<Vec<Row>, StoreError> {
        let failed = failed("read everything");
        let key: Vec<_> = entity.columns.iter().take(entity.key).collect();
        let order = key.iter().map(|column| quoted(column.name)).collect::<Vec<_>>().join(", ");
        let mut conditions = Vec::new();
        if entity.name == "meta" {
            // How rows lie is each database's own.
            conditions.push(format!("key <> '{LAYOUT}'"));
        }
        if after.is_some() {
            let places: Vec<_> = (1..=key.len()).map(|place| format!("${place}")).collect();
            conditions.push(format!("({order}) > ({})", places.join(", ")));
        }
        let only =
            if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
        let values: Vec<_> = entity.columns.iter().map(|column| value(entity, column)).collect();
        let sql = format!(
            "SELECT {} FROM {} {only} ORDER BY {order} LIMIT {}",
            values.join(", "),
            quoted(entity.name),
            limit.min(PAGE_ROWS_MAX)
        );
        let query = sqlx::query(AssertSqlSafe(sql));
        let query = after
            .into_iter()
            .flatten()
            .zip(key)
            .fold(query, |query, (cell, column)| bind(query, cell, is_moment(entity, column)));
        let rows = query.fetch_all(&mut *self.0).await.map_err(failed)?;
        rows.iter().map(|row| read(entity, row).map_err(failed)).collect()
    }
}

/// Weeks that the rows lie in, if the table is cut by time.
pub(super) fn weeks(entity: &Entity, rows: &[Row]) -> BTreeSet<i64> {
    let Some(place) = layout::time_column(entity.name)
        .and_then(|time| entity.columns.iter().position(|column| column.name == time))
    else {
        return BTreeSet::new();
    };
    rows.iter().filter_map(|row| int(row.get(place)?)).map(|at| week(UnixMillis(at))).collect()
}

pub(super) async fn write(
    connection: &mut PgConnection,
    entity: &'static Entity,
    rows: &[Row],
) -> Result<(), StoreError> {
    if rows.iter().any(|row| row.len() != entity.columns.len()) {
        let source = format!("a row of {} has not its {} columns", entity.name, entity.columns.len()).into();
        return Err(StoreError::Refused { action: WRITE, source });
    }
    if rows.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = entity.columns.iter().map(|column| column.name).collect();
    let columns = entity.columns.iter().enumerate().map(|(place, column)| {
        let cells = rows.iter().map(move |row| &row[place]);
        match column.kind {
            _ if is_moment(entity, column) => {
                Column::Time(cells.map(|cell| int(cell).map(|at| UnixMillis(at).into())).collect())
            }
            Kind::Id | Kind::Time | Kind::Int => Column::I64(cells.map(int).collect()),
            Kind::Bool => Column::Bool(cells.map(|cell| int(cell).map(|number| number != 0)).collect()),
            Kind::Text => Column::Text(cells.map(text).collect()),
            Kind::Json => Column::Json(cells.map(text).collect()),
            Kind::Bytes => Column::Bytes(cells.map(bytes).collect()),
        }
    });
    let columns = Columns::new(names, rows.len(), columns.collect());
    bulk::insert(connection, &quoted(entity.name), columns, "").await.map_err(failed(WRITE))?;
    if entity.name == "quarantine" {
        // Numbers given out from now on come after those that were brought.
        let next = "SELECT setval(pg_get_serial_sequence('quarantine', 'id'), max(id)) FROM quarantine";
        sqlx::query(next).execute(connection).await.map_err(failed(WRITE))?;
    }
    Ok(())
}

/// Telemetry and what follows it hold `timestamptz`; everything else milliseconds.
fn is_moment(entity: &Entity, column: &entities::Column) -> bool {
    column.kind == Kind::Time && (layout::time_column(entity.name).is_some() || entity.name == "device_last")
}

fn quoted(name: &str) -> String {
    layout::quoted(name)
}

/// The column as a neutral value.
fn value(entity: &Entity, column: &entities::Column) -> String {
    let name = quoted(column.name);
    match column.kind {
        _ if is_moment(entity, column) => format!("(extract(epoch FROM {name}) * 1000)::bigint"),
        Kind::Id | Kind::Time | Kind::Int => format!("{name}::bigint"),
        Kind::Bool => format!("{name}::integer::bigint"),
        Kind::Text | Kind::Bytes => name,
        Kind::Json => format!("{name}::text"),
    }
}

fn bind<'q>(query: Bound<'q>, cell: &Cell, is_moment: bool) -> Bound<'q> {
    match cell {
        Cell::Int(at) if is_moment => query.bind(Moment::from(UnixMillis(*at))),
        Cell::Int(number) => query.bind(*number),
        Cell::Text(text) => query.bind(text.clone()),
        Cell::Bytes(bytes) => query.bind(bytes.clone()),
        Cell::Null => query.bind(None::<i64>),
    }
}

fn read(entity: &Entity, row: &PgRow) -> Result<Row, sqlx::Error> {
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

const fn int(cell: &Cell) -> Option<i64> {
    match cell {
        Cell::Int(number) => Some(*number),
        Cell::Null | Cell::Text(_) | Cell::Bytes(_) => None,
    }
}

fn text(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Text(text) => Some(text.clone()),
        Cell::Null | Cell::Int(_) | Cell::Bytes(_) => None,
    }
}

fn bytes(cell: &Cell) -> Option<Vec<u8>> {
    match cell {
        Cell::Bytes(bytes) => Some(bytes.clone()),
        Cell::Null | Cell::Int(_) | Cell::Text(_) => None,
    }
}

//! How telemetry lies in the database: TimescaleDB's hypertables or PostgreSQL's own range partitions. Found out once,
//! before the first migration, and kept: a database never changes sides by itself.

use super::{LOCKS, Turn, bulk, convert::Moment};
use lenke_wire::UnixMillis;
use sqlx::{PgConnection, migrate::MigrateError};
use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

/// Tables that are cut by time, and the time.
pub(super) const TELEMETRY: [(&str, &str); 5] =
    [("fix", "at"), ("sighting", "at"), ("event", "at"), ("health", "at"), ("frame", "received_at")];
/// Milliseconds of one partition: a week.
pub(super) const WEEK_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// Weeks for which partitions are made because one batch has rows there; more are no honest batch.
const WEEKS_MAX: usize = 600;
/// Setting under which the layout is kept.
pub(super) const LAYOUT: &str = "store.layout";

/// Where telemetry lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Hypertables.
    Timescale,
    /// PostgreSQL's range partitions.
    Partitions,
}

impl Layout {
    /// Its name in the database and in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Timescale => "timescale",
            Self::Partitions => "partitions",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Timescale, Self::Partitions].into_iter().find(|layout| layout.name() == name)
    }
}

/// What the table is cut by, if it is.
pub(super) fn time_column(table: &str) -> Option<&'static str> {
    TELEMETRY.into_iter().find(|(name, _)| *name == table).map(|(_, time)| time)
}

/// The partition's number that `at` lies in.
pub(super) const fn week(at: UnixMillis) -> i64 {
    at.0.div_euclid(WEEK_MS)
}

/// Brings `schema` up to date, making it where it is missing. The connection's search path leads there.
pub(super) async fn migrate(connection: &mut PgConnection, schema: &str) -> Result<Layout, MigrateError> {
    let layout = prepare(connection, schema).await?;
    sqlx::migrate!("migrations/postgres").run(&mut *connection).await?;
    Ok(layout)
}

/// Makes the schema and settles the layout; one process at a time.
async fn prepare(connection: &mut PgConnection, schema: &str) -> Result<Layout, sqlx::Error> {
    turn(connection, "SELECT pg_advisory_lock($1, $2)").await?;
    let settled = async {
        bulk::run(connection, format!("CREATE SCHEMA IF NOT EXISTS {}", quoted(schema))).await?;
        let layout = match kept(connection).await? {
            Some(layout) => layout,
            None => available(connection).await?,
        };
        sqlx::query("SELECT set_config('lenke.layout', $1, false)")
            .bind(layout.name())
            .execute(&mut *connection)
            .await?;
        Ok(layout)
    };
    let settled = settled.await;
    turn(connection, "SELECT pg_advisory_unlock($1, $2)").await?;
    settled
}

/// Takes or ends the turn of those who change the schema.
async fn turn(connection: &mut PgConnection, sql: &'static str) -> Result<(), sqlx::Error> {
    sqlx::query(sql).bind(LOCKS).bind(Turn::Schema as i32).execute(connection).await.map(|_| ())
}

/// The layout that an earlier migration chose.
async fn kept(connection: &mut PgConnection) -> Result<Option<Layout>, sqlx::Error> {
    let exists: bool =
        sqlx::query_scalar("SELECT to_regclass('meta') IS NOT NULL").fetch_one(&mut *connection).await?;
    if !exists {
        return Ok(None);
    }
    let name: Option<String> = sqlx::query_scalar("SELECT value FROM meta WHERE key = $1")
        .bind(LAYOUT)
        .fetch_optional(connection)
        .await?;
    Ok(name.as_deref().and_then(Layout::from_name))
}

/// TimescaleDB where the server has loaded it. It is not tried elsewhere: without being loaded it ends the connection. An
/// ordinary role is not told what the server has loaded; that there are settings of TimescaleDB's shows it as well.
async fn available(connection: &mut PgConnection) -> Result<Layout, sqlx::Error> {
    let (installed, loaded): (bool, bool) = sqlx::query_as(
        "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb'),
                EXISTS (SELECT FROM pg_settings WHERE name LIKE 'timescaledb.%'
                            OR (name = 'shared_preload_libraries' AND setting LIKE '%timescaledb%'))
                AND EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb')",
    )
    .fetch_one(&mut *connection)
    .await?;
    if !installed && loaded {
        bulk::run(connection, "CREATE EXTENSION IF NOT EXISTS timescaledb WITH SCHEMA public").await?;
    }
    Ok(if installed || loaded { Layout::Timescale } else { Layout::Partitions })
}

/// `name` as an identifier in a statement.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The weeks that surely have partitions, as this process knows.
#[derive(Debug, Default)]
pub(super) struct Weeks(Mutex<BTreeSet<i64>>);

impl Weeks {
    /// Those of `weeks` that may lack partitions.
    pub(super) fn unknown(&self, mut weeks: BTreeSet<i64>) -> BTreeSet<i64> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        weeks.retain(|week| !known.contains(week));
        weeks
    }

    /// Forgets what is known: somebody else may have dropped partitions.
    pub(super) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Adds the partitions of `weeks` to every table of telemetry, where they are missing.
    pub(super) async fn add(
        &self,
        connection: &mut PgConnection,
        weeks: BTreeSet<i64>,
    ) -> Result<u64, sqlx::Error> {
        if weeks.len() > WEEKS_MAX {
            return Err(sqlx::Error::Encode(format!("rows of {} weeks in one batch", weeks.len()).into()));
        }
        turn(connection, "SELECT pg_advisory_lock($1, $2)").await?;
        let added = add_partitions(connection, &weeks).await;
        turn(connection, "SELECT pg_advisory_unlock($1, $2)").await?;
        let added = added?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(weeks);
        Ok(added)
    }
}

async fn add_partitions(connection: &mut PgConnection, weeks: &BTreeSet<i64>) -> Result<u64, sqlx::Error> {
    let mut added = 0;
    for week in weeks {
        let moment = |week: i64| Moment::from(UnixMillis(week.saturating_mul(WEEK_MS)));
        for (table, _) in TELEMETRY {
            let new: bool = sqlx::query_scalar("SELECT add_partition($1, $2, $3)")
                .bind(table)
                .bind(moment(*week))
                .bind(moment(week.saturating_add(1)))
                .fetch_one(&mut *connection)
                .await?;
            added += u64::from(new);
        }
    }
    Ok(added)
}

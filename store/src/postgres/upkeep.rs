//! How the database is, and its partitions: made ahead of time, dropped when retention has emptied them.

use super::{
    Layout, PostgresStore, Turn, bulk,
    convert::{Moment, failed, unsigned},
    counter,
    layout::{TELEMETRY, WEEK_MS, quoted, week},
};
use crate::{
    StoreError,
    upkeep::{Condition, Headroom, Kept, TableSize, Upkeep},
};
use async_trait::async_trait;
use lenke_wire::UnixMillis;
use sqlx::{AssertSqlSafe, PgConnection};
use std::time::Duration;

/// Weeks for which partitions are made ahead.
const WEEKS_AHEAD: i64 = 4;
/// An empty partition is dropped when its last week is so many weeks past.
const WEEKS_KEPT: i64 = 5;
/// Partitions that one call drops at most.
const DROPPED_MAX: u64 = 50;
/// Transactions after which identifiers come round.
const TRANSACTIONS_MAX: f64 = 2_147_483_648.0;

/// How long a partition that is to be dropped is waited for.
const LOCK_MAX: Duration = Duration::from_millis(500);

const LOOK: &str = "look at the database";
const KEEP_UP: &str = "keep up the database";

#[async_trait]
impl Upkeep for PostgresStore {
    async fn condition(&self, now: UnixMillis) -> Result<Condition, StoreError> {
        let mut snapshot = self.begin_read(LOOK).await?;
        self.look(&mut snapshot, now).await.map_err(failed(LOOK))
    }

    async fn keep_up(&self, now: UnixMillis) -> Result<Kept, StoreError> {
        if self.layout() == Layout::Timescale {
            return Ok(Kept::default());
        }
        let this = week(now);
        let failed = failed(KEEP_UP);
        let mut connection = self.writers.acquire().await.map_err(failed)?;
        let ahead = (this..=this.saturating_add(WEEKS_AHEAD)).collect();
        let partitions_added = self.weeks.add(&mut connection, ahead).await.map_err(failed)?;
        drop(connection);
        let dropped = self.drop_emptied(this.saturating_sub(WEEKS_KEPT)).await.map_err(failed)?;
        Ok(Kept { partitions_added, ..dropped })
    }
}

impl PostgresStore {
    async fn look(&self, snapshot: &mut PgConnection, now: UnixMillis) -> Result<Condition, sqlx::Error> {
        let (version, bytes): (String, i64) =
            sqlx::query_as("SELECT current_setting('server_version'), pg_database_size(current_database())")
                .fetch_one(&mut *snapshot)
                .await?;
        let schema_version =
            sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations").fetch_one(&mut *snapshot).await?;
        let layout = match self.layout() {
            Layout::Partitions => "native partitions, a week each".to_owned(),
            Layout::Timescale => {
                let version: String =
                    sqlx::query_scalar("SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'")
                        .fetch_one(&mut *snapshot)
                        .await?;
                format!("hypertables of TimescaleDB {version}, a day each")
            }
        };
        Ok(Condition {
            database: format!("PostgreSQL {version}"),
            layout,
            schema_version,
            bytes: unsigned(bytes),
            tables: self.tables(snapshot).await?,
            headroom: self.headroom(snapshot, now).await?,
        })
    }

    async fn tables(&self, snapshot: &mut PgConnection) -> Result<Vec<TableSize>, sqlx::Error> {
        // Partitions and chunks inherit from their table.
        let rows: Vec<(String, i64, i64, i64)> = sqlx::query_as(
            "SELECT root.relname::text, greatest(count(*) - 1, 1), sum(pg_total_relation_size(part.oid))::bigint,
                    sum(greatest(part.reltuples, 0))::bigint
             FROM pg_class root
             JOIN pg_class part
               ON part.oid = root.oid OR part.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = root.oid)
             WHERE root.relnamespace = current_schema()::regnamespace AND root.relkind IN ('r', 'p')
               AND NOT root.relispartition
             GROUP BY root.oid, root.relname ORDER BY 3 DESC, 1",
        )
        .fetch_all(&mut *snapshot)
        .await?;
        let mut tables = Vec::with_capacity(rows.len());
        for (name, parts, bytes, estimate) in rows {
            let hypertable =
                self.layout() == Layout::Timescale && TELEMETRY.iter().any(|(table, _)| *table == name);
            let (bytes, estimate) = match hypertable {
                // With what lies in columns.
                true => {
                    sqlx::query_as(
                        "SELECT coalesce(hypertable_size($1::regclass), 0)::bigint, approximate_row_count($1::regclass)",
                    )
                    .bind(quoted(&name))
                    .fetch_one(&mut *snapshot)
                    .await?
                }
                false => (bytes, estimate),
            };
            tables.push(TableSize {
                name,
                parts: unsigned(parts),
                rows: Some(unsigned(estimate)),
                bytes: Some(unsigned(bytes)),
            });
        }
        tables.sort_by_key(|table| std::cmp::Reverse(table.bytes));
        Ok(tables)
    }

    async fn headroom(
        &self,
        snapshot: &mut PgConnection,
        now: UnixMillis,
    ) -> Result<Vec<Headroom>, sqlx::Error> {
        let (age, multi_age, connections, connections_max, id, id_max): (i32, i32, i64, i32, i64, i64) =
            sqlx::query_as(
                "SELECT age(datfrozenxid), mxid_age(datminmxid),
                        (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
                        current_setting('max_connections')::integer,
                        (SELECT coalesce(max(id), 0) FROM quarantine),
                        9223372036854775807
                 FROM pg_database WHERE datname = current_database()",
            )
            .fetch_one(&mut *snapshot)
            .await?;
        let epochs = counter::value(&mut *snapshot, counter::DOWNLINK_EPOCH).await?;
        let of =
            |what, used: f64, limit: f64| Headroom::of(what, used, limit, format!("{used:.0} of {limit:.0}"));
        let mut headroom = vec![
            of("transaction ids", f64::from(age), TRANSACTIONS_MAX),
            of("multixact ids", f64::from(multi_age), TRANSACTIONS_MAX),
            of("connections", connections as f64, f64::from(connections_max)),
            of("row ids", id as f64, id_max as f64),
            of("downlink epochs", epochs as f64, f64::from(u32::MAX)),
        ];
        if self.layout() == Layout::Partitions {
            let end = last_partition_end(snapshot).await?;
            let ahead = end.map_or(0, |end| (week(end) - 1 - week(now)).clamp(0, WEEKS_AHEAD));
            headroom.push(Headroom {
                what: "partitions ahead",
                used: (WEEKS_AHEAD - ahead) as f64 / WEEKS_AHEAD as f64,
                detail: format!("{ahead} of {WEEKS_AHEAD} weeks"),
            });
        } else {
            let failed: i64 = sqlx::query_scalar(
                "SELECT count(*) FROM timescaledb_information.job_stats WHERE last_run_status = 'Failed'",
            )
            .fetch_one(snapshot)
            .await?;
            headroom.push(Headroom {
                what: "background jobs",
                used: if failed == 0 { 0.0 } else { 1.0 },
                detail: format!("{failed} failed in their last run"),
            });
        }
        Ok(headroom)
    }

    /// Drops partitions of weeks before `before` that hold nothing: what retention deleted, row by row and never what is
    /// held, has then left them.
    async fn drop_emptied(&self, before: i64) -> Result<Kept, sqlx::Error> {
        let mut connection = self.writers.acquire().await?;
        let names: Vec<String> = sqlx::query_scalar(
            "SELECT part.relname::text FROM pg_inherits
             JOIN pg_class root ON root.oid = inhparent JOIN pg_class part ON part.oid = inhrelid
             WHERE root.relnamespace = current_schema()::regnamespace AND root.relkind = 'p'
               AND right(part.relname, 8) < to_char($1 AT TIME ZONE 'UTC', 'YYYYMMDD')
             ORDER BY right(part.relname, 8), 1",
        )
        .bind(Moment::from(UnixMillis(before.saturating_mul(WEEK_MS))))
        .fetch_all(&mut *connection)
        .await?;
        drop(connection);
        let mut kept = Kept::default();
        for name in names {
            if kept.partitions_dropped + kept.partitions_busy >= DROPPED_MAX {
                break;
            }
            match self.drop_if_empty(&name).await {
                Ok(dropped) => kept.partitions_dropped += u64::from(dropped),
                Err(error) if is_busy(&error) => kept.partitions_busy += 1,
                Err(error) => return Err(error),
            }
        }
        if kept.partitions_dropped > 0 {
            self.weeks.forget();
        }
        Ok(kept)
    }

    async fn drop_if_empty(&self, name: &str) -> Result<bool, sqlx::Error> {
        let name = quoted(name);
        let mut transaction = self.writers.begin().await?;
        let filled = format!("SELECT EXISTS (SELECT FROM {name})");
        let filled = sqlx::query_scalar::<_, bool>(AssertSqlSafe(filled)).persistent(false);
        if filled.fetch_one(&mut *transaction).await? {
            return Ok(false);
        }
        // Who waits for the whole table keeps everybody else waiting behind it.
        bulk::run(&mut transaction, format!("SET LOCAL lock_timeout = {}", LOCK_MAX.as_millis())).await?;
        // Nobody writes a batch meanwhile: a late row cannot slip into what is dropped.
        self.take_turn(Turn::Batch, &mut transaction).await?;
        bulk::run(&mut transaction, format!("LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE")).await?;
        let filled = format!("SELECT EXISTS (SELECT FROM {name})");
        let filled = sqlx::query_scalar::<_, bool>(AssertSqlSafe(filled)).persistent(false);
        if filled.fetch_one(&mut *transaction).await? {
            return Ok(false);
        }
        bulk::run(&mut transaction, format!("DROP TABLE {name}")).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

/// Whether somebody had what was waited for: `lock_not_available`.
fn is_busy(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|database| database.code().as_deref() == Some("55P03"))
}

/// The end of the newest partition of positions, by its name, which is its first day.
async fn last_partition_end(connection: &mut PgConnection) -> Result<Option<UnixMillis>, sqlx::Error> {
    let begin: Option<Moment> = sqlx::query_scalar(
        "SELECT max(to_timestamp(right(part.relname, 8), 'YYYYMMDD')) FROM pg_inherits
         JOIN pg_class part ON part.oid = inhrelid WHERE inhparent = 'fix'::regclass",
    )
    .fetch_one(connection)
    .await?;
    Ok(begin.map(|begin| UnixMillis::from(begin).plus_ms(WEEK_MS)))
}

//! Many rows into one table by the fastest way that suits their number.
//!
//! | rows | way |
//! |---|---|
//! | up to [`UNNEST_ROWS_MAX`] | one insert from arrays, `ON CONFLICT` |
//! | more | COPY BINARY straight into the table, behind a savepoint |
//! | more, and one of them was there | COPY BINARY into a temporary stage, then one insert, `ON CONFLICT` |
//!
//! The committed frames keep rows that are there out of a batch, so the last way is for what came past them: a table
//! restored from a backup, an import.

use super::columns::Columns;
use sqlx::{AssertSqlSafe, PgConnection, postgres::PgCopyIn};

/// Rows up to which arrays are faster than COPY.
const UNNEST_ROWS_MAX: usize = 2_000;
/// Bytes of one piece of a COPY.
const PIECE_BYTES: usize = 256 << 10;
/// SQLSTATE of a key that is there already.
const UNIQUE_VIOLATION: &str = "23505";

/// Inserts those of `rows` that are not there; answers how many. The connection must be in a transaction.
pub(super) async fn write(
    connection: &mut PgConnection,
    table: &'static str,
    rows: Columns,
) -> Result<u64, sqlx::Error> {
    if rows.rows() <= UNNEST_ROWS_MAX {
        return insert(connection, table, rows, "ON CONFLICT DO NOTHING").await;
    }
    run(connection, "SAVEPOINT bulk").await?;
    match copy(connection, table, &rows).await {
        Ok(written) => {
            run(connection, "RELEASE SAVEPOINT bulk").await?;
            Ok(written)
        }
        Err(error) if is_duplicate(&error) => {
            run(connection, "ROLLBACK TO SAVEPOINT bulk").await?;
            metrics::counter!("lenke_store_copy_replayed_total").increment(1);
            stage(connection, table, &rows).await
        }
        Err(error) => Err(error),
    }
}

/// One insert from arrays.
pub(super) async fn insert(
    connection: &mut PgConnection,
    table: &str,
    rows: Columns,
    tail: &str,
) -> Result<u64, sqlx::Error> {
    if rows.rows() == 0 {
        return Ok(0);
    }
    let sql = rows.unnest_sql(table, tail);
    Ok(rows.bind(sqlx::query(AssertSqlSafe(sql))).execute(connection).await?.rows_affected())
}

/// COPY BINARY into `table`.
async fn copy(connection: &mut PgConnection, table: &str, rows: &Columns) -> Result<u64, sqlx::Error> {
    let statement = format!("COPY {table} ({}) FROM STDIN (FORMAT binary)", rows.names());
    let mut copy: PgCopyIn<&mut PgConnection> = connection.copy_in_raw(&statement).await?;
    for piece in rows.copy_pieces(PIECE_BYTES) {
        copy.send(piece).await?;
    }
    copy.finish().await
}

/// Through a table of this transaction, so that rows that are there can be left out.
async fn stage(
    connection: &mut PgConnection,
    table: &'static str,
    rows: &Columns,
) -> Result<u64, sqlx::Error> {
    run(connection, format!("CREATE TEMPORARY TABLE stage_{table} (LIKE {table}) ON COMMIT DROP")).await?;
    copy(connection, &format!("stage_{table}"), rows).await?;
    let names = rows.names();
    let sql =
        format!("INSERT INTO {table} ({names}) SELECT {names} FROM stage_{table} ON CONFLICT DO NOTHING");
    let written = sqlx::query(AssertSqlSafe(sql)).persistent(false).execute(&mut *connection).await?;
    run(connection, format!("DROP TABLE stage_{table}")).await?;
    Ok(written.rows_affected())
}

/// A statement without values or answer.
pub(super) async fn run(connection: &mut PgConnection, sql: impl Into<String>) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql.into())).execute(connection).await.map(|_| ())
}

fn is_duplicate(error: &sqlx::Error) -> bool {
    let state = error.as_database_error().and_then(|database| database.code());
    state.is_some_and(|state| state == UNIQUE_VIOLATION)
}

//! Multi-row inserts: the one fast way into SQLite.
//!
//! Rows go in by the largest of a few fixed chunk sizes that fits, so each table has as many statements as there are
//! sizes and every one of them stays prepared.

use super::convert::Bound;
use sqlx::{AssertSqlSafe, SqliteConnection};

/// Rows of one statement, largest first; the last is 1.
const CHUNKS: [usize; 3] = [64, 8, 1];

/// An insert into one table, without its values.
pub(super) struct Insert<'a> {
    /// `INSERT INTO table (columns)`.
    pub(super) head: &'a str,
    /// How many columns.
    pub(super) columns: usize,
    /// What follows the values, such as what to do on a conflict.
    pub(super) tail: &'a str,
}

impl Insert<'_> {
    /// Inserts all `rows`, whose values `bind` adds in the order of the columns; answers how many rows changed.
    pub(super) async fn run<'q, T: Sync>(
        &self,
        connection: &mut SqliteConnection,
        rows: &[T],
        bind: impl Fn(Bound<'q>, &T) -> Bound<'q> + Send + Sync,
    ) -> Result<u64, sqlx::Error> {
        let mut rest = rows;
        let mut changed = 0;
        for size in CHUNKS {
            if rest.len() < size {
                continue;
            }
            let sql: std::sync::Arc<str> = self.sql(size).into();
            while rest.len() >= size {
                let (chunk, after) = rest.split_at(size);
                rest = after;
                let query = sqlx::query(AssertSqlSafe(sql.clone()));
                changed += chunk.iter().fold(query, &bind).execute(&mut *connection).await?.rows_affected();
            }
        }
        Ok(changed)
    }

    /// The statement for `rows` rows.
    fn sql(&self, rows: usize) -> String {
        let row = format!("({})", vec!["?"; self.columns].join(","));
        format!("{} VALUES {} {}", self.head, vec![row.as_str(); rows].join(","), self.tail)
    }
}

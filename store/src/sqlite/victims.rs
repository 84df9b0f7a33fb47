//! The file of protected persons.

use super::create_private;
use crate::{error::Source, victims::quiet};
use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::path::Path;

pub(crate) async fn open(path: &Path) -> Result<SqlitePool, Source> {
    create_private(path)?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Delete)
        .synchronous(SqliteSynchronous::Full)
        // What is deleted is overwritten, and no log of it stays beside the file.
        .pragma("secure_delete", "on")
        .busy_timeout(super::BUSY_MAX);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(quiet(options)).await?;
    sqlx::migrate!("migrations/victims-sqlite").run(&pool).await?;
    Ok(pool)
}

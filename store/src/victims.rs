//! Who protected persons are: apart from everything else, so that whoever may read the rest cannot read this.
//!
//! In PostgreSQL it is a schema that belongs to a role of its own, which the centre reaches over a connection of its
//! own; the role of everything else is refused there. In SQLite it is a file of its own. Either way a record is sealed
//! under the person's own key, which is in neither. Where a protected person is stands nowhere: it is never stored.

use crate::{
    PostgresConfig, StoreError, convert::signed, convert::unsigned, error::Source, postgres, sqlite,
};
use lenke_zones::WearerId;
use sqlx::{PgPool, SqlitePool};
use std::path::Path;

/// Name of the schema in PostgreSQL.
pub const SCHEMA: &str = "lenke_victim";

/// Protected persons' records.
#[derive(Clone, Debug)]
pub struct VictimStore(Place);

#[derive(Clone, Debug)]
enum Place {
    Postgres(PgPool),
    Sqlite(SqlitePool),
}

impl VictimStore {
    /// In a schema of a PostgreSQL database, as the role that owns it, which makes it if it may.
    ///
    /// # Errors
    /// [`StoreError::Connect`]: the server cannot be reached or refuses, or the role is one that should not look here:
    /// that of the centre's other tables, or a superuser.
    pub async fn open_postgres(config: &PostgresConfig) -> Result<Self, StoreError> {
        let failed = |source: Source| StoreError::Connect { server: config.server(), source };
        let pool = postgres::victims(config).await.map_err(failed)?;
        Ok(Self(Place::Postgres(pool)))
    }

    /// In a file of its own, which is made if there is none.
    ///
    /// # Errors
    /// [`StoreError::Open`] if the file cannot be written or was made by a newer program.
    pub async fn open_sqlite(path: &Path) -> Result<Self, StoreError> {
        let failed = |source: Source| StoreError::Open { path: path.to_owned(), source };
        Ok(Self(Place::Sqlite(sqlite::victims(path).await.map_err(failed)?)))
    }

    /// Waits for what is being written and ends the connections.
    pub async fn close(&self) {
        match &self.0 {
            Place::Postgres(pool) => pool.close().await,
            Place::Sqlite(pool) => pool.close().await,
        }
    }

    /// The sealed record of a protected person.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn person(&self, wearer: WearerId) -> Result<Option<Vec<u8>>, StoreError> {
        const ACTION: &str = "read a protected person";
        let wearer = signed(wearer.0);
        match &self.0 {
            Place::Postgres(pool) => sqlx::query_scalar("SELECT sealed FROM person WHERE wearer = $1")
                .bind(wearer)
                .fetch_optional(pool)
                .await
                .map_err(postgres::failed(ACTION)),
            Place::Sqlite(pool) => sqlx::query_scalar("SELECT sealed FROM person WHERE wearer = ?")
                .bind(wearer)
                .fetch_optional(pool)
                .await
                .map_err(sqlite::failed(ACTION)),
        }
    }

    /// Adds or replaces the sealed record of a protected person.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn put_person(&self, wearer: WearerId, sealed: &[u8]) -> Result<(), StoreError> {
        const ACTION: &str = "write a protected person";
        const TAIL: &str = "ON CONFLICT (wearer) DO UPDATE SET sealed = excluded.sealed";
        let wearer = signed(wearer.0);
        match &self.0 {
            Place::Postgres(pool) => {
                let sql = format!("INSERT INTO person (wearer, sealed) VALUES ($1, $2) {TAIL}");
                let written =
                    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(wearer).bind(sealed).execute(pool).await;
                written.map(|_| ()).map_err(postgres::failed(ACTION))
            }
            Place::Sqlite(pool) => {
                let sql = format!("INSERT INTO person (wearer, sealed) VALUES (?, ?) {TAIL}");
                let sealed = sealed.to_vec();
                let written =
                    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(wearer).bind(sealed).execute(pool).await;
                written.map(|_| ()).map_err(sqlite::failed(ACTION))
            }
        }
    }

    /// Deletes the record of a person, if there is one.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn remove(&self, wearer: WearerId) -> Result<(), StoreError> {
        const ACTION: &str = "delete a protected person";
        let wearer = signed(wearer.0);
        match &self.0 {
            Place::Postgres(pool) => sqlx::query("DELETE FROM person WHERE wearer = $1")
                .bind(wearer)
                .execute(pool)
                .await
                .map(|_| ())
                .map_err(postgres::failed(ACTION)),
            Place::Sqlite(pool) => sqlx::query("DELETE FROM person WHERE wearer = ?")
                .bind(wearer)
                .execute(pool)
                .await
                .map(|_| ())
                .map_err(sqlite::failed(ACTION)),
        }
    }

    /// Everybody of whom there is a record, in order.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn everybody(&self) -> Result<Vec<WearerId>, StoreError> {
        const ACTION: &str = "list protected persons";
        const SQL: &str = "SELECT wearer FROM person ORDER BY wearer";
        let numbers: Vec<i64> = match &self.0 {
            Place::Postgres(pool) => {
                sqlx::query_scalar(SQL).fetch_all(pool).await.map_err(postgres::failed(ACTION))?
            }
            Place::Sqlite(pool) => {
                sqlx::query_scalar(SQL).fetch_all(pool).await.map_err(sqlite::failed(ACTION))?
            }
        };
        Ok(numbers.into_iter().map(|wearer| WearerId(unsigned(wearer))).collect())
    }
}

/// A connection without logging what it is asked.
pub(crate) fn quiet<O: sqlx::ConnectOptions>(options: O) -> O {
    options.disable_statement_logging()
}

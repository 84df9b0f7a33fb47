//! Where the database is, how the connection is protected, and what one process may ask of it.

use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{fmt, str::FromStr, time::Duration};

/// Connections that write. A batch, the register, the audit log and an alert may each be under way.
const WRITERS: u32 = 4;
/// Fewest connections in all.
pub(super) const CONNECTIONS_MIN: u32 = WRITERS + 1;
/// How long a call waits for a connection before it fails as unavailable.
const TURN_MAX: Duration = Duration::from_secs(30);
/// Prepared statements kept for each connection.
const STATEMENTS: usize = 200;
/// How long a statement waits for a table that somebody changes.
const LOCK_MAX: Duration = Duration::from_secs(20);
/// A transaction that the program forgot is ended after this time.
const IDLE_MAX: Duration = Duration::from_secs(60);

/// How to reach and use a PostgreSQL database.
///
/// TLS follows the URL's `sslmode`: `verify-full` (with `sslrootcert` or the system's roots) for every connection that
/// leaves the machine; `sslcert` and `sslkey` for a certificate of the client's own.
#[derive(Clone)]
pub struct PostgresConfig {
    url: String,
    schema: String,
    connections_max: u32,
    statement_max: Duration,
    idle_max: Duration,
}

impl PostgresConfig {
    /// The database at `url` (`postgres://user:password@host:port/database?sslmode=verify-full`), in schema `lenke`.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            schema: "lenke".to_owned(),
            connections_max: 16,
            statement_max: Duration::from_secs(30),
            idle_max: IDLE_MAX,
        }
    }

    /// In another schema, for several centres in one database.
    #[must_use]
    pub fn with_schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = schema.into();
        self
    }

    /// With at most so many connections; at least five are used.
    #[must_use]
    pub const fn with_connections_max(mut self, connections_max: u32) -> Self {
        self.connections_max = connections_max;
        self
    }

    /// With another longest time for one statement.
    #[must_use]
    pub const fn with_statement_max(mut self, statement_max: Duration) -> Self {
        self.statement_max = statement_max;
        self
    }

    /// With another longest pause within a transaction; one that was forgotten is ended after it.
    #[must_use]
    pub const fn with_idle_max(mut self, idle_max: Duration) -> Self {
        self.idle_max = idle_max;
        self
    }

    pub(super) fn schema(&self) -> &str {
        &self.schema
    }

    /// The server and database without user and password, for messages.
    pub fn server(&self) -> String {
        match PgConnectOptions::from_str(&self.url) {
            Ok(options) => format!(
                "{}:{}/{}",
                options.get_host(),
                options.get_port(),
                options.get_database().unwrap_or_default()
            ),
            Err(_) => "an address that cannot be read".to_owned(),
        }
    }

    pub(super) fn options(&self) -> Result<PgConnectOptions, sqlx::Error> {
        let ms = |time: Duration| time.as_millis().to_string();
        let options = PgConnectOptions::from_str(&self.url)?
            .application_name("lenke")
            .statement_cache_capacity(STATEMENTS)
            .options([
                ("search_path", format!("{},public", self.schema)),
                ("statement_timeout", ms(self.statement_max)),
                ("lock_timeout", ms(LOCK_MAX)),
                ("idle_in_transaction_session_timeout", ms(self.idle_max)),
                ("synchronous_commit", "on".to_owned()),
                ("timezone", "UTC".to_owned()),
                // Compiling a plan costs more than any of ours takes.
                ("jit", "off".to_owned()),
            ]);
        Ok(options)
    }

    /// Connections that write and connections that read, made when they are needed.
    pub(super) fn pools(&self, options: PgConnectOptions) -> (PgPool, PgPool) {
        let pool =
            |connections: u32| PgPoolOptions::new().max_connections(connections).acquire_timeout(TURN_MAX);
        let readers = self.connections_max.max(CONNECTIONS_MIN) - WRITERS;
        (pool(WRITERS).connect_lazy_with(options.clone()), pool(readers).connect_lazy_with(options))
    }
}

/// Without the URL, which may hold a password.
impl fmt::Debug for PostgresConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresConfig")
            .field("server", &self.server())
            .field("schema", &self.schema)
            .field("connections_max", &self.connections_max)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_in_no_message() {
        let config = PostgresConfig::new("postgres://kari:hemmelig@db.example:6432/lenke");
        assert_eq!(config.server(), "db.example:6432/lenke");
        assert!(!format!("{config:?}").contains("hemmelig"));
    }
}

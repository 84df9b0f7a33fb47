//! The schema of protected persons, as the role that owns it.

use super::{PostgresConfig, bulk, layout::quoted};
use crate::{
    error::Source,
    victims::{SCHEMA, quiet},
};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, PgPool, postgres::PgPoolOptions};
use std::time::Duration;

/// Connections: a person is looked up now and then.
const CONNECTIONS: u32 = 2;
/// How long a call waits for one.
const TURN_MAX: Duration = Duration::from_secs(30);

pub(crate) async fn open(config: &PostgresConfig) -> Result<PgPool, Source> {
    let others = config.schema().to_owned();
    let config = config.clone().with_schema(SCHEMA);
    let options = quiet(config.options()?);
    let mut connection = options.connect().await?;
    refuse_wrong_role(&mut connection, &others).await?;
    let exists: bool = sqlx::query_scalar("SELECT to_regnamespace($1) IS NOT NULL")
        .bind(SCHEMA)
        .fetch_one(&mut connection)
        .await?;
    if !exists {
        bulk::run(&mut connection, format!("CREATE SCHEMA {}", quoted(SCHEMA))).await?;
    }
    sqlx::migrate!("migrations/victims-postgres").run(&mut connection).await?;
    connection.close().await?;
    Ok(PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(TURN_MAX).connect_lazy_with(options))
}

/// A role that may read both has nothing apart.
async fn refuse_wrong_role(connection: &mut PgConnection, others: &str) -> Result<(), Source> {
    let (role, superuser, owns_others): (String, bool, bool) = sqlx::query_as(
        "SELECT current_user::text, rolsuper,
                coalesce((SELECT pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname = $1), false)
         FROM pg_roles WHERE rolname = current_user",
    )
    .bind(others)
    .fetch_one(connection)
    .await?;
    if superuser {
        return Err(
            format!("the role `{role}` is a superuser: protected persons need a role of their own").into()
        );
    }
    if owns_others {
        return Err(format!(
            "the role `{role}` owns the other tables too: protected persons need a role of their own"
        )
        .into());
    }
    Ok(())
}

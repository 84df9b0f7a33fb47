//! Users of the console and settings of the installation.

use super::convert::{failed, from_json, to_json};
use crate::{StoreError, User};
use sqlx::{PgPool, Row};

pub(super) async fn user(readers: &PgPool, name: &str) -> Result<Option<User>, StoreError> {
    let failed = failed("read a user");
    let row =
        sqlx::query(r#"SELECT name, password_hash, role::text AS role, display FROM "user" WHERE name = $1"#)
            .bind(name)
            .fetch_optional(readers)
            .await
            .map_err(failed)?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(User {
        name: row.try_get("name").map_err(failed)?,
        password_hash: row.try_get("password_hash").map_err(failed)?,
        role: from_json("a role", row.try_get("role").map_err(failed)?)?,
        display: row.try_get("display").map_err(failed)?,
    }))
}

pub(super) async fn put_user(writers: &PgPool, user: &User) -> Result<(), StoreError> {
    const ACTION: &str = "write a user";
    sqlx::query(
        r#"INSERT INTO "user" (name, password_hash, role, display) VALUES ($1, $2, $3::json, $4)
           ON CONFLICT (name) DO UPDATE SET password_hash = excluded.password_hash, role = excluded.role,
               display = excluded.display"#,
    )
    .bind(&user.name)
    .bind(&user.password_hash)
    .bind(to_json(ACTION, &user.role)?)
    .bind(&user.display)
    .execute(writers)
    .await
    .map_err(failed(ACTION))?;
    Ok(())
}

pub(super) async fn get_meta(readers: &PgPool, key: &str) -> Result<Option<String>, StoreError> {
    sqlx::query_scalar("SELECT value FROM meta WHERE key = $1")
        .bind(key)
        .fetch_optional(readers)
        .await
        .map_err(failed("read a setting"))
}

pub(super) async fn set_meta(writers: &PgPool, key: &str, value: &str) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
        .bind(key)
        .bind(value)
        .execute(writers)
        .await
        .map_err(failed("write a setting"))?;
    Ok(())
}

//! Users of the console and settings of the installation.

use super::convert::{failed, from_json, to_json};
use crate::{StoreError, User};
use sqlx::{Row, SqlitePool};

pub(super) async fn user(readers: &SqlitePool, name: &str) -> Result<Option<User>, StoreError> {
    let failed = failed("read a user");
    let row = sqlx::query("SELECT name, password_hash, role, display FROM user WHERE name = ?")
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

pub(super) async fn put_user(writer: &SqlitePool, user: &User) -> Result<(), StoreError> {
    const ACTION: &str = "write a user";
    sqlx::query("INSERT OR REPLACE INTO user (name, password_hash, role, display) VALUES (?, ?, ?, ?)")
        .bind(&user.name)
        .bind(&user.password_hash)
        .bind(to_json(ACTION, &user.role)?)
        .bind(&user.display)
        .execute(writer)
        .await
        .map_err(failed(ACTION))?;
    Ok(())
}

pub(super) async fn get_meta(readers: &SqlitePool, key: &str) -> Result<Option<String>, StoreError> {
    sqlx::query_scalar("SELECT value FROM meta WHERE key = ?")
        .bind(key)
        .fetch_optional(readers)
        .await
        .map_err(failed("read a setting"))
}

pub(super) async fn set_meta(writer: &SqlitePool, key: &str, value: &str) -> Result<(), StoreError> {
    sqlx::query("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)")
        .bind(key)
        .bind(value)
        .execute(writer)
        .await
        .map_err(failed("write a setting"))?;
    Ok(())
}

//! The whole file as of one moment. SQLite writes the copy from a snapshot; other processes write on meanwhile.

use super::{convert::failed, create_private};
use crate::StoreError;
use sqlx::{Connection as _, SqliteConnection, SqlitePool, sqlite::SqliteConnectOptions};
use std::{fs::File, path::Path};

const ACTION: &str = "back up";

pub(super) async fn run(writer: &SqlitePool, path: &Path) -> Result<(), StoreError> {
    let refused = |source: crate::error::Source| StoreError::Refused { action: ACTION, source };
    if path.exists() {
        return Err(refused(format!("{} exists already", path.display()).into()));
    }
    // SQLite takes an empty file; this one only its owner may read.
    create_private(path).map_err(|error| refused(error.into()))?;
    let name = path.to_str().ok_or_else(|| refused("the path is not UTF-8".into()))?;
    sqlx::query("VACUUM INTO ?").bind(name).execute(writer).await.map_err(failed(ACTION))?;
    check(path).await?;
    let synced = File::open(path).and_then(|file| file.sync_all());
    synced.map_err(|error| StoreError::Unavailable { action: ACTION, source: error.into() })
}

async fn check(path: &Path) -> Result<(), StoreError> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    let mut copy = SqliteConnection::connect_with(&options).await.map_err(failed(ACTION))?;
    let found: String =
        sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&mut copy).await.map_err(failed(ACTION))?;
    copy.close().await.map_err(failed(ACTION))?;
    match found.as_str() {
        "ok" => Ok(()),
        _ => Err(StoreError::Corrupt { what: "a backup", detail: found }),
    }
}

//! What is kept about a wearer beside the order, and its end.

use super::{
    convert::{failed, from_json, signed, to_json, unsigned},
    counter,
};
use crate::{Hold, StoreError, Subject};
use lenke_alerts::{Condition, ConditionId, ConditionRule};
use lenke_wire::UnixMillis;
use lenke_zones::WearerId;
use sqlx::{Row, SqliteConnection, SqlitePool, sqlite::SqliteRow};

const READ: &str = "read what is kept about a wearer";
const WRITE: &str = "write what is kept about a wearer";
const FORGET: &str = "forget a wearer";

pub(super) async fn one(readers: &SqlitePool, wearer: WearerId) -> Result<Option<Subject>, StoreError> {
    let row = sqlx::query("SELECT * FROM subject WHERE wearer = ?").bind(signed(wearer.0));
    row.fetch_optional(readers).await.map_err(failed(READ))?.as_ref().map(read).transpose()
}

pub(super) async fn all(readers: &SqlitePool) -> Result<Vec<Subject>, StoreError> {
    let rows = sqlx::query("SELECT * FROM subject ORDER BY wearer").fetch_all(readers).await;
    rows.map_err(failed(READ))?.iter().map(read).collect()
}

pub(super) async fn set_person(
    connection: &mut SqliteConnection,
    wearer: WearerId,
    sealed: &[u8],
) -> Result<(), StoreError> {
    refuse_erased(connection, wearer).await?;
    sqlx::query(
        "INSERT INTO subject (wearer, person) VALUES (?, ?)
         ON CONFLICT (wearer) DO UPDATE SET person = excluded.person",
    )
    .bind(signed(wearer.0))
    .bind(sealed)
    .execute(connection)
    .await
    .map_err(failed(WRITE))?;
    Ok(())
}

pub(super) async fn clear_person(
    connection: &mut SqliteConnection,
    wearer: WearerId,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE subject SET person = NULL WHERE wearer = ?")
        .bind(signed(wearer.0))
        .execute(connection)
        .await
        .map_err(failed(WRITE))?;
    Ok(())
}

pub(super) async fn set_keep_days(
    connection: &mut SqliteConnection,
    wearer: WearerId,
    days: Option<u32>,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO subject (wearer, keep_days) VALUES (?, ?)
         ON CONFLICT (wearer) DO UPDATE SET keep_days = excluded.keep_days",
    )
    .bind(signed(wearer.0))
    .bind(days)
    .execute(connection)
    .await
    .map_err(failed(WRITE))?;
    Ok(())
}

/// Holds the wearer.
pub(super) async fn set_hold(
    connection: &mut SqliteConnection,
    wearer: WearerId,
    hold: &Hold,
) -> Result<(), StoreError> {
    check_hold(connection, wearer).await?;
    refuse_erased(connection, wearer).await?;
    sqlx::query(
        "INSERT INTO subject (wearer, hold) VALUES (?, ?)
         ON CONFLICT (wearer) DO UPDATE SET hold = excluded.hold",
    )
    .bind(signed(wearer.0))
    .bind(to_json(WRITE, hold)?)
    .execute(connection)
    .await
    .map_err(failed(WRITE))?;
    Ok(())
}

pub(super) async fn release_hold(
    connection: &mut SqliteConnection,
    wearer: WearerId,
) -> Result<bool, StoreError> {
    let released = sqlx::query("UPDATE subject SET hold = NULL WHERE wearer = ? AND hold IS NOT NULL")
        .bind(signed(wearer.0))
        .execute(connection)
        .await
        .map_err(failed(WRITE))?;
    Ok(released.rows_affected() > 0)
}

/// Refuses for a wearer who was erased and carried nothing since.
async fn refuse_erased(connection: &mut SqliteConnection, wearer: WearerId) -> Result<(), StoreError> {
    let erased: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM subject WHERE wearer = ?1 AND erased_at IS NOT NULL AND NOT EXISTS (
             SELECT 1 FROM activation
             WHERE activation.wearer = ?1 AND (valid_to IS NULL OR valid_to > subject.erased_at)))",
    )
    .bind(signed(wearer.0))
    .fetch_one(connection)
    .await
    .map_err(failed(READ))?;
    match erased {
        true => Err(StoreError::Erased { wearer }),
        false => Ok(()),
    }
}

/// Refuses while the wearer is held.
pub(super) async fn check_hold(
    connection: &mut SqliteConnection,
    wearer: WearerId,
) -> Result<(), StoreError> {
    let hold: Option<Option<String>> = sqlx::query_scalar("SELECT hold FROM subject WHERE wearer = ?")
        .bind(signed(wearer.0))
        .fetch_optional(connection)
        .await
        .map_err(failed(READ))?;
    Hold::refuse(wearer, hold.flatten().as_deref())
}

/// A wearer without any condition counts as a protected person, and so does every later wearer of the same device. So
/// of somebody who had conditions the one that demands nothing stays; a protected person stays one.
pub(super) async fn forget(
    connection: &mut SqliteConnection,
    wearer: WearerId,
    at: UnixMillis,
) -> Result<(), StoreError> {
    check_hold(connection, wearer).await?;
    let id = signed(wearer.0);
    let nothing = Condition { id: ConditionId(1), rule: ConditionRule::TrailMonitoring };
    let nothing = to_json(FORGET, &nothing)?;
    let done = async {
        let mut had_any = 0;
        for sql in ["DELETE FROM condition WHERE wearer = ?", "DELETE FROM wearer_group WHERE wearer = ?"] {
            had_any += sqlx::query(sql).bind(id).execute(&mut *connection).await?.rows_affected();
        }
        for sql in [
            "DELETE FROM snapshot WHERE wearer = ?",
            "DELETE FROM interval WHERE wearer = ?",
            "DELETE FROM command WHERE wearer = ?",
            "DELETE FROM device_last WHERE wearer = ?",
            "DELETE FROM zone WHERE json_extract(body, '$.assignment.personal') = ?",
            "UPDATE wearer SET home_units = '[]' WHERE id = ?",
        ] {
            sqlx::query(sql).bind(id).execute(&mut *connection).await?;
        }
        if had_any > 0 {
            sqlx::query("INSERT INTO condition (wearer, id, rule) VALUES (?, 1, ?)")
                .bind(id)
                .bind(nothing)
                .execute(&mut *connection)
                .await?;
        }
        sqlx::query(
            "INSERT INTO subject (wearer, erased_at) VALUES (?, ?)
             ON CONFLICT (wearer) DO UPDATE SET person = NULL, erased_at = excluded.erased_at",
        )
        .bind(id)
        .bind(at.0)
        .execute(&mut *connection)
        .await?;
        counter::add(connection, counter::REGISTER_VERSION, 1).await
    };
    done.await.map(|_| ()).map_err(failed(FORGET))
}

fn read(row: &SqliteRow) -> Result<Subject, StoreError> {
    let failed = failed(READ);
    let hold: Option<String> = row.try_get("hold").map_err(failed)?;
    Ok(Subject {
        wearer: WearerId(unsigned(row.try_get("wearer").map_err(failed)?)),
        person: row.try_get("person").map_err(failed)?,
        keep_days: row.try_get("keep_days").map_err(failed)?,
        hold: hold.map(|hold| from_json("a legal hold", &hold)).transpose()?,
        erased_at: row.try_get::<Option<i64>, _>("erased_at").map_err(failed)?.map(UnixMillis),
    })
}

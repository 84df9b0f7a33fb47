//! What devices should hold, what was ordered for them, and officers' keys: a document each.

use super::{
    SqliteStore,
    convert::{event_kind, failed, from_json, signed, to_json},
    telemetry::bucket,
};
use crate::{
    Outbox, StoreError,
    outbox::{COMMANDS_MAX, Command, DeviceSet, OPEN_COMMANDS_MAX, OfficerKey},
};
use async_trait::async_trait;
use lenke_wire::{DeviceId, EventKind, FrameId, UnixMillis};
use serde::de::DeserializeOwned;

const ORDER: &str = "order a command";
const OFFICER: &str = "write an officer's key";

fn read<T: DeserializeOwned>(what: &'static str, bodies: &[String]) -> Result<Vec<T>, StoreError> {
    bodies.iter().map(|body| from_json(what, body)).collect()
}

#[async_trait]
impl Outbox for SqliteStore {
    async fn device_sets(&self) -> Result<Vec<DeviceSet>, StoreError> {
        let bodies: Vec<String> = sqlx::query_scalar("SELECT body FROM device_set ORDER BY device, kind")
            .fetch_all(&self.readers)
            .await
            .map_err(failed("read what devices hold"))?;
        read("what a device holds", &bodies)
    }

    async fn sets_of(&self, device: DeviceId) -> Result<Vec<DeviceSet>, StoreError> {
        let bodies: Vec<String> =
            sqlx::query_scalar("SELECT body FROM device_set WHERE device = ? ORDER BY kind")
                .bind(signed(device.number()))
                .fetch_all(&self.readers)
                .await
                .map_err(failed("read what a device holds"))?;
        read("what a device holds", &bodies)
    }

    async fn save_sets(&self, sets: &[DeviceSet]) -> Result<(), StoreError> {
        const ACTION: &str = "write what devices hold";
        let mut transaction = self.begin(ACTION).await?;
        for set in sets {
            sqlx::query(
                "INSERT INTO device_set (device, kind, body) VALUES (?, ?, ?)
                 ON CONFLICT (device, kind) DO UPDATE SET body = excluded.body",
            )
            .bind(signed(set.device.number()))
            .bind(set.kind as u8)
            .bind(to_json(ACTION, set)?)
            .execute(&mut *transaction)
            .await
            .map_err(failed(ACTION))?;
        }
        transaction.commit().await.map_err(failed(ACTION))
    }

    async fn add_command(&self, mut command: Command) -> Result<Command, StoreError> {
        let mut transaction = self.begin(ORDER).await?;
        let (open, last): (i64, i64) = sqlx::query_as(
            "SELECT (SELECT count(*) FROM command WHERE device = ? AND settled = 0),
                    (SELECT coalesce(max(id), 0) FROM command)",
        )
        .bind(signed(command.device.number()))
        .fetch_one(&mut *transaction)
        .await
        .map_err(failed(ORDER))?;
        if open >= i64::from(OPEN_COMMANDS_MAX) {
            return Err(too_many(command.device));
        }
        command.id = last.cast_unsigned() + 1;
        sqlx::query("INSERT INTO command (id, device, wearer, settled, body) VALUES (?, ?, ?, 0, ?)")
            .bind(signed(command.id))
            .bind(signed(command.device.number()))
            .bind(signed(command.wearer.0))
            .bind(to_json(ORDER, &command)?)
            .execute(&mut *transaction)
            .await
            .map_err(failed(ORDER))?;
        transaction.commit().await.map_err(failed(ORDER))?;
        Ok(command)
    }

    async fn open_commands(&self) -> Result<Vec<Command>, StoreError> {
        let bodies: Vec<String> =
            sqlx::query_scalar("SELECT body FROM command WHERE settled = 0 ORDER BY id")
                .fetch_all(&self.readers)
                .await
                .map_err(failed("read the open commands"))?;
        read("a command", &bodies)
    }

    async fn commands_of(&self, device: DeviceId) -> Result<Vec<Command>, StoreError> {
        let bodies: Vec<String> =
            sqlx::query_scalar("SELECT body FROM command WHERE device = ? ORDER BY id DESC LIMIT ?")
                .bind(signed(device.number()))
                .bind(COMMANDS_MAX)
                .fetch_all(&self.readers)
                .await
                .map_err(failed("read a device's commands"))?;
        read("a command", &bodies)
    }

    async fn save_commands(&self, commands: &[Command]) -> Result<(), StoreError> {
        const ACTION: &str = "write how commands stand";
        let mut transaction = self.begin(ACTION).await?;
        for command in commands {
            sqlx::query("UPDATE command SET settled = ?, body = ? WHERE id = ? AND settled = 0")
                .bind(command.state.is_settled())
                .bind(to_json(ACTION, command)?)
                .bind(signed(command.id))
                .execute(&mut *transaction)
                .await
                .map_err(failed(ACTION))?;
        }
        transaction.commit().await.map_err(failed(ACTION))
    }

    async fn officers(&self) -> Result<Vec<OfficerKey>, StoreError> {
        let bodies: Vec<String> = sqlx::query_scalar("SELECT body FROM officer ORDER BY number")
            .fetch_all(&self.readers)
            .await
            .map_err(failed("read the officers' keys"))?;
        read("an officer's key", &bodies)
    }

    async fn add_officer(&self, mut officer: OfficerKey) -> Result<OfficerKey, StoreError> {
        let mut transaction = self.begin(OFFICER).await?;
        officer.number = sqlx::query_scalar("SELECT coalesce(max(number), 0) + 1 FROM officer")
            .fetch_one(&mut *transaction)
            .await
            .map_err(failed(OFFICER))?;
        sqlx::query("INSERT INTO officer (number, body) VALUES (?, ?)")
            .bind(officer.number)
            .bind(to_json(OFFICER, &officer)?)
            .execute(&mut *transaction)
            .await
            .map_err(failed(OFFICER))?;
        transaction.commit().await.map_err(failed(OFFICER))?;
        Ok(officer)
    }

    async fn revoke_officer(&self, number: u32, at: UnixMillis) -> Result<bool, StoreError> {
        let mut transaction = self.begin(OFFICER).await?;
        let body: Option<String> = sqlx::query_scalar("SELECT body FROM officer WHERE number = ?")
            .bind(number)
            .fetch_optional(&mut *transaction)
            .await
            .map_err(failed(OFFICER))?;
        let known = body.map(|body| from_json::<OfficerKey>("an officer's key", &body)).transpose()?;
        let Some(mut officer) = known.filter(|officer| officer.revoked_at.is_none()) else {
            return Ok(false);
        };
        officer.revoked_at = Some(at);
        sqlx::query("UPDATE officer SET body = ? WHERE number = ?")
            .bind(to_json(OFFICER, &officer)?)
            .bind(number)
            .execute(&mut *transaction)
            .await
            .map_err(failed(OFFICER))?;
        transaction.commit().await.map_err(failed(OFFICER))?;
        Ok(true)
    }

    async fn last_event(
        &self,
        device: DeviceId,
        kind: EventKind,
        from: UnixMillis,
        to: UnixMillis,
    ) -> Result<Option<FrameId>, StoreError> {
        let found: Option<(u32, u32)> = sqlx::query_as(
            "WITH RECURSIVE span (n) AS (VALUES (?1) UNION ALL SELECT n + 1 FROM span WHERE n < ?2)
             SELECT epoch, seq FROM span CROSS JOIN event
             WHERE bucket = n AND device = ?3 AND at >= ?4 AND at < ?5 AND kind = ?6
             ORDER BY at DESC, epoch DESC, seq DESC LIMIT 1",
        )
        .bind(bucket(from))
        .bind(bucket(to))
        .bind(signed(device.number()))
        .bind(from.0)
        .bind(to.0)
        .bind(event_kind(kind))
        .fetch_optional(&self.readers)
        .await
        .map_err(failed("read a device's events"))?;
        Ok(found.map(|(epoch, seq)| FrameId::new(epoch, seq)))
    }
}

fn too_many(device: DeviceId) -> StoreError {
    let source = format!("{device} has {OPEN_COMMANDS_MAX} open commands: wait until some have ended").into();
    StoreError::Refused { action: ORDER, source }
}

//! The register out of its tables, as one snapshot.

use super::super::{
    convert::{array, failed, from_json, narrow, unsigned},
    counter,
};
use crate::StoreError;
use lenke_alerts::{Activation, Condition, Device, OrderId, Register, Wearer};
use lenke_wire::{DeviceId, UnixMillis};
use lenke_zones::{GroupId, WearerId};
use sqlx::{PgConnection, Row, postgres::PgRow};
use std::collections::BTreeMap;

const READ: &str = "read the register";

/// Everything; the caller's transaction is one snapshot.
pub(crate) async fn load(connection: &mut PgConnection) -> Result<Register, StoreError> {
    let failed = failed(READ);
    let version = counter::value(&mut *connection, counter::REGISTER_VERSION).await.map_err(failed)?;
    let wearers = load_wearers(connection).await?;
    let devices =
        sqlx::query("SELECT id, kind::text AS kind, key, public_key, enrolled_at FROM device ORDER BY id")
            .fetch_all(&mut *connection)
            .await
            .map_err(failed)?;
    let activations = sqlx::query("SELECT * FROM activation ORDER BY device, valid_from")
        .fetch_all(&mut *connection)
        .await
        .map_err(failed)?;
    let zones: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT ON (id) body::text FROM zone ORDER BY id, version DESC")
            .fetch_all(connection)
            .await
            .map_err(failed)?;
    Ok(Register {
        version,
        wearers,
        devices: devices.iter().map(read_device).collect::<Result<_, _>>()?,
        activations: activations
            .iter()
            .map(|row| read_activation(row).map_err(failed))
            .collect::<Result<_, _>>()?,
        zones: zones.iter().map(|body| from_json("a zone", body)).collect::<Result<_, _>>()?,
    })
}

async fn load_wearers(connection: &mut PgConnection) -> Result<Vec<Wearer>, StoreError> {
    let failed = failed(READ);
    let mut conditions: BTreeMap<i64, Vec<Condition>> = BTreeMap::new();
    let rows: Vec<(i64, String)> =
        sqlx::query_as("SELECT wearer, rule::text FROM condition ORDER BY wearer, id")
            .fetch_all(&mut *connection)
            .await
            .map_err(failed)?;
    for (wearer, rule) in rows {
        conditions.entry(wearer).or_default().push(from_json("a condition", &rule)?);
    }
    let mut groups: BTreeMap<i64, Vec<GroupId>> = BTreeMap::new();
    let rows: Vec<(i64, i64)> =
        sqlx::query_as("SELECT wearer, group_id FROM wearer_group ORDER BY wearer, group_id")
            .fetch_all(&mut *connection)
            .await
            .map_err(failed)?;
    for (wearer, group) in rows {
        groups.entry(wearer).or_default().push(GroupId(unsigned(group)));
    }
    let rows = sqlx::query(
        "SELECT id, order_id, order_version, plan::text AS plan, home_units::text AS home_units FROM wearer ORDER BY id",
    )
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    rows.iter()
        .map(|row| {
            let id: i64 = row.try_get("id").map_err(failed)?;
            Ok(Wearer {
                id: WearerId(unsigned(id)),
                order: OrderId(unsigned(row.try_get("order_id").map_err(failed)?)),
                order_version: narrow(row, "order_version").map_err(failed)?,
                conditions: conditions.remove(&id).unwrap_or_default(),
                groups: groups.remove(&id).unwrap_or_default(),
                plan: from_json("a supervision plan", row.try_get("plan").map_err(failed)?)?,
                home_units: from_json("a wearer's home units", row.try_get("home_units").map_err(failed)?)?,
            })
        })
        .collect()
}

fn read_device(row: &PgRow) -> Result<Device, StoreError> {
    let failed = failed(READ);
    Ok(Device {
        id: DeviceId::new(unsigned(row.try_get("id").map_err(failed)?)),
        kind: from_json("a device kind", row.try_get("kind").map_err(failed)?)?,
        key: array("a device key", row.try_get("key").map_err(failed)?)?,
        public_key: array("a public key", row.try_get("public_key").map_err(failed)?)?,
        enrolled_at: UnixMillis(row.try_get("enrolled_at").map_err(failed)?),
    })
}

fn read_activation(row: &PgRow) -> Result<Activation, sqlx::Error> {
    Ok(Activation {
        device: DeviceId::new(unsigned(row.try_get("device")?)),
        wearer: WearerId(unsigned(row.try_get("wearer")?)),
        from: UnixMillis(row.try_get("valid_from")?),
        to: row.try_get::<Option<i64>, _>("valid_to")?.map(UnixMillis),
    })
}

//! The register: who is monitored, with what and where. Every change raises its version, in the change's transaction.

use super::{
    bulk::Insert,
    convert::{Bound, array, failed, from_json, signed, to_json, unsigned},
    counter,
};
use crate::StoreError;
use lenke_alerts::{Activation, Condition, Device, OrderId, Register, Wearer};
use lenke_wire::{DeviceId, UnixMillis};
use lenke_zones::{GroupId, WearerId, Zone, ZoneId};
use sqlx::{Row, SqliteConnection, SqlitePool, sqlite::SqliteRow};
use std::collections::BTreeMap;

const READ: &str = "read the register";
const ENROL: &str = "enrol";

pub(super) async fn version(readers: &SqlitePool) -> Result<i64, StoreError> {
    counter::value(readers, counter::REGISTER_VERSION).await.map_err(failed(READ))
}

pub(super) async fn load(connection: &mut SqliteConnection) -> Result<Register, StoreError> {
    let failed = failed(READ);
    let version = counter::value(&mut *connection, counter::REGISTER_VERSION).await.map_err(failed)?;
    let wearers = load_wearers(connection).await?;
    let devices =
        sqlx::query("SELECT * FROM device ORDER BY id").fetch_all(&mut *connection).await.map_err(failed)?;
    let activations = sqlx::query("SELECT * FROM activation ORDER BY device, valid_from")
        .fetch_all(&mut *connection)
        .await
        .map_err(failed)?;
    // With a bare column beside max(), SQLite takes the row that holds the maximum.
    let zones: Vec<(i64, String)> =
        sqlx::query_as("SELECT max(version), body FROM zone GROUP BY id ORDER BY id")
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
        zones: zones.iter().map(|(_, body)| from_json("a zone", body)).collect::<Result<_, _>>()?,
    })
}

async fn load_wearers(connection: &mut SqliteConnection) -> Result<Vec<Wearer>, StoreError> {
    let failed = failed(READ);
    let mut conditions: BTreeMap<i64, Vec<Condition>> = BTreeMap::new();
    let rows: Vec<(i64, String)> = sqlx::query_as("SELECT wearer, rule FROM condition ORDER BY wearer, id")
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
    let rows: Vec<(i64, i64, u32, String, String)> =
        sqlx::query_as("SELECT id, order_id, order_version, plan, home_units FROM wearer ORDER BY id")
            .fetch_all(connection)
            .await
            .map_err(failed)?;
    rows.into_iter()
        .map(|(id, order, order_version, plan, home_units)| {
            Ok(Wearer {
                id: WearerId(unsigned(id)),
                order: OrderId(unsigned(order)),
                order_version,
                conditions: conditions.remove(&id).unwrap_or_default(),
                groups: groups.remove(&id).unwrap_or_default(),
                plan: from_json("a supervision plan", &plan)?,
                home_units: from_json("a wearer's home units", &home_units)?,
            })
        })
        .collect()
}

fn read_device(row: &SqliteRow) -> Result<Device, StoreError> {
    let failed = failed(READ);
    Ok(Device {
        id: DeviceId::new(unsigned(row.try_get("id").map_err(failed)?)),
        kind: from_json("a device kind", row.try_get("kind").map_err(failed)?)?,
        key: array("a device key", row.try_get("key").map_err(failed)?)?,
        public_key: array("a public key", row.try_get("public_key").map_err(failed)?)?,
        enrolled_at: UnixMillis(row.try_get("enrolled_at").map_err(failed)?),
    })
}

fn read_activation(row: &SqliteRow) -> Result<Activation, sqlx::Error> {
    Ok(Activation {
        device: DeviceId::new(unsigned(row.try_get("device")?)),
        wearer: WearerId(unsigned(row.try_get("wearer")?)),
        from: UnixMillis(row.try_get("valid_from")?),
        to: row.try_get::<Option<i64>, _>("valid_to")?.map(UnixMillis),
    })
}

pub(super) async fn enrol(connection: &mut SqliteConnection, register: &Register) -> Result<i64, StoreError> {
    write_wearers(connection, &register.wearers).await?;
    write_devices(connection, &register.devices).await?;
    write_activations(connection, &register.activations).await?;
    write_zones(connection, &register.zones).await?;
    counter::add(connection, counter::REGISTER_VERSION, 1).await.map_err(failed(ENROL))
}

pub(super) async fn put_zones(connection: &mut SqliteConnection, zones: &[Zone]) -> Result<i64, StoreError> {
    write_zones(connection, zones).await?;
    counter::add(connection, counter::REGISTER_VERSION, 1).await.map_err(failed("write zones"))
}

/// One more than every zone's identity and every identity reserved before.
pub(super) async fn next_zone_id(connection: &mut SqliteConnection) -> Result<ZoneId, StoreError> {
    let failed = failed("reserve a zone's identity");
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO counter (name, value) VALUES (?, (SELECT coalesce(max(id), 0) + 1 FROM zone))
         ON CONFLICT (name) DO UPDATE SET value = max(value + 1, excluded.value) RETURNING value",
    )
    .bind(counter::ZONE_ID)
    .fetch_one(connection)
    .await
    .map_err(failed)?;
    Ok(ZoneId(unsigned(id)))
}

async fn write_wearers(connection: &mut SqliteConnection, wearers: &[Wearer]) -> Result<(), StoreError> {
    let mut rows = Vec::with_capacity(wearers.len());
    let mut conditions = Vec::new();
    let mut groups = Vec::new();
    for wearer in wearers {
        let id = signed(wearer.id.0);
        let (plan, home_units) = (to_json(ENROL, &wearer.plan)?, to_json(ENROL, &wearer.home_units)?);
        rows.push((id, signed(wearer.order.0), wearer.order_version, plan, home_units));
        for condition in &wearer.conditions {
            conditions.push((id, signed(condition.id.0), to_json(ENROL, condition)?));
        }
        groups.extend(wearer.groups.iter().map(|group| (id, signed(group.0))));
    }
    let written = async {
        let insert = Insert {
            head: "INSERT INTO wearer (id, order_id, order_version, plan, home_units)",
            columns: 5,
            tail: "ON CONFLICT (id) DO UPDATE SET order_id = excluded.order_id,
                   order_version = excluded.order_version, plan = excluded.plan, home_units = excluded.home_units",
        };
        let bind = |query: Bound<'static>, row: &(i64, i64, u32, String, String)| {
            query.bind(row.0).bind(row.1).bind(row.2).bind(row.3.clone()).bind(row.4.clone())
        };
        insert.run(connection, &rows, bind).await?;
        for (id, ..) in &rows {
            sqlx::query("DELETE FROM condition WHERE wearer = ?").bind(id).execute(&mut *connection).await?;
            sqlx::query("DELETE FROM wearer_group WHERE wearer = ?")
                .bind(id)
                .execute(&mut *connection)
                .await?;
        }
        let insert = Insert { head: "INSERT INTO condition (wearer, id, rule)", columns: 3, tail: "" };
        insert
            .run(connection, &conditions, |query, row| query.bind(row.0).bind(row.1).bind(row.2.clone()))
            .await?;
        let insert = Insert {
            head: "INSERT INTO wearer_group (wearer, group_id)",
            columns: 2,
            tail: "ON CONFLICT DO NOTHING",
        };
        insert.run(connection, &groups, |query, row| query.bind(row.0).bind(row.1)).await
    };
    written.await.map(|_| ()).map_err(failed(ENROL))
}

async fn write_devices(connection: &mut SqliteConnection, devices: &[Device]) -> Result<(), StoreError> {
    let rows = devices
        .iter()
        .map(|device| Ok((device, to_json(ENROL, &device.kind)?)))
        .collect::<Result<Vec<_>, StoreError>>()?;
    let insert = Insert {
        head: "INSERT INTO device (id, kind, key, public_key, enrolled_at)",
        columns: 5,
        tail: "ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, key = excluded.key,
               public_key = excluded.public_key, enrolled_at = excluded.enrolled_at",
    };
    let bind = |query: Bound<'static>, (device, kind): &(&Device, String)| {
        query
            .bind(signed(device.id.number()))
            .bind(kind.clone())
            .bind(device.key.to_vec())
            .bind(device.public_key.to_vec())
            .bind(device.enrolled_at.0)
    };
    insert.run(connection, &rows, bind).await.map(|_| ()).map_err(failed(ENROL))
}

/// Known ones are taken out first: only how they end up must be without overlap, not the way there.
async fn write_activations(
    connection: &mut SqliteConnection,
    activations: &[Activation],
) -> Result<(), StoreError> {
    for activation in activations {
        sqlx::query("DELETE FROM activation WHERE device = ? AND valid_from = ?")
            .bind(signed(activation.device.number()))
            .bind(activation.from.0)
            .execute(&mut *connection)
            .await
            .map_err(failed(ENROL))?;
    }
    for activation in activations {
        let written =
            sqlx::query("INSERT INTO activation (device, valid_from, valid_to, wearer) VALUES (?, ?, ?, ?)")
                .bind(signed(activation.device.number()))
                .bind(activation.from.0)
                .bind(activation.to.map(|to| to.0))
                .bind(signed(activation.wearer.0))
                .execute(&mut *connection)
                .await;
        written.map_err(|error| match error.as_database_error() {
            Some(database) if database.message().contains("activations overlap") => {
                StoreError::Overlap { device: activation.device }
            }
            _ => failed(ENROL)(error),
        })?;
    }
    Ok(())
}

async fn write_zones(connection: &mut SqliteConnection, zones: &[Zone]) -> Result<(), StoreError> {
    const ACTION: &str = "write zones";
    for zone in zones {
        let body = to_json(ACTION, zone)?;
        let inserted =
            sqlx::query("INSERT INTO zone (id, version, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
                .bind(signed(zone.id.0))
                .bind(zone.version)
                .bind(&body)
                .execute(&mut *connection)
                .await
                .map_err(failed(ACTION))?
                .rows_affected();
        if inserted == 0 {
            let known: String = sqlx::query_scalar("SELECT body FROM zone WHERE id = ? AND version = ?")
                .bind(signed(zone.id.0))
                .bind(zone.version)
                .fetch_one(&mut *connection)
                .await
                .map_err(failed(ACTION))?;
            if known != body && from_json::<Zone>("a zone", &known)? != *zone {
                return Err(StoreError::ZoneChanged { zone: zone.id, version: zone.version });
            }
        }
    }
    Ok(())
}

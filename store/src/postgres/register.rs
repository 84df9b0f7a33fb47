//! The register: who is monitored, with what and where. Every change raises its version, in the change's transaction.

mod load;

pub(super) use load::load;

use super::{
    bulk,
    columns::{Column, Columns},
    convert::{failed, from_json, signed, to_json, unsigned},
    counter,
};
use crate::StoreError;
use lenke_alerts::{Activation, Device, Register, Wearer};
use lenke_wire::DeviceId;
use lenke_zones::{Zone, ZoneId};
use sqlx::{PgConnection, PgPool, postgres::PgDatabaseError};
use std::collections::BTreeMap;

const ENROL: &str = "enrol";
/// Constraint that keeps two activations of a device apart.
const OVERLAP: &str = "activation_overlap";

pub(super) async fn version(readers: &PgPool) -> Result<i64, StoreError> {
    counter::value(readers, counter::REGISTER_VERSION).await.map_err(failed("read the register"))
}

/// The caller's transaction holds the register's lock.
pub(super) async fn enrol(connection: &mut PgConnection, register: &Register) -> Result<i64, StoreError> {
    write_wearers(connection, &register.wearers).await?;
    write_devices(connection, &register.devices).await?;
    write_activations(connection, &register.activations).await?;
    write_zones(connection, &register.zones).await?;
    counter::add(connection, counter::REGISTER_VERSION, 1).await.map_err(failed(ENROL))
}

pub(super) async fn put_zones(connection: &mut PgConnection, zones: &[Zone]) -> Result<i64, StoreError> {
    write_zones(connection, zones).await?;
    counter::add(connection, counter::REGISTER_VERSION, 1).await.map_err(failed("write zones"))
}

/// One more than every zone's identity and every identity reserved before.
pub(super) async fn next_zone_id(connection: &mut PgConnection) -> Result<ZoneId, StoreError> {
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO counter (name, value) VALUES ($1, (SELECT coalesce(max(id), 0) + 1 FROM zone))
         ON CONFLICT (name) DO UPDATE SET value = greatest(counter.value + 1, excluded.value) RETURNING value",
    )
    .bind(counter::ZONE_ID)
    .fetch_one(connection)
    .await
    .map_err(failed("reserve a zone's identity"))?;
    Ok(ZoneId(unsigned(id)))
}

/// Of several with one identity the last counts: one insert cannot change a row twice.
fn newest<T>(values: &[T], id: impl Fn(&T) -> u64) -> Vec<&T> {
    let newest: BTreeMap<u64, &T> = values.iter().map(|value| (id(value), value)).collect();
    newest.into_values().collect()
}

async fn write_wearers(connection: &mut PgConnection, wearers: &[Wearer]) -> Result<(), StoreError> {
    let wearers = newest(wearers, |wearer| wearer.id.0);
    let ids: Vec<_> = wearers.iter().map(|wearer| signed(wearer.id.0)).collect();
    let json = |part: &dyn Fn(&Wearer) -> Result<String, StoreError>| {
        wearers.iter().map(|wearer| part(wearer)).collect::<Result<Vec<_>, _>>()
    };
    let rows = vec![
        Column::I64(ids.iter().copied().map(Some).collect()),
        Column::I64(wearers.iter().map(|wearer| Some(signed(wearer.order.0))).collect()),
        Column::I64(wearers.iter().map(|wearer| Some(wearer.order_version.into())).collect()),
        Column::documents(json(&|wearer| to_json(ENROL, &wearer.plan))?),
        Column::documents(json(&|wearer| to_json(ENROL, &wearer.home_units))?),
    ];
    let rows = Columns::new(["id", "order_id", "order_version", "plan", "home_units"], wearers.len(), rows);
    let mut conditions: (Vec<_>, Vec<_>, Vec<_>) = Default::default();
    let mut groups: (Vec<_>, Vec<_>) = Default::default();
    for wearer in &wearers {
        let id = Some(signed(wearer.id.0));
        for condition in &wearer.conditions {
            conditions.0.push(id);
            conditions.1.push(Some(signed(condition.id.0)));
            conditions.2.push(to_json(ENROL, condition)?);
        }
        groups.0.extend(wearer.groups.iter().map(|_| id));
        groups.1.extend(wearer.groups.iter().map(|group| Some(signed(group.0))));
    }
    let (count, groups_count) = (conditions.0.len(), groups.0.len());
    let conditions =
        vec![Column::I64(conditions.0), Column::I64(conditions.1), Column::documents(conditions.2)];
    let conditions = Columns::new(["wearer", "id", "rule"], count, conditions);
    let groups = vec![Column::I64(groups.0), Column::I64(groups.1)];
    let groups = Columns::new(["wearer", "group_id"], groups_count, groups);
    let replace = "ON CONFLICT (id) DO UPDATE SET order_id = excluded.order_id,
        order_version = excluded.order_version, plan = excluded.plan, home_units = excluded.home_units";
    let written = async {
        bulk::insert(connection, "wearer", rows, replace).await?;
        for sql in [
            "DELETE FROM condition WHERE wearer = ANY($1)",
            "DELETE FROM wearer_group WHERE wearer = ANY($1)",
        ] {
            sqlx::query(sql).bind(&ids).execute(&mut *connection).await?;
        }
        bulk::insert(connection, "condition", conditions, "").await?;
        bulk::insert(connection, "wearer_group", groups, "ON CONFLICT DO NOTHING").await
    };
    written.await.map(|_| ()).map_err(failed(ENROL))
}

async fn write_devices(connection: &mut PgConnection, devices: &[Device]) -> Result<(), StoreError> {
    let devices = newest(devices, |device| device.id.number());
    let kinds = devices.iter().map(|device| to_json(ENROL, &device.kind)).collect::<Result<Vec<_>, _>>()?;
    let rows = vec![
        Column::I64(devices.iter().map(|device| Some(signed(device.id.number()))).collect()),
        Column::documents(kinds),
        Column::bytes(devices.iter().map(|device| device.key.to_vec())),
        Column::bytes(devices.iter().map(|device| device.public_key.to_vec())),
        Column::I64(devices.iter().map(|device| Some(device.enrolled_at.0)).collect()),
    ];
    let rows = Columns::new(["id", "kind", "key", "public_key", "enrolled_at"], devices.len(), rows);
    let replace = "ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, key = excluded.key,
        public_key = excluded.public_key, enrolled_at = excluded.enrolled_at";
    bulk::insert(connection, "device", rows, replace).await.map(|_| ()).map_err(failed(ENROL))
}

/// Known ones are taken out first: only how they end up must be without overlap, not the way there.
async fn write_activations(
    connection: &mut PgConnection,
    activations: &[Activation],
) -> Result<(), StoreError> {
    let devices: Vec<_> = activations.iter().map(|activation| signed(activation.device.number())).collect();
    let begins: Vec<_> = activations.iter().map(|activation| activation.from.0).collect();
    sqlx::query(
        "DELETE FROM activation USING unnest($1::bigint[], $2::bigint[]) AS known (device, valid_from)
         WHERE activation.device = known.device AND activation.valid_from = known.valid_from",
    )
    .bind(devices)
    .bind(begins)
    .execute(&mut *connection)
    .await
    .map_err(failed(ENROL))?;
    let rows = vec![
        Column::I64(activations.iter().map(|one| Some(signed(one.device.number()))).collect()),
        Column::I64(activations.iter().map(|one| Some(one.from.0)).collect()),
        Column::I64(activations.iter().map(|one| one.to.map(|to| to.0)).collect()),
        Column::I64(activations.iter().map(|one| Some(signed(one.wearer.0))).collect()),
    ];
    let rows = Columns::new(["device", "valid_from", "valid_to", "wearer"], activations.len(), rows);
    let written = bulk::insert(connection, "activation", rows, "").await;
    written.map(|_| ()).map_err(|error| {
        let overlap = error.as_database_error().and_then(|database| {
            let database = database.try_downcast_ref::<PgDatabaseError>()?;
            (database.constraint() == Some(OVERLAP)).then_some(database)
        });
        match overlap.and_then(|database| overlapping(database.detail()?)) {
            Some(device) => StoreError::Overlap { device },
            None => failed(ENROL)(error),
        }
    })
}

/// The device that the database names first in `Key (numrange(...), ...)=([7,7], [...)) conflicts with ...`.
fn overlapping(detail: &str) -> Option<DeviceId> {
    let (_, values) = detail.split_once(")=([")?;
    let (number, _) = values.split_once(',')?;
    number.parse().ok().map(|number| DeviceId::new(unsigned(number)))
}

async fn write_zones(connection: &mut PgConnection, zones: &[Zone]) -> Result<(), StoreError> {
    const ACTION: &str = "write zones";
    for zone in zones {
        let body = to_json(ACTION, zone)?;
        let inserted = sqlx::query(
            "INSERT INTO zone (id, version, body) VALUES ($1, $2, $3::json) ON CONFLICT DO NOTHING",
        )
        .bind(signed(zone.id.0))
        .bind(i64::from(zone.version))
        .bind(&body)
        .execute(&mut *connection)
        .await
        .map_err(failed(ACTION))?
        .rows_affected();
        if inserted == 0 {
            let known: String =
                sqlx::query_scalar("SELECT body::text FROM zone WHERE id = $1 AND version = $2")
                    .bind(signed(zone.id.0))
                    .bind(i64::from(zone.version))
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

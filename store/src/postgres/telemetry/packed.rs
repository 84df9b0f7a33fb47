//! Devices' last states as the database packs them (`device_last.packed`): all devices are one value of one row.

use super::super::convert::Moment;
use crate::{
    DeviceLast,
    convert::{time_source, unsigned},
};
use lenke_wire::{BatteryState, DeviceId, Fix, FrameId, Position, UnixMillis};
use lenke_zones::WearerId;
use sqlx::{PgPool, Row as _};

/// About the bytes of one device's state.
const STATE_BYTES: usize = 62;

/// The last state of every device, in order.
pub(in super::super) async fn all(readers: &PgPool) -> Result<Vec<DeviceLast>, sqlx::Error> {
    let row = sqlx::query("SELECT string_agg(packed, NULL) FROM device_last").fetch_one(readers).await?;
    let bytes: &[u8] = row.try_get::<Option<&[u8]>, _>(0)?.unwrap_or_default();
    let mut packed = Packed(bytes);
    let mut devices = Vec::with_capacity(bytes.len() / STATE_BYTES + 1);
    while !packed.0.is_empty() {
        devices.push(packed.read()?);
    }
    devices.sort_unstable_by_key(|last| last.device);
    Ok(devices)
}

/// What is left to read of packed states.
pub(super) struct Packed<'a>(pub(super) &'a [u8]);

impl Packed<'_> {
    /// One device's.
    pub(super) fn read(&mut self) -> Result<DeviceLast, sqlx::Error> {
        let (device, wearer) = (DeviceId::new(self.id()?), WearerId(self.id()?));
        let frame = FrameId::new(self.u32()?, self.u32()?);
        let heard_at = self.time()?;
        let fix = if self.flag()? { Some(self.fix()?) } else { None };
        let battery = if self.flag()? { Some(self.battery()?) } else { None };
        Ok(DeviceLast { device, wearer, frame, fix, battery, heard_at })
    }

    fn fix(&mut self) -> Result<Fix, sqlx::Error> {
        let (at, lat_e7, lon_e7) = (self.time()?, self.i32()?, self.i32()?);
        Ok(Fix {
            at,
            position: Position::from_e7(lat_e7, lon_e7).map_err(|error| sqlx::Error::Decode(error.into()))?,
            accuracy_dm: self.u16()?,
            speed_cm_s: self.u16()?,
            course_cdeg: self.u16()?,
            satellites: self.u8()?,
            time_source: time_source(self.u8()?)?,
        })
    }

    fn battery(&mut self) -> Result<BatteryState, sqlx::Error> {
        Ok(BatteryState {
            percent: self.u8()?,
            millivolts: self.u16()?,
            charging: self.flag()?,
            empty_at: if self.flag()? { Some(self.time()?) } else { None },
        })
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], sqlx::Error> {
        let cut_off = || sqlx::Error::Decode("a packed state is cut off".into());
        let (bytes, rest) = self.0.split_first_chunk().ok_or_else(cut_off)?;
        self.0 = rest;
        Ok(*bytes)
    }

    fn i64(&mut self) -> Result<i64, sqlx::Error> {
        self.take().map(i64::from_be_bytes)
    }

    fn i32(&mut self) -> Result<i32, sqlx::Error> {
        self.take().map(i32::from_be_bytes)
    }

    fn u32(&mut self) -> Result<u32, sqlx::Error> {
        self.take().map(|bytes| u32::from_be_bytes(bytes) ^ 1 << 31)
    }

    fn u16(&mut self) -> Result<u16, sqlx::Error> {
        self.take().map(|bytes| u16::from_be_bytes(bytes) ^ 1 << 15)
    }

    fn u8(&mut self) -> Result<u8, sqlx::Error> {
        self.take().map(|[byte]| byte)
    }

    fn flag(&mut self) -> Result<bool, sqlx::Error> {
        self.take().map(|[flag]| flag == 1)
    }

    fn id(&mut self) -> Result<u64, sqlx::Error> {
        self.i64().map(unsigned)
    }

    fn time(&mut self) -> Result<UnixMillis, sqlx::Error> {
        self.i64().map(|micros| Moment::from_micros(micros).into())
    }
}

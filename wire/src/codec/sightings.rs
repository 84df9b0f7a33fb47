//! Kind `sightings`: up to [`SIGHTINGS_MAX`] radio heartbeats, each `[milliseconds after the base time, device
//! number, RSSI in dBm, authenticated]`.

use super::{DecodeError, EncodeError, Writer};
use crate::{
    DeviceId, Sighting, UnixMillis,
    cbor::{Reader, TIME_MS_MAX},
};

/// Most sightings in one frame.
pub const SIGHTINGS_MAX: usize = 40;

/// Members of a row.
const MEMBERS: u64 = 4;

/// Sightings of a frame, validated; [`Self::iter`] yields them in the device's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sightings<'a> {
    base: UnixMillis,
    rows: &'a [u8],
    count: u8,
}

impl<'a> Sightings<'a> {
    /// Reads the array of rows at `reader` and steps over it.
    pub(super) fn validate(base: UnixMillis, reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let count = u8::try_from(reader.array()?).map_err(|_| DecodeError::Count)?;
        if count == 0 || usize::from(count) > SIGHTINGS_MAX {
            return Err(DecodeError::Count);
        }
        let rows = reader.rest();
        for index in 0..count {
            row(reader, base)?.ok_or(DecodeError::Row(index))?;
        }
        let (rows, _) = rows.split_at(rows.len() - reader.rest().len());
        Ok(Self { base, rows, count })
    }

    /// Number of sightings, 1 to [`SIGHTINGS_MAX`].
    pub const fn count(&self) -> usize {
        self.count as usize
    }

    /// The sightings, in the device's order.
    pub const fn iter(&self) -> SightingIter<'a> {
        SightingIter { base: self.base, reader: Reader::new(self.rows) }
    }
}

impl<'a> IntoIterator for &Sightings<'a> {
    type Item = Sighting;
    type IntoIter = SightingIter<'a>;

    fn into_iter(self) -> SightingIter<'a> {
        self.iter()
    }
}

/// Iterator over the sightings of a frame.
#[derive(Clone)]
pub struct SightingIter<'a> {
    base: UnixMillis,
    reader: Reader<'a>,
}

impl Iterator for SightingIter<'_> {
    type Item = Sighting;

    fn next(&mut self) -> Option<Sighting> {
        if self.reader.rest().is_empty() {
            return None;
        }
        // Validated by `Sightings::validate`: an error cannot occur, and would end the iteration.
        row(&mut self.reader, self.base).ok().flatten()
    }
}

/// One row; `None` if a value is out of its range.
fn row(reader: &mut Reader<'_>, base: UnixMillis) -> Result<Option<Sighting>, DecodeError> {
    if reader.array()? != MEMBERS {
        return Err(DecodeError::WrongType);
    }
    let after_ms = reader.integer()?;
    let number = reader.unsigned()?;
    let rssi = reader.integer()?;
    let authenticated = reader.boolean()?;
    let at = base.plus_ms(after_ms);
    let (Ok(rssi_dbm), 0..=TIME_MS_MAX) = (i8::try_from(rssi), at.0) else { return Ok(None) };
    Ok(Some(Sighting { at, heard: DeviceId::new(number), rssi_dbm, authenticated }))
}

pub(super) fn encode_rows(sightings: &[Sighting], writer: &mut Writer<'_>) -> Result<(), EncodeError> {
    let base = sightings.first().ok_or(EncodeError::Count)?.at;
    writer.array(sightings.len() as u64)?;
    for sighting in sightings {
        super::writable(sighting.at)?;
        writer
            .array(MEMBERS)?
            .i64(sighting.at.since_ms(base))?
            .u64(sighting.heard.number())?
            .i8(sighting.rssi_dbm)?
            .bool(sighting.authenticated)?;
    }
    Ok(())
}

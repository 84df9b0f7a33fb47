//! Writes zone sets.
//!
//! What it writes is read back before it counts, so that nothing is sent which a tag would refuse. A zone that does
//! not fit leaves the set as it was; the caller decides what to leave out.

use crate::{
    FenceError, Head,
    bytes::{Reader, Writer, checksum},
    earth::{east_of, wrapped_e7},
    set::{FORMAT, SET_BYTES_MAX, Zone},
};
use lenke_wire::Position;

/// Room that the checksum needs.
const CHECKSUM_BYTES: usize = 4;

/// A set that grows in a buffer, whose length is its limit.
#[derive(Debug)]
pub struct Encoder<'b> {
    writer: Writer<'b>,
    /// What the buffer holds at most before the checksum.
    limit: usize,
    last_id: Option<u64>,
}

impl<'b> Encoder<'b> {
    /// An empty set.
    ///
    /// # Errors
    /// The buffer is too short for it.
    pub fn new(buffer: &'b mut [u8]) -> Result<Self, FenceError> {
        let limit = buffer.len().min(SET_BYTES_MAX).saturating_sub(CHECKSUM_BYTES);
        let mut writer = Writer::new(buffer);
        writer.put(&[FORMAT])?;
        if limit == 0 {
            return Err(FenceError::NoRoom);
        }
        Ok(Self { writer, limit, last_id: None })
    }

    /// Bytes of the set as it is, with its checksum.
    pub const fn length(&self) -> usize {
        self.writer.length() + CHECKSUM_BYTES
    }

    /// Adds a circle.
    ///
    /// # Errors
    /// It does not fit, its id is not above the last one's, or its head or radius is not valid.
    pub fn put_circle(&mut self, head: Head, centre: Position, radius_mm: u32) -> Result<(), FenceError> {
        self.put(head, |writer| {
            put_head(writer, &head, true)?;
            put_corner(writer, centre.lat_e7(), centre.lon_e7())?;
            writer.put_number(radius_mm)
        })
    }

    /// Adds polygons: rings of vertices, not closed, each edge by the shorter way round the earth.
    ///
    /// # Errors
    /// They do not fit, their id is not above the last one's, or their head or rings are not valid.
    pub fn put_polygons<R: AsRef<[Position]>>(&mut self, head: Head, rings: &[R]) -> Result<(), FenceError> {
        self.put(head, |writer| {
            put_head(writer, &head, false)?;
            put_rings(writer, rings)
        })
    }

    /// The set.
    ///
    /// # Errors
    /// None that a set which was grown here can have.
    pub fn finish(mut self) -> Result<&'b [u8], FenceError> {
        let sum = checksum(self.writer.written());
        self.writer.put(&sum.to_le_bytes())?;
        Ok(self.writer.into_written())
    }

    /// Writes a zone and reads it back; takes it away again if either fails.
    fn put(
        &mut self,
        head: Head,
        write: impl FnOnce(&mut Writer<'b>) -> Result<(), FenceError>,
    ) -> Result<(), FenceError> {
        if self.last_id.is_some_and(|last| last >= head.id) {
            return Err(FenceError::Order);
        }
        let before = self.writer.length();
        let put = write(&mut self.writer).and_then(|()| self.check(before));
        match put {
            Ok(()) => self.last_id = Some(head.id),
            Err(_) => self.writer.cut(before),
        }
        put
    }

    fn check(&self, from: usize) -> Result<(), FenceError> {
        if self.writer.length() > self.limit {
            return Err(FenceError::NoRoom);
        }
        let mut reader = Reader::new(self.writer.written().get(from..).unwrap_or_default());
        Zone::read(&mut reader).map(drop)
    }
}

fn put_head(writer: &mut Writer<'_>, head: &Head, is_circle: bool) -> Result<(), FenceError> {
    writer.put_long_number(head.id)?;
    writer.put_number(head.version)?;
    writer.put(&[head.flags(is_circle)])?;
    writer.put_number(head.buffer_m)
}

fn put_corner(writer: &mut Writer<'_>, lat_e7: i32, lon_e7: i32) -> Result<(), FenceError> {
    writer.put(&lat_e7.to_le_bytes())?;
    writer.put(&lon_e7.to_le_bytes())
}

fn put_rings<R: AsRef<[Position]>>(writer: &mut Writer<'_>, rings: &[R]) -> Result<(), FenceError> {
    let vertices = || rings.iter().flat_map(|ring| ring.as_ref());
    let first = vertices().next().ok_or(FenceError::NoRing)?;
    // The box: longitudes continued from vertex to vertex, so that none jumps.
    let (mut x, mut before) = (0_i64, *first);
    let (mut west, mut east) = (0_i64, 0_i64);
    let (mut south, mut north) = (first.lat_e7(), first.lat_e7());
    for vertex in vertices() {
        x += i64::from(east_of(before.lon_e7(), vertex.lon_e7()));
        (west, east) = (west.min(x), east.max(x));
        (south, north) = (south.min(vertex.lat_e7()), north.max(vertex.lat_e7()));
        before = *vertex;
    }
    let corner_lon_e7 = wrapped_e7(i64::from(first.lon_e7()) + west);
    put_corner(writer, south, corner_lon_e7)?;
    writer.put_number(u32::try_from(east - west).map_err(|_| FenceError::Width)?)?;
    writer.put_number(north.abs_diff(south))?;
    writer.put_number(rings.len().try_into().map_err(|_| FenceError::Vertices)?)?;
    let (mut lat, mut lon) = (south, corner_lon_e7);
    for ring in rings.iter().map(AsRef::as_ref) {
        writer.put_number(ring.len().try_into().map_err(|_| FenceError::Vertices)?)?;
        for vertex in ring {
            writer.put_signed(east_of(lon, vertex.lon_e7()))?;
            writer.put_signed(vertex.lat_e7() - lat)?;
            (lat, lon) = (vertex.lat_e7(), vertex.lon_e7());
        }
    }
    Ok(())
}

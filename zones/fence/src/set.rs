//! A wearer's zones in a few bytes.
//!
//! ```text
//! set      = version (1 byte: 1)  zone*  checksum (CRC-32 of all before, 4 bytes, lowest first)
//! zone     = id  version  flags (1 byte)  buffer in metres  shape
//! flags    = bit 0: the wearer must stay in, not out; bit 1: a circle; bit 2: holds at some times only; others 0
//! circle   = latitude  longitude (4 bytes each, lowest first, 1e-7 degrees)  radius in millimetres
//! polygons = latitude  longitude of the south-western corner of the box around them  width  height  rings
//! rings    = count  (count of vertices  vertex*)*
//! vertex   = eastwards  northwards, from the vertex before in the bytes; the first from the corner; signed
//! ```
//!
//! Numbers take seven bits a byte, the lowest first, in as few bytes as they need; a signed one keeps its sign in the
//! lowest bit. Ids rise from zone to zone. So a set has exactly one form, and one hash. A changed bit is found by the
//! checksum; bytes that were made up end in [`FenceError`].

use crate::{
    Circle, Decimetres, Polygons,
    bytes::{Reader, checksum},
    circle::RADIUS_MM_MAX,
    earth::LATITUDE_E7_MAX,
};
use core::fmt;
use lenke_wire::Position;

/// Version of the format.
pub const FORMAT: u8 = 1;
/// No set is longer, bytes.
pub const SET_BYTES_MAX: usize = 32 * 1024;
/// No warning strip is wider, metres.
pub const BUFFER_M_MAX: u32 = 50_000;
/// No zone is wider, 1e-7 degrees of longitude.
pub const WIDTH_E7_MAX: i32 = 900_000_000;
/// No zone has more vertices.
pub const VERTICES_MAX: u32 = 10_000;
const CHECKSUM_BYTES: usize = 4;
const LONGITUDE_E7_MAX: i32 = 1_800_000_000;
const INCLUSION: u8 = 1;
const CIRCLE: u8 = 2;
const SCHEDULED: u8 = 4;

/// Why bytes are not a set, or zones do not make one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FenceError {
    /// The set is longer than [`SET_BYTES_MAX`].
    TooLong,
    /// The bytes end too early.
    Truncated,
    /// A format that this version does not read.
    Format(u8),
    /// The checksum is another one.
    Checksum,
    /// A number is too large or not in its shortest form.
    Number,
    /// Ids do not rise.
    Order,
    /// A zone's version is 0.
    Version,
    /// A flag that this version does not know.
    Flags(u8),
    /// A warning strip is wider than [`BUFFER_M_MAX`].
    Buffer,
    /// A circle's radius is 0 or larger than [`RADIUS_MM_MAX`].
    Radius,
    /// A coordinate is out of range or nearer to a pole than zones lie.
    Place,
    /// A zone is wider than [`WIDTH_E7_MAX`].
    Width,
    /// There is no ring.
    NoRing,
    /// A ring has fewer than three vertices.
    Ring,
    /// More than [`VERTICES_MAX`] vertices.
    Vertices,
    /// The box is not that of the vertices.
    Extent,
    /// The zone does not fit into the room that is left.
    NoRoom,
}

impl fmt::Display for FenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the zone set is too long",
            Self::Truncated => "the zone set ends too early",
            Self::Format(_) => "the zone set has an unknown format",
            Self::Checksum => "the zone set's checksum is wrong",
            Self::Number => "a number of the zone set is too large or not in its shortest form",
            Self::Order => "the ids of the zone set do not rise",
            Self::Version => "a zone's version is 0",
            Self::Flags(_) => "a zone has an unknown flag",
            Self::Buffer => "a zone's buffer is too wide",
            Self::Radius => "a circle's radius is out of range",
            Self::Place => "a zone's coordinate is out of range",
            Self::Width => "a zone is too wide",
            Self::NoRing => "a zone has no ring",
            Self::Ring => "a ring has fewer than 3 vertices",
            Self::Vertices => "a zone has too many vertices",
            Self::Extent => "a zone's box is not that of its vertices",
            Self::NoRoom => "the zone does not fit into the set",
        })
    }
}

impl core::error::Error for FenceError {}

/// Whether the wearer must stay out or in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The wearer must not be inside.
    Exclusion,
    /// The wearer must be inside.
    Inclusion,
}

/// What a zone is besides its shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The zone's identity over all versions.
    pub id: u64,
    /// Counted from 1.
    pub version: u32,
    /// Stay out or in.
    pub kind: Kind,
    /// It holds at some times only, which the centre knows: a place inside is told at once but is no breach by itself.
    pub is_scheduled: bool,
    /// Width of the warning strip around it; 0 for none.
    pub buffer_m: u32,
}

impl Head {
    pub(crate) fn flags(&self, is_circle: bool) -> u8 {
        let flag = |set: bool, bit: u8| if set { bit } else { 0 };
        flag(self.kind == Kind::Inclusion, INCLUSION)
            | flag(is_circle, CIRCLE)
            | flag(self.is_scheduled, SCHEDULED)
    }
}

/// Where a zone is.
#[derive(Clone, Copy, Debug)]
pub enum Shape<'a> {
    /// A circle.
    Circle(Circle),
    /// One polygon or more, with holes.
    Polygons(Polygons<'a>),
}

/// One zone of a set.
#[derive(Clone, Copy, Debug)]
pub struct Zone<'a> {
    /// What it is.
    pub head: Head,
    /// Where it is.
    pub shape: Shape<'a>,
}

/// A wearer's zones: valid.
#[derive(Clone, Copy, Debug)]
pub struct ZoneSet<'a> {
    bytes: &'a [u8],
}

impl<'a> ZoneSet<'a> {
    /// The set that these bytes are, all of them. Looks at each byte once.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, FenceError> {
        if bytes.len() > SET_BYTES_MAX {
            return Err(FenceError::TooLong);
        }
        let (content, sum) = bytes.split_last_chunk::<CHECKSUM_BYTES>().ok_or(FenceError::Truncated)?;
        let (format, zones) = content.split_first().ok_or(FenceError::Truncated)?;
        if *format != FORMAT {
            return Err(FenceError::Format(*format));
        }
        if checksum(content) != u32::from_le_bytes(*sum) {
            return Err(FenceError::Checksum);
        }
        let (mut reader, mut last_id) = (Reader::new(zones), None);
        while !reader.rest().is_empty() {
            let zone = Zone::read(&mut reader)?;
            if last_id.is_some_and(|last| last >= zone.head.id) {
                return Err(FenceError::Order);
            }
            last_id = Some(zone.head.id);
        }
        Ok(Self { bytes })
    }

    /// The zones, by id. Reading one again looks at each of its bytes.
    pub fn zones(&self) -> impl Iterator<Item = Zone<'a>> + use<'a> {
        let end = self.bytes.len().saturating_sub(CHECKSUM_BYTES);
        let mut reader = Reader::new(self.bytes.get(1..end).unwrap_or_default());
        // Valid bytes are read to their end; only then there is none.
        core::iter::from_fn(move || Zone::read(&mut reader).ok())
    }

    /// The bytes that it is: what its hash is made of.
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }
}

impl<'a> Zone<'a> {
    /// Identity over all versions.
    pub const fn id(&self) -> u64 {
        self.head.id
    }

    /// Counted from 1.
    pub const fn version(&self) -> u32 {
        self.head.version
    }

    /// Stay out or in.
    pub const fn kind(&self) -> Kind {
        self.head.kind
    }

    /// Width of the warning strip around it, metres; 0 for none.
    pub const fn buffer_m(&self) -> u32 {
        self.head.buffer_m
    }

    /// Whether it holds at some times only.
    pub const fn is_scheduled(&self) -> bool {
        self.head.is_scheduled
    }

    /// Whether a place is inside: exact, and the same as on the server.
    pub fn contains(&self, place: Position) -> bool {
        match &self.shape {
            Shape::Circle(circle) => circle.contains(place),
            Shape::Polygons(polygons) => polygons.contains(place),
        }
    }

    /// Distance to the boundary: from 0 on inside, negative outside; not told apart beyond [`crate::FAR`].
    pub fn signed_distance(&self, place: Position) -> Decimetres {
        match &self.shape {
            Shape::Circle(circle) => circle.signed_distance(place),
            Shape::Polygons(polygons) => polygons.signed_distance(place),
        }
    }

    /// Whether a place is inside or within so many metres of the zone. Errs on the side of nearness, by up to 0.5 %
    /// and a metre.
    pub fn is_near(&self, place: Position, metres: u32) -> bool {
        self.signed_distance(place).is_within(metres)
    }

    /// Reads and validates one zone.
    pub(crate) fn read(reader: &mut Reader<'a>) -> Result<Self, FenceError> {
        let (id, version, flags) = (reader.long_number()?, reader.number()?, reader.byte()?);
        let buffer_m = reader.number()?;
        if version == 0 {
            return Err(FenceError::Version);
        }
        if flags & !(INCLUSION | CIRCLE | SCHEDULED) != 0 {
            return Err(FenceError::Flags(flags));
        }
        if buffer_m > BUFFER_M_MAX {
            return Err(FenceError::Buffer);
        }
        let kind = if flags & INCLUSION == 0 { Kind::Exclusion } else { Kind::Inclusion };
        let head = Head { id, version, kind, is_scheduled: flags & SCHEDULED != 0, buffer_m };
        let (lat, lon) = (reader.word()?, reader.word()?);
        let in_range = (-LATITUDE_E7_MAX..=LATITUDE_E7_MAX).contains(&lat)
            && (-LONGITUDE_E7_MAX..=LONGITUDE_E7_MAX).contains(&lon);
        let corner = Position::from_e7(lat, lon).map_err(|_| FenceError::Place)?;
        if !in_range {
            return Err(FenceError::Place);
        }
        let shape = if flags & CIRCLE == 0 {
            Shape::Polygons(Polygons::read(reader, (lat, lon))?)
        } else {
            let radius_mm = reader.number()?;
            if radius_mm == 0 || radius_mm > RADIUS_MM_MAX {
                return Err(FenceError::Radius);
            }
            Shape::Circle(Circle::new(corner, radius_mm))
        };
        Ok(Self { head, shape })
    }
}

impl<'a> Polygons<'a> {
    /// Reads and validates: rings of three vertices or more, the box exactly theirs.
    fn read(reader: &mut Reader<'a>, corner: (i32, i32)) -> Result<Self, FenceError> {
        let size = |number: u32| i32::try_from(number).map_err(|_| FenceError::Extent);
        let (width, height) = (size(reader.number()?)?, size(reader.number()?)?);
        if width > WIDTH_E7_MAX {
            return Err(FenceError::Width);
        }
        if i64::from(corner.0) + i64::from(height) > i64::from(LATITUDE_E7_MAX) {
            return Err(FenceError::Place);
        }
        let start = reader.rest();
        let rings = reader.number()?;
        if rings == 0 {
            return Err(FenceError::NoRing);
        }
        let (mut x, mut y, mut vertices) = (0_i32, 0_i32, 0_u32);
        let (mut west, mut east, mut south, mut north) = (width, 0, height, 0);
        for _ in 0..rings {
            let count = reader.number()?;
            if count < 3 {
                return Err(FenceError::Ring);
            }
            vertices = vertices.saturating_add(count);
            if vertices > VERTICES_MAX {
                return Err(FenceError::Vertices);
            }
            for _ in 0..count {
                x = x.checked_add(reader.signed()?).ok_or(FenceError::Extent)?;
                y = y.checked_add(reader.signed()?).ok_or(FenceError::Extent)?;
                if !(0..=width).contains(&x) || !(0..=height).contains(&y) {
                    return Err(FenceError::Extent);
                }
                (west, east) = (west.min(x), east.max(x));
                (south, north) = (south.min(y), north.max(y));
            }
        }
        if (west, east, south, north) != (0, width, 0, height) {
            return Err(FenceError::Extent);
        }
        let used = start.len() - reader.rest().len();
        let rings = start.get(..used).ok_or(FenceError::Truncated)?;
        Ok(Self { corner, width, height, rings })
    }
}

#[cfg(test)]
mod tests;

//! A tile of the grid: what a place in each of its cells has to look at, in one run of words.
//!
//! ```text
//! tile    = scale:f32 x 2  list:u32 x CELLS  lists...  nears...
//! list    = full:u32 circles:u32 polygons:u32 near:u32
//!           zone x full
//!           (zone x:f32 y:f32 radius:f32) x circles
//!           (zone, blocks | inside << 31 | ask << 30, block x blocks) x polygons
//! near    = count:u32 zone x count
//! ```
//! A `list` of 0 is an empty cell, a `near` of 0 an empty one. `full` zones hold the whole cell; `near` ones reach it only
//! with their buffer and [`super::draft::REACH_M`], and lie apart since containment does not ask for them. Circles are
//! given from the tile's south-west corner in 1e-7 degrees, their radius as the square of as many of latitude; the first
//! `scale` plus the second times the sum of two latitudes is a degree of longitude in degrees of latitude half-way between
//! them. Of a polygon, a cell keeps the edges that meet it (see [`super::edges`]), and whether its reference point is
//! inside.

use super::{
    draft::{CellDraft, TileDraft},
    edges::{BLOCK_WORDS, Bend, Block, CellWay},
    squares::{CELLS, Spot, TILE_Y_BITS, TileId},
};
use crate::{earth::Scale, wide};

const SCALE_WORDS: usize = 2;
/// Words in a line of memory, and lines of a list that are fetched together.
const LINE_WORDS: usize = 16;
const LINES_AHEAD: usize = 6;
const HEAD_WORDS: usize = 4;
const CIRCLE_WORDS: usize = 4;
const POLYGON_WORDS: usize = 2;
/// Squared distances that differ less than this share from the squared radius are decided by the circle itself: 10 mm
/// at [`super::draft::CIRCLE_M_MIN`], more than what its integers and this form can differ by.
const CIRCLE_DOUBT: f32 = 1e-3;
/// The scale at a circle's centre stands for the one half-way to a place at its edge: so much of the squared distance
/// may be wrong.
const CIRCLE_SLACK: f32 = 0.02;
/// Set if a polygon's reference point is inside; if the polygon itself must be asked.
const INSIDE: u32 = 1 << 31;
const ASK: u32 = 1 << 30;

/// Writes a tile anew: `words` without one zone, and with what a draft adds; nothing if it is empty.
pub(super) fn write_tile(
    tile: TileId,
    words: Option<&[u32]>,
    without: Option<u32>,
    draft: &TileDraft,
) -> Option<Box<[u32]>> {
    let spare: usize = 256;
    let mut written: Vec<u32> = Vec::with_capacity(words.map_or(0, <[u32]>::len) + spare);
    written.extend(scale_of(tile));
    written.resize(SCALE_WORDS + CELLS, 0);
    let is_kept = |word: &&u32| Some(**word) != without;
    for (cell, draft) in draft.cells.iter().enumerate() {
        let start = written.len();
        written.extend([0; HEAD_WORDS]);
        let list = words.and_then(|words| CellList::read(words, cell));
        let near = list.map(|list| list.near().iter().filter(is_kept).count()).unwrap_or_default();
        let counts = write_list(&mut written, list.as_ref(), without, draft);
        // The near ones come later; until then their number stands in their place.
        let near = (near + draft.near.len()) as u32;
        if counts == [0; 3] && near == 0 {
            written.truncate(start);
            continue;
        }
        written[start..start + 3].copy_from_slice(&counts);
        written[start + 3] = near;
        written[SCALE_WORDS + cell] = start as u32;
    }
    for (cell, draft) in draft.cells.iter().enumerate() {
        let start = written[SCALE_WORDS + cell] as usize;
        if start == 0 || written[start + 3] == 0 {
            continue;
        }
        let count = std::mem::replace(&mut written[start + 3], 0);
        written[start + 3] = written.len() as u32;
        written.push(count);
        if let Some(list) = words.and_then(|words| CellList::read(words, cell)) {
            written.extend(list.near().iter().filter(is_kept));
        }
        written.extend(&draft.near);
    }
    (written.len() > SCALE_WORDS + CELLS).then(|| written.into())
}

/// Writes a cell's list without its head; says how many zones hold the cell, circles and polygons there are.
fn write_list(
    written: &mut Vec<u32>,
    list: Option<&CellList<'_>>,
    without: Option<u32>,
    draft: &CellDraft,
) -> [u32; 3] {
    let is_kept = |word: u32| Some(word) != without;
    let start = written.len();
    if let Some(list) = list {
        written.extend(list.full.iter().filter(|word| is_kept(**word)));
    }
    written.extend(&draft.full);
    let full = written.len() - start;
    let start = written.len();
    if let Some(list) = list {
        written.extend(list.circles.iter().filter(|circle| is_kept(circle[0])).flatten());
    }
    written.extend(draft.circles.iter().flatten());
    let circles = (written.len() - start) / CIRCLE_WORDS;
    let mut polygons = draft.polygons.len();
    if let Some(list) = list {
        for polygon in list.polygons().filter(|polygon| is_kept(polygon.word)) {
            written.extend([polygon.word, polygon.flags]);
            written.extend(polygon.blocks.iter().flatten());
            polygons += 1;
        }
    }
    for polygon in &draft.polygons {
        let inside = polygon.inside.map_or(ASK, |inside| if inside { INSIDE } else { 0 });
        written.extend([polygon.word, polygon.blocks.len() as u32 | inside]);
        written.extend(polygon.blocks.iter().flatten());
    }
    [full, circles, polygons].map(|count| count as u32)
}

/// A degree of longitude in degrees of latitude at the tile's corner, and half its change with the latitude.
fn scale_of(tile: TileId) -> [u32; SCALE_WORDS] {
    let (_, south) = tile.corner();
    let height = f64::from(1_u32 << TILE_Y_BITS);
    let [low, high] = [0.0, height].map(|y| {
        let scale = Scale::at_lat_e7(south as f64 + y);
        scale.east / scale.north
    });
    [low, (high - low) / height / 2.0].map(|value| (value as f32).to_bits())
}

/// One cell's list.
#[derive(Clone, Copy)]
pub(super) struct CellList<'a> {
    scale: [f32; 2],
    tile: &'a [u32],
    full: &'a [u32],
    circles: &'a [[u32; CIRCLE_WORDS]],
    polygon_count: u32,
    near: u32,
    rest: &'a [u32],
}

/// A polygon in a cell's list.
#[derive(Clone, Copy)]
struct CellPolygon<'a> {
    word: u32,
    flags: u32,
    blocks: &'a [Block],
}

/// The polygons of a list, one after the other.
struct CellPolygons<'a> {
    left: u32,
    rest: &'a [u32],
}

impl<'a> Iterator for CellPolygons<'a> {
    type Item = CellPolygon<'a>;

    #[inline]
    fn next(&mut self) -> Option<CellPolygon<'a>> {
        if self.left == 0 {
            return None;
        }
        self.left -= 1;
        let (&[word, flags], rest) = self.rest.split_first_chunk::<POLYGON_WORDS>()?;
        let (blocks, rest) = rest.split_at(BLOCK_WORDS * (flags & !(INSIDE | ASK)) as usize);
        self.rest = rest;
        Some(CellPolygon { word, flags, blocks: blocks.as_chunks().0 })
    }
}

/// Fetches the word that tells where a cell's list begins.
#[inline(always)]
pub(super) fn fetch_start(tile: &[u32], cell: usize) {
    wide::fetch(&tile[SCALE_WORDS + cell]);
}

/// Fetches the first of a list that begins here: all of most lists.
#[inline(always)]
pub(super) fn fetch_list(tile: &[u32], start: usize) {
    tile[start..].iter().step_by(LINE_WORDS).take(LINES_AHEAD).for_each(wide::fetch);
}

/// The same by loading it: where little else is to be done meanwhile, since the processor drops what it is asked to fetch
/// in a burst.
pub(super) fn touch(tile: &[u32], start: usize) -> u32 {
    let ahead = tile[start..].iter().step_by(LINE_WORDS).take(LINES_AHEAD);
    ahead.fold(0, |all, word| all ^ word)
}

impl<'a> CellList<'a> {
    /// Where a cell's list begins; 0 if it is empty.
    pub(super) fn start(tile: &[u32], cell: usize) -> usize {
        tile[SCALE_WORDS + cell] as usize
    }

    pub(super) fn read(tile: &'a [u32], cell: usize) -> Option<Self> {
        Self::at(tile, Self::start(tile, cell))
    }

    /// The list that begins here.
    #[inline]
    pub(super) fn at(tile: &'a [u32], start: usize) -> Option<Self> {
        if start == 0 {
            return None;
        }
        let (&[full, circles, polygon_count, near], rest) =
            tile.get(start..)?.split_first_chunk::<HEAD_WORDS>()?;
        let (full, rest) = rest.split_at(full as usize);
        let (circles, rest) = rest.split_at(circles as usize * CIRCLE_WORDS);
        Some(Self {
            scale: [f32::from_bits(tile[0]), f32::from_bits(tile[1])],
            tile,
            full,
            circles: circles.as_chunks().0,
            polygon_count,
            near,
            rest,
        })
    }

    /// The zones that come near the cell.
    fn near(&self) -> &'a [u32] {
        match self.tile.get(self.near as usize..).and_then(<[u32]>::split_first) {
            Some((&count, rest)) if self.near != 0 => &rest[..count as usize],
            _ => &[],
        }
    }

    const fn polygons(&self) -> CellPolygons<'a> {
        CellPolygons { left: self.polygon_count, rest: self.rest }
    }

    /// All zones the cell lists.
    pub(super) fn zones(&self, mut f: impl FnMut(u32)) {
        self.full.iter().chain(self.near()).for_each(|&word| f(word));
        self.bounding(f);
    }

    /// The zones whose boundary may run through the cell.
    pub(super) fn bounding(&self, mut f: impl FnMut(u32)) {
        self.circles.iter().for_each(|circle| f(circle[0]));
        self.polygons().for_each(|polygon| f(polygon.word));
    }

    /// The zones that hold a place of this cell. `ask` answers for a zone where the list alone cannot tell.
    #[inline]
    pub(super) fn containing(&self, spot: &Spot, ask: impl Fn(u32) -> bool, mut f: impl FnMut(u32)) {
        self.full.iter().for_each(|&word| f(word));
        let (x, y) = (spot.at.x as f32, spot.at.y as f32);
        for &[word, centre_x, centre_y, radius_squared] in self.circles {
            let (centre_x, centre_y) = (f32::from_bits(centre_x), f32::from_bits(centre_y));
            let radius_squared = f32::from_bits(radius_squared);
            let east = (centre_x - x) * (self.scale[0] + self.scale[1] * (y + centre_y));
            let north = centre_y - y;
            let depth = radius_squared - (east * east + north * north);
            let sure = depth.abs() > CIRCLE_DOUBT * radius_squared;
            if if sure { depth > 0.0 } else { ask(word) } {
                f(word);
            }
        }
        if self.polygon_count == 0 {
            return;
        }
        let bend = Bend::to(spot);
        for CellPolygon { word, flags, blocks } in self.polygons() {
            let odd = if flags & ASK == 0 { bend.crosses_odd(blocks) } else { None };
            if odd.map_or_else(|| ask(word), |odd| odd != (flags & INSIDE != 0)) {
                f(word);
            }
        }
    }

    /// The zones whose boundary a way may cross in this cell. `way` and `cell_way` are the same way as seen from the
    /// tile's corner and from the cell.
    pub(super) fn crossed(&self, way: &TileWay, cell_way: &CellWay, mut f: impl FnMut(u32)) {
        for &[word, x, y, radius_squared] in self.circles {
            if way.may_cross(self.scale, f32::from_bits(x), f32::from_bits(y), f32::from_bits(radius_squared))
            {
                f(word);
            }
        }
        for CellPolygon { word, flags, blocks } in self.polygons() {
            if flags & ASK != 0 || cell_way.may_cross(blocks) {
                f(word);
            }
        }
    }
}

/// A straight way as seen from a tile's corner.
pub(super) struct TileWay {
    /// 1e-7 degrees.
    pub(super) from: (i64, i64),
    pub(super) to: (i64, i64),
}

impl TileWay {
    /// Whether the way may lead through a circle, with both ends outside: never no if it does. The scale at the centre
    /// stands for those half-way to the ends.
    fn may_cross(&self, scale: [f32; 2], x: f32, y: f32, radius_squared: f32) -> bool {
        let wide = scale[0] + scale[1] * 2.0 * y;
        let seen = |(from_x, from_y): (i64, i64)| ((from_x as f32 - x) * wide, from_y as f32 - y);
        let ((fx, fy), (tx, ty)) = (seen(self.from), seen(self.to));
        let inside = (1.0 - CIRCLE_SLACK) * radius_squared;
        if fx * fx + fy * fy < inside || tx * tx + ty * ty < inside {
            return false;
        }
        let (dx, dy) = (tx - fx, ty - fy);
        let along = -(fx * dx + fy * dy) / (dx * dx + dy * dy).max(1.0);
        let along = along.clamp(0.0, 1.0);
        let (px, py) = (fx + along * dx, fy + along * dy);
        px * px + py * py <= (1.0 + CIRCLE_SLACK) * radius_squared
    }
}

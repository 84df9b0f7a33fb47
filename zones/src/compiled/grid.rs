//! The tiles of all shared zones, and which zone each of their words means. A copy shares what an edit does not touch.

use super::{
    squares::{Spot, Squares, TileId},
    tile::{CellList, REACH_M, rewrite_tile, write_tile},
};
use crate::{Assignment, Bounds, GroupId, Zone, ZoneId, ZoneIndex};
use std::{collections::HashMap, sync::Arc};

/// Tiles of a page along each side: 2^6.
const PAGE_BITS: u32 = 6;
const PAGE_TILES: usize = 1 << (2 * PAGE_BITS);
/// Pages along a circle of latitude: 2^24 units of 1e-7 degrees wide.
const PAGE_COLUMNS: usize = 215;
/// Pages from pole to pole: 2^23 units high.
const PAGE_ROWS: usize = 215;
/// A zone that meets more tiles is looked at from everywhere instead.
const ZONE_TILES_MAX: usize = 1 << 10;
/// A box of more cells looks at all zones instead.
const CELLS_MAX: usize = 1 << 16;
/// Slots in a chunk.
const CHUNK: usize = 1 << 10;
/// A word is a slot's number and, above these bits, the set of groups.
const SLOT_BITS: u32 = 24;
const SLOTS_MAX: usize = 1 << SLOT_BITS;
/// The last number of a set stands for all that found none: the zone itself is asked.
const SETS_MAX: usize = 255;

type Page = [Option<Arc<[u32]>>];

/// Which numbers of sets of groups are those of a wearer.
pub(super) struct Mask<'g> {
    bits: [u64; 4],
    groups: &'g [GroupId],
}

/// All shared zones on a grid.
#[derive(Clone, Debug, Default)]
pub(super) struct Grid {
    pages: Vec<Option<Arc<Page>>>,
    chunks: Vec<Arc<[Option<Arc<Zone>>]>>,
    sets: Arc<[Vec<GroupId>]>,
    /// Words of zones that meet too many tiles.
    large: Arc<[u32]>,
}

/// Whether a zone is shared with one of these groups.
fn is_for(zone: &Zone, groups: &[GroupId]) -> bool {
    match &zone.assignment {
        Assignment::Shared(shared) => shared.iter().any(|group| groups.contains(group)),
        Assignment::Personal(_) => false,
    }
}

impl Grid {
    /// The zone that a word means.
    pub(super) fn zone(&self, word: u32) -> Option<&Arc<Zone>> {
        let slot = word as usize % SLOTS_MAX;
        self.chunks.get(slot / CHUNK)?.get(slot % CHUNK)?.as_ref()
    }

    pub(super) fn mask<'g>(&self, groups: &'g [GroupId]) -> Mask<'g> {
        let mut bits = [0; 4];
        bits[SETS_MAX / 64] |= 1 << (SETS_MAX % 64);
        for (number, set) in self.sets.iter().enumerate() {
            if set.iter().any(|group| groups.contains(group)) {
                bits[number / 64] |= 1 << (number % 64);
            }
        }
        Mask { bits, groups }
    }

    /// Whether the zone that a word means is shared with the mask's groups.
    pub(super) fn allows(&self, mask: &Mask<'_>, word: u32) -> bool {
        let set = (word >> SLOT_BITS) as usize;
        mask.bits[set / 64] >> (set % 64) & 1 == 1
            && (set != SETS_MAX || self.zone(word).is_some_and(|zone| is_for(zone, mask.groups)))
    }

    /// A tile's words.
    pub(super) fn tile(&self, tile: TileId) -> Option<&[u32]> {
        let (page, place) = page_of(tile);
        self.pages.get(page)?.as_ref()?.get(place)?.as_deref()
    }

    /// What a place's cell lists.
    pub(super) fn list(&self, spot: &Spot) -> Option<CellList<'_>> {
        CellList::read(self.tile(spot.tile)?, spot.cell())
    }

    /// Words of the zones that meet too many tiles.
    pub(super) fn large(&self) -> &[u32] {
        &self.large
    }

    /// Words of all zones that come within their buffer and [`REACH_M`] of a box, and perhaps of others; each once.
    pub(super) fn words_near(&self, bounds: &Bounds, words: &mut Vec<u32>) {
        self.words_in(bounds, words, |list, words| list.zones(|word| words.push(word)));
    }

    /// Words of all zones whose boundary runs through a box, and perhaps of others; each once.
    pub(super) fn words_bounding(&self, bounds: &Bounds, words: &mut Vec<u32>) {
        self.words_in(bounds, words, |list, words| list.bounding(|word| words.push(word)));
    }

    fn words_in(&self, bounds: &Bounds, words: &mut Vec<u32>, take: impl Fn(CellList<'_>, &mut Vec<u32>)) {
        words.clear();
        words.extend_from_slice(&self.large);
        let cells = Squares::cells(bounds);
        if cells.count() > CELLS_MAX {
            let all = self.chunks.iter().flat_map(|chunk| chunk.iter()).enumerate();
            words.clear();
            words.extend(all.filter(|(_, zone)| zone.is_some()).map(|(slot, _)| slot as u32 | NO_SET));
            return;
        }
        for cell in cells.iter() {
            let (tile, number) = TileId::of_cell(cell);
            if let Some(list) = self.tile(tile).and_then(|tile| CellList::read(tile, number)) {
                take(list, words);
            }
        }
        words.sort_unstable();
        words.dedup();
    }

    /// Bytes on the heap, zones' own geometry not counted.
    pub(super) fn bytes(&self) -> usize {
        let pages = self.pages.iter().flatten();
        let tiles: usize = pages
            .clone()
            .flat_map(|page| page.iter().flatten())
            .map(|tile| size_of_val::<[u32]>(tile) + 16)
            .sum();
        tiles
            + pages.count() * PAGE_TILES * size_of::<Option<Arc<[u32]>>>()
            + self.pages.len() * size_of::<Option<Arc<Page>>>()
            + self.chunks.len() * CHUNK * size_of::<Option<Arc<Zone>>>()
    }
}

/// The set's number that stands for "ask the zone".
const NO_SET: u32 = (SETS_MAX as u32) << SLOT_BITS;

/// Number of a tile's page, and of the tile in it.
fn page_of(tile: TileId) -> (usize, usize) {
    let rest = |value: u32| (value & ((1 << PAGE_BITS) - 1)) as usize;
    let page = (tile.row >> PAGE_BITS) as usize * PAGE_COLUMNS + (tile.column >> PAGE_BITS) as usize;
    (page, rest(tile.row) << PAGE_BITS | rest(tile.column))
}

/// Keeps a grid in step with the index it is compiled from.
#[derive(Clone, Debug, Default)]
pub(super) struct GridWriter {
    words: HashMap<ZoneId, u32>,
    free: Vec<u32>,
    next: u32,
}

impl GridWriter {
    /// A grid of all shared zones of an index.
    pub(super) fn write(index: &ZoneIndex) -> (Self, Grid) {
        let (mut writer, mut grid) = (Self::default(), Grid::default());
        let mut tiles: HashMap<TileId, Vec<u32>> = HashMap::new();
        for zone in index.zones().filter(|zone| matches!(zone.assignment, Assignment::Shared(_))) {
            let word = writer.enter(&mut grid, zone);
            match footprint(zone) {
                Some(squares) => {
                    squares.iter().for_each(|tile| tiles.entry(TileId::of(tile)).or_default().push(word));
                }
                None => grid.large = grid.large.iter().copied().chain([word]).collect(),
            }
        }
        for (tile, words) in tiles {
            let zones = words.iter().filter_map(|&word| Some((word, grid.zone(word)?.as_ref())));
            let written = write_tile(tile, zones);
            put(&mut grid, tile, written);
        }
        (writer, grid)
    }

    /// Takes in a zone that the index has just taken in.
    pub(super) fn insert(&mut self, grid: &mut Grid, zone: &Arc<Zone>) {
        let word = self.enter(grid, zone);
        match footprint(zone) {
            Some(squares) => rewrite(grid, &squares, None, Some((word, zone.as_ref()))),
            None => grid.large = grid.large.iter().copied().chain([word]).collect(),
        }
    }

    /// Takes out a zone that the index has just given up.
    pub(super) fn remove(&mut self, grid: &mut Grid, zone: &Arc<Zone>) {
        let Some(word) = self.words.remove(&zone.id) else { return };
        match footprint(zone) {
            Some(squares) => rewrite(grid, &squares, Some(word), None),
            None => grid.large = grid.large.iter().copied().filter(|large| *large != word).collect(),
        }
        let slot = word as usize % SLOTS_MAX;
        if let Some(place) =
            grid.chunks.get_mut(slot / CHUNK).and_then(|chunk| Arc::make_mut(chunk).get_mut(slot % CHUNK))
        {
            *place = None;
        }
        self.free.push(slot as u32);
    }

    /// Gives a zone a slot and its set of groups a number.
    fn enter(&mut self, grid: &mut Grid, zone: &Arc<Zone>) -> u32 {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.next += 1;
            self.next - 1
        });
        assert!((slot as usize) < SLOTS_MAX, "fewer than 2^24 shared zones");
        let (chunk, place) = (slot as usize / CHUNK, slot as usize % CHUNK);
        if grid.chunks.len() <= chunk {
            grid.chunks.resize_with(chunk + 1, || Arc::from(vec![None; CHUNK]));
        }
        Arc::make_mut(&mut grid.chunks[chunk])[place] = Some(Arc::clone(zone));
        let word = slot | (set_of(grid, zone) as u32) << SLOT_BITS;
        self.words.insert(zone.id, word);
        word
    }
}

/// Writes some tiles anew without one zone, or with one more.
fn rewrite(grid: &mut Grid, squares: &Squares, without: Option<u32>, with: Option<(u32, &Zone)>) {
    for tile in squares.iter().map(TileId::of) {
        let written = rewrite_tile(tile, grid.tile(tile), without, with);
        put(grid, tile, written);
    }
}

/// The tiles that a zone comes near, if they are few enough.
fn footprint(zone: &Zone) -> Option<Squares> {
    let squares = Squares::tiles(&zone.geometry.bounds().grown(zone.buffer.0 + REACH_M + 1.0));
    (squares.count() <= ZONE_TILES_MAX).then_some(squares)
}

fn set_of(grid: &mut Grid, zone: &Zone) -> usize {
    let Assignment::Shared(groups) = &zone.assignment else { return SETS_MAX };
    if let Some(number) = grid.sets.iter().position(|set| set == groups) {
        return number;
    }
    if grid.sets.len() == SETS_MAX {
        return SETS_MAX;
    }
    grid.sets = grid.sets.iter().cloned().chain([groups.clone()]).collect();
    grid.sets.len() - 1
}

fn put(grid: &mut Grid, tile: TileId, written: Option<Box<[u32]>>) {
    if grid.pages.is_empty() {
        grid.pages = vec![None; PAGE_COLUMNS * PAGE_ROWS];
    }
    let (page, place) = page_of(tile);
    if written.is_none() && grid.pages[page].is_none() {
        return;
    }
    let page = grid.pages[page].get_or_insert_with(|| Arc::from(vec![None; PAGE_TILES]));
    Arc::make_mut(page)[place] = written.map(Arc::from);
}

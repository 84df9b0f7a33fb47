//! The tiles of all shared zones, and which zone each of their words means. A copy shares what an edit does not touch.

use super::{
    draft::{REACH_M, TileDraft},
    squares::{Spot, Squares, TileId},
    tile::{CellList, fetch_list, fetch_start, write_tile},
    way::GridWay,
};
use crate::{Assignment, Bounds, GroupId, Zone, ZoneId, ZoneIndex};
use lenke_wire::Position;
use std::{collections::HashMap, sync::Arc};

/// Tiles along each side of a leaf, leaves along each side of a branch, branches along each side of the root; as bits.
const LEAF_BITS: u32 = 3;
const BRANCH_BITS: u32 = 6;
const ROOT_BITS: u32 = 5;
/// A zone that meets more tiles is looked at from everywhere instead.
const ZONE_TILES_MAX: usize = 1 << 10;
/// A box of more cells looks at all zones instead.
const CELLS_MAX: usize = 1 << 16;
/// Slots in a chunk.
const CHUNK: usize = 1 << 8;
/// A word is a slot's number and, above these bits, the set of groups.
const SLOT_BITS: u32 = 24;
const SLOTS_MAX: usize = 1 << SLOT_BITS;
/// The last number of a set stands for all that found none: the zone itself is asked.
const SETS_MAX: usize = 255;

type Leaf = [Option<Arc<[u32]>>];
type Branch = [Option<Arc<Leaf>>];
type Root = [Option<Arc<Branch>>];
type Chunk = [Option<Arc<Zone>>];

/// Which numbers of sets of groups are those of a wearer.
pub(super) struct Mask<'g> {
    bits: [u64; 4],
    groups: &'g [GroupId],
}

/// All shared zones on a grid.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    root: Arc<Root>,
    chunks: Arc<[Arc<Chunk>]>,
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
    fn empty() -> Self {
        let root = vec![None; 1 << (2 * ROOT_BITS)];
        let (chunks, sets, large) = (Arc::default(), Arc::default(), Arc::default());
        Self { root: root.into(), chunks, sets, large }
    }

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
    #[inline]
    pub(super) fn tile(&self, tile: TileId) -> Option<&[u32]> {
        let [branch, leaf, place] = path_of(tile);
        self.root.get(branch)?.as_ref()?.get(leaf)?.as_ref()?.get(place)?.as_deref()
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

    /// Words of all zones whose boundary a way may cross, and perhaps of others; each once.
    pub(super) fn words_crossed(&self, from: Position, to: Position, words: &mut Vec<u32>) {
        let mut cells = Vec::new();
        let way = self.cells_crossed(0, from, to, &mut cells);
        open(&mut cells);
        self.words_in_cells(way.as_ref(), &cells, (from, to), words);
    }

    /// The cells on a way, which begin to be fetched; nothing if the way is not followed cell by cell.
    pub(super) fn cells_crossed<'a>(
        &'a self,
        number: usize,
        from: Position,
        to: Position,
        cells: &mut Vec<CrossedCell<'a>>,
    ) -> Option<GridWay> {
        let way = GridWay::new(from, to)?;
        let mut last: Option<(TileId, Option<&[u32]>)> = None;
        for cell in way.cells() {
            let (tile, cell) = TileId::of_cell(cell);
            let words = match last {
                Some((known, words)) if known == tile => words,
                _ => self.tile(tile),
            };
            last = Some((tile, words));
            if let Some(words) = words {
                fetch_start(words, cell);
                cells.push(CrossedCell { way: number, tile, cell, words, start: 0 });
            }
        }
        Some(way)
    }

    /// Of the cells of one way.
    pub(super) fn words_in_cells(
        &self,
        way: Option<&GridWay>,
        cells: &[CrossedCell<'_>],
        (from, to): (Position, Position),
        words: &mut Vec<u32>,
    ) {
        let Some(way) = way else {
            return self.words_in(&Bounds::of_way(from, to), words, |list, words| {
                list.bounding(|word| words.push(word));
            });
        };
        words.clear();
        words.extend_from_slice(&self.large);
        for cell in cells {
            if let Some(list) = CellList::at(cell.words, cell.start) {
                let (tile_way, cell_way) = way.seen_from(cell.tile, cell.cell);
                list.crossed(&tile_way, &cell_way, |word| words.push(word));
            }
        }
        words.sort_unstable();
        words.dedup();
        // Most ways that cross a boundary only enter or leave the zone.
        for end in [from, to] {
            if words.is_empty() {
                return;
            }
            let spot = Spot::of(end);
            if let Some(list) = self.list(&spot) {
                list.containing(&spot, |_| false, |held| words.retain(|&word| word != held));
            }
        }
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
        const COUNTS: usize = 2 * size_of::<usize>();
        let branches = || self.root.iter().flatten();
        let leaves = || branches().flat_map(|branch| branch.iter().flatten());
        let tiles = || leaves().flat_map(|leaf| leaf.iter().flatten());
        size_of_val::<Root>(&self.root)
            + branches().map(|branch| size_of_val::<Branch>(branch) + COUNTS).sum::<usize>()
            + leaves().map(|leaf| size_of_val::<Leaf>(leaf) + COUNTS).sum::<usize>()
            + tiles().map(|tile| size_of_val::<[u32]>(tile) + COUNTS).sum::<usize>()
            + self.chunks.iter().map(|chunk| size_of_val::<Chunk>(chunk) + COUNTS).sum::<usize>()
            + size_of_val::<[Arc<Chunk>]>(&self.chunks)
    }
}

/// A cell on one of several ways, and where its list begins.
pub(super) struct CrossedCell<'a> {
    pub(super) way: usize,
    tile: TileId,
    cell: usize,
    words: &'a [u32],
    start: usize,
}

/// Finds where the cells' lists begin, which then are fetched; those that list nothing go.
pub(super) fn open(cells: &mut Vec<CrossedCell<'_>>) {
    cells.retain_mut(|cell| {
        cell.start = CellList::start(cell.words, cell.cell);
        if cell.start != 0 {
            fetch_list(cell.words, cell.start);
        }
        cell.start != 0
    });
}

/// The set's number that stands for "ask the zone".
const NO_SET: u32 = (SETS_MAX as u32) << SLOT_BITS;

/// Numbers of a tile's branch in the root, of its leaf in the branch, and of the tile in the leaf.
fn path_of(tile: TileId) -> [usize; 3] {
    let number = |below: u32, bits: u32| {
        let part = |value: u32| ((value >> below) & ((1 << bits) - 1)) as usize;
        part(tile.row) << bits | part(tile.column)
    };
    [number(LEAF_BITS + BRANCH_BITS, ROOT_BITS), number(LEAF_BITS, BRANCH_BITS), number(0, LEAF_BITS)]
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
        let (mut writer, mut grid) = (Self::default(), Grid::empty());
        let mut tiles: HashMap<TileId, Vec<u32>> = HashMap::new();
        let mut large = Vec::new();
        for zone in index.zones().filter(|zone| matches!(zone.assignment, Assignment::Shared(_))) {
            let word = writer.enter(&mut grid, zone);
            match footprint(zone) {
                Some(squares) => {
                    squares.iter().for_each(|tile| tiles.entry(TileId::of(tile)).or_default().push(word));
                }
                None => large.push(word),
            }
        }
        grid.large = large.into();
        let mut draft = TileDraft::new(TileId { row: 0, column: 0 });
        for (tile, words) in tiles {
            draft.clear(tile);
            for word in words {
                if let Some(zone) = grid.zone(word) {
                    draft.add(word, zone);
                }
            }
            put(&mut grid, tile, write_tile(tile, None, None, &draft));
        }
        (writer, grid)
    }

    /// Takes out a zone that the index has given up, and takes in one that it has taken in.
    pub(super) fn replace(&mut self, grid: &mut Grid, old: Option<&Arc<Zone>>, new: Option<&Arc<Zone>>) {
        let old = old.and_then(|zone| Some((self.words.remove(&zone.id)?, footprint(zone))));
        if let Some((word, _)) = old {
            self.leave(grid, word);
        }
        let new = new.map(|zone| (self.enter(grid, zone), footprint(zone), zone.as_ref()));
        let is_large = |word: u32| matches!(old, Some((old, None)) if old == word);
        if let (Some((_, None)), _) | (_, Some((_, None, _))) = (&old, &new) {
            let kept = grid.large.iter().copied().filter(|word| !is_large(*word));
            let added = new.as_ref().and_then(|(word, footprint, _)| footprint.is_none().then_some(*word));
            grid.large = kept.chain(added).collect();
        }
        let mut tiles: Vec<TileId> = Vec::new();
        let footprints = [
            old.as_ref().and_then(|(_, footprint)| footprint.as_ref()),
            new.as_ref().and_then(|(_, footprint, _)| footprint.as_ref()),
        ];
        footprints.iter().flatten().for_each(|squares| tiles.extend(squares.iter().map(TileId::of)));
        tiles.sort_unstable();
        tiles.dedup();
        let without = old.as_ref().map(|(word, _)| *word);
        let mut draft = TileDraft::new(TileId { row: 0, column: 0 });
        for tile in tiles {
            draft.clear(tile);
            if let Some((word, Some(_), zone)) = &new {
                draft.add(*word, zone);
            }
            let written = write_tile(tile, grid.tile(tile), without, &draft);
            put(grid, tile, written);
        }
    }

    fn leave(&mut self, grid: &mut Grid, word: u32) {
        let slot = word as usize % SLOTS_MAX;
        if let Some(chunk) = Arc::make_mut(&mut grid.chunks).get_mut(slot / CHUNK)
            && let Some(place) = Arc::make_mut(chunk).get_mut(slot % CHUNK)
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
            let chunks = grid.chunks.iter().cloned().chain([Arc::from(vec![None; CHUNK])]);
            grid.chunks = chunks.collect();
        }
        Arc::make_mut(&mut Arc::make_mut(&mut grid.chunks)[chunk])[place] = Some(Arc::clone(zone));
        let word = slot | (set_of(grid, zone) as u32) << SLOT_BITS;
        self.words.insert(zone.id, word);
        word
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
    if written.is_none() && grid.tile(tile).is_none() {
        return;
    }
    let [branch, leaf, place] = path_of(tile);
    let branch = &mut Arc::make_mut(&mut grid.root)[branch];
    let branch = Arc::make_mut(branch.get_or_insert_with(|| vec![None; 1 << (2 * BRANCH_BITS)].into()));
    let leaf = Arc::make_mut(branch[leaf].get_or_insert_with(|| vec![None; 1 << (2 * LEAF_BITS)].into()));
    leaf[place] = written.map(Arc::from);
}

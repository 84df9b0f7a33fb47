//! All wearers' own zones, spread over maps. A copy shares what an edit does not touch.

use super::own::OwnBlock;
use crate::WearerId;
use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    sync::Arc,
};

/// Maps in a branch, and branches: an edit copies one of each.
const BRANCH_BITS: u32 = 5;

type Shard = HashMap<WearerId, OwnBlock, BuildHasherDefault<Spread>>;
type Branch = [Arc<Shard>];

/// Wearers with zones of their own.
#[derive(Clone, Debug)]
pub(super) struct Wearers {
    branches: Arc<[Arc<Branch>]>,
}

impl Wearers {
    pub(super) fn new(blocks: impl Iterator<Item = (WearerId, OwnBlock)>) -> Self {
        let mut shards: Vec<Shard> = vec![Shard::default(); 1 << (2 * BRANCH_BITS)];
        for (wearer, block) in blocks {
            let (branch, shard) = place_of(wearer);
            shards[branch << BRANCH_BITS | shard].insert(wearer, block);
        }
        let shards: Vec<Arc<Shard>> = shards.into_iter().map(Arc::new).collect();
        Self { branches: shards.chunks(1 << BRANCH_BITS).map(Arc::from).collect() }
    }

    #[inline]
    pub(super) fn get(&self, wearer: WearerId) -> Option<&OwnBlock> {
        let (branch, shard) = place_of(wearer);
        self.branches[branch][shard].get(&wearer)
    }

    /// Puts a block in the place of the wearer's, or takes that away.
    pub(super) fn put(&mut self, wearer: WearerId, block: Option<OwnBlock>) {
        let (branch, shard) = place_of(wearer);
        let branch = Arc::make_mut(&mut Arc::make_mut(&mut self.branches)[branch]);
        let shard = Arc::make_mut(&mut branch[shard]);
        match block {
            Some(block) => shard.insert(wearer, block),
            None => shard.remove(&wearer),
        };
    }

    /// Bytes of the blocks and the maps.
    pub(super) fn bytes(&self) -> usize {
        let shards = self.branches.iter().flat_map(|branch| branch.iter());
        shards
            .map(|shard| {
                let blocks: usize = shard.values().map(OwnBlock::bytes).sum();
                blocks + shard.capacity() * (size_of::<(WearerId, OwnBlock)>() + 1)
            })
            .sum()
    }
}

/// Numbers of a wearer's branch, and of the map in it.
fn place_of(wearer: WearerId) -> (usize, usize) {
    let upper = (spread(wearer.0) >> (64 - 2 * BRANCH_BITS)) as usize;
    (upper >> BRANCH_BITS, upper & ((1 << BRANCH_BITS) - 1))
}

/// Fibonacci hashing (Knuth, TAOCP 6.4): ids are given by the register, not by an adversary.
const fn spread(value: u64) -> u64 {
    value.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Hashes one id.
#[derive(Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.0 = spread(self.0 ^ u64::from(byte)));
    }

    fn write_u64(&mut self, value: u64) {
        // The place has used the upper bits; the map uses the lowest and the highest.
        self.0 = spread(value).rotate_left(20);
    }
}

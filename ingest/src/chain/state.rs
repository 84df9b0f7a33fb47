//! The followers' state as bytes, for the store: it is written with the frames that it has seen.
//!
//! `2`, frames passed over (8); then for each epoch: epoch (4), next (8), whether there is a head (1) and the head (32), since
//! (8), what is missing of gaps that were passed over (first (8), number (8), since (8); none is the number 0), number of
//! waiting reports (2), and of each seq (4), length (2) and bytes. Integers are big-endian.

use super::{Chains, EPOCHS_MAX, Follower, Missing};
use lenke_wire::{Epoch, UnixMillis, chain::Chain, codec::INNER_BYTES_MAX};
use std::collections::BTreeMap;

const VERSION: u8 = 2;

impl Chains {
    /// The state's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        out.extend(self.passed_over.to_be_bytes());
        for (epoch, follower) in &self.epochs {
            out.extend(epoch.0.to_be_bytes());
            out.extend(follower.next.to_be_bytes());
            out.push(u8::from(follower.head.is_some()));
            out.extend(follower.head.map_or([0; 32], |head| *head.bytes()));
            out.extend(follower.since.0.to_be_bytes());
            let missing = follower.missing.unwrap_or(Missing { first: 0, count: 0, since: UnixMillis(0) });
            out.extend(missing.first.to_be_bytes());
            out.extend(missing.count.to_be_bytes());
            out.extend(missing.since.0.to_be_bytes());
            // Bounded far below: by WAITING_FRAMES_MAX and INNER_BYTES_MAX.
            out.extend((follower.waiting.len() as u16).to_be_bytes());
            for (seq, inner) in &follower.waiting {
                out.extend(seq.to_be_bytes());
                out.extend((inner.len() as u16).to_be_bytes());
                out.extend(inner);
            }
        }
        out
    }

    /// What [`Self::to_bytes`] wrote; `None` if it wrote something else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (&VERSION, mut rest) = bytes.split_first()? else { return None };
        let passed_over = u64::from_be_bytes(take(&mut rest)?);
        let mut epochs = BTreeMap::new();
        while !rest.is_empty() {
            let epoch = Epoch(u32::from_be_bytes(take(&mut rest)?));
            let next = u64::from_be_bytes(take(&mut rest)?);
            let [has_head] = take(&mut rest)?;
            let head = Chain::from_bytes(take(&mut rest)?);
            let since = UnixMillis(i64::from_be_bytes(take(&mut rest)?));
            let missing = Missing {
                first: u64::from_be_bytes(take(&mut rest)?),
                count: u64::from_be_bytes(take(&mut rest)?),
                since: UnixMillis(i64::from_be_bytes(take(&mut rest)?)),
            };
            let count = u16::from_be_bytes(take(&mut rest)?);
            let mut waiting = BTreeMap::new();
            for _ in 0..count {
                let seq = u32::from_be_bytes(take(&mut rest)?);
                let length = usize::from(u16::from_be_bytes(take(&mut rest)?));
                let (inner, after) = rest.split_at_checked(length).filter(|_| length <= INNER_BYTES_MAX)?;
                rest = after;
                waiting.insert(seq, inner.to_vec());
            }
            let head = (has_head == 1).then_some(head);
            let missing = Some(missing).filter(|missing| missing.count > 0);
            epochs.insert(epoch, Follower { next, head, waiting, since, missing });
        }
        let chains = Self { epochs, passed_over };
        (chains.epochs.len() <= EPOCHS_MAX && !chains.is_over()).then_some(chains)
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*taken)
}

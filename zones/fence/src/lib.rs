//! The zone predicate that server and tag share: which zones hold a place, and how far their boundaries are.
//!
//! | module | what it is |
//! |---|---|
//! | [`set`] | a wearer's zones in a few bytes: parsed and validated once, then read in place |
//! | [`encode`] | writes such a set |
//! | [`circle`] | all places within a radius |
//! | [`polygons`] | rings of straight edges, even-odd |
//! | [`distance`] | decimetres with a sign |
//!
//! A decision is made of integers alone: vertices and places in 1e-7 degrees, radii in millimetres. The server's zones
//! ask the same functions with the same integers, so that server and tag cannot disagree about a place.
//!
//! Invariants: `no_std`, no allocation, no floating point, no `unsafe`; bytes from outside end in a typed error or in
//! a valid set, never in a panic; a set that exists is valid. Left to others: who sends a set, its hash and signature,
//! schedules, and what a fix's accuracy makes of a decision.
#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

#[cfg(test)]
extern crate std;

mod bytes;
pub mod circle;
pub mod distance;
mod earth;
pub mod encode;
mod fixed;
pub mod polygons;
pub mod set;

pub use bytes::checksum;
pub use circle::Circle;
pub use distance::{Decimetres, FAR};
pub use encode::Encoder;
pub use polygons::{Polygons, Vertex, is_edge_east_of};
pub use set::{FenceError, Head, Kind, Shape, Zone, ZoneSet};

//! The console as a real server on loopback, over a real store and desk.
#![expect(clippy::unwrap_used, reason = "tests")]

mod access;
mod alerts;
mod audit;
mod client;
mod compliance;
mod errors;
mod facts;
mod find;
mod harness;
mod login;
mod pages;
mod people;
mod stream;

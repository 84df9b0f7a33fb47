//! System tests: the program as its users run it, one module a subject. One binary, so that it links once.
//!
//! Every server binds to 127.0.0.1 on a free port and is ended by its own process id; every load is bounded in count and time.
#![expect(clippy::unwrap_used, reason = "tests")]

mod broker;
mod browser;
mod closed;
mod command_line;
mod compliance;
mod crash;
mod custody;
mod demo;
mod downlink;
mod evidence;
mod harness;
mod headroom;
mod postgres;
mod refusal;
mod replay;
mod victim;

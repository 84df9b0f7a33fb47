//! What must hold of any input, one module a fuzz target. The fuzzer runs these on nightly; the workspace's tests run them over the
//! seeds, so that they keep compiling and holding.

pub mod downlink;
pub mod frame;
pub mod geojson;
pub mod report;
pub mod zone_set;

//! Facts about fleets.

//! Zones that are edited while fixes are judged: the index is edited, a compiled copy is swapped in.
//!
//! Readers never wait: they hold the copy they loaded, and the next load sees the edit.

use crate::{
    Zone, ZoneId, ZoneIndex,
    compiled::{Compiled, Writer},
};
use arc_swap::{ArcSwap, Guard};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// An index with its compiled form, both in step.
#[derive(Debug)]
pub struct LiveZones {
    authority: Mutex<Authority>,
    published: ArcSwap<Compiled>,
}

#[derive(Debug)]
struct Authority {
    index: ZoneIndex,
    writer: Writer,
}

impl LiveZones {
    /// Compiles an index.
    pub fn new(index: ZoneIndex) -> Self {
        let (writer, compiled) = Writer::new(&index);
        Self {
            authority: Mutex::new(Authority { index, writer }),
            published: ArcSwap::from_pointee(compiled),
        }
    }

    /// The zones as they are now; a later edit does not change what was loaded.
    pub fn load(&self) -> Guard<Arc<Compiled>> {
        self.published.load()
    }

    /// Adds a zone, in the place of one with its id if there is one.
    pub fn insert(&self, zone: impl Into<Arc<Zone>>) {
        let zone = zone.into();
        let mut authority = self.lock();
        let Authority { index, writer } = &mut *authority;
        let id = zone.id;
        let old = index.remove(id);
        index.insert(zone);
        let mut compiled = Compiled::clone(&self.published.load());
        writer.replace(&mut compiled, index, old.as_ref(), index.zone(id));
        self.published.store(Arc::new(compiled));
    }

    /// Takes a zone out and gives it back, if it was there.
    pub fn remove(&self, id: ZoneId) -> Option<Arc<Zone>> {
        let mut authority = self.lock();
        let Authority { index, writer } = &mut *authority;
        let zone = index.remove(id)?;
        let mut compiled = Compiled::clone(&self.published.load());
        writer.replace(&mut compiled, index, Some(&zone), None);
        self.published.store(Arc::new(compiled));
        Some(zone)
    }

    /// Asks the index: for lists and maps, not for fixes.
    pub fn with_index<T>(&self, f: impl FnOnce(&ZoneIndex) -> T) -> T {
        f(&self.lock().index)
    }

    /// A panic while the lock was held has not published anything; the next edit goes on from the index.
    fn lock(&self) -> MutexGuard<'_, Authority> {
        self.authority.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! One session a device: who comes later takes over.

use lenke_wire::DeviceId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio_util::sync::CancellationToken;

/// Device -> its one session.
#[derive(Clone, Debug, Default)]
pub(super) struct Sessions(Arc<Mutex<Table>>);

#[derive(Debug, Default)]
struct Table {
    begun: u64,
    sessions: HashMap<DeviceId, (u64, CancellationToken)>,
}

/// A session's entry, gone on drop unless another has taken over.
#[derive(Debug)]
pub(super) struct Entry {
    sessions: Sessions,
    device: DeviceId,
    number: u64,
    /// Cancelled when another session takes over.
    pub(super) taken_over: CancellationToken,
}

impl Sessions {
    /// Begins a session; `true` if it ended another.
    pub(super) fn begin(&self, device: DeviceId) -> (Entry, bool) {
        let taken_over = CancellationToken::new();
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        table.begun += 1;
        let number = table.begun;
        let old = table.sessions.insert(device, (number, taken_over.clone()));
        if let Some((_, old)) = &old {
            old.cancel();
        }
        (Entry { sessions: self.clone(), device, number, taken_over }, old.is_some())
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut table = self.sessions.0.lock().unwrap_or_else(PoisonError::into_inner);
        if table.sessions.get(&self.device).is_some_and(|(number, _)| *number == self.number) {
            table.sessions.remove(&self.device);
        }
    }
}

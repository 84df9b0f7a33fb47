//! Who is signed in: the session store behind `tower-sessions`.
//!
//! In memory: a restart signs everybody out. Invariants: bounded; a session ends after idling or after its whole
//! life, whichever comes first; whatever ends a session also ends its live streams.

use crate::limits;
use async_trait::async_trait;
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::Result,
};

struct Entry {
    record: Record,
    created: Instant,
    seen: Instant,
    streams: usize,
    ended: CancellationToken,
}

/// The sessions; clones share them.
#[derive(Clone)]
pub(crate) struct Sessions(Arc<Shared>);

struct Shared {
    entries: Mutex<HashMap<Id, Entry>>,
    idle_max: Duration,
    life_max: Duration,
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").field("count", &self.count()).finish_non_exhaustive()
    }
}

/// One live stream's place in its session; dropped, it frees the place.
pub(crate) struct StreamPlace {
    sessions: Sessions,
    id: Id,
    /// Cancelled when the session ends.
    pub(crate) ended: CancellationToken,
}

impl Drop for StreamPlace {
    fn drop(&mut self) {
        if let Some(entry) = self.sessions.entries().get_mut(&self.id) {
            entry.streams = entry.streams.saturating_sub(1);
        }
    }
}

impl Sessions {
    /// No session yet. One ends `idle_max` after its last request or `life_max` after its login.
    pub(crate) fn new(idle_max: Duration, life_max: Duration) -> Self {
        Self(Arc::new(Shared { entries: Mutex::default(), idle_max, life_max }))
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<Id, Entry>> {
        self.0.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sessions, including those whose end was not noticed yet.
    pub(crate) fn count(&self) -> usize {
        self.entries().len()
    }

    /// Live streams over all sessions.
    pub(crate) fn streams(&self) -> usize {
        self.entries().values().map(|entry| entry.streams).sum()
    }

    /// A place for one more live stream of this session; `None` if the session is gone or a limit is reached.
    pub(crate) fn take_stream(&self, id: Id) -> Option<StreamPlace> {
        let mut entries = self.entries();
        if entries.values().map(|entry| entry.streams).sum::<usize>() >= limits::STREAMS_MAX {
            return None;
        }
        let entry = entries.get_mut(&id).filter(|entry| entry.streams < limits::STREAMS_PER_SESSION_MAX)?;
        entry.streams += 1;
        Some(StreamPlace { sessions: self.clone(), id, ended: entry.ended.clone() })
    }

    /// Ends the session, if it still exists.
    pub(crate) fn end(&self, id: Id) {
        if let Some(entry) = self.entries().remove(&id) {
            entry.ended.cancel();
        }
    }

    /// Ends every session that idled or lived too long.
    pub(crate) fn end_expired(&self, now: Instant) {
        self.entries().retain(|_, entry| {
            let alive = self.0.alive(entry, now);
            if !alive {
                entry.ended.cancel();
            }
            alive
        });
    }
}

impl Shared {
    fn alive(&self, entry: &Entry, now: Instant) -> bool {
        now.duration_since(entry.seen) < self.idle_max && now.duration_since(entry.created) < self.life_max
    }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let now = Instant::now();
        self.end_expired(now);
        let mut entries = self.entries();
        if entries.len() >= limits::SESSIONS_MAX {
            metrics::counter!("console_sessions_evicted_total").increment(1);
            let idlest = entries.iter().min_by_key(|(_, entry)| entry.seen).map(|(id, _)| *id);
            if let Some(entry) = idlest.and_then(|id| entries.remove(&id)) {
                entry.ended.cancel();
            }
        }
        while entries.contains_key(&record.id) {
            record.id = Id::default();
        }
        let ended = CancellationToken::new();
        entries
            .insert(record.id, Entry { record: record.clone(), created: now, seen: now, streams: 0, ended });
        Ok(())
    }

    /// Only replaces: a request that was under way when its session ended does not bring it back.
    async fn save(&self, record: &Record) -> Result<()> {
        if let Some(entry) = self.entries().get_mut(&record.id) {
            entry.record = record.clone();
        }
        Ok(())
    }

    /// Every request loads its session: that is what counts as being active.
    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let now = Instant::now();
        let mut entries = self.entries();
        let Some(entry) = entries.get_mut(id) else { return Ok(None) };
        if self.0.alive(entry, now) {
            entry.seen = now;
            return Ok(Some(entry.record.clone()));
        }
        entry.ended.cancel();
        entries.remove(id);
        Ok(None)
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.end(*id);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tower_sessions::Session;

    const IDLE: Duration = Duration::from_secs(100);
    const LIFE: Duration = Duration::from_secs(250);

    async fn signed_in(sessions: &Sessions) -> Id {
        let session = Session::new(None, Arc::new(sessions.clone()), None);
        session.insert("who", "kari").await.unwrap();
        session.save().await.unwrap();
        session.id().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn requests_keep_a_session_alive_until_its_whole_life_is_over() {
        let sessions = Sessions::new(IDLE, LIFE);
        let id = signed_in(&sessions).await;
        for _ in 0..3 {
            tokio::time::advance(Duration::from_secs(80)).await;
            assert!(sessions.load(&id).await.unwrap().is_some());
        }
        tokio::time::advance(Duration::from_secs(80)).await;
        assert!(sessions.load(&id).await.unwrap().is_none());
        assert_eq!(sessions.count(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_session_ends_with_its_streams() {
        let sessions = Sessions::new(IDLE, LIFE);
        let id = signed_in(&sessions).await;
        let place = sessions.take_stream(id).unwrap();
        tokio::time::advance(IDLE).await;
        sessions.end_expired(Instant::now());
        assert!(place.ended.is_cancelled());
        assert!(sessions.take_stream(id).is_none());
    }

    #[tokio::test]
    async fn an_ended_session_is_not_saved_back() {
        let sessions = Sessions::new(IDLE, LIFE);
        let id = signed_in(&sessions).await;
        let record = sessions.load(&id).await.unwrap().unwrap();
        sessions.delete(&id).await.unwrap();
        sessions.save(&record).await.unwrap();
        assert!(sessions.load(&id).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn streams_are_bounded_per_session_and_given_back() {
        let sessions = Sessions::new(IDLE, LIFE);
        let id = signed_in(&sessions).await;
        let mut places: Vec<_> =
            (0..limits::STREAMS_PER_SESSION_MAX).map(|_| sessions.take_stream(id)).collect();
        assert!(places.iter().all(Option::is_some) && sessions.take_stream(id).is_none());
        places.pop();
        assert!(sessions.take_stream(id).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn the_idlest_session_makes_room_for_a_new_one() {
        let sessions = Sessions::new(IDLE, LIFE);
        let idlest = signed_in(&sessions).await;
        tokio::time::advance(Duration::from_secs(1)).await;
        for _ in 0..limits::SESSIONS_MAX {
            signed_in(&sessions).await;
        }
        assert_eq!(sessions.count(), limits::SESSIONS_MAX);
        assert!(sessions.load(&idlest).await.unwrap().is_none());
    }
}

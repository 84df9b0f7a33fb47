//! Slows down who guesses passwords: failures are counted by name and by address, and past a free number each one
//! doubles the wait before the next attempt is looked at.
//!
//! Invariants: bounded memory; bounded waits: nobody may lock an operator, or the centre behind one address, out.

use crate::limits;
use std::{collections::HashMap, hash::Hash, net::IpAddr, sync::Mutex, time::Duration};
use tokio::time::Instant;

/// Failed logins by name and by address.
#[derive(Default)]
pub(crate) struct Throttle {
    names: Mutex<Failures<String>>,
    addresses: Mutex<Failures<IpAddr>>,
}

impl Throttle {
    /// How long this name or address must wait before an attempt is looked at; `None` to go ahead.
    pub(crate) fn wait(&self, name: &str, address: Option<IpAddr>, now: Instant) -> Option<Duration> {
        let by_name = lock(&self.names).wait(&name.to_owned(), now);
        let by_address = address.and_then(|address| lock(&self.addresses).wait(&network(address), now));
        by_name.max(by_address)
    }

    /// Counts a failure.
    pub(crate) fn fail(&self, name: &str, address: Option<IpAddr>, now: Instant) {
        lock(&self.names).fail(name.to_owned(), limits::NAME_FAILURES_FREE, limits::NAME_WAIT_MAX, now);
        if let Some(address) = address {
            let (free, wait_max) = (limits::ADDRESS_FAILURES_FREE, limits::ADDRESS_WAIT_MAX);
            lock(&self.addresses).fail(network(address), free, wait_max, now);
        }
    }

    /// Forgets a name's failures. An address keeps its own: one good login must not pay for guesses at other names.
    pub(crate) fn succeed(&self, name: &str) {
        lock(&self.names).0.remove(name);
    }
}

/// An IPv6 host owns a whole /64: that is what counts.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & !u128::from(u64::MAX)).into()),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

struct Failure {
    count: u32,
    last: Instant,
    until: Instant,
}

struct Failures<K>(HashMap<K, Failure>);

impl<K> Default for Failures<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Clone + Eq + Hash> Failures<K> {
    fn wait(&self, key: &K, now: Instant) -> Option<Duration> {
        let until = self.0.get(key)?.until;
        (until > now).then(|| until.duration_since(now))
    }

    fn fail(&mut self, key: K, free: u32, wait_max: Duration, now: Instant) {
        if self.0.len() >= limits::FAILURE_KEYS_MAX && !self.0.contains_key(&key) {
            self.make_room(now);
        }
        let failure = self.0.entry(key).or_insert(Failure { count: 0, last: now, until: now });
        if now.duration_since(failure.last) > limits::FAILURES_FORGOTTEN_AFTER {
            failure.count = 0;
        }
        failure.count = failure.count.saturating_add(1);
        failure.last = now;
        if let Some(beyond) = failure.count.checked_sub(free + 1) {
            failure.until = now + Duration::from_secs(1 << beyond.min(20)).min(wait_max);
        }
    }

    /// Drops what is forgotten anyway, else the key whose last failure is oldest.
    fn make_room(&mut self, now: Instant) {
        self.0.retain(|_, failure| now.duration_since(failure.last) <= limits::FAILURES_FORGOTTEN_AFTER);
        if self.0.len() < limits::FAILURE_KEYS_MAX {
            return;
        }
        let oldest = self.0.iter().min_by_key(|(_, failure)| failure.last).map(|(key, _)| key.clone());
        if let Some(key) = oldest {
            self.0.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn address(last: u8) -> IpAddr {
        IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, last))
    }

    #[tokio::test]
    async fn waits_double_after_the_free_failures_and_stay_below_the_limit() {
        let (throttle, start) = (Throttle::default(), Instant::now());
        for _ in 0..limits::NAME_FAILURES_FREE {
            throttle.fail("kari", None, start);
        }
        assert_eq!(throttle.wait("kari", None, start), None);
        let mut waits = Vec::new();
        for _ in 0..8 {
            throttle.fail("kari", None, start);
            waits.push(throttle.wait("kari", None, start).unwrap().as_secs());
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30, 30]);
        assert_eq!(throttle.wait("ola", None, start), None);
        throttle.succeed("kari");
        assert_eq!(throttle.wait("kari", None, start), None);
    }

    #[tokio::test]
    async fn an_address_that_tries_many_names_is_stopped_and_forgiven_in_time() {
        let (throttle, start) = (Throttle::default(), Instant::now());
        for guess in 0..=limits::ADDRESS_FAILURES_FREE {
            throttle.fail(&format!("name{guess}"), Some(address(7)), start);
        }
        assert!(throttle.wait("fresh", Some(address(7)), start).is_some());
        assert_eq!(throttle.wait("fresh", Some(address(8)), start), None);
        throttle.succeed("fresh");
        assert!(throttle.wait("fresh", Some(address(7)), start).is_some());
        let later = start + limits::FAILURES_FORGOTTEN_AFTER + Duration::from_secs(1);
        throttle.fail("fresh", Some(address(7)), later);
        assert_eq!(throttle.wait("fresh", Some(address(7)), later), None);
    }

    #[tokio::test]
    async fn memory_is_bounded_and_the_oldest_failure_goes_first() {
        let (throttle, start) = (Throttle::default(), Instant::now());
        for key in 0..limits::FAILURE_KEYS_MAX as u64 + 100 {
            throttle.fail(&key.to_string(), None, start + Duration::from_millis(key));
        }
        let names = lock(&throttle.names);
        assert_eq!(names.0.len(), limits::FAILURE_KEYS_MAX);
        assert!(!names.0.contains_key("99") && names.0.contains_key("100"));
    }

    #[test]
    fn an_ipv6_host_cannot_change_its_address_within_its_network() {
        let one: IpAddr = "2001:db8:1:2:aaaa::1".parse().unwrap();
        let two: IpAddr = "2001:db8:1:2:bbbb::9".parse().unwrap();
        assert_eq!(network(one), network(two));
    }
}

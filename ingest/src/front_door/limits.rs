//! How many connections there are, in all and from one address.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

/// Places for connections.
#[derive(Clone, Debug)]
pub(super) struct Places(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    total_max: usize,
    per_address_max: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    total: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// One connection's place, given back on drop.
#[derive(Debug)]
pub(super) struct Place {
    places: Places,
    address: IpAddr,
}

impl Places {
    pub(super) fn new(total_max: usize, per_address_max: usize) -> Self {
        Self(Arc::new(Inner { total_max, per_address_max, taken: Mutex::default() }))
    }

    pub(super) fn take(&self, address: IpAddr) -> Option<Place> {
        let mut taken = self.0.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.total >= self.0.total_max {
            return None;
        }
        let here = taken.by_address.entry(address).or_default();
        if *here >= self.0.per_address_max {
            return None;
        }
        *here += 1;
        taken.total += 1;
        metrics::gauge!("lenke_front_door_connections").set(taken.total as f64);
        Some(Place { places: self.clone(), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.0.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.total -= 1;
        metrics::gauge!("lenke_front_door_connections").set(taken.total as f64);
        if let Some(here) = taken.by_address.get_mut(&self.address) {
            *here -= 1;
            if *here == 0 {
                taken.by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_limited_in_all_and_by_address_and_come_back() {
        let places = Places::new(3, 2);
        let (one, other) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2]));
        let held = [places.take(one), places.take(one)];
        assert!(held.iter().all(Option::is_some));
        assert!(places.take(one).is_none(), "the address is full");
        let last = places.take(other);
        assert!(last.is_some() && places.take(other).is_none(), "all places are taken");
        drop(held);
        assert!(places.take(other).is_some());
    }
}

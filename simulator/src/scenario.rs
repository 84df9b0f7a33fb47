//! A whole case load from a seed: wearers under orders, their zones, their devices with keys, and the world around each.
//!
//! | ids | who |
//! |---|---|
//! | `lk000001` ... on `W-00001` ... | ordinary wearers, the cast first |
//! | `lk800001` on `W-800001` | the protected person of the cast's pair, with a victim unit |
//! | `lk900001` to `lk900008` on `W-900001` ... | spare tags that replays play through |
//! | `lk10000001` ... | home units: [`HOME_UNIT_BASE`] plus the wearer's number |
//! | zones | ten numbers for each wearer, from ten times theirs; shared ones from `Z-9000001`, above all of these |
//!
//! No id depends on the number of tags or on the start, so that enrolling again only adds.
//!
//! Ordinary wearers keep their orders: their zones are put where their ways never lead, their curfews begin after they are
//! home. What is alerted of them is noise, and counts against us.

mod conditions;
mod zoning;

use crate::cast::{Role, SILENT_S, Script, victim_home};
use crate::keys::Keys;
use crate::person::Person;
use crate::world::{Life, World};
use conditions::Orders;
use jiff::tz::TimeZone;
use lenke_alerts::{Activation, Device, DeviceKind, OrderId, Register, SupervisionPlan, Wearer};
use lenke_wire::{DeviceId, UnixMillis};
use lenke_zones::WearerId;

/// Most tags of a scenario; the ids above are taken.
pub const TAGS_MAX: u32 = 799_999;
/// Number of the first victim unit.
pub const VICTIM_BASE: u64 = 800_000;
/// Number before the first spare tag.
pub const SPARE_BASE: u64 = 900_000;
/// Spare tags for replays.
pub const SPARE_TAGS: u32 = 8;
/// Number before the first home unit.
pub const HOME_UNIT_BASE: u64 = 10_000_000;
/// A spare tag is silent until somebody plays through it: a year, seconds.
const SPARE_SILENCE_S: u32 = 365 * 86_400;
/// The longest that a plan may allow without a fix: a day, seconds.
const SPARE_NO_FIX_S: u32 = 86_400;
/// When all devices were enrolled, 1 January 2024: the same at every start, so that a second enrolment changes nothing.
const ENROLLED_AT: UnixMillis = UnixMillis(1_704_067_200_000);

/// A simulated case load; see the module.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Seed that all follows from.
    pub seed: u64,
    /// Number of tags.
    pub tags: u32,
    /// When the cast begins to play.
    pub start: UnixMillis,
    /// What the centre must know.
    pub register: Register,
}

/// Tag number `number`.
pub const fn tag(number: u32) -> DeviceId {
    DeviceId::new(number as u64)
}

/// The victim unit of the cast's pair.
pub const fn victim_unit() -> DeviceId {
    DeviceId::new(VICTIM_BASE + 1)
}

/// Spare tag `number`, 1 to [`SPARE_TAGS`].
pub const fn spare_tag(number: u32) -> DeviceId {
    DeviceId::new(SPARE_BASE + number as u64)
}

impl Scenario {
    /// The case load of `tags` tags (at most [`TAGS_MAX`]) under `seed`, with the cast playing from `start`.
    pub fn build(seed: u64, tags: u32, start: UnixMillis) -> Self {
        let tags = tags.min(TAGS_MAX);
        let mut scenario =
            Self { seed, tags, start, register: Register { version: 1, ..Register::default() } };
        let mut orders = Orders::new(seed, start);
        for number in 1..=tags {
            scenario.add_tag(number, &mut orders);
        }
        for number in 1..=SPARE_TAGS {
            scenario.add_spare(number, &mut orders);
        }
        scenario.register.zones = orders.into_zones();
        scenario
    }

    fn add_tag(&mut self, number: u32, orders: &mut Orders) {
        let person = person(self.seed, number);
        let wearer = WearerId(u64::from(number));
        let role = Role::of_tag(number);
        let given = orders.of(wearer, &person, role);
        let home_units = if given.has_home_unit { vec![home_unit(number)] } else { Vec::new() };
        self.enrol(tag(number), DeviceKind::Tag, wearer);
        for unit in &home_units {
            self.enrol(*unit, DeviceKind::HomeUnit, wearer);
        }
        let mut plan = SupervisionPlan::default();
        if role == Some(Role::SilentTag) {
            plan.silence_s = SILENT_S;
        }
        self.add_wearer(Wearer { home_units, plan, groups: given.groups, ..blank(wearer, given.conditions) });
        if role == Some(Role::VictimPair) {
            let victim = WearerId(victim_unit().number());
            self.enrol(victim_unit(), DeviceKind::VictimUnit, victim);
            self.add_wearer(blank(victim, Vec::new()));
        }
    }

    fn add_spare(&mut self, number: u32, orders: &mut Orders) {
        let wearer = WearerId(spare_tag(number).number());
        self.enrol(spare_tag(number), DeviceKind::Tag, wearer);
        let plan = SupervisionPlan {
            silence_s: SPARE_SILENCE_S,
            no_fix_s: SPARE_NO_FIX_S,
            ..SupervisionPlan::default()
        };
        self.add_wearer(Wearer { plan, ..blank(wearer, orders.trail_only(wearer)) });
    }

    fn add_wearer(&mut self, wearer: Wearer) {
        self.register.wearers.push(wearer);
    }

    fn enrol(&mut self, device: DeviceId, kind: DeviceKind, wearer: WearerId) {
        let keys = Keys::derive(self.seed, device);
        let (key, public_key) = (keys.symmetric(), keys.public());
        self.register.devices.push(Device { id: device, kind, key, public_key, enrolled_at: ENROLLED_AT });
        self.register.activations.push(Activation { device, wearer, from: ENROLLED_AT, to: None });
    }

    /// The devices that a fleet runs: all tags, and the victim unit where its role is played.
    pub fn devices(&self) -> impl Iterator<Item = DeviceId> + '_ {
        let victim = (1..=self.tags).any(|number| Role::of_tag(number) == Some(Role::VictimPair));
        (1..=self.tags).map(tag).chain(victim.then(victim_unit))
    }

    /// The role of `device` in the cast.
    pub fn role(&self, device: DeviceId) -> Option<Role> {
        let number = u32::try_from(device.number()).ok().filter(|number| *number <= self.tags)?;
        Role::of_tag(number)
    }

    /// The world around `device`.
    pub fn world(&self, device: DeviceId) -> World {
        let (life, home_unit) = if device == victim_unit() {
            let wearer = (1..=self.tags).find(|&number| Role::of_tag(number) == Some(Role::VictimPair));
            (Life::Resting(victim_home(&person(self.seed, wearer.unwrap_or(1)))), None)
        } else {
            let number = u32::try_from(device.number()).unwrap_or(u32::MAX);
            let person = person(self.seed, number);
            let life = match Role::of_tag(number) {
                Some(role) => Life::Played(Script::new(role, &person, self.start)),
                None => {
                    let zone = time_zone(&person);
                    Life::Ordinary { person: Box::new(person), zone, day: None }
                }
            };
            (life, self.home_unit_of(number))
        };
        World::new(self.seed, device, life, home_unit)
    }

    fn home_unit_of(&self, number: u32) -> Option<DeviceId> {
        // wearers of tags come first in the register, in order, with the victim right after its pair
        let wearer = WearerId(u64::from(number));
        let place = self.register.wearers.iter().skip(number.saturating_sub(1) as usize);
        place.take(2).find(|known| known.id == wearer)?.home_units.first().copied()
    }
}

/// The person who wears tag `number`.
fn person(seed: u64, number: u32) -> Person {
    Role::of_tag(number).map_or_else(
        || Person::new(seed, u64::from(number)),
        |role| Person::living_in(seed, u64::from(number), role.town()),
    )
}

fn time_zone(person: &Person) -> TimeZone {
    // the zone database is compiled in
    TimeZone::get(person.town.country.time_zone()).unwrap_or(TimeZone::UTC)
}

fn home_unit(number: u32) -> DeviceId {
    DeviceId::new(HOME_UNIT_BASE + u64::from(number))
}

fn blank(id: WearerId, conditions: Vec<lenke_alerts::Condition>) -> Wearer {
    Wearer {
        id,
        order: OrderId(id.0),
        order_version: 1,
        conditions,
        groups: Vec::new(),
        plan: SupervisionPlan::default(),
        home_units: Vec::new(),
    }
}

#[cfg(test)]
mod tests;

//! What may be ordered of which device: the same rules for the console and for commands. Pure.

use super::{Command, OfficerKey, Order, SignedOrder};
use lenke_alerts::{Device, DeviceKind, Register};
use lenke_wire::{
    DeviceId, UnixMillis,
    command::{CommandError, Manifest, OfficerOrder, Signed},
    downlink::NoticeCode,
    sign::Ed25519,
};
use lenke_zones::WearerId;

/// The longest pursuit, seconds: a tag ends every one by itself after that.
pub const PURSUIT_S_MAX: i64 = 12 * 3_600;
/// A question is not asked any more after this, seconds.
pub const QUERY_S: i64 = 600;
/// A notice is not given any more after this, seconds.
pub const NOTICE_S: i64 = 3_600;
/// An order to clear a latch is not passed on any more after this, seconds.
pub const CLEAR_LATCH_S: i64 = 86_400;
/// A firmware is not offered any more after this, seconds.
pub const OTA_S: i64 = 7 * 86_400;

/// Why something is not ordered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrderRefusal {
    /// The register has no such device.
    #[error("{0} is not enrolled")]
    UnknownDevice(DeviceId),
    /// Nobody has it now.
    #[error("nobody carries {0} now: a device whose time with its wearer is over is told nothing")]
    NotCarried(DeviceId),
    /// It is not a tag.
    #[error("{0} is no tag: this is for tags only")]
    NoTag(DeviceId),
    /// The pursuit's end is not in the future, or too far in it.
    #[error("a pursuit lasts more than nothing and at most {} hours", PURSUIT_S_MAX / 3_600)]
    Until,
    /// The order or its certificate cannot be read.
    #[error("the signed order cannot be read: {0}")]
    Unreadable(&'static str),
    /// No officer of this number has a key here.
    #[error("the centre knows no officer {0}")]
    UnknownOfficer(u32),
    /// The officer's key is revoked.
    #[error("the key of officer {0} is revoked")]
    Revoked(u32),
    /// The certificate holds at another time.
    #[error("the certificate of officer {0} does not hold now")]
    Expired(u32),
    /// A signature is not what it should be.
    #[error("the order is not signed as it must be: {0}")]
    Signature(CommandError),
    /// A manifest that no device could follow.
    #[error("the manifest {0}")]
    Manifest(&'static str),
}

impl OrderRefusal {
    /// Its name for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownDevice(_) => "unknown_device",
            Self::NotCarried(_) => "not_carried",
            Self::NoTag(_) => "no_tag",
            Self::Until => "until",
            Self::Unreadable(_) => "unreadable",
            Self::UnknownOfficer(_) => "unknown_officer",
            Self::Revoked(_) => "officer_revoked",
            Self::Expired(_) => "officer_expired",
            Self::Signature(_) => "signature",
            Self::Manifest(_) => "manifest",
        }
    }
}

/// A tag that somebody carries.
#[derive(Clone, Copy, Debug)]
pub struct Target<'r> {
    /// The tag.
    pub device: &'r Device,
    /// Who carries it.
    pub wearer: WearerId,
}

impl<'r> Target<'r> {
    /// The tag of this id, if somebody carries it at `now`.
    ///
    /// # Errors
    /// There is none, it is no tag, or nobody carries it.
    pub fn find(register: &'r Register, id: DeviceId, now: UnixMillis) -> Result<Self, OrderRefusal> {
        let device =
            register.devices.iter().find(|device| device.id == id).ok_or(OrderRefusal::UnknownDevice(id))?;
        if device.kind != DeviceKind::Tag {
            return Err(OrderRefusal::NoTag(id));
        }
        let activation = register.activations.iter().find(|activation| {
            activation.device == id && activation.from <= now && activation.to.is_none_or(|to| now < to)
        });
        let wearer = activation.ok_or(OrderRefusal::NotCarried(id))?.wearer;
        Ok(Self { device, wearer })
    }

    /// The tags that `wearer` carries at `now`.
    pub fn of_wearer(register: &'r Register, wearer: WearerId, now: UnixMillis) -> Vec<Self> {
        let carried = register.activations.iter().filter(|activation| activation.wearer == wearer);
        let mut targets: Vec<_> =
            carried.filter_map(|activation| Self::find(register, activation.device, now).ok()).collect();
        targets.retain(|target| target.wearer == wearer);
        targets.sort_by_key(|target| target.device.id);
        targets.dedup_by_key(|target| target.device.id);
        targets
    }

    fn command(&self, order: Order, by: &str, now: UnixMillis, seconds: i64) -> Command {
        Command::new(self.device.id, self.wearer, order, by.to_owned(), now, now.plus_s(seconds))
    }

    /// Asks for the position.
    pub fn query(&self, by: &str, now: UnixMillis) -> Command {
        self.command(Order::Query, by, now, QUERY_S)
    }

    /// Tells the wearer something.
    pub fn notice(&self, code: NoticeCode, by: &str, now: UnixMillis) -> Command {
        self.command(Order::Notice { code }, by, now, NOTICE_S)
    }

    /// Begins a pursuit of this length, or ends one.
    ///
    /// # Errors
    /// The length is none, or too long.
    pub fn pursuit(&self, on_for_s: Option<i64>, by: &str, now: UnixMillis) -> Result<Command, OrderRefusal> {
        let seconds = on_for_s.unwrap_or(PURSUIT_S_MAX);
        if !(1..=PURSUIT_S_MAX).contains(&seconds) {
            return Err(OrderRefusal::Until);
        }
        let order = Order::Pursuit { on: on_for_s.is_some(), until: now.plus_s(seconds) };
        Ok(self.command(order, by, now, seconds))
    }

    /// Passes on an officer's order, if it is one.
    ///
    /// # Errors
    /// It cannot be read, or the officer, the certificate or a signature does not hold.
    pub fn clear_latch(
        &self,
        signed: SignedOrder,
        authority: &[u8; 32],
        officers: &[OfficerKey],
        by: &str,
        now: UnixMillis,
    ) -> Result<Command, OrderRefusal> {
        let signature = |bytes: &[u8]| {
            <[u8; 64]>::try_from(bytes).map_err(|_| OrderRefusal::Unreadable("a signature has 64 bytes"))
        };
        let unreadable = |_| OrderRefusal::Unreadable("a body breaks the protocol's rules");
        let order = OfficerOrder {
            order: Signed::read(&signed.body, signature(&signed.signature)?).map_err(unreadable)?,
            certificate: Signed::read(&signed.certificate, signature(&signed.vouch)?).map_err(unreadable)?,
        };
        let claimed = order.certificate.unverified().number;
        let (clear, officer) =
            order.verify(authority, self.device.id, Some(now), &Ed25519).map_err(|error| match error {
                CommandError::Expired => OrderRefusal::Expired(claimed),
                CommandError::Signature | CommandError::Certificate => OrderRefusal::Signature(error),
            })?;
        let known = officers
            .iter()
            .find(|known| known.number == officer.number && known.public_key == officer.public_key)
            .ok_or(OrderRefusal::UnknownOfficer(officer.number))?;
        if known.revoked_at.is_some_and(|revoked| revoked <= now) {
            return Err(OrderRefusal::Revoked(officer.number));
        }
        let order =
            Order::ClearLatch { latch: clear.latch, event: clear.event, officer: officer.number, signed };
        let left_s = officer.until.since_ms(now) / 1000;
        Ok(self.command(order, by, now, CLEAR_LATCH_S.min(left_s)))
    }

    /// Offers a firmware whose manifest the authority signed.
    pub fn ota(&self, manifest: &Signed<'_, Manifest>, by: &str, now: UnixMillis) -> Command {
        let said = manifest.unverified();
        let order = Order::Ota {
            version: said.version,
            board: said.board,
            manifest: manifest.body().to_vec(),
            signature: manifest.signature().to_vec(),
        };
        self.command(order, by, now, OTA_S)
    }
}

/// A manifest that devices could follow.
///
/// # Errors
/// An image without bytes, version 0, or a lowest version above its own.
pub const fn check_manifest(manifest: &Manifest) -> Result<(), OrderRefusal> {
    if manifest.size == 0 {
        return Err(OrderRefusal::Manifest("is for an image without bytes"));
    }
    if manifest.version == 0 {
        return Err(OrderRefusal::Manifest("has no version"));
    }
    if manifest.min_version > manifest.version {
        return Err(OrderRefusal::Manifest("demands a lowest version above its own"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use lenke_alerts::Activation;
    use lenke_wire::{
        FrameId,
        command::{ClearLatch, Latch, Officer},
        sign::KeyPair,
    };

    const NOW: UnixMillis = UnixMillis(1_795_293_600_000);
    const TAG: DeviceId = DeviceId::new(7);

    fn register(to: Option<UnixMillis>) -> Register {
        let device = |number, kind| Device {
            id: DeviceId::new(number),
            kind,
            key: [1; 16],
            public_key: [2; 32],
            enrolled_at: NOW.plus_s(-100),
        };
        Register {
            devices: vec![device(7, DeviceKind::Tag), device(8, DeviceKind::VictimUnit)],
            activations: vec![Activation { device: TAG, wearer: WearerId(4), from: NOW.plus_s(-50), to }],
            ..Register::default()
        }
    }

    fn authority() -> KeyPair {
        KeyPair::from_secret(&[3; 32])
    }

    fn officer(secret: u8, number: u32) -> (KeyPair, OfficerKey) {
        let pair = KeyPair::from_secret(&[secret; 32]);
        let key = OfficerKey {
            number,
            name: "anna".to_owned(),
            public_key: pair.public(),
            from: NOW.plus_s(-10),
            until: NOW.plus_s(1_000),
            revoked_at: None,
        };
        (pair, key)
    }

    fn order(pair: &KeyPair, key: &OfficerKey, by: &KeyPair, device: DeviceId) -> SignedOrder {
        let (mut body, mut certificate) = ([0; 192], [0; 192]);
        let clear = ClearLatch { latch: Latch::Strap, event: FrameId::new(3, 9) };
        let order = Signed::sign(clear, device, pair, &mut body).unwrap();
        let said =
            Officer { number: key.number, public_key: key.public_key, from: key.from, until: key.until };
        let vouch = Signed::sign(said, device, by, &mut certificate).unwrap();
        SignedOrder {
            body: order.body().to_vec(),
            signature: order.signature().to_vec(),
            certificate: vouch.body().to_vec(),
            vouch: vouch.signature().to_vec(),
        }
    }

    #[test]
    fn only_a_tag_that_somebody_carries_now_is_told_anything() {
        let carried = register(None);
        assert_eq!(Target::find(&carried, TAG, NOW).unwrap().wearer, WearerId(4));
        assert_eq!(Target::of_wearer(&carried, WearerId(4), NOW).len(), 1);
        let refusal = |register: &Register, id| Target::find(register, id, NOW).unwrap_err().code();
        assert_eq!(refusal(&carried, DeviceId::new(9)), "unknown_device");
        assert_eq!(refusal(&carried, DeviceId::new(8)), "no_tag");
        assert_eq!(refusal(&register(Some(NOW)), TAG), "not_carried");
        assert_eq!(Target::find(&carried, TAG, NOW.plus_s(-60)).unwrap_err().code(), "not_carried");
    }

    #[test]
    fn a_pursuit_has_an_end_within_its_limit() {
        let register = register(None);
        let target = Target::find(&register, TAG, NOW).unwrap();
        let command = target.pursuit(Some(600), "anna", NOW).unwrap();
        assert_eq!(command.order, Order::Pursuit { on: true, until: NOW.plus_s(600) });
        assert_eq!(command.expires_at, NOW.plus_s(600));
        assert!(matches!(target.pursuit(None, "anna", NOW).unwrap().order, Order::Pursuit { on: false, .. }));
        for bad in [0, -1, PURSUIT_S_MAX + 1] {
            assert_eq!(target.pursuit(Some(bad), "anna", NOW), Err(OrderRefusal::Until));
        }
    }

    #[test]
    fn an_order_to_clear_a_latch_needs_a_known_officer_whose_key_holds_and_the_right_device() {
        let register = register(None);
        let target = Target::find(&register, TAG, NOW).unwrap();
        let (pair, key) = officer(5, 1);
        let refusal = |signed, officers: &[OfficerKey], now| {
            target
                .clear_latch(signed, &authority().public(), officers, "cli:anna", now)
                .map_or_else(|refusal| refusal.code(), |command| command.order.kind_code())
        };
        let good = || order(&pair, &key, &authority(), TAG);
        assert_eq!(refusal(good(), std::slice::from_ref(&key), NOW), "clear_latch");
        assert_eq!(refusal(good(), &[], NOW), "unknown_officer");
        let revoked = OfficerKey { revoked_at: Some(NOW), ..key.clone() };
        assert_eq!(refusal(good(), &[revoked], NOW), "officer_revoked");
        assert_eq!(refusal(good(), std::slice::from_ref(&key), NOW.plus_s(1_000)), "officer_expired");
        let (other, _) = officer(6, 1);
        assert_eq!(
            refusal(order(&other, &key, &authority(), TAG), std::slice::from_ref(&key), NOW),
            "signature"
        );
        assert_eq!(refusal(order(&pair, &key, &other, TAG), std::slice::from_ref(&key), NOW), "signature");
        let elsewhere = order(&pair, &key, &authority(), DeviceId::new(70));
        assert_eq!(refusal(elsewhere, std::slice::from_ref(&key), NOW), "signature");
        let cut = SignedOrder { signature: vec![0; 63], ..good() };
        assert_eq!(refusal(cut, &[key], NOW), "unreadable");
    }

    #[test]
    fn manifests_that_no_device_could_follow_are_refused() {
        let manifest = Manifest { board: 1, version: 5, size: 10, hash: [0; 32], min_version: 5 };
        assert_eq!(check_manifest(&manifest), Ok(()));
        for bad in [
            Manifest { size: 0, ..manifest },
            Manifest { version: 0, min_version: 0, ..manifest },
            Manifest { min_version: 6, ..manifest },
        ] {
            assert_eq!(check_manifest(&bad).unwrap_err().code(), "manifest");
        }
    }
}

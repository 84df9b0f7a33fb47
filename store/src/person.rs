//! Who a wearer is, sealed: the only place where a name stands, under a key of that person's own.
//!
//! The key is not in the store (commands and the console are handed it): with the key gone, the sealed bytes are noise
//! wherever a copy of them still lies, in a backup or in a page that the database has not yet overwritten.
//!
//! ```text
//! 1 (version) | nonce (13) | AES-CCM-128 of the JSON, with the wearer's number as associated data | tag (16)
//! ```

use aes::Aes128;
use ccm::{
    AeadInOut as _, Ccm, KeyInit as _,
    consts::{U13, U16},
};
use lenke_zones::WearerId;
use serde::{Deserialize, Serialize};

const VERSION: u8 = 1;
const NONCE_BYTES: usize = 13;
const TAG_BYTES: usize = 16;
/// Characters of one field.
pub const FIELD_CHARS_MAX: usize = 200;

/// Name and contact data. Never logged.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Full name.
    pub name: String,
    /// Telephone.
    #[serde(default)]
    pub phone: String,
    /// Where the person lives.
    #[serde(default)]
    pub address: String,
    /// The agency's own reference.
    #[serde(default)]
    pub reference: String,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Person(..)")
    }
}

/// A sealed person cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PersonError {
    /// A field is too long.
    #[error("a field has more than {FIELD_CHARS_MAX} characters")]
    TooLong,
    /// Not sealed by this key for this wearer, or damaged.
    #[error("the name cannot be opened with this key")]
    Sealed,
}

/// One person's key.
#[derive(Clone)]
pub struct SubjectKey(Ccm<Aes128, U16, U13>);

impl std::fmt::Debug for SubjectKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SubjectKey(..)")
    }
}

impl SubjectKey {
    /// From 16 bytes, which should be random.
    pub fn new(bytes: [u8; 16]) -> Self {
        Self(Ccm::new(&bytes.into()))
    }

    /// Seals `person` as `wearer`'s. A nonce must be random and is used once.
    ///
    /// # Errors
    /// A field is too long.
    pub fn seal(
        &self,
        wearer: WearerId,
        person: &Person,
        nonce: [u8; NONCE_BYTES],
    ) -> Result<Vec<u8>, PersonError> {
        let fields = [&person.name, &person.phone, &person.address, &person.reference];
        if fields.iter().any(|field| field.chars().count() > FIELD_CHARS_MAX) {
            return Err(PersonError::TooLong);
        }
        let mut text = serde_json::to_vec(person).map_err(|_| PersonError::TooLong)?;
        let tag = self
            .0
            .encrypt_inout_detached(&nonce.into(), &wearer.0.to_be_bytes(), text.as_mut_slice().into())
            .map_err(|_| PersonError::TooLong)?;
        Ok([&[VERSION], nonce.as_slice(), &text, &tag].concat())
    }

    /// Who `wearer` is.
    ///
    /// # Errors
    /// Not sealed by this key for this wearer, or damaged.
    pub fn open(&self, wearer: WearerId, sealed: &[u8]) -> Result<Person, PersonError> {
        let (version, rest) = sealed.split_first().ok_or(PersonError::Sealed)?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(PersonError::Sealed)?;
        let (text, tag) = rest.split_last_chunk::<TAG_BYTES>().ok_or(PersonError::Sealed)?;
        if *version != VERSION {
            return Err(PersonError::Sealed);
        }
        let mut text = text.to_vec();
        self.0
            .decrypt_inout_detached(
                nonce.into(),
                &wearer.0.to_be_bytes(),
                text.as_mut_slice().into(),
                tag.into(),
            )
            .map_err(|_| PersonError::Sealed)?;
        serde_json::from_slice(&text).map_err(|_| PersonError::Sealed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kari() -> Person {
        Person { name: "Kari Nordmann".to_owned(), phone: "+47 900 00 000".to_owned(), ..Person::default() }
    }

    #[test]
    fn a_person_opens_with_the_key_and_for_the_wearer_only() {
        let key = SubjectKey::new([5; 16]);
        let sealed = key.seal(WearerId(42), &kari(), [9; 13]).unwrap();
        assert_eq!(key.open(WearerId(42), &sealed), Ok(kari()));
        assert_eq!(key.open(WearerId(43), &sealed), Err(PersonError::Sealed));
        assert_eq!(SubjectKey::new([6; 16]).open(WearerId(42), &sealed), Err(PersonError::Sealed));
        assert!(!sealed.windows(4).any(|window| window == b"Kari"));
    }

    #[test]
    fn any_changed_or_missing_byte_is_noticed() {
        let key = SubjectKey::new([5; 16]);
        let sealed = key.seal(WearerId(42), &kari(), [9; 13]).unwrap();
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert_eq!(key.open(WearerId(42), &changed), Err(PersonError::Sealed), "byte {place}");
            assert_eq!(key.open(WearerId(42), &sealed[..place]), Err(PersonError::Sealed), "{place} bytes");
        }
    }

    #[test]
    fn a_name_that_is_too_long_is_refused_and_none_is_shown_by_mistake() {
        let long = Person { name: "x".repeat(FIELD_CHARS_MAX + 1), ..kari() };
        assert_eq!(SubjectKey::new([5; 16]).seal(WearerId(1), &long, [0; 13]), Err(PersonError::TooLong));
        assert!(!format!("{:?}", kari()).contains("Kari"));
    }
}

//! What the API shows: our own shapes with schemas, converted from the types of evaluation and storage, so that
//! these can change without breaking a page, and so that nothing leaves that is not written here.

pub(crate) mod admin;
pub(crate) mod alert;
pub(crate) mod compliance;
pub(crate) mod device;
pub(crate) mod find;
pub(crate) mod place;
pub(crate) mod reason;
pub(crate) mod zone;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, marker::PhantomData, str::FromStr};
use utoipa::ToSchema;

struct Parse<T>(PhantomData<T>);

impl<T: FromStr<Err: fmt::Display>> de::Visitor<'_> for Parse<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

/// Reads what has a text form. Failing inside the visitor is what lets axum name the path's parameter.
pub(crate) fn parsed<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: FromStr<Err: fmt::Display>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_str(Parse(PhantomData))
}

/// An id that is a prefix and at least five digits, in its one canonical form: `W-00042`.
fn numbered(text: &str, prefix: &str) -> Option<u64> {
    let digits = text.strip_prefix(prefix)?.strip_prefix('-')?;
    let canonical = digits.len() == 5 || (digits.len() > 5 && !digits.starts_with('0'));
    (canonical && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok()).flatten()
}

macro_rules! id_text {
    ($(#[$doc:meta])* $name:ident, $inner:path, $prefix:literal, $example:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToSchema)]
        #[schema(value_type = String, example = $example)]
        pub(crate) struct $name(pub(crate) $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = &'static str;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let expected = concat!("expected an id such as ", $example);
                numbered(text, $prefix).map(|number| Self($inner(number))).ok_or(expected)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                parsed(deserializer)
            }
        }
    };
}

id_text!(
    /// A wearer: pseudonymous, the name is only in the case register.
    WearerText, lenke_zones::WearerId, "W", "W-00042"
);
id_text!(
    /// A zone over all its versions.
    ZoneText, lenke_zones::ZoneId, "Z", "Z-00007"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_one_text_form_only() {
        assert_eq!("W-00042".parse::<WearerText>().unwrap().0, lenke_zones::WearerId(42));
        assert_eq!("W-123456".parse::<WearerText>().unwrap().to_string(), "W-123456");
        for bad in [
            "",
            "W",
            "W-",
            "W-42",
            "W-000042",
            "w-00042",
            "Z-00042",
            "W-0004x",
            "W-+0042",
            "W-99999999999999999999",
        ] {
            assert!(bad.parse::<WearerText>().is_err(), "{bad}");
        }
    }
}

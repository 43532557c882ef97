//! The two tables: values that are words on the wire, and values that are numbers.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, Error, Visitor};

/// Defines enums whose values are words: `Variant = "wire spelling" | "other spelling" | …`.
///
/// The first spelling is what is written; all are read, without regard to case. What is none of
/// them is kept as it came, in `Other`.
macro_rules! text_enums {
    ($(
        $(#[$doc:meta])*
        $name:ident {
            $( $(#[$variant_doc:meta])* $variant:ident = $wire:literal $(| $alias:literal)* ),+ $(,)?
        }
    )+) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $(
                $(#[$variant_doc])*
                #[doc = concat!("\n\nOn the wire: `", $wire, "`" $(, ", also read: `", $alias, "`")*, ".")]
                $variant,
            )+
            /// Something else, as it came. Never one of the spellings above, unless made by hand.
            Other(Box<str>),
        }

        impl $name {
            /// All that are known.
            pub const ALL: &'static [Self] = &[$( Self::$variant ),+];

            /// What is read as each of `ALL`; the first is what is written.
            pub(in crate::types) const SPELLINGS: &'static [&'static [&'static str]] =
                &[$( &[$wire $(, $alias)*] ),+];

            /// The spelling on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $( Self::$variant => $wire, )+
                    Self::Other(text) => text,
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match $crate::types::macros::position(Self::SPELLINGS, text) {
                    Some(index) => Self::ALL[index].clone(),
                    None => Self::Other(text.into()),
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            fn from_str(text: &str) -> Result<Self, std::convert::Infallible> {
                Ok(Self::from(text))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::types::macros::scalar(deserializer).map(|text| Self::from(&*text))
            }
        }
    )+ };
}

/// Defines enums whose values are numbers: `Variant = code "NAME" | "other name" | …`.
///
/// Numbers in digits and all names are read, the latter without regard to case. A number that is
/// none of them is kept in `Other`. After `else` stand two functions for what the table cannot say:
/// the name of an `Other`, and the number of an unknown name.
///
/// `Display` and `Serialize` are not in it, because Asterisk writes some of these as numbers and
/// some as names; see `shown_as_number`.
macro_rules! code_enums {
    ($(
        $(#[$doc:meta])*
        $name:ident($repr:ty) {
            $( $(#[$variant_doc:meta])* $variant:ident = $code:literal $text:literal $(| $alias:literal)* ),+ $(,)?
        } else $other_name:path, $other_code:path;
    )+) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $(
                $(#[$variant_doc])*
                #[doc = concat!("\n\nOn the wire: ", $code, ", `", $text, "`" $(, ", also read: `", $alias, "`")*, ".")]
                $variant,
            )+
            /// Another number. Never one of those above, unless made by hand.
            Other($repr),
        }

        impl $name {
            /// All that are known.
            pub const ALL: &'static [Self] = &[$( Self::$variant ),+];

            /// What is read as each of `ALL`; the first is what is written.
            pub(in crate::types) const SPELLINGS: &'static [&'static [&'static str]] =
                &[$( &[$text $(, $alias)*] ),+];

            /// The number on the wire.
            pub const fn code(self) -> $repr {
                match self {
                    $( Self::$variant => $code, )+
                    Self::Other(code) => code,
                }
            }

            /// Asterisk's name for it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $( Self::$variant => $text, )+
                    Self::Other(code) => $other_name(code),
                }
            }
        }

        impl From<$repr> for $name {
            fn from(code: $repr) -> Self {
                match code {
                    $( $code => Self::$variant, )+
                    _ => Self::Other(code),
                }
            }
        }

        impl From<$name> for $repr {
            fn from(value: $name) -> Self {
                value.code()
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::types::UnknownName;

            fn from_str(text: &str) -> Result<Self, $crate::types::UnknownName> {
                if let Ok(code) = text.parse::<$repr>() {
                    return Ok(Self::from(code));
                }
                if let Some(index) = $crate::types::macros::position(Self::SPELLINGS, text) {
                    return Ok(Self::ALL[index]);
                }
                $other_code(text)
                    .map(<Self as From<$repr>>::from)
                    .ok_or_else(|| $crate::types::UnknownName::new(stringify!($name), text))
            }
        }

        impl TryFrom<&str> for $name {
            type Error = $crate::types::UnknownName;

            fn try_from(text: &str) -> Result<Self, $crate::types::UnknownName> {
                text.parse()
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::types::macros::scalar(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )+ };
}

/// `Display` and `Serialize` of values that Asterisk wants as numbers.
macro_rules! shown_as_number {
    ($( $name:ident ),+) => { $(
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&self.code(), f)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.code().serialize(serializer)
            }
        }
    )+ };
}

pub(in crate::types) use {code_enums, shown_as_number, text_enums};

/// Which row of the table has this spelling.
pub(in crate::types) fn position(spellings: &[&[&str]], text: &str) -> Option<usize> {
    spellings.iter().position(|row| row.iter().any(|spelling| spelling.eq_ignore_ascii_case(text)))
}

/// For tables that give a number beyond them no name of its own.
pub(in crate::types) fn unnamed<T>(_code: T) -> &'static str {
    "Unknown"
}

/// For tables that know all names there are.
pub(in crate::types) fn no_other_name<T>(_text: &str) -> Option<T> {
    None
}

/// Reads a word or a number, the latter in digits: the same value comes as either, depending on who
/// wrote the JSON.
pub(in crate::types) fn scalar<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Cow<'de, str>, D::Error> {
    struct Scalar;

    impl<'de> Visitor<'de> for Scalar {
        type Value = Cow<'de, str>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a word or a number")
        }

        fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
            Ok(Cow::Borrowed(text))
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Cow::Owned(text.to_owned()))
        }

        fn visit_i64<E: Error>(self, code: i64) -> Result<Self::Value, E> {
            Ok(Cow::Owned(code.to_string()))
        }

        fn visit_u64<E: Error>(self, code: u64) -> Result<Self::Value, E> {
            Ok(Cow::Owned(code.to_string()))
        }
    }

    from.deserialize_any(Scalar)
}

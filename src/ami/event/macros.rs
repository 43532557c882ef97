//! The two tables: what an event has, and which events there are.

/// Defines events, one block each: `Name = "wire name" since "version" { field: kind = "Header", … }`.
///
/// `all have { field: kind = "Header", … }` in front gives these fields to each of them.
///
/// | kind | gives |
/// |---|---|
/// | `text` | `&str`, `""` if absent |
/// | `maybe` | `Option<&str>`; `<unknown>`, `(null)` and absent are `None` |
/// | `parsed<T>` | `Option<T>`; absent or unreadable is `None` |
/// | `hex` | `Option<u32>` of a number written as `0x1f` |
/// | `flag` | `Option<bool>`, any of Asterisk's spellings |
/// | `seconds`, `millis`, `micros` | `Option<Duration>` |
/// | `clock` | `Option<Duration>` of a length of time written as `00:01:23` |
/// | `epoch` | `Option<SystemTime>`; absent, unreadable and 0 are `None` |
/// | `date` | `Option<SystemTime>` of a date and time with its zone |
/// | `escaped` | `Cow<str>`, with the server's C escapes undone |
/// | `repeated` | an iterator over the values of a header that repeats |
/// | `channel`, `bridge` | a view of the snapshot with this prefix |
/// | `raw_channel` | the same where the server escapes nothing |
macro_rules! events {
    (all have $shared:tt $(
        $(#[$doc:meta])*
        $name:ident = $wire:literal since $since:literal $own:tt
    )*) => {
        $( $crate::ami::event::macros::events! { @join [$(#[$doc])* $name = $wire since $since] $own $shared } )*
    };
    (@join [$($head:tt)*] { $($own:tt)* } { $($shared:tt)* }) => {
        $crate::ami::event::macros::events! { $($head)* { $($shared)* $($own)* } }
    };
    ($(
        $(#[$doc:meta])*
        $name:ident = $wire:literal since $since:literal {
            $( $(#[$field_doc:meta])* $field:ident : $kind:ident $(<$type:ty>)? = $header:literal ),* $(,)?
        }
    )*) => { $(
        $(#[$doc])*
        #[doc = ""]
        #[doc = concat!("On the wire: `Event: ", $wire, "`. Since Asterisk ", $since, ".")]
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
        pub struct $name(pub(in crate::ami) $crate::ami::Message);

        impl $crate::ami::event::TypedEvent for $name {
            const NAME: &'static str = $wire;

            fn message(&self) -> &$crate::ami::Message {
                &self.0
            }

            fn from_message(message: $crate::ami::Message) -> Option<Self> {
                $crate::ami::event::is_event(&message, $wire).then_some(Self(message))
            }
        }

        #[allow(clippy::elidable_lifetime_names, reason = "one shape for all kinds")]
        impl $name {
            /// The frame as it came, with every header.
            pub fn message(&self) -> &$crate::ami::Message {
                &self.0
            }

            $( $crate::ami::event::macros::field! {
                [$(#[$field_doc])*] $field $kind [$($type)?] $header
            } )*

            /// What all accessors say.
            #[cfg(feature = "testing")]
            pub(in crate::ami) fn readings(&self) -> Vec<$crate::ami::event::Reading<'_>> {
                vec![$( $crate::ami::event::Reading {
                    field: stringify!($field),
                    header: $header,
                    value: $crate::ami::event::macros::reading!($kind self.$field()),
                } ),*]
            }
        }
    )* };
}

/// One accessor.
macro_rules! field {
    ([$(#[$doc:meta])*] $field:ident text [] $header:literal) => {
        $(#[$doc])*
        #[doc = concat!("\n\nHeader `", $header, "`; empty if absent.")]
        pub fn $field(&self) -> &str {
            self.0.get($header).unwrap_or("")
        }
    };
    ([$(#[$doc:meta])*] $field:ident maybe [] $header:literal) => {
        $(#[$doc])*
        #[doc = concat!("\n\nHeader `", $header, "`; `None` if absent, `<unknown>` or `(null)`.")]
        pub fn $field(&self) -> Option<&str> {
            self.0.get($header).filter(|value| !matches!(*value, "<unknown>" | "(null)"))
        }
    };
    ([$(#[$doc:meta])*] $field:ident parsed [$type:ty] $header:literal) => {
        $(#[$doc])*
        #[doc = concat!("\n\nHeader `", $header, "`; `None` if absent or unreadable.")]
        pub fn $field(&self) -> Option<$type> {
            self.0.parse($header)
        }
    };
    ([$(#[$doc:meta])*] $field:ident hex [] $header:literal) => {
        $(#[$doc])*
        #[doc = concat!("\n\nHeader `", $header, "`; `None` if absent or unreadable.")]
        pub fn $field(&self) -> Option<u32> {
            $crate::ami::value::hex(self.0.get($header)?)
        }
    };
    ([$(#[$doc:meta])*] $field:ident flag [] $header:literal) => {
        $(#[$doc])*
        #[doc = concat!("\n\nHeader `", $header, "`; `None` if absent or unreadable.")]
        pub fn $field(&self) -> Option<bool> {
            $crate::ami::value::flag(self.0.get($header)?)
        }
    };
    ([$(#[$doc:meta])*] $field:ident seconds [] $header:literal) => {
        $(#[$doc])*
        #[doc = concat!("\n\nHeader `", $header, "`, in seconds; `None` if absent or unreadable.")]
        pub fn $field(&self) -> Option<std::time::Duration> {
            $crate::ami::value::seconds(self.0.get($header)?)
        }
    };
    ([$(#[$doc:meta])*] $field:ident millis [] $header:literal) => {
        $(#[$doc])*
        #[doc = concat!("\n\nHeader `", $header, "`, in milliseconds; `None` if absent or unreadable.")]
        pub fn $field(&self) -> Option<std::time::Duration> {
            self.0.parse($header).map(std::time::Duration::from_millis)
        }
    };
    ([$(#[$doc:meta])*] $field:ident micros [] $header:literal) => {
        $(#[$doc])*
        #[doc = concat!("\n\nHeader `", $header, "`, in microseconds; `None` if absent or unreadable.")]
        pub fn $field(&self) -> Option<std::time::Duration> {
            self.0.parse($header).map(std::time::Duration::from_micros)
        }
    };
    ([$(#[$doc:meta])*] $field:ident clock [] $header:literal) => {
        $(#[$doc])*
        #[doc = concat!("\n\nHeader `", $header, "`, as `00:01:23`; `None` if absent or unreadable.")]
        pub fn $field(&self) -> Option<std::time::Duration> {
            $crate::ami::value::clock(self.0.get($header)?)
        }
    };
    ([$(#[$doc:meta])*] $field:ident date [] $header:literal) => {
        $(#[$doc])*
        #[doc = concat!("\n\nHeader `", $header, "`, as `2026-01-31T13:59:00.000+0000`; `None` if absent or unreadable.")]
        pub fn $field(&self) -> Option<std::time::SystemTime> {
            $crate::ami::value::date(self.0.get($header)?)
        }
    };
    ([$(#[$doc:meta])*] $field:ident epoch [] $header:literal) => {
        $(#[$doc])*
        #[doc = concat!("\n\nHeader `", $header, "`, in seconds since 1970; `None` if 0, absent or unreadable.")]
        pub fn $field(&self) -> Option<std::time::SystemTime> {
            $crate::ami::value::epoch(self.0.get($header)?)
        }
    };
    ([$(#[$doc:meta])*] $field:ident escaped [] $header:literal) => {
        $(#[$doc])*
        #[doc = concat!("\n\nHeader `", $header, "`, with the server's escapes undone; empty if absent.")]
        pub fn $field(&self) -> std::borrow::Cow<'_, str> {
            $crate::ami::value::unescape(self.0.get($header).unwrap_or(""))
        }
    };
    ([$(#[$doc:meta])*] $field:ident repeated [] $header:literal) => {
        $(#[$doc])*
        #[doc = concat!("\n\nHeader `", $header, "`, which may repeat.")]
        pub fn $field(&self) -> impl Iterator<Item = &str> {
            self.0.get_all($header)
        }
    };
    ([$(#[$doc:meta])*] $field:ident channel [] $prefix:literal) => {
        $(#[$doc])*
        #[doc = concat!("\n\nHeaders `", $prefix, "Channel`, `", $prefix, "Uniqueid`, …")]
        pub fn $field(&self) -> $crate::ami::event::ChannelView<'_> {
            $crate::ami::event::ChannelView::new(&self.0, $prefix)
        }
    };
    ([$(#[$doc:meta])*] $field:ident raw_channel [] $prefix:literal) => {
        $(#[$doc])*
        #[doc = concat!("\n\nHeaders `", $prefix, "Channel`, `", $prefix, "Uniqueid`, …")]
        pub fn $field(&self) -> $crate::ami::event::ChannelView<'_> {
            $crate::ami::event::ChannelView::raw(&self.0, $prefix)
        }
    };
    ([$(#[$doc:meta])*] $field:ident bridge [] $prefix:literal) => {
        $(#[$doc])*
        #[doc = concat!("\n\nHeaders `", $prefix, "BridgeUniqueid`, `", $prefix, "BridgeType`, …")]
        pub fn $field(&self) -> $crate::ami::event::BridgeView<'_> {
            $crate::ami::event::BridgeView::new(&self.0, $prefix)
        }
    };
}

/// What one accessor says, as a `ReadValue`.
#[cfg(feature = "testing")]
macro_rules! reading {
    (text $value:expr) => {
        $crate::ami::event::ReadValue::Text($value)
    };
    (maybe $value:expr) => {
        $crate::ami::event::ReadValue::Maybe($value)
    };
    (parsed $value:expr) => {
        $crate::ami::event::ReadValue::Parsed($value.map(|it| (it.to_string(), format!("{it:?}"))))
    };
    (hex $value:expr) => {
        $crate::ami::event::ReadValue::Hex($value)
    };
    (flag $value:expr) => {
        $crate::ami::event::ReadValue::Flag($value)
    };
    (seconds $value:expr) => {
        $crate::ami::event::ReadValue::Seconds($value)
    };
    (millis $value:expr) => {
        $crate::ami::event::ReadValue::Millis($value)
    };
    (micros $value:expr) => {
        $crate::ami::event::ReadValue::Micros($value)
    };
    (clock $value:expr) => {
        $crate::ami::event::ReadValue::Clock($value)
    };
    (epoch $value:expr) => {
        $crate::ami::event::ReadValue::Epoch($value)
    };
    (date $value:expr) => {
        $crate::ami::event::ReadValue::Date($value)
    };
    (escaped $value:expr) => {
        $crate::ami::event::ReadValue::Escaped($value)
    };
    (repeated $value:expr) => {
        $crate::ami::event::ReadValue::Repeated($value.collect())
    };
    (channel $value:expr) => {
        $crate::ami::event::ReadValue::Channel($value)
    };
    (raw_channel $value:expr) => {
        $crate::ami::event::ReadValue::Channel($value)
    };
    (bridge $value:expr) => {
        $crate::ami::event::ReadValue::Bridge($value)
    };
}

/// The enum over all events, and the way from a name to it.
macro_rules! all_events {
    ($( $area:ident { $( $name:ident ),* $(,)? } )*) => {
        /// Every event Asterisk sends, typed; what is not known is kept as
        /// [`Unknown`](Self::Unknown), and nothing that arrives is ever lost or an error.
        ///
        /// 16 bytes; cloning counts a reference. Serialises as a map of all its headers.
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
        #[serde(untagged)]
        #[non_exhaustive]
        pub enum AmiEvent {
            /// Not from Asterisk: here the stream has a hole.
            Gap(Gap),
            $( $(
                #[doc = concat!("See [`event::", stringify!($name), "`](", stringify!($name), ").")]
                $name($area::$name),
            )* )*
            /// An event without a type of its own.
            Unknown(Message),
        }

        /// Event names in the order of their ids, which begin with 1.
        const NAMES: &[&str] = &[$( $( <$area::$name as TypedEvent>::NAME, )* )*];

        /// From an event's id to its variant.
        const MAKE: &[fn(Message) -> AmiEvent] = &[
            AmiEvent::Unknown,
            $( $( |message| AmiEvent::$name($area::$name(message)), )* )*
        ];

        impl AmiEvent {
            /// The frame as it came, with every header. That of a `Gap` is made up, and has its
            /// numbers.
            pub fn message(&self) -> &Message {
                match self {
                    Self::Gap(Gap(message)) | Self::Unknown(message) => message,
                    $( $( Self::$name($area::$name(message)) => message, )* )*
                }
            }

            /// What all accessors of the event's own type say, for a test that compares them with
            /// the wire.
            #[cfg(feature = "testing")]
            #[doc(hidden)]
            pub fn readings(&self) -> Vec<Reading<'_>> {
                match self {
                    Self::Gap(_) | Self::Unknown(_) => Vec::new(),
                    $( $( Self::$name(event) => event.readings(), )* )*
                }
            }
        }

        $( $(
            impl From<$area::$name> for AmiEvent {
                fn from(event: $area::$name) -> Self {
                    Self::$name(event)
                }
            }
        )* )*

        pub use { $( $area::{ $( $name, )* }, )* };
    };
}

#[cfg(feature = "testing")]
pub(in crate::ami) use reading;
pub(in crate::ami) use {all_events, events, field};

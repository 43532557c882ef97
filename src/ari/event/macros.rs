//! The tables of events.

/// Defines the events of an area: models that know their name and what they are about.
macro_rules! events {
    ($(
        $(#[$doc:meta])*
        $name:ident {
            $( $(#[$field_doc:meta])* $field:ident : $type:ty $(as $unit:ident)? $(= $wire:literal)? ),* $(,)?
        }
    )+) => {
        $crate::ari::model::models! { $(
            $(#[$doc])*
            $name { $( $(#[$field_doc])* $field: $type $(as $unit)? $(= $wire)?, )* }
        )+ }

        $(
            impl $crate::ari::message::Payload for $name {
                fn about(&self, visit: &mut dyn FnMut($crate::ari::lenient::About<'_>)) {
                    $crate::ari::lenient::Lenient::subject(self, visit);
                }
            }
        )+
    };
}

/// The enum over all events, and the way from a name to one.
macro_rules! all_events {
    ($( $area:ident : $( $name:ident ),+ ; )+) => {
        $( pub use $area::{$( $name ),+}; )+

        /// An event, by its kind.
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum AriEvent {
            $( $(
                #[doc = concat!("See [`", stringify!($name), "`](struct@", stringify!($name), ").")]
                $name(Box<$name>),
            )+ )+
            /// A kind that is not known here, or an event that cannot be read. Its JSON is whole.
            Unknown(Box<Unknown>),
            /// Events are missing here.
            Gap(Gap),
        }

        impl AriEvent {
            /// The names of all kinds that are typed.
            pub const NAMES: &'static [&'static str] = &[$( $( stringify!($name) ),+ ),+];

            /// The name of the kind, as Asterisk has it in `type`; of a gap, `Gap`.
            pub fn event_name(&self) -> &str {
                match self {
                    $( $( Self::$name(_) => stringify!($name), )+ )+
                    Self::Unknown(event) => event.event_name(),
                    Self::Gap(_) => "Gap",
                }
            }

            /// Reads an event of this kind; `None` if the kind is not typed.
            pub(in crate::ari) fn parse(
                name: &str,
                json: &str,
            ) -> Option<serde_json::Result<(Self, $crate::ari::message::Envelope)>> {
                $( $(
                    if name == stringify!($name) {
                        return Some($crate::ari::message::parse::<$name>(json)
                            .map(|(event, envelope)| (Self::$name(Box::new(event)), envelope)));
                    }
                )+ )+
                None
            }

            /// What it is about.
            pub(in crate::ari) fn about(&self, visit: &mut dyn FnMut($crate::ari::lenient::About<'_>)) {
                use $crate::ari::message::Payload;
                match self {
                    $( $( Self::$name(event) => event.about(visit), )+ )+
                    Self::Unknown(_) | Self::Gap(_) => {}
                }
            }
        }

        /// What the event has of its own, by the names on the wire and as far as it is typed. All of it,
        /// as it came, is what [`AriMessage`](crate::ari::AriMessage) serialises as.
        impl serde::Serialize for AriEvent {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $( $( Self::$name(event) => event.serialize(serializer), )+ )+
                    Self::Unknown(event) => event.value().serialize(serializer),
                    Self::Gap(gap) => gap.serialize(serializer),
                }
            }
        }

        $( $(
            impl $crate::ari::message::TypedEvent for $name {
                const NAME: &'static str = stringify!($name);

                fn of(event: &AriEvent) -> Option<&Self> {
                    match event {
                        AriEvent::$name(event) => Some(event),
                        _ => None,
                    }
                }
            }
        )+ )+
    };
}

pub(super) use {all_events, events};

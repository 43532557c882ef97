//! The table of actions.

/// Defines actions, one block each:
///
/// ```text
/// Name = "wire name" (required: kind = "Header", …)
///     -> Reply [Item, EndEvent or "refusal of an empty list", unannounced] where check
/// {
///     setter: kind = "Header",
/// }
/// ```
///
/// Required fields are arguments of `new`, optional ones setters. The part in brackets is for
/// actions that answer with a list. The check looks at the fields before anything is sent.
///
/// | kind | takes | writes |
/// |---|---|---|
/// | `text`, `regex` | `impl Into<String>` | it, between slashes if a `regex` |
/// | a type, or `any` | it, or any [`Value`](super::Value) | what the type says |
/// | `bool`, `on_off`, `yes_no`, `digit` | `bool` | `true`, `on`, `yes`, `1`, or the opposite |
/// | `millis`, `seconds` | `Duration` | whole ones |
/// | `list` | an iterator of strings | them, with commas |
/// | `repeated` | `impl Into<String>` | one more header each time |
/// | `variable` | a name and a value | one more header `name=value` |
///
/// What does not fit is made of [`shape!`](shape) and [`setters!`](setters) by hand.
macro_rules! actions {
    ($(
        $(#[$doc:meta])*
        $name:ident = $wire:literal
        ( $( $(#[$req_doc:meta])* $req:ident : $kind:tt = $header:literal ),* $(,)? )
        -> $reply:ty
        $([ $item:ty, $end:ident $(or $empty:literal)* $(, $how:ident)? ])?
        $(where $check:path)?
        { $($setters:tt)* }
    )*) => { $(
        $crate::ami::action::macros::shape! { $(#[$doc])* $name = $wire }

        impl $name {
            #[doc = concat!("The action `", $wire, "`.")]
            $(
                #[doc = concat!("\n\n`", stringify!($req), "` (`", $header, "`):")]
                $(#[$req_doc])*
            )*
            #[allow(clippy::new_without_default, reason = "most actions have something to say")]
            pub fn new($( $req: $crate::ami::action::macros::field_type!($kind) ),*) -> Self {
                #[allow(unused_mut, reason = "not every action has fields")]
                let mut fields = $crate::ami::action::fields::Fields::default();
                $( fields.set($header, $crate::ami::action::macros::field_value!($kind $req)); )*
                Self(fields)
            }
        }

        $crate::ami::action::macros::setters! { $name { $($setters)* } }

        impl $crate::ami::action::Action for $name {
            type Reply = $reply;

            fn name(&self) -> &str {
                $wire
            }

            fn write(&self, headers: &mut $crate::ami::action::Headers) {
                $( if let Err(why) = $check(&self.0) {
                    headers.refuse(why);
                } )?
                self.0.write(headers);
            }

            $(
                fn list(&self) -> Option<$crate::ami::action::ListSpec> {
                    let items = <$item as $crate::ami::action::ListItem>::NAMES;
                    let end = <$crate::ami::event::$end as $crate::ami::event::TypedEvent>::NAME;
                    let spec = $crate::ami::action::ListSpec::new(items, end);
                    Some(spec.or_refused_with(&[$($empty),*])$(.$how())?)
                }
            )?
        }

        $(
            impl $crate::ami::action::ListAction for $name {
                type Item = $item;
                type End = $crate::ami::event::$end;
            }
        )?
    )* };
}

/// The struct of an action, and how it is shown.
macro_rules! shape {
    ($(#[$doc:meta])* $name:ident = $wire:literal) => {
        $(#[$doc])*
        #[doc = ""]
        #[doc = concat!("On the wire: `Action: ", $wire, "`.")]
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name($crate::ami::action::fields::Fields);

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.debug(stringify!($name), f)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                self.0.serialize($wire, to)
            }
        }
    };
}

/// Setters, with the kinds of the table.
macro_rules! setters {
    ($name:ident { $( $(#[$doc:meta])* $setter:ident : $kind:tt = $header:literal ),* $(,)? }) => {
        impl $name { $(
            $crate::ami::action::macros::setter! { [$(#[$doc])*] $setter $kind $header }
        )* }
    };
}

macro_rules! setter {
    ([$(#[$doc:meta])*] $setter:ident variable $header:literal) => {
        $(#[$doc])*
        #[doc = concat!("\n\nHeader `", $header, "`, one more each time.")]
        #[must_use]
        pub fn $setter(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
            self.0.add_variable($header, name.as_ref(), value.as_ref());
            self
        }
    };
    ([$(#[$doc:meta])*] $setter:ident list $header:literal) => {
        $(#[$doc])*
        #[doc = concat!("\n\nHeader `", $header, "`, with commas between.")]
        #[must_use]
        pub fn $setter(mut self, $setter: impl IntoIterator<Item: AsRef<str>>) -> Self {
            self.0.set_list($header, $setter);
            self
        }
    };
    ([$(#[$doc:meta])*] $setter:ident repeated $header:literal) => {
        $(#[$doc])*
        #[doc = concat!("\n\nHeader `", $header, "`, one more each time.")]
        #[must_use]
        pub fn $setter(mut self, $setter: impl Into<String>) -> Self {
            self.0.add($header, $setter.into());
            self
        }
    };
    ([$(#[$doc:meta])*] $setter:ident $kind:tt $header:literal) => {
        $(#[$doc])*
        #[doc = concat!("\n\nHeader `", $header, "`.")]
        #[must_use]
        pub fn $setter(
            mut self,
            $setter: $crate::ami::action::macros::field_type!($kind),
        ) -> Self {
            self.0.set($header, $crate::ami::action::macros::field_value!($kind $setter));
            self
        }
    };
}

macro_rules! field_type {
    (text) => { impl Into<String> };
    (regex) => { impl Into<String> };
    (any) => { impl $crate::ami::action::Value };
    (on_off) => { bool };
    (yes_no) => { bool };
    (digit) => { bool };
    (millis) => { std::time::Duration };
    (seconds) => { std::time::Duration };
    ($type:tt) => { $type };
}

macro_rules! field_value {
    (text $value:ident) => {
        $value.into() as String
    };
    (regex $value:ident) => {
        format!("/{}/", $value.into() as String)
    };
    (on_off $value:ident) => {
        if $value { "on" } else { "off" }
    };
    (yes_no $value:ident) => {
        if $value { "yes" } else { "no" }
    };
    (digit $value:ident) => {
        u8::from($value)
    };
    (millis $value:ident) => {
        $crate::ami::action::fields::Millis($value)
    };
    (seconds $value:ident) => {
        $crate::ami::action::fields::Seconds($value)
    };
    ($type:tt $value:ident) => {
        $value
    };
}

/// Defines the items of a list that has several kinds of them.
macro_rules! items {
    ($(
        $(#[$doc:meta])*
        $name:ident { $( $(#[$item_doc:meta])* $item:ident($event:ident) ),* $(,)? }
    )*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
        #[serde(untagged)]
        #[non_exhaustive]
        pub enum $name { $(
            $(#[$item_doc])*
            $item($crate::ami::event::$event),
        )* }

        impl $crate::ami::action::ListItem for $name {
            const NAMES: &'static [&'static str] = &[
                $( <$crate::ami::event::$event as $crate::ami::event::TypedEvent>::NAME ),*
            ];

            fn from_event(event: $crate::ami::AmiEvent) -> Option<Self> {
                match event {
                    $( $crate::ami::AmiEvent::$event(event) => Some(Self::$item(event)), )*
                    _ => None,
                }
            }
        }
    )* };
}

pub(in crate::ami) use {actions, field_type, field_value, items, setter, setters, shape};

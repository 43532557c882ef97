//! The table of actions.

/// Defines actions, one block each:
///
/// ```text
/// Name = "wire name" (required: type = "Header", …) -> Reply [Item, "EndEvent"] {
///     setter: type = "Header",
/// }
/// ```
///
/// Required fields are arguments of `new`, optional ones setters. The part in brackets is there for
/// actions that answer with a list. Types: `text`, or any Rust type that is a
/// [`Value`](super::Value); `millis` and `seconds` take a `Duration`; `repeated` adds a header each
/// time.
macro_rules! actions {
    ($(
        $(#[$doc:meta])*
        $name:ident = $wire:literal
        ( $( $(#[$req_doc:meta])* $req:ident : $req_type:tt = $req_header:literal ),* $(,)? )
        -> $reply:ty $([ $item:ty, $end:literal ])?
        { $( $(#[$opt_doc:meta])* $opt:ident : $opt_type:tt = $opt_header:literal ),* $(,)? }
    )*) => { $(
        $(#[$doc])*
        #[doc = ""]
        #[doc = concat!("On the wire: `Action: ", $wire, "`.")]
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name($crate::ami::action::fields::Fields);

        impl $name {
            #[doc = concat!("The action `", $wire, "`", $(" for `", $req_header, "`",)* ".")]
            $( #[doc = concat!("\n\n`", stringify!($req), "` (`", $req_header, "`):")] $(#[$req_doc])* )*
            #[allow(clippy::new_without_default, reason = "most actions have something to say")]
            pub fn new($( $req: $crate::ami::action::macros::field_type!($req_type) ),*) -> Self {
                #[allow(unused_mut, reason = "not every action has fields")]
                let mut fields = $crate::ami::action::fields::Fields::default();
                $( fields.set($req_header, $crate::ami::action::macros::field_value!($req_type $req)); )*
                Self(fields)
            }

            $(
                $(#[$opt_doc])*
                #[doc = concat!("\n\nHeader `", $opt_header, "`.")]
                #[must_use]
                pub fn $opt(
                    mut self,
                    $opt: $crate::ami::action::macros::field_type!($opt_type),
                ) -> Self {
                    $crate::ami::action::macros::store!(self $opt_type $opt_header $opt);
                    self
                }
            )*
        }

        impl $crate::ami::action::Action for $name {
            type Reply = $reply;

            fn name(&self) -> &str {
                $wire
            }

            fn write(&self, headers: &mut $crate::ami::action::Headers) {
                self.0.write(headers);
            }

            $(
                fn list(&self) -> Option<$crate::ami::action::ListSpec> {
                    Some($crate::ami::action::ListSpec::new(
                        <$item as $crate::ami::action::ListItem>::NAMES,
                        $end,
                    ))
                }
            )?
        }

        $(
            impl $crate::ami::action::ListAction for $name {
                type Item = $item;
            }
        )?

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
    )* };
}

macro_rules! field_type {
    (text) => { impl Into<String> };
    (repeated) => { impl Into<String> };
    (millis) => { std::time::Duration };
    (seconds) => { std::time::Duration };
    ($type:tt) => { $type };
}

macro_rules! field_value {
    (text $value:ident) => {
        $value.into() as String
    };
    (repeated $value:ident) => {
        $value.into() as String
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

macro_rules! store {
    ($action:ident repeated $header:literal $value:ident) => {
        $action.0.add($header, $value.into() as String)
    };
    ($action:ident $type:tt $header:literal $value:ident) => {
        $action.0.set($header, $crate::ami::action::macros::field_value!($type $value))
    };
}

pub(in crate::ami) use {actions, field_type, field_value, store};

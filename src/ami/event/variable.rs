//! Variables.

use super::macros::events;

events! {
    /// A variable was set.
    VarSet = "VarSet" since "12 or earlier" {
        /// The channel whose variable it is; its name and unique id are `none` for a global one.
        channel: channel = "",
        /// The variable's name.
        variable: text = "Variable",
        /// Its new value.
        value: escaped = "Value",
    }
}

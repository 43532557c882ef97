//! The database of the server, AstDB.

use super::macros::actions;
use crate::ami::event;
use crate::ami::response::Response;

actions! {
    /// Reads one entry; the list has one item.
    ///
    /// Nothing if there is none. Needs `system` or `reporting`.
    DBGetAction = "DBGet" (
        /// the family.
        family: text = "Family",
        /// the key.
        key: text = "Key",
    ) -> Response [
        event::DBGetResponse,
        DBGetComplete or "Database entry not found"
    ] {}

    /// Reads all entries, or those below a family or a key. Since 16.28, 18.14 and 19.6. Needs
    /// `system` or `reporting`.
    DBGetTreeAction = "DBGetTree" ()
        -> Response [event::DBGetTreeResponse, DBGetTreeComplete]
    {
        /// Only below this family.
        family: text = "Family",
        /// Only below this key of the family.
        key: text = "Key",
    }

    /// Writes an entry. Needs `system`.
    DBPutAction = "DBPut" (
        /// the family.
        family: text = "Family",
        /// the key.
        key: text = "Key",
        /// the value.
        val: text = "Val",
    ) -> Response {}

    /// Deletes an entry. Refused if there is none. Needs `system`.
    DBDelAction = "DBDel" (
        /// the family.
        family: text = "Family",
        /// the key.
        key: text = "Key",
    ) -> Response {}

    /// Deletes a family, or what is below one of its keys. Refused with `Database entry not found`
    /// if there is nothing. Needs `system`.
    DBDelTreeAction = "DBDelTree" (
        /// the family.
        family: text = "Family",
    ) -> Response {
        /// Only below this key.
        key: text = "Key",
    }
}

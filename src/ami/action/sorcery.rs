//! Caches of configuration objects.

use super::macros::actions;
use crate::ami::response::Response;

actions! {
    /// Empties a cache. Since 13.5. Needs `system`.
    SorceryMemoryCacheExpireAction = "SorceryMemoryCacheExpire" (
        /// the cache.
        cache: text = "Cache",
    ) -> Response {}

    /// Takes one object out of a cache. Refused if the cache is kept whole. Since 13.5. Needs
    /// `system`.
    SorceryMemoryCacheExpireObjectAction = "SorceryMemoryCacheExpireObject" (
        /// the cache.
        cache: text = "Cache",
        /// the object.
        object: text = "Object",
    ) -> Response {}

    /// Empties a cache that is kept whole, and fills it again. Since 13.7. Needs `system`.
    SorceryMemoryCachePopulateAction = "SorceryMemoryCachePopulate" (
        /// the cache.
        cache: text = "Cache",
    ) -> Response {}

    /// Marks everything in a cache as old, to be read again when it is needed. Since 13.5. Needs
    /// `system`.
    SorceryMemoryCacheStaleAction = "SorceryMemoryCacheStale" (
        /// the cache.
        cache: text = "Cache",
    ) -> Response {}

    /// Marks one object in a cache as old, to be read again when it is needed. Since 13.5. Needs
    /// `system`.
    SorceryMemoryCacheStaleObjectAction = "SorceryMemoryCacheStaleObject" (
        /// the cache.
        cache: text = "Cache",
        /// the object.
        object: text = "Object",
    ) -> Response {
        /// Whether to read it again at once.
        reload: bool = "Reload",
    }
}

//! Local channels: two ends of one pipe through the dialplan.

use super::macros::events;

events! {
    /// The two ends of a local channel were joined.
    LocalBridge = "LocalBridge" since "12 or earlier" {
        /// The end of whoever made it.
        local_one: channel = "LocalOne",
        /// The end that runs the dialplan.
        local_two: channel = "LocalTwo",
        /// The context that the second end runs in.
        context: text = "Context",
        /// The extension that the second end runs.
        exten: text = "Exten",
        /// Whether the two ends may go once both sides are answered.
        local_optimization: flag = "LocalOptimization",
    }

    /// The two ends begin to get out of the way, so that the channels on both sides are joined
    /// directly.
    LocalOptimizationBegin = "LocalOptimizationBegin" since "12 or earlier" {
        /// The end of whoever made it.
        local_one: channel = "LocalOne",
        /// The end that runs the dialplan.
        local_two: channel = "LocalTwo",
        /// The channel that is moved.
        source: channel = "Source",
        /// The unique id of the bridge it is moved to.
        dest_unique_id: text = "DestUniqueId",
        /// The number that `LocalOptimizationEnd` has as well.
        id: parsed<u32> = "Id",
    }

    /// The two ends got out of the way, or could not.
    LocalOptimizationEnd = "LocalOptimizationEnd" since "12 or earlier" {
        /// The end of whoever made it.
        local_one: channel = "LocalOne",
        /// The end that runs the dialplan.
        local_two: channel = "LocalTwo",
        /// Whether it worked.
        success: flag = "Success",
        /// The number that `LocalOptimizationBegin` had.
        id: parsed<u32> = "Id",
    }
}

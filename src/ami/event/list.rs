//! What the core lists: channels, database, dialplan.

use super::macros::events;

events! {
    /// One channel of the answer to `CoreShowChannels`.
    CoreShowChannel = "CoreShowChannel" since "13 or earlier" {
        /// The channel.
        channel: channel = "",
        /// The unique id of the bridge it is in; empty if it is in none.
        bridge_id: text = "BridgeId",
        /// The application that it runs.
        application: text = "Application",
        /// What the application was given.
        application_data: text = "ApplicationData",
        /// How long it has been there.
        duration: clock = "Duration",
    }

    /// One channel of the answer to `CoreShowChannelMap`.
    CoreShowChannelMap = "CoreShowChannelMap" since "18.19 and 20.4" {
        /// The channel that was asked about.
        channel: text = "Channel",
        /// A channel that it is connected with, directly or over others.
        connected_channel: text = "ConnectedChannel",
    }

    /// One channel of the answer to `Status`.
    Status = "Status" since "13 or earlier" {
        /// The channel.
        channel: channel = "",
        /// Its technology, such as `PJSIP`.
        channel_type: text = "Type",
        /// The number that was dialled.
        dnid: text = "DNID",
        /// The number of the other side, as it is shown.
        effective_connected_line_num: maybe = "EffectiveConnectedLineNum",
        /// The name of the other side, as it is shown.
        effective_connected_line_name: maybe = "EffectiveConnectedLineName",
        /// When Asterisk will end it; `None` if it will not.
        time_to_hangup: epoch = "TimeToHangup",
        /// The unique id of the bridge it is in; empty if it is in none.
        bridge_id: text = "BridgeID",
        /// The application that it runs.
        application: text = "Application",
        /// What the application was given.
        data: text = "Data",
        /// The formats that it has.
        native_formats: text = "Nativeformats",
        /// The format that is read from it.
        read_format: text = "Readformat",
        /// How that is translated.
        read_trans: text = "Readtrans",
        /// The format that is written to it.
        write_format: text = "Writeformat",
        /// How that is translated.
        write_trans: text = "Writetrans",
        /// The groups that may pick its calls up.
        call_group: text = "Callgroup",
        /// The groups whose calls it may pick up.
        pickup_group: text = "Pickupgroup",
        /// How long it has been there.
        seconds: seconds = "Seconds",
    }

    /// One channel that `Hangup` with a pattern has ended.
    ChannelHungup = "ChannelHungup" since "13 or earlier" {
        /// The channel.
        channel: text = "Channel",
    }

    /// The entry that `DBGet` asked for.
    DBGetResponse = "DBGetResponse" since "13 or earlier" {
        /// The family.
        family: text = "Family",
        /// The key.
        key: text = "Key",
        /// The value.
        val: text = "Val",
    }

    /// One entry of the answer to `DBGetTree`.
    DBGetTreeResponse = "DBGetTreeResponse" since "16.28, 18.14 and 19.6" {
        /// Family and key, as `/family/key`.
        key: text = "Key",
        /// The value.
        val: text = "Val",
    }

    /// One line of the answer to `ShowDialPlan`.
    ListDialplan = "ListDialplan" since "13 or earlier" {
        /// The context.
        context: text = "Context",
        /// The extension; absent for what is not a step of one.
        extension: maybe = "Extension",
        /// The label of this step.
        extension_label: maybe = "ExtensionLabel",
        /// The number of this step; `hint` for a hint.
        priority: maybe = "Priority",
        /// The application.
        application: maybe = "Application",
        /// What the application is given.
        app_data: maybe = "AppData",
        /// Which module put it there.
        registrar: text = "Registrar",
        /// The context that is included here.
        include_context: maybe = "IncludeContext",
        /// The switch that is asked here.
        switch: maybe = "Switch",
        /// The pattern after which the dial tone goes on.
        ignore_pattern: maybe = "IgnorePattern",
    }

    /// The end of what `WaitEvent` waited for. It is no list, and nobody counts.
    WaitEventComplete = "WaitEventComplete" since "13 or earlier" {}
}

impl Status {
    /// The variables that the action asked for: name and value.
    pub fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.get_all("Variable").filter_map(|assignment| assignment.split_once('='))
    }
}

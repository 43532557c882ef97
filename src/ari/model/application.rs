//! Applications.

models! {
    /// A Stasis application, and what it hears of.
    Application {
        /// Its name.
        name: String,
        /// The ids of the channels it hears of.
        channel_ids: Vec<String>,
        /// The ids of the bridges it hears of.
        bridge_ids: Vec<String>,
        /// The endpoints it hears of: `{tech}/{resource}`, or a whole technology.
        endpoint_ids: Vec<String>,
        /// The names of the devices it hears of.
        device_names: Vec<String>,
        /// The types of events it gets, where not all.
        events_allowed: Vec<EventType>,
        /// The types of events it does not get.
        events_disallowed: Vec<EventType>,
    }

    /// A type of event in an application's filter. Asterisk's documentation has no name for it.
    EventType {
        /// The name of the type, such as `StasisStart`.
        name: String = "type",
    }

    /// A complaint about a request that lacks parameters. It is documented, but no server is known to
    /// send it: they answer with status 400. If one comes it is
    /// [`Unknown`](crate::ari::event::Unknown), and can be read as this.
    MissingParams {
        /// The names of the parameters.
        params: Vec<String>,
    }
}

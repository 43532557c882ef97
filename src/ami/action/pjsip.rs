//! SIP by PJSIP.

use super::channel::{one_channel, some_pattern};
use super::fields::Fields;
use super::macros::{actions, items};
use crate::ami::event;
use crate::ami::response::Response;

actions! {
    /// Lists the endpoints. Needs `system`.
    PJSIPShowEndpointsAction = "PJSIPShowEndpoints" ()
        -> Response [event::EndpointList, EndpointListComplete or "No endpoints found"] {}

    /// Lists everything that belongs to an endpoint: it, and its addresses, contacts, transport and
    /// the like.
    ///
    /// Refused with `Unable to retrieve endpoint` and the name if there is none. Needs `system`.
    PJSIPShowEndpointAction = "PJSIPShowEndpoint" (
        /// the endpoint.
        endpoint: text = "Endpoint",
    ) -> Response [PJSIPEndpointItem, EndpointDetailComplete] {}

    /// Lists the addresses of record. Since 16. Needs `system`.
    PJSIPShowAorsAction = "PJSIPShowAors" ()
        -> Response [event::AorList, AorListComplete or "No AORs found"] {}

    /// Lists the ways to authenticate, passwords included. Since 16. Needs `system`.
    PJSIPShowAuthsAction = "PJSIPShowAuths" ()
        -> Response [event::AuthList, AuthListComplete or "No Auths found"] {}

    /// Lists the contacts: where registered devices are. Since 16. Needs `system`.
    PJSIPShowContactsAction = "PJSIPShowContacts" ()
        -> Response [event::ContactList, ContactListComplete or "No Contacts found"] {}

    /// Lists the addresses of record that devices may register with. Needs `system`.
    PJSIPShowRegistrationsInboundAction = "PJSIPShowRegistrationsInbound" ()
        -> Response [event::InboundRegistrationDetail, InboundRegistrationDetailComplete] {}

    /// Lists the registrations of this server with others, and the ways to authenticate that belong
    /// to each, passwords included. Needs `system` or `reporting`.
    PJSIPShowRegistrationsOutboundAction = "PJSIPShowRegistrationsOutbound" () -> Response [
        PJSIPOutboundRegistrationItem,
        OutboundRegistrationDetailComplete
    ] {}

    /// Lists the contacts of all registered devices with their states. Since 13.14 and 14.3. Needs
    /// `system`.
    PJSIPShowRegistrationInboundContactStatusesAction
        = "PJSIPShowRegistrationInboundContactStatuses" ()
        -> Response [event::ContactStatusDetail, ContactStatusDetailComplete] {}

    /// Lists the subscriptions that others have with this server. Needs `system`.
    PJSIPShowSubscriptionsInboundAction = "PJSIPShowSubscriptionsInbound" ()
        -> Response [event::InboundSubscriptionDetail, InboundSubscriptionDetailComplete] {}

    /// Lists the subscriptions that this server has with others. Needs `system`.
    PJSIPShowSubscriptionsOutboundAction = "PJSIPShowSubscriptionsOutbound" ()
        -> Response [event::OutboundSubscriptionDetail, OutboundSubscriptionDetailComplete] {}

    /// Lists the lists of resources that others can subscribe to. Needs `system`.
    PJSIPShowResourceListsAction = "PJSIPShowResourceLists" () -> Response [
        event::ResourceListDetail,
        ResourceListDetailComplete or "No resource lists found"
    ] {}

    /// Lists which endpoints are under maintenance. Since 20.20, 22.10 and 23.4. Needs `system` or
    /// `reporting`.
    PJSIPShowMaintenanceAction = "PJSIPShowMaintenance" ()
        -> Response [event::PJSIPMaintenanceStatus, PJSIPMaintenanceStatusComplete]
    {
        /// Only this endpoint.
        endpoint: text = "Endpoint",
    }

    /// Puts an endpoint under maintenance, so that there are no new calls from it or to it, or ends
    /// that. Since 20.20, 22.10 and 23.4. Needs `system`.
    PJSIPSetMaintenanceAction = "PJSIPSetMaintenance" (
        /// the endpoint, or `all`.
        endpoint: text = "Endpoint",
        /// whether it is under maintenance.
        state: on_off = "State",
    ) -> Response {}

    /// Asks the contacts of an endpoint whether they are there. What they say is in
    /// `ContactStatus`. Needs `system` or `reporting`.
    PJSIPQualifyAction = "PJSIPQualify" (
        /// the endpoint.
        endpoint: text = "Endpoint",
    ) -> Response {}

    /// Registers this server anew. What comes of it is in `Registry`. Since 13.2. Needs `system` or
    /// `reporting`.
    PJSIPRegisterAction = "PJSIPRegister" (
        /// the registration, or `*all`.
        registration: text = "Registration",
    ) -> Response {}

    /// Ends a registration of this server. Needs `system` or `reporting`.
    PJSIPUnregisterAction = "PJSIPUnregister" (
        /// the registration, or `*all`.
        registration: text = "Registration",
    ) -> Response {}

    /// Sends a NOTIFY: to an endpoint, to a URI, or within the dialog of a channel, of which there
    /// has to be one; with an option, or with variables. Needs `system`.
    PJSIPNotifyAction = "PJSIPNotify" () -> Response where notify_is_clear {
        /// Sends it to all contacts of this endpoint.
        endpoint: text = "Endpoint",
        /// Sends it to this URI, in the name of the default outbound endpoint.
        uri: text = "URI",
        /// Sends it to the other side of this channel.
        channel: text = "Channel",
        /// What to send: a section of `pjsip_notify.conf`.
        option: text = "Option",
        /// What to send: a header. One named `Content` is a line of the body, if another is
        /// `Content-Type`.
        variable: variable = "Variable",
    }

    /// Hangs a channel up that has not been answered yet, with a SIP response of one's choice.
    /// Since 18.21, 20.6 and 21.1. Needs `system` or `call`.
    PJSIPHangupAction = "PJSIPHangup" (
        /// the channel.
        channel: text = "Channel",
        /// a code from 400 to 699, or its name, such as `USE_IDENTITY_HEADER`.
        cause: any = "Cause",
    ) -> Response where one_channel {}

    /// The same for all channels whose name a regular expression matches, which it lists. Since
    /// 18.21, 20.6 and 21.1. Needs `system` or `call`.
    PJSIPHangupMatchingAction = "PJSIPHangup" (
        /// the expression, a POSIX extended one, which matches any part of a name. It is sent
        /// between slashes.
        regex: regex = "Channel",
        /// a code from 400 to 699, or its name.
        cause: any = "Cause",
    ) -> Response [event::ChannelHungup, ChannelsHungupListComplete] where some_pattern {}
}

fn notify_is_clear(fields: &Fields) -> Result<(), &'static str> {
    let count = |headers: &[&str]| headers.iter().filter(|header| fields.has(header)).count();
    if count(&["Endpoint", "URI", "Channel"]) != 1 {
        return Err("a NOTIFY goes to an endpoint, a URI or a channel, and to one of them only");
    }
    if count(&["Option", "Variable"]) != 1 {
        return Err("a NOTIFY has an option or variables, and one of them only");
    }
    Ok(())
}

items! {
    /// A registration with another server, or one of its ways to authenticate.
    PJSIPOutboundRegistrationItem {
        /// A registration.
        Registration(OutboundRegistrationDetail),
        /// A way to authenticate, of the registration before it.
        Auth(AuthDetail),
    }

    /// One of the things that make up an endpoint.
    PJSIPEndpointItem {
        /// The endpoint itself.
        Endpoint(EndpointDetail),
        /// An address of record.
        Aor(AorDetail),
        /// A way to authenticate.
        Auth(AuthDetail),
        /// The transport.
        Transport(TransportDetail),
        /// How to recognise it by address or header.
        Identify(IdentifyDetail),
        /// A contact and its state.
        Contact(ContactStatusDetail),
    }
}

//! PJSIP: transports, subscriptions, and what tells one caller from another.

use super::macros::events;
use crate::types::SubscriptionType;

events! {
    /// What tells that a request comes from an endpoint, one of the answer to `PJSIPShowEndpoint`.
    IdentifyDetail = "IdentifyDetail" since "13.20 and 15.3" {
        /// `identify`.
        object_type: text = "ObjectType",
        /// Its name.
        object_name: text = "ObjectName",
        /// The endpoint.
        endpoint: text = "Endpoint",
        /// Requests from these addresses are the endpoint's.
        match_address: text = "Match",
        /// So are those with this header.
        match_header: text = "MatchHeader",
        /// And those to this address.
        match_request_uri: maybe = "MatchRequestUri",
        /// Whether names of addresses are looked up as services.
        srv_lookups: flag = "SrvLookups",
        /// The endpoint that was asked about.
        endpoint_name: text = "EndpointName",
    }

    /// The transport of an endpoint, of the answer to `PJSIPShowEndpoint`.
    TransportDetail = "TransportDetail" since "12.6" {
        /// `transport`.
        object_type: text = "ObjectType",
        /// Its name.
        object_name: text = "ObjectName",
        /// `udp`, `tcp`, `tls`, `ws`, `wss` or `flow`.
        protocol: text = "Protocol",
        /// The address and port it listens on.
        bind: text = "Bind",
        /// How many operations may be under way.
        async_operations: parsed<u32> = "AsyncOperations",
        /// The domain of what Asterisk sends.
        domain: text = "Domain",
        /// Networks that are not behind the NAT.
        local_net: text = "LocalNet",
        /// Asterisk's address as seen from outside, for signalling.
        external_signaling_address: text = "ExternalSignalingAddress",
        /// The same as a name. Newer than Asterisk 23.
        external_signaling_hostname: maybe = "ExternalSignalingHostname",
        /// Asterisk's port as seen from outside.
        external_signaling_port: parsed<u16> = "ExternalSignalingPort",
        /// Asterisk's address as seen from outside, for media.
        external_media_address: text = "ExternalMediaAddress",
        /// The file of certificate authorities.
        ca_list_file: text = "CaListFile",
        /// The directory of certificate authorities.
        ca_list_path: text = "CaListPath",
        /// The file with Asterisk's certificate.
        cert_file: text = "CertFile",
        /// The file with its key.
        priv_key_file: text = "PrivKeyFile",
        /// The password of that key.
        password: text = "Password",
        /// Whether servers' certificates are verified.
        verify_server: flag = "VerifyServer",
        /// Whether clients' certificates are verified.
        verify_client: flag = "VerifyClient",
        /// Whether clients must have one.
        require_client_cert: flag = "RequireClientCert",
        /// Whether a certificate may be for `*`.
        allow_wildcard_certs: flag = "AllowWildcardCerts",
        /// The version of TLS.
        method: text = "Method",
        /// The ciphers.
        cipher: text = "Cipher",
        /// Type of service of what is sent.
        tos: text = "Tos",
        /// Class of service of what is sent.
        cos: parsed<u32> = "Cos",
        /// How long writing to a WebSocket may take.
        websocket_write_timeout: millis = "WebsocketWriteTimeout",
        /// Whether a reload may change it.
        allow_reload: flag = "AllowReload",
        /// Whether answers go the way the requests came.
        symmetric_transport: flag = "SymmetricTransport",
        /// Whether idle connections are probed.
        tcp_keepalive_enable: flag = "TcpKeepaliveEnable",
        /// After how much silence.
        tcp_keepalive_idle_time: seconds = "TcpKeepaliveIdleTime",
        /// How often.
        tcp_keepalive_interval_time: seconds = "TcpKeepaliveIntervalTime",
        /// How often in vain until the connection is given up.
        tcp_keepalive_probe_count: parsed<u32> = "TcpKeepaliveProbeCount",
        /// The endpoint that was asked about.
        endpoint_name: text = "EndpointName",
    }

    /// One list of the answer to `PJSIPShowResourceLists`.
    ResourceListDetail = "ResourceListDetail" since "13" {
        /// `resource_list`.
        object_type: text = "ObjectType",
        /// Its name.
        object_name: text = "ObjectName",
        /// Whether all of it is told whenever one changes.
        full_state: flag = "FullState",
        /// What is in it, with commas between.
        list_item: text = "ListItem",
        /// How long changes are collected before they are told.
        notification_batch_interval: millis = "NotificationBatchInterval",
        /// Whether names are told as well.
        resource_display_name: flag = "ResourceDisplayName",
    }

    /// An endpoint is being maintained and takes no new calls, or takes them again. Also one
    /// endpoint of the answer to `PJSIPShowMaintenance`.
    PJSIPMaintenanceStatus = "PJSIPMaintenanceStatus" since "20.20, 22.10 and 23.4" {
        /// The endpoint.
        endpoint: text = "Endpoint",
        /// Whether it is being maintained.
        status: flag = "Status",
    }
}

events! {
    all have {
        /// `Subscriber` or `Notifier`: what Asterisk is.
        role: text = "Role",
        /// The endpoint.
        endpoint: text = "Endpoint",
        /// The `Call-ID` of the subscription.
        call_id: text = "Callid",
        /// Where the subscription stands, such as `ACTIVE`.
        state: text = "State",
        /// The endpoint's caller id.
        caller_id: text = "Callerid",
        /// What it is about.
        subscription_type: parsed<SubscriptionType> = "SubscriptionType",
        /// The extension, if it is about one.
        extension: maybe = "Extension",
        /// The state of that extension, in words.
        extension_states: maybe = "ExtensionStates",
        /// The mailboxes, if it is about these.
        mailboxes: maybe = "Mailboxes",
    }

    /// Somebody's subscription with Asterisk, of the answer to `PJSIPShowSubscriptionsInbound`.
    InboundSubscriptionDetail = "InboundSubscriptionDetail" since "12 or earlier" {}

    /// Asterisk's subscription with somebody, of the answer to `PJSIPShowSubscriptionsOutbound`.
    OutboundSubscriptionDetail = "OutboundSubscriptionDetail" since "12 or earlier" {}
}

impl ResourceListDetail {
    /// What those who subscribe to it are told of, such as `presence`. It is the second of two
    /// headers `Event`.
    pub fn list_event(&self) -> Option<&str> {
        self.0.get_all("Event").nth(1)
    }
}

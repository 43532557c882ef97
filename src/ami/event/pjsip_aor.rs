//! PJSIP: addresses of record, their contacts, and who may use them.

use super::macros::events;
use crate::types::{ContactStatus, RegistrationStatus};

events! {
    all have {
        /// `aor`.
        object_type: text = "ObjectType",
        /// Its name.
        object_name: text = "ObjectName",
        /// Contacts may not ask to be registered for less.
        minimum_expiration: seconds = "MinimumExpiration",
        /// Nor for more.
        maximum_expiration: seconds = "MaximumExpiration",
        /// What they get if they do not say.
        default_expiration: seconds = "DefaultExpiration",
        /// How often each contact is asked whether it is there; 0 is never.
        qualify_frequency: seconds = "QualifyFrequency",
        /// How long its answer may take.
        qualify_timeout: seconds = "QualifyTimeout",
        /// Whether only a good answer counts.
        qualify_2xx_only: flag = "Qualify2xxOnly",
        /// Whether it may be asked to prove who asks.
        authenticate_qualify: flag = "AuthenticateQualify",
        /// How many contacts may register; 0 is none.
        max_contacts: parsed<u32> = "MaxContacts",
        /// Whether one too many takes the place of another.
        remove_existing: flag = "RemoveExisting",
        /// Whether that other is one that cannot be reached.
        remove_unavailable: flag = "RemoveUnavailable",
        /// The mailboxes that are told of when somebody registers.
        mailboxes: text = "Mailboxes",
        /// The extension that those are told to call.
        voicemail_extension: text = "VoicemailExtension",
        /// The proxy for what is sent to it.
        outbound_proxy: text = "OutboundProxy",
        /// Whether `Path` headers are kept.
        support_path: flag = "SupportPath",
        /// Its contacts, with commas between.
        contacts: text = "Contacts",
    }

    /// One address of record of the answer to `PJSIPShowAors`.
    AorList = "AorList" since "16" {}

    /// One address of record of the answer to `PJSIPShowEndpoint`.
    AorDetail = "AorDetail" since "13.12 and 14.1" {
        /// How many contacts it has.
        total_contacts: parsed<u32> = "TotalContacts",
        /// How many of them registered, and are not written in the configuration.
        contacts_registered: parsed<u32> = "ContactsRegistered",
        /// The endpoint that it belongs to.
        endpoint_name: text = "EndpointName",
    }

    /// One address of record of the answer to `PJSIPShowRegistrationsInbound`, with who registered
    /// there.
    InboundRegistrationDetail = "InboundRegistrationDetail" since "12 or earlier" {
        /// The contact that is written in the configuration.
        contact: text = "Contact",
    }
}

events! {
    all have {
        /// `auth`.
        object_type: text = "ObjectType",
        /// Its name.
        object_name: text = "ObjectName",
        /// How one proves who one is, such as `userpass` or `digest`.
        auth_type: text = "AuthType",
        /// The user.
        username: text = "Username",
        /// The password, in clear.
        password: text = "Password",
        /// The password, hashed.
        md5_cred: text = "Md5Cred",
        /// Hashed passwords, each behind its algorithm.
        password_digest: maybe = "PasswordDigest",
        /// Where they hold.
        realm: text = "Realm",
        /// How long a challenge may be used.
        nonce_lifetime: seconds = "NonceLifetime",
        /// The algorithms that Asterisk will answer challenges with.
        supported_algorithms_uac: maybe = "SupportedAlgorithmsUac",
        /// The algorithms that Asterisk will challenge with.
        supported_algorithms_uas: maybe = "SupportedAlgorithmsUas",
        /// The client for OAuth.
        oauth_client_id: maybe = "OauthClientid",
        /// Its secret.
        oauth_secret: maybe = "OauthSecret",
        /// Its token.
        refresh_token: maybe = "RefreshToken",
    }

    /// Somebody's credentials, one of the answer to `PJSIPShowAuths`.
    AuthList = "AuthList" since "16" {}

    /// Somebody's credentials, one of the answer to `PJSIPShowEndpoint`.
    AuthDetail = "AuthDetail" since "12 or earlier" {
        /// The endpoint that it belongs to.
        endpoint_name: text = "EndpointName",
    }
}

events! {
    /// One contact of the answer to `PJSIPShowContacts`.
    ContactList = "ContactList" since "16" {
        /// `contact`.
        object_type: text = "ObjectType",
        /// Its name: the address of record and a hash.
        object_name: text = "ObjectName",
        /// Where it is.
        uri: text = "Uri",
        /// The endpoint that has it.
        endpoint: text = "Endpoint",
        /// Whether it can be reached.
        status: parsed<ContactStatus> = "Status",
        /// How long it takes to answer.
        roundtrip: micros = "RoundtripUsec",
        /// When its registration ends.
        expiration_time: epoch = "ExpirationTime",
        /// What it says it is.
        user_agent: text = "UserAgent",
        /// The server that it registered with.
        reg_server: text = "RegServer",
        /// The address that it registered from.
        via_addr: text = "ViaAddr",
        /// The port that it registered from.
        via_port: parsed<u16> = "ViaPort",
        /// The `Call-ID` of its registration.
        call_id: text = "CallId",
        /// The `Path` of its registration.
        path: text = "Path",
        /// The proxy for what is sent to it.
        outbound_proxy: text = "OutboundProxy",
        /// Whether it is forgotten when Asterisk starts.
        prune_on_boot: flag = "PruneOnBoot",
        /// How often it is asked whether it is there; 0 is never.
        qualify_frequency: seconds = "QualifyFrequency",
        /// How long its answer may take.
        qualify_timeout: seconds = "QualifyTimeout",
        /// Whether only a good answer counts.
        qualify_2xx_only: flag = "Qualify2xxOnly",
        /// Whether it may be asked to prove who asks.
        authenticate_qualify: flag = "AuthenticateQualify",
    }

    /// One contact of the answers to `PJSIPShowEndpoint` and
    /// `PJSIPShowRegistrationInboundContactStatuses`.
    ContactStatusDetail = "ContactStatusDetail" since "13" {
        /// The address of record that has it.
        aor: text = "AOR",
        /// Where it is.
        uri: text = "URI",
        /// The endpoint that has it.
        endpoint_name: text = "EndpointName",
        /// Its name: the address of record and a hash.
        id: text = "ID",
        /// Whether it can be reached.
        status: parsed<ContactStatus> = "Status",
        /// How long it takes to answer.
        roundtrip: micros = "RoundtripUsec",
        /// When its registration ends.
        reg_expire: epoch = "RegExpire",
        /// What it says it is.
        user_agent: text = "UserAgent",
        /// The address and port that it registered from.
        via_address: text = "ViaAddress",
        /// The `Call-ID` of its registration.
        call_id: text = "CallID",
        /// The `Path` of its registration.
        path: text = "Path",
        /// The proxy for what is sent to it.
        outbound_proxy: text = "OutboundProxy",
        /// How often it is asked whether it is there; 0 is never.
        qualify_frequency: seconds = "QualifyFrequency",
        /// How long its answer may take.
        qualify_timeout: seconds = "QualifyTimeout",
        /// Whether only a good answer counts.
        qualify_2xx_only: flag = "Qualify2xxOnly",
        /// Whether it may be asked to prove who asks.
        authenticate_qualify: flag = "AuthenticateQualify",
    }

    /// One registration of Asterisk with another server, of the answer to
    /// `PJSIPShowRegistrationsOutbound`.
    OutboundRegistrationDetail = "OutboundRegistrationDetail" since "12 or earlier" {
        /// `registration`.
        object_type: text = "ObjectType",
        /// Its name.
        object_name: text = "ObjectName",
        /// Where it stands.
        status: parsed<RegistrationStatus> = "Status",
        /// How long until the next attempt.
        next_reg: seconds = "NextReg",
        /// The server.
        server_uri: text = "ServerUri",
        /// What is registered there.
        client_uri: text = "ClientUri",
        /// The user part of the contact.
        contact_user: text = "ContactUser",
        /// What is added to the contact.
        contact_header_params: text = "ContactHeaderParams",
        /// The credentials.
        outbound_auth: text = "OutboundAuth",
        /// The proxy.
        outbound_proxy: text = "OutboundProxy",
        /// The transport.
        transport: text = "Transport",
        /// How long it is asked for.
        expiration: seconds = "Expiration",
        /// How often to try.
        max_retries: parsed<u32> = "MaxRetries",
        /// How long to wait after nobody answered.
        retry_interval: seconds = "RetryInterval",
        /// How long to wait after it was forbidden.
        forbidden_retry_interval: seconds = "ForbiddenRetryInterval",
        /// How long to wait after a final refusal.
        fatal_retry_interval: seconds = "FatalRetryInterval",
        /// Whether not to try again after wrong credentials.
        auth_rejection_permanent: flag = "AuthRejectionPermanent",
        /// The first attempt waits for at most this.
        max_random_initial_delay: seconds = "MaxRandomInitialDelay",
        /// Whether calls that come in are matched to it.
        line: flag = "Line",
        /// The endpoint that these calls are for.
        endpoint: text = "Endpoint",
        /// What Asterisk says it is. Since Asterisk 22.
        user_agent: maybe = "UserAgent",
        /// Whether `Path` is offered.
        support_path: flag = "SupportPath",
        /// Whether `outbound` is offered.
        support_outbound: flag = "SupportOutbound",
        /// How a secure transport is agreed on.
        security_negotiation: text = "SecurityNegotiation",
    }
}

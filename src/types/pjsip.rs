//! How a SIP endpoint is set up, as `EndpointDetail` tells it.

use super::macros::text_enums;

text_enums! {
    /// How an endpoint is sent keys.
    DtmfMode {
        /// As events among the media.
        Rfc4733 = "rfc4733",
        /// As sound.
        Inband = "inband",
        /// As `INFO` requests.
        Info = "info",
        /// As events if the other side can read them, as sound otherwise.
        Auto = "auto",
        /// As events if the other side can read them, as `INFO` otherwise.
        AutoInfo = "auto_info",
        /// Not at all.
        None = "none",
    }

    /// By which request a session is changed.
    SessionRefreshMethod {
        /// `INVITE`.
        Invite = "invite" | "reinvite",
        /// `UPDATE`.
        Update = "update",
    }

    /// Which side waits when both change the media of a call at once.
    DirectMediaGlareMitigation {
        /// Neither.
        None = "none",
        /// Asterisk, on calls that it makes.
        Outgoing = "outgoing",
        /// Asterisk, on calls that it gets.
        Incoming = "incoming",
    }

    /// How media is encrypted.
    MediaEncryption {
        /// Not at all.
        None = "no" | "none",
        /// With keys from the session description.
        Sdes = "sdes",
        /// With keys of a handshake among the media.
        Dtls = "dtls",
    }

    /// What of the other side's certificate is verified.
    DtlsVerify {
        /// Nothing.
        None = "No",
        /// That it has the fingerprint that was told.
        Fingerprint = "Fingerprint",
        /// That somebody who is trusted signed it.
        Certificate = "Certificate",
        /// Both.
        Both = "Yes",
    }

    /// Which side begins a handshake among the media.
    DtlsSetup {
        /// Asterisk.
        Active = "active",
        /// The other side.
        Passive = "passive",
        /// Whichever the other side says.
        ActPass = "actpass",
        /// Neither, until one of them says so.
        HoldConn = "holdconn",
    }

    /// Whether provisional answers are acknowledged.
    Rel100 {
        /// No.
        No = "no",
        /// If the other side wants it.
        Yes = "yes",
        /// If the other side can do it.
        PeerSupported = "peer_supported",
        /// Always; who cannot do it is refused.
        Required = "required",
    }

    /// Whether sessions are refreshed at intervals.
    SessionTimers {
        /// No.
        No = "no",
        /// If the other side wants it.
        Yes = "yes",
        /// Always; who cannot do it is refused.
        Required = "required",
        /// Always, whatever the other side can do.
        Always = "always" | "forced",
    }

    /// What is done where an endpoint sends a call elsewhere.
    RedirectMethod {
        /// The user part is dialled as an extension.
        User = "user",
        /// The address is dialled, and the dialplan's core hears of it.
        UriCore = "uri_core",
        /// The address is dialled by the SIP stack alone.
        UriPjsip = "uri_pjsip",
    }

    /// How errors of T.38 are corrected.
    UdptlErrorCorrection {
        /// Not at all.
        None = "none",
        /// With parity packets.
        Fec = "fec",
        /// By repetition.
        Redundancy = "redundancy",
    }

    /// How a secure transport is agreed on.
    SecurityNegotiation {
        /// Not at all.
        No = "no",
        /// By the headers that mobile carriers use.
        Mediasec = "mediasec",
    }

    /// Whose order of codecs counts.
    CallOfferPreference {
        /// All that both have, in Asterisk's order.
        Local = "local",
        /// Only the first that both have, in Asterisk's order.
        LocalFirst = "local_first",
        /// All that Asterisk has, in its order, those that both have in front.
        LocalMerge = "local_merge",
        /// All that both have, in the other side's order.
        Remote = "remote",
        /// Only the first that both have, in the other side's order.
        RemoteFirst = "remote_first",
        /// All that the other side has, in its order, those that both have in front.
        RemoteMerge = "remote_merge",
    }
}

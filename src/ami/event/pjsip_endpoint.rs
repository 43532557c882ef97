//! PJSIP: endpoints.

use super::macros::events;
use crate::types::{self, CallerPresentation, DeviceState};

events! {
    /// One endpoint of the answer to `PJSIPShowEndpoints`.
    EndpointList = "EndpointList" since "12 or earlier" {
        /// `endpoint`.
        object_type: text = "ObjectType",
        /// Its name.
        object_name: text = "ObjectName",
        /// The transport.
        transport: text = "Transport",
        /// The addresses of record, with commas between.
        aor: text = "Aor",
        /// The credentials it must have, with commas between.
        auths: text = "Auths",
        /// The credentials for it, with commas between.
        outbound_auths: text = "OutboundAuths",
        /// Its contacts, each with a comma behind.
        contacts: text = "Contacts",
        /// What it is doing.
        device_state: parsed<DeviceState> = "DeviceState",
        /// How many channels it has.
        active_channels: parsed<u32> = "ActiveChannels",
    }

    /// An endpoint and its configuration, of the answer to `PJSIPShowEndpoint`.
    ///
    /// Which options there are depends on the version of Asterisk.
    EndpointDetail = "EndpointDetail" since "12 or earlier" {
        /// `endpoint`.
        object_type: text = "ObjectType",
        /// Its name.
        object_name: text = "ObjectName",
        /// What it is doing.
        device_state: parsed<DeviceState> = "DeviceState",
        /// How many channels it has.
        active_channels: parsed<u32> = "ActiveChannels",
        /// The context of its calls.
        context: text = "Context",
        /// The context of its messages.
        message_context: text = "MessageContext",
        /// The context of what it subscribes to.
        subscribe_context: text = "SubscribeContext",
        /// The context that incomplete numbers are looked for in.
        overlap_context: text = "OverlapContext",
        /// Whether numbers may come digit by digit.
        allow_overlap: flag = "AllowOverlap",
        /// The transport.
        transport: text = "Transport",
        /// The addresses of record, with commas between.
        aors: text = "Aors",
        /// The credentials it must have.
        auth: text = "Auth",
        /// The credentials for it.
        outbound_auth: text = "OutboundAuth",
        /// The proxy for what is sent to it.
        outbound_proxy: text = "OutboundProxy",
        /// What tells that a request comes from it.
        identify_by: text = "IdentifyBy",
        /// The access list of its address.
        acl: text = "Acl",
        /// The access list of its contacts.
        contact_acl: text = "ContactAcl",
        /// The user that requests to it come from.
        from_user: text = "FromUser",
        /// The domain that requests to it come from.
        from_domain: text = "FromDomain",
        /// The user that notices of waiting messages come from.
        mwi_from_user: text = "MwiFromUser",
        /// Its caller id.
        caller_id: text = "Callerid",
        /// Whether its caller id may be shown.
        caller_id_privacy: parsed<CallerPresentation> = "CalleridPrivacy",
        /// What its caller id is marked with.
        caller_id_tag: text = "CalleridTag",
        /// Whether the caller id it sends is believed.
        trust_id_inbound: flag = "TrustIdInbound",
        /// Whether it is told caller ids that may not be shown.
        trust_id_outbound: flag = "TrustIdOutbound",
        /// Whether `P-Asserted-Identity` is sent.
        send_pai: flag = "SendPai",
        /// Whether `Remote-Party-ID` is sent.
        send_rpid: flag = "SendRpid",
        /// Whether connected line changes are sent before the answer.
        rpid_immediate: flag = "RpidImmediate",
        /// Whether it is told who it is connected with.
        send_connected_line: flag = "SendConnectedLine",
        /// Whether it is believed who it is connected with.
        trust_connected_line: flag = "TrustConnectedLine",
        /// The request that tells so.
        connected_line_method: parsed<types::SessionRefreshMethod> = "ConnectedLineMethod",
        /// Whether it is told who sent a call on.
        send_diversion: flag = "SendDiversion",
        /// Whether it is told the whole history of a call.
        send_history_info: flag = "SendHistoryInfo",
        /// Whether it is told what a call costs.
        send_aoc: flag = "SendAoc",
        /// The account code of its channels.
        account_code: text = "Accountcode",
        /// The tenant of its channels.
        tenant_id: maybe = "Tenantid",
        /// The language of its prompts.
        language: text = "Language",
        /// The country of its tones.
        tone_zone: text = "ToneZone",
        /// Variables of its channels.
        set_var: text = "SetVar",
        /// Its codecs, in brackets.
        allow: text = "Allow",
        /// Whether it is answered with one codec only.
        preferred_codec_only: flag = "PreferredCodecOnly",
        /// Whose order of codecs counts for its calls.
        incoming_call_offer_pref: parsed<types::CallOfferPreference> = "IncomingCallOfferPref",
        /// Whose order of codecs counts for calls to it.
        outgoing_call_offer_pref: parsed<types::CallOfferPreference> = "OutgoingCallOfferPref",
        /// How codecs are chosen from its offer.
        codec_prefs_incoming_offer: text = "CodecPrefsIncomingOffer",
        /// How codecs are chosen for the answer to it.
        codec_prefs_incoming_answer: text = "CodecPrefsIncomingAnswer",
        /// How codecs are chosen for the offer to it.
        codec_prefs_outgoing_offer: text = "CodecPrefsOutgoingOffer",
        /// How codecs are chosen from its answer.
        codec_prefs_outgoing_answer: text = "CodecPrefsOutgoingAnswer",
        /// Whether the two directions may have different codecs.
        asymmetric_rtp_codec: flag = "AsymmetricRtpCodec",
        /// Whether its G.726 is packed the other way.
        g726_non_standard: flag = "G726NonStandard",
        /// Whether its packet size is used.
        use_ptime: flag = "UsePtime",
        /// How many streams of sound it may have.
        max_audio_streams: parsed<u32> = "MaxAudioStreams",
        /// How many streams of video it may have.
        max_video_streams: parsed<u32> = "MaxVideoStreams",
        /// Whether streams share a port.
        bundle: flag = "Bundle",
        /// Whether it is set up for browsers.
        webrtc: flag = "Webrtc",
        /// How keys are sent.
        dtmf_mode: parsed<types::DtmfMode> = "DtmfMode",
        /// The engine of its media.
        rtp_engine: text = "RtpEngine",
        /// Whether media may use IPv6.
        rtp_ipv6: flag = "RtpIpv6",
        /// Whether media is sent back to where it comes from.
        rtp_symmetric: flag = "RtpSymmetric",
        /// How often something is sent to keep the way open; 0 is never.
        rtp_keepalive: seconds = "RtpKeepalive",
        /// After how long without media a call is ended; 0 is never.
        rtp_timeout: seconds = "RtpTimeout",
        /// The same while on hold.
        rtp_timeout_hold: seconds = "RtpTimeoutHold",
        /// The first port of its media; 0 is the general one.
        rtp_port_start: parsed<u16> = "RtpPortStart",
        /// The last port of its media; 0 is the general one.
        rtp_port_end: parsed<u16> = "RtpPortEnd",
        /// Whether RTCP shares the port of RTP.
        rtcp_mux: flag = "RtcpMux",
        /// The address that is told for media.
        media_address: text = "MediaAddress",
        /// Whether media is sent from that address as well.
        bind_rtp_to_media_address: flag = "BindRtpToMediaAddress",
        /// Whether ICE is used.
        ice_support: flag = "IceSupport",
        /// Whether media may bypass Asterisk.
        direct_media: flag = "DirectMedia",
        /// The request that does so.
        direct_media_method: parsed<types::SessionRefreshMethod> = "DirectMediaMethod",
        /// Which side waits when both do so at once.
        direct_media_glare_mitigation: parsed<types::DirectMediaGlareMitigation> = "DirectMediaGlareMitigation",
        /// Whether it is not done behind a NAT.
        disable_direct_media_on_nat: flag = "DisableDirectMediaOnNat",
        /// Whether the transport of its offer is used in the answer.
        media_use_received_transport: flag = "MediaUseReceivedTransport",
        /// How media is encrypted.
        media_encryption: parsed<types::MediaEncryption> = "MediaEncryption",
        /// Whether it may be in clear if it must.
        media_encryption_optimistic: flag = "MediaEncryptionOptimistic",
        /// Whether the short authentication tag is used.
        srtp_tag_32: flag = "SrtpTag32",
        /// Whether AVPF is used.
        use_avpf: flag = "UseAvpf",
        /// Whether AVP is named even so.
        force_avp: flag = "ForceAvp",
        /// What of its certificate is verified.
        dtls_verify: parsed<types::DtlsVerify> = "DtlsVerify",
        /// How often keys are changed; 0 is never.
        dtls_rekey: seconds = "DtlsRekey",
        /// Whether Asterisk makes a certificate itself.
        dtls_auto_generate_cert: flag = "DtlsAutoGenerateCert",
        /// The file with Asterisk's certificate.
        dtls_cert_file: text = "DtlsCertFile",
        /// The file with its key.
        dtls_private_key: text = "DtlsPrivateKey",
        /// The ciphers.
        dtls_cipher: text = "DtlsCipher",
        /// The file of certificate authorities.
        dtls_ca_file: text = "DtlsCaFile",
        /// The directory of certificate authorities.
        dtls_ca_path: text = "DtlsCaPath",
        /// Which side begins.
        dtls_setup: parsed<types::DtlsSetup> = "DtlsSetup",
        /// The hash of fingerprints.
        dtls_fingerprint: text = "DtlsFingerprint",
        /// The owner of session descriptions.
        sdp_owner: text = "SdpOwner",
        /// The name of sessions.
        sdp_session: text = "SdpSession",
        /// Whether another answer to the same offer is taken.
        accept_multiple_sdp_answers: flag = "AcceptMultipleSdpAnswers",
        /// Whether it is, if it comes from another device.
        follow_early_media_fork: flag = "FollowEarlyMediaFork",
        /// Whether a `183` without media is passed over.
        ignore_183_without_sdp: flag = "Ignore183WithoutSdp",
        /// Whether provisional answers are acknowledged.
        rel100: parsed<types::Rel100> = "100rel",
        /// Whether sessions are refreshed.
        timers: parsed<types::SessionTimers> = "Timers",
        /// They may not be refreshed more often.
        timers_min_se: seconds = "TimersMinSe",
        /// How often they are refreshed.
        timers_sess_expires: seconds = "TimersSessExpires",
        /// Whether answers go back to the port they came from.
        force_rport: flag = "ForceRport",
        /// Whether its contact is taken to be where it sends from.
        rewrite_contact: flag = "RewriteContact",
        /// Whether `user=phone` is sent.
        user_eq_phone: flag = "UserEqPhone",
        /// What is done if it sends a call on.
        redirect_method: parsed<types::RedirectMethod> = "RedirectMethod",
        /// Which requests are sent on where it says.
        follow_redirect_methods: maybe = "FollowRedirectMethods",
        /// Whether it may transfer.
        allow_transfer: flag = "AllowTransfer",
        /// Whether it is told how its transfer goes on.
        refer_blind_progress: flag = "ReferBlindProgress",
        /// Whether it is not told causes.
        suppress_q850_reason_headers: flag = "SuppressQ850ReasonHeaders",
        /// Whether it is sent the ring tone.
        inband_progress: flag = "InbandProgress",
        /// Whether it is told that others ring while on a call.
        notify_early_inuse_ringing: flag = "NotifyEarlyInuseRinging",
        /// With how many calls it is busy; 0 is any number.
        device_state_busy_at: parsed<u32> = "DeviceStateBusyAt",
        /// Its call groups, as numbers.
        call_group: text = "CallGroup",
        /// The call groups it may pick up, as numbers.
        pickup_group: text = "PickupGroup",
        /// Its call groups.
        named_call_group: text = "NamedCallGroup",
        /// The call groups it may pick up.
        named_pickup_group: text = "NamedPickupGroup",
        /// The music on hold it suggests.
        moh_suggest: text = "MohSuggest",
        /// Whether being on hold is told to the other side.
        moh_passthrough: flag = "MohPassthrough",
        /// Whether there is no music if it is its device that asks for hold.
        suppress_moh_on_sendonly: flag = "SuppressMohOnSendonly",
        /// Whether it may record calls.
        one_touch_recording: flag = "OneTouchRecording",
        /// The feature that begins to.
        record_on_feature: text = "RecordOnFeature",
        /// The feature that ends it.
        record_off_feature: text = "RecordOffFeature",
        /// The mailboxes it is told of.
        mailboxes: text = "Mailboxes",
        /// The extension it is told to call for them.
        voicemail_extension: text = "VoicemailExtension",
        /// Whether it is told of all of them at once.
        aggregate_mwi: flag = "AggregateMwi",
        /// The mailbox that its own notices are for.
        incoming_mwi_mailbox: text = "IncomingMwiMailbox",
        /// Whether it is told only what it subscribed to, once it has.
        mwi_subscribe_replaces_unsolicited: flag = "MwiSubscribeReplacesUnsolicited",
        /// Whether it may subscribe.
        allow_subscribe: flag = "AllowSubscribe",
        /// It may not subscribe for less.
        sub_min_expiry: seconds = "SubMinExpiry",
        /// Whether `OPTIONS` needs no credentials.
        allow_unauthenticated_options: flag = "AllowUnauthenticatedOptions",
        /// How a secure transport is agreed on.
        security_negotiation: parsed<types::SecurityNegotiation> = "SecurityNegotiation",
        /// Whether fax may use T.38.
        t38_udptl: flag = "T38Udptl",
        /// How its errors are corrected.
        t38_udptl_ec: parsed<types::UdptlErrorCorrection> = "T38UdptlEc",
        /// The size of its packets; 0 is what the other side says.
        t38_udptl_maxdatagram: parsed<u32> = "T38UdptlMaxdatagram",
        /// Whether it is sent back to where it comes from.
        t38_udptl_nat: flag = "T38UdptlNat",
        /// Whether it may use IPv6.
        t38_udptl_ipv6: flag = "T38UdptlIpv6",
        /// Whether it is sent from the address told for media.
        t38_bind_udptl_to_media_address: flag = "T38BindUdptlToMediaAddress",
        /// Whether fax is listened for.
        fax_detect: flag = "FaxDetect",
        /// For how long; 0 is for the whole call.
        fax_detect_timeout: seconds = "FaxDetectTimeout",
        /// Type of service of sound.
        tos_audio: text = "TosAudio",
        /// Type of service of video.
        tos_video: text = "TosVideo",
        /// Class of service of sound.
        cos_audio: parsed<u32> = "CosAudio",
        /// Class of service of video.
        cos_video: parsed<u32> = "CosVideo",
        /// Whether calls are signed, and signatures verified.
        stir_shaken: maybe = "StirShaken",
        /// How.
        stir_shaken_profile: maybe = "StirShakenProfile",
        /// What is done with where its callers are.
        geoloc_incoming_call_profile: maybe = "GeolocIncomingCallProfile",
        /// What is done with where those are who call it.
        geoloc_outgoing_call_profile: maybe = "GeolocOutgoingCallProfile",
    }
}

//! What newer servers no longer have: SIP by `chan_sip`, SCCP by `chan_skinny`, and a few more.

use super::macros::actions;
use crate::ami::event;
use crate::ami::response::{Response, responses};
use crate::types::AmaFlags;

actions! {
    /// Lists the SIP peers. Up to 20. Needs `system` or `reporting`.
    SIPpeersAction = "SIPpeers" () -> Response [event::PeerEntry, PeerlistComplete] {}

    /// Lists the states of SIP peers. Up to 20. Needs `system`.
    SIPpeerstatusAction = "SIPpeerstatus" ()
        -> Response [event::PeerStatus, SIPpeerstatusComplete]
    {
        /// Only this peer.
        peer: text = "Peer",
    }

    /// Asks a SIP peer whether it is there. What it says is in `PeerStatus`. Up to 20. Needs
    /// `system` or `reporting`.
    SIPqualifypeerAction = "SIPqualifypeer" (
        /// the peer.
        peer: text = "Peer",
    ) -> Response {}

    /// Shows a SIP peer. Up to 20. Needs `system` or
    /// `reporting`.
    SIPshowpeerAction = "SIPshowpeer" (
        /// the peer.
        peer: text = "Peer",
    ) -> SIPshowpeerResponse {}

    /// Lists the SIP registrations of this server with others. Up to 20. Needs `system` or
    /// `reporting`.
    SIPshowregistryAction = "SIPshowregistry" ()
        -> Response [event::RegistryEntry, RegistrationsComplete] {}

    /// Sends a NOTIFY to a SIP peer. Up to 20. Needs `system`.
    SIPnotifyAction = "SIPnotify" (
        /// the peer, as `SIP/name` or by its name.
        channel: text = "Channel",
    ) -> Response {
        /// A header to send. One named `Content` is a line of the body.
        variable: variable = "Variable",
        /// The dialog to send it in.
        call_id: text = "Call-ID",
    }

    /// Lists the SCCP phones. Up to 20. Needs `system` or `reporting`.
    SKINNYdevicesAction = "SKINNYdevices" ()
        -> Response [event::DeviceEntry, DevicelistComplete] {}

    /// Lists the SCCP lines. Up to 20. Needs `system` or `reporting`.
    SKINNYlinesAction = "SKINNYlines" () -> Response [event::LineEntry, LinelistComplete] {}

    /// Shows an SCCP phone. Up to 20. Needs `system` or
    /// `reporting`.
    SKINNYshowdeviceAction = "SKINNYshowdevice" (
        /// the phone.
        device: text = "Device",
    ) -> SKINNYshowdeviceResponse {}

    /// Shows an SCCP line. Up to 20. Needs `system` or
    /// `reporting`.
    SKINNYshowlineAction = "SKINNYshowline" (
        /// the line.
        line: text = "Line",
    ) -> SKINNYshowlineResponse {}

    /// Shows the filters of this connection. Only in 13.
    FilterListAction = "FilterList" () -> Response {}
}

responses! {
    /// A SIP peer.
    SIPshowpeerResponse {
        /// `SIP`.
        channel_type: text = "Channeltype",
        /// Its name.
        object_name: text = "ObjectName",
        /// `peer`.
        chan_object_type: text = "ChanObjectType",
        /// Whether it has a secret.
        secret_exist: flag = "SecretExist",
        /// Whether it has a secret for calls to it.
        remote_secret_exist: flag = "RemoteSecretExist",
        /// Whether it has a hashed secret.
        md5_secret_exist: flag = "MD5SecretExist",
        /// The context its calls go to.
        context: text = "Context",
        /// The context of its subscriptions.
        subscribe_context: maybe = "SubscribeContext",
        /// The language of prompts.
        language: text = "Language",
        /// The country of its tones.
        tone_zone: maybe = "ToneZone",
        /// The account code of its calls.
        account_code: maybe = "Accountcode",
        /// How its calls are billed.
        ama_flags: parsed<AmaFlags> = "AMAflags",
        /// Whether its number is shown, in words.
        calling_presentation: text = "CID-CallingPres",
        /// The user in From of calls to it.
        from_user: maybe = "SIP-FromUser",
        /// The domain in From of calls to it.
        from_domain: maybe = "SIP-FromDomain",
        /// The port of that domain.
        from_domain_port: parsed<u16> = "Sip-FromDomain-Port",
        /// The groups that may pick its calls up.
        call_group: text = "Callgroup",
        /// The groups whose calls it may pick up.
        pickup_group: text = "Pickupgroup",
        /// The music that is suggested for it.
        moh_suggest: maybe = "MOHSuggest",
        /// Its mailbox.
        voice_mailbox: text = "VoiceMailbox",
        /// Who may transfer, `open` or `closed`.
        transfer_mode: text = "TransferMode",
        /// The messages it was last told of.
        last_msgs_sent: parsed<i32> = "LastMsgsSent",
        /// How many proxies a call may cross.
        max_forwards: parsed<u32> = "Maxforwards",
        /// How many calls it may have.
        call_limit: parsed<u32> = "Call-limit",
        /// With how many calls it counts as busy.
        busy_level: parsed<u32> = "Busy-level",
        /// The bandwidth of its video, as `384 kbps`.
        max_call_bit_rate: text = "MaxCallBR",
        /// Whether it registers itself.
        dynamic: flag = "Dynamic",
        /// The caller id of its calls.
        caller_id: text = "Callerid",
        /// When its registration ends, as `60 seconds`.
        reg_expire: text = "RegExpire",
        /// What it need not prove.
        auth_insecure: text = "SIP-AuthInsecure",
        /// Whether answers go back to the port they came from: `Y`, `N`, or `a` and `A` if that is
        /// found out.
        forcerport: text = "SIP-Forcerport",
        /// Whether media is sent back to where it comes from, in the same words.
        comedia: text = "SIP-Comedia",
        /// Whether it has an access list.
        acl: flag = "ACL",
        /// Whether media may go past Asterisk; the older name.
        can_reinvite: flag = "SIP-CanReinvite",
        /// Whether media may go past Asterisk.
        direct_media: flag = "SIP-DirectMedia",
        /// Whether it may send calls elsewhere.
        promisc_redir: flag = "SIP-PromiscRedir",
        /// Whether `user=phone` is added.
        user_phone: flag = "SIP-UserPhone",
        /// Whether it may have video.
        video_support: flag = "SIP-VideoSupport",
        /// Whether it may have text.
        text_support: flag = "SIP-TextSupport",
        /// How session timers are used.
        session_timers: text = "SIP-Sess-Timers",
        /// Who refreshes the session.
        session_refresher: text = "SIP-Sess-Refresh",
        /// How long a session lasts without.
        session_expires: seconds = "SIP-Sess-Expires",
        /// How short that may be.
        session_min: seconds = "SIP-Sess-Min",
        /// What carries its media.
        rtp_engine: text = "SIP-RTP-Engine",
        /// Whether its media is encrypted.
        encryption: flag = "SIP-Encryption",
        /// Whether RTP and RTCP share a port.
        rtcp_mux: flag = "SIP-RTCP-Mux",
        /// How digits are sent.
        dtmf_mode: text = "SIP-DTMFmode",
        /// The host that it is called at.
        to_host: text = "ToHost",
        /// Its address.
        address_ip: text = "Address-IP",
        /// Its port.
        address_port: parsed<u16> = "Address-Port",
        /// Its address while it is not registered.
        default_address_ip: text = "Default-addr-IP",
        /// Its port while it is not registered.
        default_address_port: parsed<u16> = "Default-addr-port",
        /// Its user name while it is not registered.
        default_username: maybe = "Default-Username",
        /// The extension that is there while it is registered.
        reg_extension: maybe = "RegExtension",
        /// The codecs it may use.
        codecs: text = "Codecs",
        /// Whether it is there, in words.
        status: text = "Status",
        /// What it calls itself.
        user_agent: text = "SIP-Useragent",
        /// Where it registered itself.
        reg_contact: text = "Reg-Contact",
        /// How often it is asked whether it is there, as `60000 ms`.
        qualify_freq: text = "QualifyFreq",
        /// Where its calls are parked.
        parkinglot: maybe = "Parkinglot",
        /// The variables of its channels, as `name=value`.
        chan_variables: repeated = "ChanVariable",
        /// Whether the reason of a hangup is taken from its header.
        use_reason_header: flag = "SIP-Use-Reason-Header",
        /// What it is, in words of the configuration.
        description: maybe = "Description",
    }

    /// An SCCP phone.
    SKINNYshowdeviceResponse {
        /// `SKINNY`.
        channel_type: text = "Channeltype",
        /// Its name.
        object_name: text = "ObjectName",
        /// `device`.
        channel_object_type: text = "ChannelObjectType",
        /// Its id.
        id: text = "Id",
        /// The version of its software.
        version: text = "version",
        /// Its address.
        ip_address: text = "Ipaddress",
        /// Its port.
        port: parsed<u16> = "Port",
        /// What it is.
        device_type: text = "DeviceType",
        /// The codecs it may use.
        codecs: text = "Codecs",
        /// The same in the order of preference.
        codec_order: text = "CodecOrder",
        /// Whether it is registered, in words.
        device_status: text = "Devicestatus",
        /// How many lines it has.
        number_of_lines: parsed<u32> = "NumberOfLines",
        /// Its lines, as `name (label)`.
        lines: repeated = "Line",
        /// How many add-ons it has.
        number_of_addons: parsed<u32> = "NumberOfAddons",
        /// Its add-ons.
        addons: repeated = "Addon",
        /// How many speed dials it has.
        number_of_speeddials: parsed<u32> = "NumberOfSpeeddials",
        /// Its speed dials.
        speeddials: repeated = "Speeddial",
        /// Its services.
        service_urls: repeated = "ServiceURLs",
    }

    /// An SCCP line.
    SKINNYshowlineResponse {
        /// `SKINNY`.
        channel_type: text = "Channeltype",
        /// Its name.
        object_name: text = "ObjectName",
        /// `line`.
        channel_object_type: text = "ChannelObjectType",
        /// The phone it is on.
        device: text = "Device",
        /// What stands beside its key.
        line_label: text = "LineLabel",
        /// Its extension.
        extension: text = "Extension",
        /// The context its calls go to.
        context: text = "Context",
        /// The groups that may pick its calls up.
        call_group: text = "CallGroup",
        /// The groups whose calls it may pick up.
        pickup_group: text = "PickupGroup",
        /// The named groups that may pick its calls up.
        named_call_group: text = "NamedCallGroup",
        /// The named groups whose calls it may pick up.
        named_pickup_group: text = "NamedPickupGroup",
        /// The language of prompts.
        language: text = "Language",
        /// The account code of its calls.
        account_code: maybe = "Accountcode",
        /// How its calls are billed.
        ama_flags: parsed<AmaFlags> = "AMAflags",
        /// The caller id of its calls.
        caller_id: text = "Callerid",
        /// Whether that is hidden.
        hide_caller_id: flag = "HideCallerId",
        /// Where all calls go.
        forward_all: maybe = "CFwdAll",
        /// Where calls go if it is busy.
        forward_busy: maybe = "CFwdBusy",
        /// Where calls go that nobody answers.
        forward_no_answer: maybe = "CFwdNoAnswer",
        /// Its mailbox.
        voicemail_box: text = "VoicemailBox",
        /// What its messages are heard with.
        voicemail_number: text = "VoicemailNumber",
        /// Whether its lamp blinks for messages.
        mwi_blink: flag = "MWIblink",
        /// The extension that is there while it is registered.
        reg_extension: maybe = "RegExtension",
        /// The context of that.
        reg_context: maybe = "Regcontext",
        /// The music it hears.
        moh_interpret: text = "MoHInterpret",
        /// The music that is suggested for it.
        moh_suggest: text = "MoHSuggest",
        /// The number it dialled last.
        last_dialed_number: text = "LastDialedNr",
        /// Who called it last.
        last_caller_id: text = "LastCallerID",
        /// Whether it may transfer.
        transfer: flag = "Transfer",
        /// Whether a second call may wait.
        call_waiting: flag = "Callwaiting",
        /// Whether it may forward calls.
        can_forward: flag = "CanForward",
        /// Whether it wants no calls.
        do_not_disturb: flag = "DoNotDisturb",
        /// Whether it is behind NAT.
        nat: flag = "NAT",
        /// Whether lifting it dials at once.
        immediate: flag = "immediate",
        /// Its group.
        group: parsed<u32> = "Group",
        /// Where its calls are parked.
        parkinglot: maybe = "Parkinglot",
        /// The codecs it may use.
        codecs: text = "Codecs",
    }
}

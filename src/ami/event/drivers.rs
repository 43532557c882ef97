//! What other channel drivers list: IAX2, the old SIP, Skinny, XMPP and mobile phones.

use super::macros::events;
use crate::types::IaxRegistrationState;

events! {
    /// One peer of the answers to `IAXpeers` and `IAXpeerlist`, and up to Asterisk 20 to `SIPpeers`.
    ///
    /// Which headers there are depends on the driver.
    PeerEntry = "PeerEntry" since "13 or earlier" {
        /// `IAX`, `IAX2` or `SIP`.
        channel_type: text = "Channeltype",
        /// The peer.
        object_name: text = "ObjectName",
        /// Its user name.
        object_username: maybe = "ObjectUsername",
        /// `peer` or `user`.
        chan_object_type: text = "ChanObjectType",
        /// Its address; `None` or `-none-` if unknown.
        ip_address: maybe = "IPaddress",
        /// Its port, with SIP and in the answer to `IAXpeers`.
        ip_port: parsed<u16> = "IPport",
        /// The mask of its address, in the answer to `IAXpeerlist`.
        mask: maybe = "Mask",
        /// Its port, in the answer to `IAXpeerlist`.
        port: parsed<u16> = "Port",
        /// Whether it registers.
        dynamic: flag = "Dynamic",
        /// Whether its calls share packets.
        trunk: flag = "Trunk",
        /// Whether its calls are encrypted.
        encryption: maybe = "Encryption",
        /// Whether it can be reached, in words.
        status: text = "Status",
        /// What it is, in words of the configuration.
        description: maybe = "Description",
        /// The account code of its calls.
        account_code: maybe = "Accountcode",
        /// Whether it has an access list.
        acl: flag = "ACL",
        /// Whether it may have video.
        video_support: flag = "VideoSupport",
        /// Whether it may have text.
        text_support: flag = "TextSupport",
        /// Whether `Forcerport` is found out.
        auto_forcerport: flag = "AutoForcerport",
        /// Whether answers go back to the port they came from.
        forcerport: flag = "Forcerport",
        /// Whether `Comedia` is found out.
        auto_comedia: flag = "AutoComedia",
        /// Whether media is sent back to where it comes from.
        comedia: flag = "Comedia",
        /// Whether it is read from a database.
        realtime_device: flag = "RealtimeDevice",
    }

    /// One registration of Asterisk with another server, of the answer to `IAXregistry`, and up to
    /// Asterisk 20 to `SIPshowregistry`.
    RegistryEntry = "RegistryEntry" since "13 or earlier" {
        /// The server.
        host: text = "Host",
        /// Its port, with SIP.
        port: parsed<u16> = "Port",
        /// Whether its address is looked up again, with IAX2.
        dns_manager: flag = "DNSmanager",
        /// The name it registers.
        username: text = "Username",
        /// The domain, with SIP.
        domain: maybe = "Domain",
        /// The port of the domain, with SIP.
        domain_port: parsed<u16> = "DomainPort",
        /// Asterisk's address as the server sees it, with IAX2.
        perceived: maybe = "Perceived",
        /// How often it is done.
        refresh: seconds = "Refresh",
        /// Where it stands.
        state: parsed<IaxRegistrationState> = "State",
        /// When it succeeded last, with SIP.
        registration_time: epoch = "RegistrationTime",
    }

    /// A peer that `SIPQualifyPeer` asked about has been asked. Only up to Asterisk 20.
    SIPQualifyPeerDone = "SIPQualifyPeerDone" since "13 or earlier" {
        /// The peer.
        peer: text = "Peer",
    }

    /// One device of the answer to `SKINNYdevices`. Only up to Asterisk 20.
    DeviceEntry = "DeviceEntry" since "13 or earlier" {
        /// `SKINNY`.
        channel_type: text = "Channeltype",
        /// Its name.
        object_name: text = "ObjectName",
        /// `device`.
        channel_object_type: text = "ChannelObjectType",
        /// Its id.
        device_id: text = "DeviceId",
        /// Its address.
        ip_address: text = "IPaddress",
        /// What it is.
        device_type: text = "Type",
        /// Whether it is registered, in words.
        device_status: text = "Devicestatus",
        /// How many lines it has.
        number_of_lines: parsed<u32> = "NumberOfLines",
    }

    /// One line of the answer to `SKINNYlines`. Only up to Asterisk 20.
    LineEntry = "LineEntry" since "13 or earlier" {
        /// `SKINNY`.
        channel_type: text = "Channeltype",
        /// Its name.
        object_name: text = "ObjectName",
        /// `line`.
        channel_object_type: text = "ChannelObjectType",
        /// The device it is on.
        device: text = "Device",
        /// Its number there.
        instance: parsed<u32> = "Instance",
        /// What stands beside its key.
        label: text = "Label",
    }

    /// An XMPP buddy is there, or not.
    JabberStatus = "JabberStatus" since "13 or earlier" {
        /// Asterisk's account.
        account: text = "Account",
        /// The buddy.
        jid: text = "JID",
        /// Where the buddy is.
        resource: maybe = "Resource",
        /// The buddy's status.
        status: text = "Status",
        /// How much it counts.
        priority: maybe = "Priority",
        /// The buddy's own words.
        description: maybe = "Description",
    }

    /// A mobile phone was connected, or lost.
    MobileStatus = "MobileStatus" since "13 or earlier" {
        /// `Connect`, `Disconnect` or `Initialised`, and the like.
        status: text = "Status",
        /// The phone.
        device: text = "Device",
    }
}

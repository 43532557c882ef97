//! What has to come, and what cannot, with the reasons.

/// Events that come over either way.
pub(super) const FLOOR: &[&str] = &[
    "ApplicationMoveFailed",
    "ApplicationReplaced",
    "BridgeAttendedTransfer",
    "BridgeBlindTransfer",
    "BridgeCreated",
    "BridgeDestroyed",
    "BridgeMerged",
    "BridgeVideoSourceChanged",
    "CallBroadcast",
    "CallClaimed",
    "ChannelCallerId",
    "ChannelConnectedLine",
    "ChannelCreated",
    "ChannelDestroyed",
    "ChannelDialplan",
    "ChannelDtmfReceived",
    "ChannelEnteredBridge",
    "ChannelHangupRequest",
    "ChannelHold",
    "ChannelLeftBridge",
    "ChannelStateChange",
    "ChannelTalkingFinished",
    "ChannelTalkingStarted",
    "ChannelToneDetected",
    "ChannelTransfer",
    "ChannelUnhold",
    "ChannelUserevent",
    "ChannelVarset",
    "ContactStatusChange",
    "DeviceStateChanged",
    "Dial",
    "EndpointStateChange",
    "PeerStatusChange",
    "PlaybackContinuing",
    "PlaybackFinished",
    "PlaybackStarted",
    "RecordingFailed",
    "RecordingFinished",
    "RecordingStarted",
    "StasisEnd",
    "StasisStart",
    "TextMessageReceived",
];

/// An event that comes where requests go over the event socket.
pub(super) const ANSWER: &str = "RESTResponse";

/// Events that do not come, and why.
pub(super) const UNPROVOKED: &[(&str, &[&str])] = &[(
    "is sent over connections that the server makes",
    &["ApplicationRegistered", "ApplicationUnregistered"],
)];

/// Operations that the server refuses, and why.
pub(super) const REFUSED: &[(&str, &[&str])] = &[(
    "needs the module res_mwi_external, which the package does not have",
    &[
        "GET mailboxes",
        "GET mailboxes/{mailboxName}",
        "PUT mailboxes/{mailboxName}",
        "DELETE mailboxes/{mailboxName}",
    ],
)];

/// Parameters that are not sent, and why.
pub(super) const UNSENT: &[(&str, &str, &str)] = &[
    ("PUT applications/{applicationName}/eventFilter", "filter", "is what the body is, not in it"),
    ("POST bridges", "variables", "is refused, whatever it is; such a bridge is made by its id"),
];

/// Values that are written otherwise than they were read, and why.
pub(super) const RESPELLED: &[(&str, &str)] = &[
    ("BridgeAttendedTransfer.destination_type", "the manager begins it with a capital letter"),
    ("ChannelCallerId.caller_presentation", "is a number that stands for a word"),
];

/// Words that nobody knows, and why.
pub(super) const UNKNOWN: &[(&str, &str, &str)] = &[
    ("Dial", "", "is how a call begins, of which nothing is heard yet"),
    ("Dial", "PROGRESS", "is what `DialStatus::progress` says"),
    ("Dial", "PROCEEDING", "is what `DialStatus::progress` says"),
    ("Dial", "RINGING", "is what `DialStatus::progress` says"),
];

/// Fields that are not documented: the model, their names, and why.
pub(super) const UNDOCUMENTED: &[(&str, &[&str], &str)] = &[(
    "RTPstat",
    &[
        "txmes",
        "rxmes",
        "remote_maxmes",
        "remote_minmes",
        "remote_normdevmes",
        "remote_stdevmes",
        "local_maxmes",
        "local_minmes",
        "local_normdevmes",
        "local_stdevmes",
    ],
    "has scores beside what is documented",
)];

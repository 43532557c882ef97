//! Whether a device, an extension or a person can be called.

use std::fmt;

use super::macros::{code_enums, text_enums};

text_enums! {
    /// What a device is doing.
    ///
    /// It is a word in AMI's `DeviceStateChange`, in ARI and in the dialplan function
    /// `DEVICE_STATE`, a number in `Status` of queue members, and a phrase in what the command line
    /// shows. All are read; shown and serialised is the word. ARI lets all but `UNKNOWN` be set.
    ///
    /// ```
    /// use asterisk_sync::types::DeviceState;
    /// assert_eq!(DeviceState::from("NOT_INUSE"), DeviceState::NotInUse);
    /// assert_eq!(DeviceState::from("1"), DeviceState::NotInUse);
    /// assert_eq!(DeviceState::NotInUse.code(), Some(1));
    /// ```
    DeviceState {
        /// The device is there, but says nothing of its state.
        Unknown = "UNKNOWN" | "0",
        /// Free.
        NotInUse = "NOT_INUSE" | "Not in use" | "1",
        /// On a call, and could take another.
        InUse = "INUSE" | "In use" | "2",
        /// On as many calls as it can take.
        Busy = "BUSY" | "3",
        /// There is no such device.
        Invalid = "INVALID" | "4",
        /// Known, but not reachable: not registered, or switched off.
        Unavailable = "UNAVAILABLE" | "5",
        /// Ringing.
        Ringing = "RINGING" | "6",
        /// Ringing while on another call.
        RingInUse = "RINGINUSE" | "Ring+Inuse" | "7",
        /// Its call is on hold.
        OnHold = "ONHOLD" | "On Hold" | "8",
    }

    /// Whether a person wants to be called: AMI's `PresenceState` and `PresenceStateChange`, and the
    /// dialplan function `PRESENCE_STATE`.
    PresenceState {
        /// Nobody has said.
        NotSet = "not_set",
        /// Not there.
        Unavailable = "unavailable",
        /// There.
        Available = "available",
        /// Away for a while.
        Away = "away",
        /// Away for long.
        ExtendedAway = "xa",
        /// There, and glad to talk.
        Chat = "chat",
        /// Not to be disturbed.
        DoNotDisturb = "dnd",
    }
}

impl DeviceState {
    /// Its number, as in `Status` of queue members.
    pub fn code(&self) -> Option<u8> {
        match self {
            Self::Other(text) => text.parse().ok(),
            known => Self::SPELLINGS[Self::ALL.iter().position(|state| state == known)?]
                .last()?
                .parse()
                .ok(),
        }
    }
}

impl From<u8> for DeviceState {
    fn from(code: u8) -> Self {
        Self::from(code.to_string().as_str())
    }
}

code_enums! {
    /// What the devices behind an extension are doing together, as its hint says.
    ///
    /// AMI has it as the number `Status` and the words `StatusText` in `ExtensionStatus` and in the
    /// answer to `ExtensionState`. Both are read, shown are the words, serialised is the number.
    ///
    /// Above zero the number is a set of bits: an extension that is on a call and rings for another
    /// has 9, which is `Other(9)` and shown as `InUse&Ringing`. So rather than comparing, ask
    /// [`is_in_use`](Self::is_in_use), [`is_ringing`](Self::is_ringing) and their sisters.
    ///
    /// Idle is 0: that is what Asterisk sends. Lists that give it as -1 are wrong; -1 is an
    /// extension without a hint that works, `Other(-1)`, for which there is
    /// [`is_deactivated`](Self::is_deactivated). In words, -1 and -2 and all that Asterisk has no
    /// words for are `Unknown`, which is read as `Removed`: where it matters, read the number.
    ///
    /// ```
    /// use asterisk_sync::types::ExtensionState;
    /// let state: ExtensionState = "9".parse()?;
    /// assert!(state.is_in_use() && state.is_ringing() && !state.is_on_hold());
    /// assert_eq!(state.to_string(), "InUse&Ringing");
    /// assert_eq!(state.code(), 9);
    /// # Ok::<(), asterisk_sync::types::UnknownName>(())
    /// ```
    ExtensionState(i32) {
        /// The extension, or its hint, is gone.
        Removed = -2 "Unknown" | "Removed",
        /// Nobody is using it.
        Idle = 0 "Idle" | "NotInUse",
        /// On a call, and could take another.
        InUse = 1 "InUse",
        /// On as many calls as it can take.
        Busy = 2 "Busy",
        /// None of its devices can be reached.
        Unavailable = 4 "Unavailable",
        /// Ringing.
        Ringing = 8 "Ringing",
        /// Its call is on hold.
        OnHold = 16 "Hold" | "OnHold",
    } else together, split;
}

/// Asterisk's words for two states at once.
fn together(code: i32) -> &'static str {
    match code {
        9 => "InUse&Ringing",
        17 => "InUse&Hold",
        _ => "Unknown",
    }
}

/// The bits of states joined by `&`.
fn split(text: &str) -> Option<i32> {
    if !text.contains('&') {
        return None;
    }
    text.split('&').try_fold(0, |bits, part| {
        let state: ExtensionState = part.parse().ok()?;
        (state.code() > 0).then(|| bits | state.code())
    })
}

impl ExtensionState {
    fn has(self, bit: i32) -> bool {
        self.code() > 0 && self.code() & bit != 0
    }

    /// Nobody is using it.
    pub fn is_idle(self) -> bool {
        self.code() == 0
    }

    /// At least one device is on a call, whatever else.
    pub fn is_in_use(self) -> bool {
        self.has(1)
    }

    /// Busy, whatever else.
    pub fn is_busy(self) -> bool {
        self.has(2)
    }

    /// Not reachable.
    pub fn is_unavailable(self) -> bool {
        self.has(4)
    }

    /// At least one device rings, whatever else.
    pub fn is_ringing(self) -> bool {
        self.has(8)
    }

    /// At least one device has its call on hold, whatever else.
    pub fn is_on_hold(self) -> bool {
        self.has(16)
    }

    /// There is no hint, or none that works.
    pub fn is_deactivated(self) -> bool {
        self.code() == -1
    }

    /// The extension, or its hint, is gone.
    pub fn is_removed(self) -> bool {
        self.code() == -2
    }
}

impl fmt::Display for ExtensionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl serde::Serialize for ExtensionState {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i32(self.code())
    }
}

//! Advice of charge: what a call costs.
//!
//! The action `AOCMessage` and the events `AOC-D`, `AOC-E` and `AOC-S` have different spellings for
//! the same. What is written is the action's; both are read.

use super::macros::text_enums;

text_enums! {
    /// When a charge is told: `MsgType` of the action `AOCMessage`.
    AocMessageType {
        /// During the call.
        During = "D",
        /// At the end of the call.
        End = "E",
        /// When the call is set up.
        Setup = "S",
    }

    /// What a charge is counted in: `ChargeType` of the action `AOCMessage`, `Type` of the events.
    AocChargeType {
        /// Nothing is known.
        NotAvailable = "NA" | "NotAvailable",
        /// It costs nothing.
        Free = "Free",
        /// Money.
        Currency = "Currency",
        /// Units.
        Unit = "Unit" | "Units",
    }

    /// What an amount of money is to be multiplied with: `CurrencyMultiplier` of the action
    /// `AOCMessage`, `Multiplier` of the events.
    AocMultiplier {
        /// 0.001.
        OneThousandth = "OneThousandth" | "1/1000",
        /// 0.01.
        OneHundredth = "OneHundredth" | "1/100",
        /// 0.1.
        OneTenth = "OneTenth" | "1/10",
        /// 1.
        One = "One" | "1",
        /// 10.
        Ten = "Ten" | "10",
        /// 100.
        Hundred = "Hundred" | "100",
        /// 1000.
        Thousand = "Thousand" | "1000",
    }

    /// Whether a charge is all there is: `TotalType`.
    AocTotalType {
        /// It is.
        Total = "Total",
        /// It is what there is so far.
        SubTotal = "SubTotal",
    }

    /// Who pays, and why: `AOCBillingId` of the action `AOCMessage`, `BillingID` of the events.
    /// During a call only the first three can be told.
    AocBillingId {
        /// Whoever calls.
        Normal = "Normal",
        /// Whoever is called.
        ReverseCharge = "ReverseCharge" | "Reverse",
        /// The holder of a card.
        CreditCard = "CreditCard",
        /// Whoever sends all calls on.
        CallForwardUnconditional = "CallFwdUnconditional" | "CallForwardingUnconditional",
        /// Whoever sends calls on while busy.
        CallForwardBusy = "CallFwdBusy" | "CallForwardingBusy",
        /// Whoever sends calls on when not answering.
        CallForwardNoReply = "CallFwdNoReply" | "CallForwardingNoReply",
        /// Whoever sent this one call on.
        CallDeflection = "CallDeflection",
        /// Whoever transferred the call.
        CallTransfer = "CallTransfer",
        /// Nothing is known. Only read.
        NotAvailable = "NotAvailable",
    }

    /// What is charged for: `ChargedItem`.
    AocChargedItem {
        /// Nothing is known.
        NotAvailable = "NA" | "NotAvailable",
        /// What was agreed on.
        SpecialArrangement = "SpecialArrangement",
        /// The call.
        BasicCommunication = "BasicCommunication",
        /// Trying to call.
        CallAttempt = "CallAttempt",
        /// Setting the call up.
        CallSetup = "CallSetup",
        /// Information that goes with the call.
        UserUserInfo = "UserUserInfo",
        /// A service beside the call.
        SupplementaryService = "SupplementaryService",
    }

    /// How the charge grows: `RateType`.
    AocRateType {
        /// Nothing is known.
        NotAvailable = "NA" | "NotAvailable",
        /// It costs nothing.
        Free = "Free",
        /// It costs nothing from the beginning.
        FreeFromBeginning = "FreeFromBeginning",
        /// With time.
        Duration = "Duration",
        /// Not at all: the price is fixed.
        Flat = "Flat" | "Flag",
        /// With how much is carried.
        Volume = "Volume",
        /// In a way that a code stands for.
        SpecialCode = "SpecialCode",
    }

    /// A unit of time: `TimeScale` and `GranularityTimeScale`.
    AocTimeScale {
        /// 10 milliseconds.
        OneHundredthSecond = "OneHundredthSecond",
        /// 100 milliseconds.
        OneTenthSecond = "OneTenthSecond",
        /// A second.
        Second = "Second",
        /// Ten seconds.
        TenSeconds = "TenSeconds",
        /// A minute.
        Minute = "Minute",
        /// An hour.
        Hour = "Hour",
        /// A day.
        Day = "Day",
    }

    /// How time that has begun is charged for: `ChargingType`.
    AocChargingType {
        /// As it passes.
        ContinuousCharging = "ContinuousCharging",
        /// Step by step, a step that has begun in full.
        StepFunction = "StepFunction",
    }

    /// A unit of what is carried: `VolumeUnit` of the action `AOCMessage`, `Unit` of `AOC-S`.
    AocVolumeUnit {
        /// Eight bits.
        Octet = "Octet",
        /// A segment.
        Segment = "Segment",
        /// A message.
        Message = "Message",
    }
}

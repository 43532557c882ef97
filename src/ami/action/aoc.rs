//! Advice of charge: what a call costs.

use super::fields::Fields;
use super::macros::{actions, setters};
use crate::ami::response::Response;
use crate::types::{
    AocBillingId, AocChargeType, AocChargedItem, AocChargingType, AocMessageType, AocMultiplier,
    AocRateType, AocTimeScale, AocTotalType, AocVolumeUnit,
};

actions! {
    /// Tells a channel what its call costs.
    ///
    /// During the call and at its end that is a charge; at the beginning it is how things are
    /// charged, [rate](Self::rate) by rate. The server checks what belongs together and refuses the
    /// rest in plain words. Needs `aoc`.
    AOCMessageAction = "AOCMessage" (
        /// when it is told.
        msg_type: AocMessageType = "MsgType",
    ) -> Response where has_channel {
        /// The channel.
        channel: text = "Channel",
        /// The first channel whose name begins like this.
        channel_prefix: text = "ChannelPrefix",
        /// What the charge is counted in.
        charge_type: AocChargeType = "ChargeType",
        /// The currency, of which ten characters are told.
        currency_name: text = "CurrencyName",
        /// How much money.
        currency_amount: u32 = "CurrencyAmount",
        /// What the money is to be multiplied with.
        currency_multiplier: AocMultiplier = "CurrencyMultiplier",
        /// Whether the charge is all there is; only during the call.
        total_type: AocTotalType = "TotalType",
        /// Who pays, and why.
        billing_id: AocBillingId = "AOCBillingId",
        /// What the charge belongs to: a number from -32768 to 32767; only at the end.
        charging_association_id: i32 = "ChargingAssociationId",
        /// What the charge belongs to: a party; only at the end.
        charging_association_number: text = "ChargingAssociationNumber",
        /// The numbering plan of that party: bits 7 to 1 of the octet of Q.931.
        charging_association_plan: u32 = "ChargingAssociationPlan",
    }
}

impl AOCMessageAction {
    /// Adds an amount of units, and their type from 1 to 16 if there is one.
    ///
    /// Headers `UnitAmount(0)` and `UnitType(0)`, counted up.
    #[must_use]
    pub fn unit(mut self, amount: u32, unit_type: Option<u32>) -> Self {
        let number = self.0.count("UnitAmount(");
        self.0.add(format!("UnitAmount({number})"), amount);
        if let Some(unit_type) = unit_type {
            self.0.add(format!("UnitType({number})"), unit_type);
        }
        self
    }

    /// Adds what is charged, and how; only at the beginning of the call.
    #[must_use]
    pub fn rate(mut self, rate: AocRate) -> Self {
        self.0.extend(rate.0, "");
        self
    }
}

fn has_channel(fields: &Fields) -> Result<(), &'static str> {
    if fields.has("Channel") || fields.has("ChannelPrefix") {
        return Ok(());
    }
    Err("advice of charge needs a channel, or the beginning of its name")
}

/// How one thing is charged: part of an [`AOCMessageAction`].
#[derive(Clone, PartialEq, Eq)]
pub struct AocRate(Fields);

impl AocRate {
    /// What is charged, mostly `BasicCommunication`, and how.
    ///
    /// Headers `ChargedItem` and `RateType`.
    pub fn new(charged_item: AocChargedItem, rate_type: AocRateType) -> Self {
        let mut fields = Fields::default();
        fields.set("ChargedItem", charged_item);
        fields.set("RateType", rate_type);
        Self(fields)
    }
}

setters! {
    AocRate {
        /// The currency, of which ten characters are told.
        currency_name: text = "CurrencyName",
        /// How much money.
        currency_amount: u32 = "CurrencyAmount",
        /// What the money is to be multiplied with.
        currency_multiplier: AocMultiplier = "CurrencyMultiplier",
        /// For how much time the money is.
        time: u32 = "Time",
        /// What the time is counted in.
        time_scale: AocTimeScale = "TimeScale",
        /// The steps in which time is charged.
        granularity: u32 = "Granularity",
        /// What the steps are counted in.
        granularity_time_scale: AocTimeScale = "GranularityTimeScale",
        /// Whether the charge grows all the time or in steps.
        charging_type: AocChargingType = "ChargingType",
        /// A code from 1 to 10, for special arrangements. The server wants an amount of money and a
        /// multiplier beside it.
        code: u32 = "Code",
    }
}

impl AocRate {
    /// For how much data the money is.
    ///
    /// Header `VolumeUnit`, and `TimeScale` with the same value: that is where Asterisk 22 looks
    /// for it.
    #[must_use]
    pub fn volume_unit(mut self, volume_unit: AocVolumeUnit) -> Self {
        self.0.set("VolumeUnit", volume_unit.clone());
        self.0.set("TimeScale", volume_unit);
        self
    }
}

impl std::fmt::Debug for AocRate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.debug("AocRate", f)
    }
}

//! Advice of charge: what a call costs.
//!
//! Asterisk has these as trees, and flattens them: a header's name is the path to its value.

use super::macros::events;
use crate::ami::Message;
use crate::types::{
    AocBillingId, AocChargeType, AocChargedItem, AocChargingType, AocMultiplier, AocRateType,
    AocTotalType, AocVolumeUnit,
};

events! {
    all have {
        /// The channel.
        channel: channel = "",
        /// What the charge is counted in.
        charge_type: parsed<AocChargeType> = "Charge/Type",
        /// Who pays, and why.
        billing_id: parsed<AocBillingId> = "Charge/BillingID",
        /// Whether it is all there is.
        total_type: parsed<AocTotalType> = "Charge/TotalType",
        /// The currency.
        currency_name: maybe = "Charge/Currency/Name",
        /// How much, to be multiplied.
        cost: parsed<u32> = "Charge/Currency/Cost",
        /// What that is to be multiplied with.
        multiplier: parsed<AocMultiplier> = "Charge/Currency/Multiplier",
    }

    /// What a call has cost so far.
    AocD = "AOC-D" since "12 or earlier" {}

    /// What a call that is over has cost.
    AocE = "AOC-E" since "12 or earlier" {
        /// The number that is charged.
        number: maybe = "ChargingAssociation/Number",
        /// The numbering plan of that number.
        plan: parsed<u32> = "ChargingAssociation/Plan",
        /// The id of what is charged.
        id: parsed<i32> = "ChargingAssociation/ID",
    }
}

events! {
    /// What a call that begins will cost.
    AocS = "AOC-S" since "12 or earlier" {
        /// The channel.
        channel: channel = "",
    }
}

impl AocD {
    /// The charge in units.
    pub fn units(&self) -> impl Iterator<Item = AocUnits> {
        units(&self.0)
    }
}

impl AocE {
    /// The charge in units.
    pub fn units(&self) -> impl Iterator<Item = AocUnits> {
        units(&self.0)
    }
}

impl AocS {
    /// What is charged for, and how.
    pub fn rates(&self) -> impl Iterator<Item = AocRate<'_>> {
        (0..)
            .map(|n: u32| AocRate { message: &self.0, index: format!("({n})/") })
            .take_while(|rate| rate.headers().next().is_some())
    }
}

/// A number of units. Headers `Charge/Units(0)/NumberOf` and `Charge/Units(0)/TypeOf`, ….
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct AocUnits {
    /// How many, if that is known.
    pub number_of: Option<u32>,
    /// Of which kind, if that is known.
    pub type_of: Option<i32>,
}

fn units(message: &Message) -> impl Iterator<Item = AocUnits> {
    (0..)
        .map(|n: u32| AocUnits {
            number_of: message.parse(&format!("Charge/Units({n})/NumberOf")),
            type_of: message.parse(&format!("Charge/Units({n})/TypeOf")),
        })
        .take_while(|units| units.number_of.is_some() || units.type_of.is_some())
}

/// What one thing costs. Headers `(null)(0)/Chargeable`, `(null)(0)/Duration/Currency/Name`, …: the
/// list has no name, so `(null)` is what the server writes for it.
#[derive(Debug, Clone)]
pub struct AocRate<'a> {
    message: &'a Message,
    index: String,
}

impl<'a> AocRate<'a> {
    /// Paths below this rate, and their values.
    fn headers(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.message.iter().filter_map(|(name, value)| {
            let (list, path) = name.split_once(&self.index)?;
            (!list.contains('/')).then_some((path, value))
        })
    }

    /// The value whose path ends so.
    fn get(&self, end: &str) -> Option<&'a str> {
        let is_it = |path: &str| path.strip_suffix(end).is_some_and(|rest| rest.ends_with('/'));
        let value = self.headers().find(|(path, _)| is_it(path)).map(|(_, value)| value);
        value.filter(|value| !value.is_empty())
    }

    /// What is charged for.
    pub fn chargeable(&self) -> Option<AocChargedItem> {
        let item = self.headers().find(|(path, _)| *path == "Chargeable")?.1;
        if item.is_empty() { None } else { item.parse().ok() }
    }

    /// How the charge grows.
    pub fn rate_type(&self) -> Option<AocRateType> {
        self.headers().find(|(path, _)| *path != "Chargeable")?.0.split('/').next()?.parse().ok()
    }

    /// The currency.
    pub fn currency_name(&self) -> Option<&'a str> {
        self.get("Currency/Name")
    }

    /// How much, to be multiplied.
    pub fn cost(&self) -> Option<u32> {
        self.get("Currency/Cost")?.parse().ok()
    }

    /// What that is to be multiplied with.
    pub fn multiplier(&self) -> Option<AocMultiplier> {
        self.get("Currency/Multiplier")?.parse().ok()
    }

    /// How time that has begun is charged for.
    pub fn charging_type(&self) -> Option<AocChargingType> {
        self.get("ChargingType")?.parse().ok()
    }

    /// How much time costs that much.
    pub fn length(&self) -> Option<u32> {
        self.get("Time/Length")?.parse().ok()
    }

    /// The unit of that time, as the server writes it.
    pub fn scale(&self) -> Option<&'a str> {
        self.get("Time/Scale")
    }

    /// How much time makes a step.
    pub fn granularity_length(&self) -> Option<u32> {
        self.get("Granularity/Length")?.parse().ok()
    }

    /// The unit of that time, as the server writes it.
    pub fn granularity_scale(&self) -> Option<&'a str> {
        self.get("Granularity/Scale")
    }

    /// The unit of what is carried.
    pub fn unit(&self) -> Option<AocVolumeUnit> {
        self.get("Unit")?.parse().ok()
    }

    /// The code that stands for how it is charged.
    pub fn special_code(&self) -> Option<u32> {
        self.get("SpecialCode")?.parse().ok()
    }
}

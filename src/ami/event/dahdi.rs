//! DAHDI: analogue and ISDN lines.

use super::macros::events;
use crate::ami::value::presentation;
use crate::types::CallerPresentation;

events! {
    /// A line does not work.
    Alarm = "Alarm" since "12 or earlier" {
        /// The line.
        dahdi_channel: text = "DAHDIChannel",
        /// What is wrong.
        alarm: text = "Alarm",
    }

    /// A line works again.
    AlarmClear = "AlarmClear" since "12 or earlier" {
        /// The line.
        dahdi_channel: text = "DAHDIChannel",
    }

    /// A span does not work.
    SpanAlarm = "SpanAlarm" since "12 or earlier" {
        /// The span.
        span: parsed<u32> = "Span",
        /// What is wrong.
        alarm: text = "Alarm",
    }

    /// A span works again.
    SpanAlarmClear = "SpanAlarmClear" since "12 or earlier" {
        /// The span.
        span: parsed<u32> = "Span",
    }

    /// A line is not to be disturbed, or no longer.
    DNDState = "DNDState" since "12 or earlier" {
        /// The line.
        dahdi_channel: text = "DAHDIChannel",
        /// Whether it is not to be disturbed.
        status: flag = "Status",
    }

    /// A call has a line, or has another.
    DAHDIChannel = "DAHDIChannel" since "12 or earlier" {
        /// The call's channel.
        channel: channel = "",
        /// The line's groups, as a bit mask.
        dahdi_group: text = "DAHDIGroup",
        /// The line's span.
        dahdi_span: parsed<u32> = "DAHDISpan",
        /// The line.
        dahdi_channel: text = "DAHDIChannel",
    }

    /// One line of the answer to `DAHDIShowChannels`.
    DAHDIShowChannels = "DAHDIShowChannels" since "13 or earlier" {
        /// The call that has it: name, unique id and account code; absent if none has.
        channel: raw_channel = "",
        /// The line.
        dahdi_channel: text = "DAHDIChannel",
        /// Its signalling.
        signalling: text = "Signalling",
        /// The same as a number.
        signalling_code: parsed<i32> = "SignallingCode",
        /// The context of its calls.
        context: text = "Context",
        /// Whether it is not to be disturbed.
        dnd: flag = "DND",
        /// What is wrong.
        alarm: text = "Alarm",
        /// What it is for, in words of the configuration.
        description: text = "Description",
    }

    /// One span of the answer to `DAHDIShowStatus`.
    DAHDIShowStatus = "DAHDIShowStatus" since "18.23, 20.8 and 21.3" {
        /// The span.
        span: parsed<u32> = "Span",
        /// What it is.
        description: text = "Description",
        /// What is wrong.
        alarms: text = "Alarms",
        /// How many interrupts were missed.
        irq: parsed<u32> = "IRQ",
        /// How many bipolar violations there were.
        bpviol: parsed<u32> = "bpviol",
        /// How many checksums were wrong.
        crc: parsed<u32> = "CRC",
        /// The framing.
        framing: text = "Framing",
        /// The coding.
        coding: text = "Coding",
        /// The options.
        options: text = "Options",
        /// The line build out.
        lbo: text = "LBO",
    }

    /// One D channel of the answer to `PRIShowSpans`.
    PRIShowSpans = "PRIShowSpans" since "13 or earlier" {
        /// The span.
        span: parsed<u32> = "Span",
        /// The D channel.
        d_channel: parsed<u32> = "DChannel",
        /// `Primary`, `Secondary` and so on.
        order: text = "Order",
        /// Whether it is the one that is used.
        active: flag = "Active",
        /// Whether something is wrong.
        alarm: flag = "Alarm",
        /// Whether it is up.
        up: flag = "Up",
    }

    /// Somebody asks the exchange to note who called: a malicious call.
    MCID = "MCID" since "12 or earlier" {
        /// The channel that was called.
        channel: channel = "",
        /// Whether the caller may be shown, as a number and words; see
        /// [`caller_presentation`](Self::caller_presentation).
        m_caller_id_pres: text = "MCallerIDPres",
        /// Whether the number is known.
        m_caller_id_num_valid: flag = "MCallerIDNumValid",
        /// The number.
        m_caller_id_num: maybe = "MCallerIDNum",
        /// The type of number.
        m_caller_id_ton: parsed<u32> = "MCallerIDton",
        /// The numbering plan.
        m_caller_id_num_plan: parsed<u32> = "MCallerIDNumPlan",
        /// Whether the number may be shown, as a number and words; see
        /// [`caller_number_presentation`](Self::caller_number_presentation).
        m_caller_id_num_pres: maybe = "MCallerIDNumPres",
        /// Whether the name is known.
        m_caller_id_name_valid: flag = "MCallerIDNameValid",
        /// The name.
        m_caller_id_name: maybe = "MCallerIDName",
        /// The characters of the name.
        m_caller_id_name_char_set: maybe = "MCallerIDNameCharSet",
        /// Whether the name may be shown, as a number and words; see
        /// [`caller_name_presentation`](Self::caller_name_presentation).
        m_caller_id_name_pres: maybe = "MCallerIDNamePres",
        /// The subaddress.
        m_caller_id_subaddr: maybe = "MCallerIDSubaddr",
        /// The type of subaddress.
        m_caller_id_subaddr_type: maybe = "MCallerIDSubaddrType",
        /// Whether it has an odd number of digits.
        m_caller_id_subaddr_odd: flag = "MCallerIDSubaddrOdd",
        /// Whether the called party may be shown, as a number and words; see
        /// [`connected_presentation`](Self::connected_presentation).
        m_connected_id_pres: text = "MConnectedIDPres",
        /// Whether the number is known.
        m_connected_id_num_valid: flag = "MConnectedIDNumValid",
        /// The number.
        m_connected_id_num: maybe = "MConnectedIDNum",
        /// The type of number.
        m_connected_id_ton: parsed<u32> = "MConnectedIDton",
        /// The numbering plan.
        m_connected_id_num_plan: parsed<u32> = "MConnectedIDNumPlan",
        /// Whether the number may be shown, as a number and words; see
        /// [`connected_number_presentation`](Self::connected_number_presentation).
        m_connected_id_num_pres: maybe = "MConnectedIDNumPres",
        /// Whether the name is known.
        m_connected_id_name_valid: flag = "MConnectedIDNameValid",
        /// The name.
        m_connected_id_name: maybe = "MConnectedIDName",
        /// The characters of the name.
        m_connected_id_name_char_set: maybe = "MConnectedIDNameCharSet",
        /// Whether the name may be shown, as a number and words; see
        /// [`connected_name_presentation`](Self::connected_name_presentation).
        m_connected_id_name_pres: maybe = "MConnectedIDNamePres",
        /// The subaddress.
        m_connected_id_subaddr: maybe = "MConnectedIDSubaddr",
        /// The type of subaddress.
        m_connected_id_subaddr_type: maybe = "MConnectedIDSubaddrType",
        /// Whether it has an odd number of digits.
        m_connected_id_subaddr_odd: flag = "MConnectedIDSubaddrOdd",
    }
}

impl MCID {
    /// Whether the caller may be shown; `None` if nobody says.
    pub fn caller_presentation(&self) -> Option<CallerPresentation> {
        presentation(self.m_caller_id_pres())
    }

    /// Whether the caller's number may be shown; `None` if nobody says.
    pub fn caller_number_presentation(&self) -> Option<CallerPresentation> {
        presentation(self.m_caller_id_num_pres()?)
    }

    /// Whether the caller's name may be shown; `None` if nobody says.
    pub fn caller_name_presentation(&self) -> Option<CallerPresentation> {
        presentation(self.m_caller_id_name_pres()?)
    }

    /// Whether the called party may be shown; `None` if nobody says.
    pub fn connected_presentation(&self) -> Option<CallerPresentation> {
        presentation(self.m_connected_id_pres())
    }

    /// Whether the called party's number may be shown; `None` if nobody says.
    pub fn connected_number_presentation(&self) -> Option<CallerPresentation> {
        presentation(self.m_connected_id_num_pres()?)
    }

    /// Whether the called party's name may be shown; `None` if nobody says.
    pub fn connected_name_presentation(&self) -> Option<CallerPresentation> {
        presentation(self.m_connected_id_name_pres()?)
    }
}

//! What the two ends of a media stream tell each other of its quality.

use std::time::Duration;

use super::macros::events;
use crate::ami::Message;
use crate::ami::value::{hex, seconds};
use crate::types;

events! {
    all have {
        /// The channel.
        channel: channel = "",
        /// Where it came from; empty where the server does not say.
        from: text = "From",
        /// Where it was sent; empty where the server does not say.
        to: text = "To",
        /// Who sent the packet.
        ssrc: hex = "SSRC",
        /// The type of packet.
        pt: parsed<types::RtcpPacketType> = "PT",
        /// How many reports are in it.
        report_count: parsed<u32> = "ReportCount",
        /// When it was sent, if they send.
        sent_ntp: epoch = "SentNTP",
        /// The same by the clock of the stream.
        sent_rtp: parsed<u32> = "SentRTP",
        /// How many packets they have sent.
        sent_packets: parsed<u32> = "SentPackets",
        /// How many bytes they have sent.
        sent_octets: parsed<u32> = "SentOctets",
        /// How well the stream sounds, from 0 to 100, as Asterisk reckons it. Since Asterisk 20.4.
        mes: parsed<f64> = "MES",
    }

    /// An RTCP packet came in.
    RTCPReceived = "RTCPReceived" since "12 or earlier" {
        /// How long a packet takes there and back.
        rtt: seconds = "RTT",
    }

    /// An RTCP packet was sent.
    RTCPSent = "RTCPSent" since "12 or earlier" {}
}

impl RTCPReceived {
    /// What the other side tells of each stream that it gets.
    pub fn reports(&self) -> impl Iterator<Item = RtcpReport<'_>> {
        reports(&self.0)
    }
}

impl RTCPSent {
    /// What Asterisk tells of each stream that it gets.
    pub fn reports(&self) -> impl Iterator<Item = RtcpReport<'_>> {
        reports(&self.0)
    }
}

/// One report of an RTCP packet: how one stream arrives. Headers `Report0SourceSSRC`, ….
#[derive(Debug, Clone)]
pub struct RtcpReport<'a> {
    message: &'a Message,
    prefix: String,
}

fn reports(message: &Message) -> impl Iterator<Item = RtcpReport<'_>> {
    (0..)
        .map(move |n: u32| RtcpReport { message, prefix: format!("Report{n}") })
        .take_while(|report| report.get("SourceSSRC").is_some())
}

impl<'a> RtcpReport<'a> {
    fn get(&self, name: &str) -> Option<&'a str> {
        self.message.get_prefixed(&self.prefix, name)
    }

    /// Who sends the stream (`SourceSSRC`).
    pub fn source_ssrc(&self) -> Option<u32> {
        hex(self.get("SourceSSRC")?)
    }

    /// How many of 256 packets were lost since the last report (`FractionLost`).
    pub fn fraction_lost(&self) -> Option<u32> {
        self.get("FractionLost")?.parse().ok()
    }

    /// How many packets were lost since it began (`CumulativeLost`); negative if some came twice.
    pub fn cumulative_lost(&self) -> Option<i32> {
        self.get("CumulativeLost")?.parse().ok()
    }

    /// The highest sequence number that arrived (`HighestSequence`).
    pub fn highest_sequence(&self) -> Option<u32> {
        self.get("HighestSequence")?.parse().ok()
    }

    /// How often these numbers have begun anew (`SequenceNumberCycles`).
    pub fn sequence_number_cycles(&self) -> Option<u32> {
        self.get("SequenceNumberCycles")?.parse().ok()
    }

    /// How unevenly packets arrive, by the clock of the stream (`IAJitter`).
    pub fn ia_jitter(&self) -> Option<u32> {
        self.get("IAJitter")?.parse().ok()
    }

    /// Which packet of the sender this answers (`LSR`).
    pub fn lsr(&self) -> Option<u32> {
        self.get("LSR")?.parse().ok()
    }

    /// How long after that packet (`DLSR`).
    pub fn dlsr(&self) -> Option<Duration> {
        seconds(self.get("DLSR")?)
    }
}

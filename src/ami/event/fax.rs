//! Fax.

use super::macros::events;
use crate::types::{self, FaxOperation, FaxState};

events! {
    /// A fax is under way, and this is what happens.
    FAXStatus = "FAXStatus" since "12 or earlier" {
        /// The channel.
        channel: channel = "",
        /// What it is for.
        operation: parsed<FaxOperation> = "Operation",
        /// What happens, in words.
        status: text = "Status",
        /// Who Asterisk says it is.
        local_station_id: text = "LocalStationID",
        /// The files.
        file_names: repeated = "FileName",
    }
}

events! {
    all have {
        /// The channel.
        channel: channel = "",
        /// Who Asterisk says it is.
        local_station_id: text = "LocalStationID",
        /// Who the other side says it is.
        remote_station_id: text = "RemoteStationID",
        /// How many pages.
        pages_transferred: parsed<u32> = "PagesTransferred",
        /// How fine they are.
        resolution: text = "Resolution",
        /// How fast, in bits per second.
        transfer_rate: parsed<u32> = "TransferRate",
        /// The files.
        file_names: repeated = "FileName",
    }

    /// A fax was received.
    ReceiveFAX = "ReceiveFAX" since "12 or earlier" {}

    /// A fax was sent.
    SendFAX = "SendFAX" since "12 or earlier" {}
}

events! {
    /// The fax session that `FAXSession` asked for.
    FAXSession = "FAXSession" since "13" {
        /// Its number.
        session_number: parsed<u32> = "SessionNumber",
        /// What it is for.
        operation: parsed<FaxOperation> = "Operation",
        /// How far it has come.
        state: parsed<FaxState> = "State",
        /// Whether errors are corrected.
        error_correction_mode: flag = "ErrorCorrectionMode",
        /// How fast, in bits per second.
        data_rate: parsed<u32> = "DataRate",
        /// How fine it is.
        image_resolution: maybe = "ImageResolution",
        /// Which page.
        page_number: parsed<u32> = "PageNumber",
        /// The file.
        file_name: maybe = "FileName",
        /// How many pages were sent.
        pages_transmitted: parsed<u32> = "PagesTransmitted",
        /// How many pages were received.
        pages_received: parsed<u32> = "PagesReceived",
        /// How many lines came in badly.
        total_bad_lines: parsed<u32> = "TotalBadLines",
    }

    /// One fax session of the answer to `FAXSessions`.
    FAXSessionsEntry = "FAXSessionsEntry" since "13" {
        /// The channel.
        channel: text = "Channel",
        /// What does it, such as `Spandsp`.
        technology: text = "Technology",
        /// Its number.
        session_number: parsed<u32> = "SessionNumber",
        /// How it is carried.
        session_type: parsed<types::FaxSessionType> = "SessionType",
        /// What it is for.
        operation: parsed<FaxOperation> = "Operation",
        /// How far it has come.
        state: parsed<FaxState> = "State",
        /// The files, with commas between.
        files: text = "Files",
    }

    /// The answer to `FAXStats`.
    FAXStats = "FAXStats" since "13" {
        /// How many faxes are under way.
        current_sessions: parsed<u32> = "CurrentSessions",
        /// How many sessions are promised.
        reserved_sessions: parsed<u32> = "ReservedSessions",
        /// How many faxes were begun to be sent.
        transmit_attempts: parsed<u32> = "TransmitAttempts",
        /// How many faxes were begun to be received.
        receive_attempts: parsed<u32> = "ReceiveAttempts",
        /// How many came through.
        completed_faxes: parsed<u32> = "CompletedFAXes",
        /// How many did not.
        failed_faxes: parsed<u32> = "FailedFAXes",
    }
}

//! What concerns security: who tried to get in, and what was too much. All need the privilege
//! `security`.

use super::macros::events;
use crate::types::SecuritySeverity;

events! {
    all have {
        /// When it happened.
        event_tv: date = "EventTV",
        /// How grave it is.
        severity: parsed<SecuritySeverity> = "Severity",
        /// Which part of Asterisk saw it, such as `AMI` or `PJSIP`.
        service: text = "Service",
        /// The version of this kind of event.
        event_version: parsed<u32> = "EventVersion",
        /// Who they say they are.
        account_id: text = "AccountID",
        /// What tells this session from others of the same service.
        session_id: text = "SessionID",
        /// Asterisk's address, as `IPV4/TCP/192.0.2.1/5038`.
        local_address: text = "LocalAddress",
        /// Their address, in the same form.
        remote_address: text = "RemoteAddress",
        /// The module that saw it.
        module: maybe = "Module",
        /// When the session began.
        session_tv: date = "SessionTV",
    }

    /// An access list refused an address.
    FailedACL = "FailedACL" since "12.1" {
        /// The access list.
        acl_name: maybe = "ACLName",
    }

    /// There is no such account.
    InvalidAccountID = "InvalidAccountID" since "12.1" {}

    /// The password was wrong.
    InvalidPassword = "InvalidPassword" since "12.1" {
        /// The challenge that was sent.
        challenge: maybe = "Challenge",
        /// The challenge that came back.
        received_challenge: maybe = "ReceivedChallenge",
        /// The hash that came back.
        received_hash: maybe = "ReceivedHash",
    }

    /// A challenge was sent.
    ChallengeSent = "ChallengeSent" since "12.1" {
        /// The challenge.
        challenge: text = "Challenge",
    }

    /// The answer to a challenge was wrong.
    ChallengeResponseFailed = "ChallengeResponseFailed" since "12.1" {
        /// The challenge.
        challenge: text = "Challenge",
        /// The answer.
        response: text = "Response",
        /// What the answer should have been.
        expected_response: text = "ExpectedResponse",
    }

    /// Somebody got in.
    SuccessfulAuth = "SuccessfulAuth" since "12.1" {
        /// Whether with a password.
        using_password: flag = "UsingPassword",
    }

    /// That way of proving who one is is not allowed.
    AuthMethodNotAllowed = "AuthMethodNotAllowed" since "12.1" {
        /// The way.
        auth_method: text = "AuthMethod",
    }

    /// A request came from another address than the session's.
    UnexpectedAddress = "UnexpectedAddress" since "12.1" {
        /// The session's address.
        expected_address: text = "ExpectedAddress",
    }

    /// That transport is not allowed.
    InvalidTransport = "InvalidTransport" since "12.1" {
        /// The transport.
        attempted_transport: text = "AttemptedTransport",
    }

    /// A request could not be understood.
    RequestBadFormat = "RequestBadFormat" since "12.1" {
        /// What kind of request.
        request_type: text = "RequestType",
        /// What it had in it.
        request_params: maybe = "RequestParams",
    }

    /// A request is not allowed to this account.
    RequestNotAllowed = "RequestNotAllowed" since "12.1" {
        /// What kind of request.
        request_type: text = "RequestType",
        /// What it had in it.
        request_params: maybe = "RequestParams",
    }

    /// A request is of a kind that this service does not know.
    RequestNotSupported = "RequestNotSupported" since "12.1" {
        /// What kind of request.
        request_type: text = "RequestType",
    }

    /// Too many sessions: one more was refused.
    SessionLimit = "SessionLimit" since "12.1" {}

    /// The system's load is over the limit: a call was refused.
    LoadAverageLimit = "LoadAverageLimit" since "12.1" {}

    /// The system's free memory is under the limit: a call was refused.
    MemoryLimit = "MemoryLimit" since "12.1" {}
}

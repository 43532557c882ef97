//! Mailboxes.

use super::macros::actions;
use crate::ami::event;
use crate::ami::response::{Reply, Response, responses};
use crate::error::{Error, Result};

actions! {
    /// Asks whether messages are waiting in a mailbox. Needs `call` or `reporting`.
    MailboxStatusAction = "MailboxStatus" (
        /// the mailbox, as `number@context`.
        mailbox: text = "Mailbox",
    ) -> MailboxStatusResponse {}

    /// Asks how many messages are in a mailbox. Needs `call` or `reporting`.
    MailboxCountAction = "MailboxCount" (
        /// the mailbox, as `number@context`.
        mailbox: text = "Mailbox",
    ) -> MailboxCountResponse {}

    /// Lists mailboxes whose messages are counted elsewhere. Needs `call` or `reporting`.
    MWIGetAction = "MWIGet" (
        /// the mailbox, or a regular expression between slashes.
        mailbox: text = "Mailbox",
    ) -> Response [event::MWIGet, MWIGetComplete] {}

    /// Says how many messages are in a mailbox that is elsewhere. Needs `call`.
    MWIUpdateAction = "MWIUpdate" (
        /// the mailbox.
        mailbox: text = "Mailbox",
    ) -> Response {
        /// How many have been heard.
        old_messages: u32 = "OldMessages",
        /// How many have not.
        new_messages: u32 = "NewMessages",
    }

    /// Forgets mailboxes that are elsewhere. Needs `call`.
    MWIDeleteAction = "MWIDelete" (
        /// the mailbox, or a regular expression between slashes.
        mailbox: text = "Mailbox",
    ) -> Response {}

    /// Lists the users of voicemail. Needs `call` or `reporting`.
    VoicemailUsersListAction = "VoicemailUsersList" ()
        -> Response [event::VoicemailUserEntry, VoicemailUserEntryComplete] {}

    /// Lists one user of voicemail; an unknown one gives an empty list. Since 16. Needs `call` or
    /// `reporting`.
    VoicemailUserStatusAction = "VoicemailUserStatus" (
        /// the context of voicemail.
        context: text = "Context",
        /// the mailbox.
        mailbox: text = "Mailbox",
    ) -> Response [event::VoicemailUserDetail, VoicemailUserDetailComplete] {}

    /// Lists the messages of a mailbox; an unknown one gives an empty list. Since 18.20 and 20.5.
    /// Needs `call` or `reporting`.
    VoicemailBoxSummaryAction = "VoicemailBoxSummary" (
        /// the context of voicemail.
        context: text = "Context",
        /// the mailbox.
        mailbox: text = "Mailbox",
    ) -> Response [event::VoicemailBoxDetail, VoicemailBoxDetailComplete] {}

    /// Counts the messages of mailboxes again, after something else has changed them. Needs `user`.
    VoicemailRefreshAction = "VoicemailRefresh" () -> Response {
        /// Only in this context of voicemail.
        context: text = "Context",
        /// Only this mailbox of the context.
        mailbox: text = "Mailbox",
    }

    /// Copies a message to another folder or mailbox. Since 18.20 and 20.5. Needs `user`.
    ///
    /// Refused with `Message forward failed` if there is no such message, mailbox or folder.
    VoicemailForwardAction = "VoicemailForward" (
        /// the context of voicemail.
        context: text = "Context",
        /// the mailbox.
        mailbox: text = "Mailbox",
        /// the folder, such as `INBOX`.
        folder: text = "Folder",
        /// the message's id.
        id: text = "ID",
        /// the context to copy it to.
        to_context: text = "ToContext",
        /// the mailbox to copy it to.
        to_mailbox: text = "ToMailbox",
        /// the folder to copy it to.
        to_folder: text = "ToFolder",
    ) -> VoicemailResponse {}

    /// Moves a message to another folder of its mailbox. Since 18.20 and 20.5. Needs `user`.
    ///
    /// Refused with `Message move failed` if there is no such message, mailbox or folder.
    VoicemailMoveAction = "VoicemailMove" (
        /// the context of voicemail.
        context: text = "Context",
        /// the mailbox.
        mailbox: text = "Mailbox",
        /// the folder.
        folder: text = "Folder",
        /// the message's id.
        id: text = "ID",
        /// the folder to move it to.
        to_folder: text = "ToFolder",
    ) -> VoicemailResponse {}

    /// Deletes a message. Since 18.20 and 20.5. Needs `user`.
    ///
    /// Refused with `Message remove failed` if there is no such message, mailbox or folder.
    VoicemailRemoveAction = "VoicemailRemove" (
        /// the context of voicemail.
        context: text = "Context",
        /// the mailbox.
        mailbox: text = "Mailbox",
        /// the folder.
        folder: text = "Folder",
        /// the message's id.
        id: text = "ID",
    ) -> VoicemailResponse {}
}

/// A message was forwarded, moved or removed. The server says `Success` even where that failed, and
/// tells it in words: here that is [`Error::Refused`].
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct VoicemailResponse(Response);

impl VoicemailResponse {
    /// The answer as it came.
    pub fn response(&self) -> &Response {
        &self.0
    }
}

impl Reply for VoicemailResponse {
    fn from_response(response: Response) -> Result<Self> {
        let text = response.text().trim();
        if !text.ends_with("failed") {
            return Ok(Self(response));
        }
        let action = match text.split(' ').nth(1) {
            Some("forward") => "VoicemailForward",
            Some("move") => "VoicemailMove",
            _ => "VoicemailRemove",
        };
        Err(Error::Refused { action: action.into(), message: text.into() })
    }
}

responses! {
    /// Whether messages are waiting.
    MailboxStatusResponse {
        /// The mailbox.
        mailbox: text = "Mailbox",
        /// Whether there are messages that nobody has heard.
        waiting: flag = "Waiting",
    }

    /// How many messages there are.
    MailboxCountResponse {
        /// The mailbox.
        mailbox: text = "Mailbox",
        /// Urgent ones that nobody has heard.
        urg_messages: parsed<u32> = "UrgMessages",
        /// Others that nobody has heard.
        new_messages: parsed<u32> = "NewMessages",
        /// Those that were heard.
        old_messages: parsed<u32> = "OldMessages",
    }
}

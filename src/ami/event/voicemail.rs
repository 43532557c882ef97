//! Mailboxes.

use super::macros::events;

events! {
    all have {
        /// The context.
        vm_context: text = "VMContext",
        /// The mailbox.
        voice_mailbox: text = "VoiceMailbox",
        /// Its owner's name.
        full_name: text = "Fullname",
        /// Where its messages are sent.
        email: text = "Email",
        /// Where short notices of them are sent.
        pager: text = "Pager",
        /// Where those mails come from.
        server_email: text = "ServerEmail",
        /// The name they come from.
        from_string: text = "FromString",
        /// The command that sends them.
        mail_command: text = "MailCommand",
        /// The language of prompts.
        language: text = "Language",
        /// The time zone of times that are said.
        time_zone: text = "TimeZone",
        /// The context in which a caller can be called back.
        callback: text = "Callback",
        /// The context in which the owner can call out.
        dialout: text = "Dialout",
        /// Its row in the database.
        unique_id: text = "UniqueID",
        /// The context in which callers leave it.
        exit_context: text = "ExitContext",
        /// From how many minutes on a message's length is said.
        say_duration_minimum: parsed<u32> = "SayDurationMinimum",
        /// Whether it is said when a message came.
        say_envelope: flag = "SayEnvelope",
        /// Whether it is said who left it.
        say_cid: flag = "SayCID",
        /// Whether mails have the message with them.
        attach_message: flag = "AttachMessage",
        /// In which format.
        attachment_format: text = "AttachmentFormat",
        /// Whether it is then deleted.
        delete_message: flag = "DeleteMessage",
        /// How much louder it is made, in decibels.
        volume_gain: parsed<f64> = "VolumeGain",
        /// Whether callers can listen to what they said.
        can_review: flag = "CanReview",
        /// Whether callers can mark a message as urgent.
        can_mark_urgent: flag = "CanMarkUrgent",
        /// Whether callers can ask for the operator.
        call_operator: flag = "CallOperator",
        /// How many messages a folder can have.
        max_message_count: parsed<u32> = "MaxMessageCount",
        /// How long a message can be.
        max_message_length: seconds = "MaxMessageLength",
        /// How many messages are new.
        new_message_count: parsed<u32> = "NewMessageCount",
        /// How many messages are not.
        old_message_count: parsed<u32> = "OldMessageCount",
        /// The user of the mail server, if messages are there.
        imap_user: maybe = "IMAPUser",
        /// The mail server.
        imap_server: maybe = "IMAPServer",
        /// Its port.
        imap_port: parsed<u16> = "IMAPPort",
        /// How it is spoken to.
        imap_flags: maybe = "IMAPFlags",
    }

    /// One mailbox of the answer to `VoicemailUsersList`.
    VoicemailUserEntry = "VoicemailUserEntry" since "13 or earlier" {}

    /// The mailbox that `VoicemailUserStatus` asked for.
    VoicemailUserDetail = "VoicemailUserDetail" since "16" {}
}

events! {
    /// One message of the answer to `VoicemailBoxSummary`.
    VoicemailBoxDetail = "VoicemailBoxDetail" since "18.20 and 20.5" {
        /// The folder.
        folder: text = "Folder",
        /// Who left it.
        caller_id: text = "CallerID",
        /// When, in words.
        date: text = "Date",
        /// How long it is.
        duration: seconds = "Duration",
        /// `Urgent`, or nothing.
        flag: text = "Flag",
        /// Its id.
        id: text = "ID",
    }

    /// A mailbox has another password.
    VoicemailPasswordChange = "VoicemailPasswordChange" since "18.21, 20.6 and 21.1" {
        /// The context.
        context: text = "Context",
        /// The mailbox.
        mailbox: text = "Mailbox",
        /// The password, in clear.
        new_password: text = "NewPassword",
    }

    /// The number of messages in a mailbox changed.
    MessageWaiting = "MessageWaiting" since "13 or earlier" {
        /// The channel that left one or listened; absent if nobody says.
        channel: channel = "",
        /// The mailbox, with its context.
        mailbox: text = "Mailbox",
        /// Whether there are new ones.
        waiting: flag = "Waiting",
        /// How many are new; absent if nobody says.
        new_messages: parsed<u32> = "New",
        /// How many are not; absent if nobody says.
        old_messages: parsed<u32> = "Old",
    }

    /// One mailbox of the answer to `MWIGet`.
    MWIGet = "MWIGet" since "12.1" {
        /// The mailbox.
        mailbox: text = "Mailbox",
        /// How many messages are new.
        new_messages: parsed<u32> = "NewMessages",
        /// How many messages are not.
        old_messages: parsed<u32> = "OldMessages",
    }

    /// `MinivmNotify` sent a message.
    MiniVoiceMail = "MiniVoiceMail" since "12 or earlier" {
        /// The channel.
        channel: channel = "",
        /// `SentNotification`.
        action: text = "Action",
        /// The mailbox.
        mailbox: text = "Mailbox",
        /// How many messages it had, as its counter says.
        counter: text = "Counter",
    }
}

//! Channels and what belongs to them.

use std::collections::BTreeMap;

use super::Timestamp;
use crate::types::ChannelState;

models! {
    /// A name and a number.
    CallerId = "CallerID" {
        /// The name; often empty.
        name: String,
        /// The number.
        number: String,
    }

    /// Where in the dialplan a channel is.
    DialplanCep = "DialplanCEP" {
        /// The context.
        context: String,
        /// The extension.
        exten: String,
        /// The priority.
        priority: i64,
        /// The application that runs.
        app_name: String,
        /// What it was given.
        app_data: String,
    }

    /// A channel: one leg of a call.
    Channel as Channel(id, name) {
        /// Its id, which is what every operation takes.
        id: String,
        /// The id of its technology: with SIP, the `Call-ID`.
        protocol_id: String,
        /// Its name, such as `PJSIP/alice-00000001`.
        name: String,
        /// What it is doing.
        state: ChannelState,
        /// Who calls.
        caller: CallerId,
        /// Whom it is connected to.
        connected: CallerId,
        /// The account that pays.
        accountcode: String,
        /// Where in the dialplan it is.
        dialplan: DialplanCep,
        /// When it came to be.
        creationtime: Timestamp,
        /// The language of its prompts.
        language: String,
        /// The variables that `ari.conf` has listed in `channelvars`.
        channelvars: Option<BTreeMap<String, String>>,
        /// The number that was redirected.
        caller_rdnis: Option<String>,
        /// Its tenant.
        tenantid: Option<String>,
    }

    /// What dialling a channel tells: nothing so far.
    Dialed {}

    /// The value of a variable, of a channel or a global one.
    Variable {
        /// The value.
        value: String,
    }

    /// Several variables of a channel or a bridge. Since 20.20 and 22.10.
    Variables {
        /// Their values by their names.
        variables: BTreeMap<String, String>,
    }
}

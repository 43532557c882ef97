//! Mailboxes that are kept elsewhere, and of which Asterisk only knows how full they are.
//!
//! They are there where the module `res_mwi_external` is, which excludes Asterisk's own voicemail; where
//! it is not, every call here but [`delete`] is [`is_not_found`](crate::Error::is_not_found).

use crate::Result;
use crate::ari::AriClient;
use crate::ari::model::Mailbox;
use crate::ari::rest::Request;

/// All mailboxes.
///
/// `GET /mailboxes`
pub fn list(client: &AriClient) -> Result<Vec<Mailbox>> {
    client.fetch(Request::get(["mailboxes"]))
}

/// One mailbox.
///
/// `GET /mailboxes/{mailboxName}`
pub fn get(client: &AriClient, mailbox: &str) -> Result<Mailbox> {
    client.fetch(Request::get(["mailboxes", mailbox]))
}

/// Says how many messages are in a mailbox, and makes it if there is none.
///
/// `PUT /mailboxes/{mailboxName}`
pub fn update(
    client: &AriClient,
    mailbox: &str,
    old_messages: u32,
    new_messages: u32,
) -> Result<()> {
    let request = Request::put(["mailboxes", mailbox]);
    let request = request.param("oldMessages", old_messages).param("newMessages", new_messages);
    client.send(request.repeatable())
}

/// Removes a mailbox. That it is not there is a success.
///
/// `DELETE /mailboxes/{mailboxName}`
pub fn delete(client: &AriClient, mailbox: &str) -> Result<()> {
    super::gone_is_fine(client.send(Request::delete(["mailboxes", mailbox])))
}

//! A channel in hand: its life, its variables, its way through dialplan and applications.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::params::{ContinueParams, DialParams};
use super::{get, gone_is_fine};
use crate::Result;
use crate::ari::AriClient;
use crate::ari::model::{Channel, RtpStat, Variable, Variables};
use crate::ari::resources::variables::NewVariables;
use crate::ari::resources::{no_function, texts, with_variables};
use crate::ari::rest::{Method, Request};
use crate::ari::watch::Watch;
use crate::types::{HangupCause, HangupReason, TransferProgress};

/// A channel that one has the id of. It is a handle: cheap to clone, and at home in any thread.
///
/// Most operations are for channels in an application. Of one that is in none they are
/// [`is_conflict`](crate::Error::is_conflict), of one that is gone
/// [`is_not_found`](crate::Error::is_not_found), and where its state does not allow them 412.
#[derive(Clone)]
pub struct ChannelHandle {
    pub(super) id: String,
    pub(super) client: AriClient,
    /// What listens from before the channel existed, where this client made it.
    pub(super) watch: Option<Arc<Watch>>,
    /// Set once this handle has sent the channel out of its application, for whoever would do so
    /// otherwise.
    pub(super) departed: Option<Arc<AtomicBool>>,
}

impl AriClient {
    /// A handle for the channel of this id. Asks nothing of the server.
    pub fn channel(&self, id: impl Into<String>) -> ChannelHandle {
        ChannelHandle::new(id, self.clone())
    }
}

impl ChannelHandle {
    /// A handle for the channel of this id. Asks nothing of the server.
    pub fn new(id: impl Into<String>, client: AriClient) -> Self {
        Self { id: id.into(), client, watch: None, departed: None }
    }

    /// The same, and tells when it has sent the channel out of its application.
    pub(in crate::ari) fn telling(self, departed: Arc<AtomicBool>) -> Self {
        Self { departed: Some(departed), ..self }
    }

    fn departs(&self, outcome: Result<()>) -> Result<()> {
        if let (Ok(()), Some(departed)) = (&outcome, &self.departed) {
            departed.store(true, Ordering::Release);
        }
        outcome
    }

    /// The channel's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The client behind it.
    pub fn client(&self) -> &AriClient {
        &self.client
    }

    pub(super) fn request(&self, method: Method, what: &str) -> Request {
        Request::new(method, ["channels", &*self.id, what])
    }

    pub(super) fn post(&self, what: &str) -> Result<()> {
        self.client.send(self.request(Method::Post, what))
    }

    pub(super) fn delete(&self, what: &str) -> Result<()> {
        self.client.send(self.request(Method::Delete, what))
    }

    /// What the channel is and does.
    ///
    /// `GET /channels/{channelId}`
    pub fn get(&self) -> Result<Channel> {
        get(&self.client, &self.id)
    }

    /// Answers it.
    ///
    /// `POST /channels/{channelId}/answer`
    pub fn answer(&self) -> Result<()> {
        self.post("answer")
    }

    /// Hangs up. That the channel is gone already is a success.
    ///
    /// `DELETE /channels/{channelId}`
    pub fn hangup(&self, reason: impl Into<Option<HangupReason>>) -> Result<()> {
        let reason = reason.into().map(|reason| reason.to_string());
        let request = Request::delete(["channels", &*self.id]).maybe("reason", reason);
        self.departs(gone_is_fine(self.client.send(request)))
    }

    /// Hangs up with any cause there is. That the channel is gone already is a success.
    ///
    /// `DELETE /channels/{channelId}` with `reason_code`
    pub fn hangup_with_cause(&self, cause: HangupCause) -> Result<()> {
        let request = Request::delete(["channels", &*self.id]);
        let request = request.param("reason_code", cause.code().to_string());
        self.departs(gone_is_fine(self.client.send(request)))
    }

    /// Rings the other side of a channel that was [created](super::create).
    ///
    /// `POST /channels/{channelId}/dial`
    pub fn dial(&self, params: &DialParams) -> Result<()> {
        self.client.send(self.request(Method::Post, "dial").params(params))
    }

    /// Tells the caller that it is ringing.
    ///
    /// `POST /channels/{channelId}/ring`
    pub fn ring(&self) -> Result<()> {
        self.post("ring")
    }

    /// Tells the caller that it is ringing no more.
    ///
    /// `DELETE /channels/{channelId}/ring`
    pub fn ring_stop(&self) -> Result<()> {
        self.delete("ring")
    }

    /// Tells the caller that the call is getting on, so that it hears what is played before the answer.
    /// Since 20.16, 21.11 and 22.6.
    ///
    /// `POST /channels/{channelId}/progress`
    pub fn progress(&self) -> Result<()> {
        self.post("progress")
    }

    /// Tells a channel that asked for a transfer how that is getting on; one that did not ask takes no
    /// notice. Since 20.13, 21.8 and 22.3.
    ///
    /// `POST /channels/{channelId}/transfer_progress`
    #[allow(clippy::needless_pass_by_value, reason = "a word is given to be sent")]
    pub fn transfer_progress(&self, progress: TransferProgress) -> Result<()> {
        let request = self.request(Method::Post, "transfer_progress");
        self.client.send(request.param("states", progress.as_str()))
    }

    /// Leaves the application and goes on in the dialplan.
    ///
    /// `POST /channels/{channelId}/continue`
    pub fn continue_in_dialplan(&self, params: &ContinueParams) -> Result<()> {
        self.departs(self.client.send(self.request(Method::Post, "continue").params(params)))
    }

    /// Goes over to another application, with these `args` in its `StasisStart`, commas between. Since
    /// 13.26 and 16.3.
    ///
    /// `POST /channels/{channelId}/move`
    pub fn move_to<'a>(&self, app: &str, args: impl Into<Option<&'a str>>) -> Result<()> {
        let request = self.request(Method::Post, "move").param("app", app);
        self.departs(self.client.send(request.maybe("appArgs", args.into())))
    }

    /// Sends the caller elsewhere: to an endpoint of its own technology. One of another technology is
    /// [`is_unprocessable`](crate::Error::is_unprocessable).
    ///
    /// `POST /channels/{channelId}/redirect`
    pub fn redirect(&self, endpoint: &str) -> Result<()> {
        self.client.send(self.request(Method::Post, "redirect").param("endpoint", endpoint))
    }

    /// A variable of the channel, or what a function returns of it. One that is not set is
    /// [`is_not_found`](crate::Error::is_not_found).
    ///
    /// `GET /channels/{channelId}/variable`
    pub fn get_variable(&self, name: &str) -> Result<String> {
        let request = self.request(Method::Get, "variable").param("variable", name).unrepeatable();
        self.client.fetch(request).map(|Variable { value, .. }| value)
    }

    /// Sets a variable of the channel, or calls a function with the value. One that is set to nothing
    /// is still there; [`unset_variable`](Self::unset_variable) removes it.
    ///
    /// `POST /channels/{channelId}/variable`
    pub fn set_variable(&self, name: &str, value: &str) -> Result<()> {
        let request = self.request(Method::Post, "variable");
        self.client.send(request.param("variable", name).param("value", value))
    }

    /// Removes a variable of the channel. Not having been there, it is removed too. A function is
    /// [`Error::Invalid`](crate::Error::Invalid), and nothing is sent.
    ///
    /// `POST /channels/{channelId}/variable` without `value`
    pub fn unset_variable(&self, name: &str) -> Result<()> {
        no_function(name)?;
        let request = self.request(Method::Post, "variable").param("variable", name);
        self.client.send(request.repeatable())
    }

    /// Sets a variable of the channel, and has `ChannelVarset` tell of it in any case. Since 20.20,
    /// 22.10 and 23.4.
    ///
    /// `POST /channels/{channelId}/variable` with `report_events`
    pub fn set_reported_variable(&self, name: &str, value: &str) -> Result<()> {
        let request = self.request(Method::Post, "variable").param("report_events", true);
        self.client.send(request.param("variable", name).param("value", value))
    }

    /// Several variables of the channel. If one of them is not set, all is
    /// [`is_not_found`](crate::Error::is_not_found). Since 20.20, 22.10 and 23.4.
    ///
    /// `GET /channels/{channelId}/variables`
    pub fn get_variables<S: AsRef<str>>(&self, names: &[S]) -> Result<Variables> {
        let request = self.request(Method::Get, "variables").unrepeatable();
        self.client.fetch(request.param("variables", texts(names)))
    }

    /// Sets several variables of the channel. Since 20.20, 22.10 and 23.4.
    ///
    /// `POST /channels/{channelId}/variables`
    pub fn set_variables(&self, variables: impl Into<NewVariables>) -> Result<()> {
        let request = self.request(Method::Post, "variables");
        self.client.send(with_variables(request, variables.into()))
    }

    /// How well its media travels. A channel without RTP is refused. Since 13.27 and 16.4.
    ///
    /// `GET /channels/{channelId}/rtp_statistics`
    pub fn rtp_statistics(&self) -> Result<RtpStat> {
        self.client.fetch(self.request(Method::Get, "rtp_statistics"))
    }
}

impl fmt::Debug for ChannelHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ChannelHandle").field(&self.id).finish()
    }
}

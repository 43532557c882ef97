//! Recordings: those that are being made, and those that are kept.

use std::fmt;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use super::target::Target;
use crate::ari::AriClient;
use crate::ari::event::AriEvent;
use crate::ari::model::{LiveRecording, StoredRecording};
use crate::ari::rest::{Method, Request};
use crate::ari::watch::{Patience, Sign, Watch};
use crate::types::{RecordingIfExists, RecordingState, RecordingTerminateOn};
use crate::{Error, Result};

params! {
    /// How to record.
    ///
    /// ```
    /// use std::time::Duration;
    /// use asterisk_sync::ari::RecordParams;
    /// use asterisk_sync::types::{RecordingIfExists, RecordingTerminateOn};
    /// let message = RecordParams::new("wav")
    ///     .max_duration(Duration::from_secs(60))
    ///     .if_exists(RecordingIfExists::Overwrite)
    ///     .terminate_on(RecordingTerminateOn::Hash)
    ///     .beep(true);
    /// # let _ = message;
    /// ```
    RecordParams::new(
        /// The format of the file, such as `wav`.
        format: String = "format",
    ) {
        /// The format of the channel that records, such as `slin16`; only on a bridge, on a channel an
        /// error. Since 20.13, 21.8 and 22.3.
        recorder_format: String = "recorder_format",
        /// After how long it ends. In whole seconds; never where nothing is said.
        max_duration: Duration as "super::secs" = "maxDurationSeconds",
        /// After how much silence it ends. In whole seconds; never where nothing is said.
        max_silence: Duration as "super::secs" = "maxSilenceSeconds",
        /// What to do with an earlier recording of the name; to fail where nothing is said.
        if_exists: RecordingIfExists = "ifExists",
        /// Whether to sound a beep first.
        beep: bool = "beep",
        /// The digit that ends it; none where nothing is said.
        terminate_on: RecordingTerminateOn = "terminateOn",
    }
}

/// A recording that is being made, by its name.
///
/// `GET /recordings/live/{recordingName}`
pub fn get_live(client: &AriClient, name: &str) -> Result<LiveRecording> {
    client.fetch(Request::get(["recordings", "live", name]))
}

/// All recordings that are kept.
///
/// `GET /recordings/stored`
pub fn list_stored(client: &AriClient) -> Result<Vec<StoredRecording>> {
    client.fetch(Request::get(["recordings", "stored"]))
}

/// One recording that is kept, by its name.
///
/// `GET /recordings/stored/{recordingName}`
pub fn get_stored(client: &AriClient, name: &str) -> Result<StoredRecording> {
    client.fetch(Request::get(["recordings", "stored", name]))
}

/// Removes a recording that is kept. That it is not there is a success.
///
/// `DELETE /recordings/stored/{recordingName}`
pub fn delete_stored(client: &AriClient, name: &str) -> Result<()> {
    super::gone_is_fine(client.send(Request::delete(["recordings", "stored", name])))
}

/// Copies a recording that is kept. A name that is taken is
/// [`is_conflict`](crate::Error::is_conflict).
///
/// `POST /recordings/stored/{recordingName}/copy`
pub fn copy_stored(client: &AriClient, name: &str, to: &str) -> Result<StoredRecording> {
    let request = Request::post(["recordings", "stored", name, "copy"]);
    client.fetch(request.param("destinationRecordingName", to))
}

/// Writes the file of a recording that is kept to `to`, as it comes, and returns its size in bytes.
/// The whole has to come within the client's timeout: for a large one take
/// [`with_timeout`](AriClient::with_timeout). What fails midway leaves in `to` what had come.
///
/// It always goes over HTTP, because Asterisk sends no files over the event socket. A client that the
/// server has connected to has no other way, and gets [`Error::Invalid`].
///
/// `GET /recordings/stored/{recordingName}/file`
pub fn download_stored(client: &AriClient, name: &str, to: &mut impl Write) -> Result<u64> {
    client.download(&Request::get(["recordings", "stored", name, "file"]), to)
}

/// A recording that is being made, by its name. It is a handle: cheap to clone, and at home in any
/// thread.
#[derive(Clone)]
pub struct RecordingHandle {
    name: String,
    client: AriClient,
    watch: Option<Arc<(Watch, Target)>>,
}

impl AriClient {
    /// A handle for the recording of this name. Asks nothing of the server.
    pub fn recording(&self, name: impl Into<String>) -> RecordingHandle {
        RecordingHandle::new(name, self.clone())
    }
}

/// Records, watching from before it begins.
pub(in crate::ari) fn record(
    client: &AriClient,
    target: Target,
    name: &str,
    params: &RecordParams,
) -> Result<RecordingHandle> {
    if params.recorder_format.is_some() && matches!(target, Target::Channel(_)) {
        return Err(Error::invalid("recorder_format is for bridges"));
    }
    let request = target.post("record").param("name", name).params(params);
    let watch = target.watch(client, filter(name, &target))?;
    client.fetch::<LiveRecording>(request)?;
    let watch = Some(Arc::new((watch, target)));
    Ok(RecordingHandle { name: name.into(), client: client.clone(), watch })
}

fn filter(name: &str, target: &Target) -> crate::ari::Filter {
    target.filter(&["RecordingFinished", "RecordingFailed"]).recording(name)
}

fn is_over(recording: &LiveRecording) -> bool {
    use RecordingState::{Canceled, Done, Failed};
    matches!(recording.state, Done | Failed | Canceled)
}

impl RecordingHandle {
    /// A handle for the recording of this name. Asks nothing of the server.
    pub fn new(name: impl Into<String>, client: AriClient) -> Self {
        Self { name: name.into(), client, watch: None }
    }

    /// The recording's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The client behind it.
    pub fn client(&self) -> &AriClient {
        &self.client
    }

    fn live(&self, method: Method, what: &str) -> Request {
        Request::new(method, ["recordings", "live", &*self.name, what])
    }

    /// How far it is. One that is over is [`is_not_found`](crate::Error::is_not_found).
    ///
    /// `GET /recordings/live/{recordingName}`
    pub fn get(&self) -> Result<LiveRecording> {
        get_live(&self.client, &self.name)
    }

    /// Ends it and keeps what there is. Before it has begun, which `RecordingStarted` tells, and while it
    /// beeps, the server says yes to this and to [`cancel`](Self::cancel) and records all the same (seen
    /// in 22.10).
    ///
    /// `POST /recordings/live/{recordingName}/stop`
    pub fn stop(&self) -> Result<()> {
        self.client.send(self.live(Method::Post, "stop"))
    }

    /// Ends it and keeps nothing. That it is over already is a success, and says nothing of whether it
    /// was kept.
    ///
    /// `DELETE /recordings/live/{recordingName}`
    pub fn cancel(&self) -> Result<()> {
        match self.client.send(Request::delete(["recordings", "live", &*self.name])) {
            // It is over and not put away yet.
            Err(e) if e.is_conflict() => Ok(()),
            outcome => super::gone_is_fine(outcome),
        }
    }

    /// Pauses it; what is heard meanwhile is not in it. One that does not record yet is
    /// [`is_conflict`](crate::Error::is_conflict).
    ///
    /// `POST /recordings/live/{recordingName}/pause`
    pub fn pause(&self) -> Result<()> {
        self.client.send(self.live(Method::Post, "pause"))
    }

    /// Goes on after a pause.
    ///
    /// `DELETE /recordings/live/{recordingName}/pause`
    pub fn unpause(&self) -> Result<()> {
        self.client.send(self.live(Method::Delete, "pause"))
    }

    /// Records silence from now on. One that does not record yet is
    /// [`is_conflict`](crate::Error::is_conflict).
    ///
    /// `POST /recordings/live/{recordingName}/mute`
    pub fn mute(&self) -> Result<()> {
        self.client.send(self.live(Method::Post, "mute"))
    }

    /// Records again what is heard.
    ///
    /// `DELETE /recordings/live/{recordingName}/mute`
    pub fn unmute(&self) -> Result<()> {
        self.client.send(self.live(Method::Delete, "mute"))
    }

    /// Waits until it is over, and returns it as it ended, with how long it is; its
    /// [`state`](LiveRecording::state) is `Failed` where it could not be made, and `cause` says why.
    /// `None` if it is over and how was not heard: it was cancelled, events were lost, or the bridge is
    /// gone.
    ///
    /// Ends at once with [`Error::Hangup`] if the channel is gone or has left the application before
    /// anything was recorded, and with [`Error::Disconnected`] if the event socket is lost: wait again
    /// when it stands again, and the server is asked.
    ///
    /// The channel has to be in an application of this client. To a bridge it is subscribed when
    /// this client plays, records or waits there, for as long as the bridge exists.
    pub fn wait(&self) -> Result<Option<LiveRecording>> {
        self.wait_patiently(Patience::NO_END)
    }

    /// As [`wait`](Self::wait), but at most for `timeout`, which passing is
    /// [`TimeoutError::State`](crate::TimeoutError::State). The recording goes on then.
    pub fn wait_timeout(&self, timeout: Duration) -> Result<Option<LiveRecording>> {
        self.wait_patiently(Patience::of(timeout))
    }

    fn wait_patiently(&self, patience: Patience) -> Result<Option<LiveRecording>> {
        let Some(watched) = self.watched(patience)? else { return Ok(None) };
        let (watch, target) = &*watched;
        let read = |event: &AriEvent| {
            let recording = match event {
                AriEvent::RecordingFinished(e) => &e.recording,
                AriEvent::RecordingFailed(e) => &e.recording,
                event => return Sign::of(target.end(event)),
            };
            let is_it = *recording.name == *self.name;
            Sign::of(is_it.then(|| Ok(Some(recording.clone()))))
        };
        let ask = |client: &AriClient| {
            target.listen(client)?;
            let found = super::unless_gone(get_live(client, &self.name))?;
            Ok(found.as_ref().is_none_or(is_over).then_some(found))
        };
        watch.wait(&self.client, patience, read, ask)
    }

    /// What this handle watches; from now on, if it did not record itself. `None` if it is over.
    fn watched(&self, patience: Patience) -> Result<Option<Arc<(Watch, Target)>>> {
        if let Some(watched) = &self.watch {
            return Ok(Some(Arc::clone(watched)));
        }
        let recording = get_live(&patience.bound(&self.client), &self.name);
        let Some(recording) = super::unless_gone(patience.within(recording))? else {
            return Ok(None);
        };
        let target = super::target_of(&recording.target_uri)?;
        let watch = Watch::late(&self.client, filter(&self.name, &target));
        Ok(Some(Arc::new((watch, target))))
    }
}

impl fmt::Debug for RecordingHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RecordingHandle").field(&self.name).finish()
    }
}

//! What an earlier run of an application has left behind.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;

use super::census::Census;
use super::config::AriConfig;
use super::http::Http;
use super::model::{Application, Bridge, Channel};
use super::rest::Request;
use crate::Result;

/// What [`sweep_orphans`] has ended, as it was before.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Orphans {
    /// The channels that were hung up.
    pub channels: Vec<Channel>,
    /// The bridges that were destroyed.
    pub bridges: Vec<Bridge>,
}

/// Ends what an earlier run of the configured applications has left on the server: the channels that
/// are in one of them, wherever they had been before, are hung up, and the bridges that held no others
/// destroyed.
///
/// To be called *before* [`AriClient::connect`](super::AriClient::connect): an application that is not
/// connected gets no calls, so that what is in it then is left over for certain, and no call of the new
/// run can be among it. Where another program is connected as the same application, it would lose its
/// calls.
///
/// Channels that were still being called, bridges that nobody is in, and calls in the dialplan cannot
/// be told from those of others and stay as they are.
///
/// Goes over HTTP whichever transport is configured, and changes nothing of the event socket. Each of
/// its requests takes at most the configured timeout; what is gone by the time it would be ended is
/// counted all the same.
///
/// ```no_run
/// use asterisk_sync::ari::{AriClient, AriConfig, sweep_orphans};
///
/// # fn main() -> asterisk_sync::Result<()> {
/// let config = AriConfig::new("http://pbx:8088", "user", "secret", "my-app");
/// let left = sweep_orphans(&config)?;
/// println!("{} calls were left over", left.channels.len());
/// let ari = AriClient::connect(config)?;
/// # let _ = ari;
/// # Ok(()) }
/// ```
pub fn sweep_orphans(config: &AriConfig) -> Result<Orphans> {
    config.validate()?;
    let sweep = Sweep { http: Http::new(config, &config.base()?), config };
    sweep.run()
}

struct Sweep<'a> {
    http: Http,
    config: &'a AriConfig,
}

impl Sweep<'_> {
    fn fetch<T: DeserializeOwned>(&self, request: &Request) -> Result<T> {
        self.http.perform(request, self.config.timeout)?.check(request)?.json()
    }

    fn end(&self, request: &Request) -> Result<()> {
        let answer = self.http.perform(request, self.config.timeout)?;
        super::resources::gone_is_fine(answer.check(request).map(drop))
    }

    fn run(&self) -> Result<Orphans> {
        let applications: Vec<Application> = self.fetch(&Request::get(["applications"]))?;
        let ours = self.config.applications.as_slice();
        let mut bridges_heard_of = BTreeSet::new();
        for application in applications.iter().filter(|it| ours.contains(&it.name)) {
            bridges_heard_of.extend(application.bridge_ids.iter().cloned());
        }
        let census = Census::new(applications, self.fetch(&Request::get(["channels"]))?);
        let is_in_ours = |channel: &&Channel| {
            ours.iter().any(|application| census.has_entered(application, channel))
        };
        let channels: Vec<Channel> = census.channels.values().filter(is_in_ours).cloned().collect();
        let bridges = if channels.is_empty() {
            Vec::new()
        } else {
            self.bridges(&bridges_heard_of, &channels)?
        };
        for bridge in &bridges {
            self.end(&Request::delete(["bridges", &*bridge.id]))?;
        }
        for channel in &channels {
            self.end(&Request::delete(["channels", &*channel.id]))?;
        }
        Ok(Orphans { channels, bridges })
    }

    /// Of the bridges that the applications hear of those in which there is nobody else.
    fn bridges(&self, heard_of: &BTreeSet<String>, orphans: &[Channel]) -> Result<Vec<Bridge>> {
        let ids: BTreeSet<&str> = orphans.iter().map(|channel| &*channel.id).collect();
        let all: Vec<Bridge> = self.fetch(&Request::get(["bridges"]))?;
        let is_left = |bridge: &Bridge| {
            heard_of.contains(&bridge.id)
                && !bridge.channels.is_empty()
                && bridge.channels.iter().all(|id| ids.contains(&**id))
        };
        Ok(all.into_iter().filter(is_left).collect())
    }
}

impl Drop for Sweep<'_> {
    fn drop(&mut self) {
        self.http.close();
    }
}

//! What is answered where a test says nothing: a small model of a server.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::message::{AriReply, AriRequest};

/// Channels and applications.
#[derive(Debug, Default)]
pub(super) struct Model {
    channels: BTreeMap<String, Value>,
    applications: BTreeMap<String, Application>,
    next: u64,
}

#[derive(Debug, Default)]
struct Application {
    sources: Vec<String>,
    filter: Value,
}

impl Model {
    /// An application's event socket is there. It begins with nothing, as in Asterisk.
    pub(super) fn register(&mut self, application: &str) {
        self.applications.insert(application.to_owned(), Application::default());
    }

    pub(super) fn sources(&self, application: &str) -> Vec<String> {
        self.applications.get(application).map(|known| known.sources.clone()).unwrap_or_default()
    }

    pub(super) fn filter(&self, application: &str) -> Value {
        self.applications.get(application).map(|known| known.filter.clone()).unwrap_or_default()
    }

    pub(super) fn answer(&mut self, request: &AriRequest) -> AriReply {
        let segments = request.segments();
        let path: Vec<&str> = segments.iter().map(String::as_str).collect();
        match (request.method.as_str(), &path[..]) {
            ("GET", ["asterisk", "ping"]) => AriReply::ok(json!({
                "asterisk_id": "00:00:5e:00:53:01",
                "ping": "pong",
                "timestamp": "2026-03-01T12:00:00.000+0000",
            })),
            ("GET", ["asterisk", "info"]) => AriReply::ok(json!({
                "system": { "version": "22.10.1", "entity_id": "00:00:5e:00:53:01" },
            })),
            ("GET", ["channels"]) => {
                AriReply::ok(self.channels.values().cloned().collect::<Value>())
            }
            ("POST", ["channels"]) => self.originate(request),
            (_, ["channels", id, rest @ ..]) => match self.channels.get_mut(*id) {
                None => AriReply::error(404, "Channel not found"),
                Some(channel) => match (request.method.as_str(), rest) {
                    ("GET", []) => AriReply::ok(channel.clone()),
                    ("DELETE", []) => {
                        self.channels.remove(*id);
                        AriReply::no_content()
                    }
                    ("POST", ["answer"]) => {
                        channel["state"] = "Up".into();
                        AriReply::no_content()
                    }
                    _ => AriReply::error(404, "Resource not found"),
                },
            },
            ("GET", ["applications"]) => AriReply::ok(
                self.applications.keys().map(|name| self.show(name)).collect::<Value>(),
            ),
            (_, ["applications", name, rest @ ..]) => self.application(request, name, rest),
            _ => AriReply::error(404, "Resource not found"),
        }
    }

    fn originate(&mut self, request: &AriRequest) -> AriReply {
        self.next += 1;
        let id = request.text("channelId").unwrap_or_else(|| format!("1772366400.{}", self.next));
        if self.channels.contains_key(&id) {
            return AriReply::error(409, "Channel with given unique ID already exists");
        }
        let Some(endpoint) = request.text("endpoint") else {
            return AriReply::error(400, "Endpoint must be specified");
        };
        let channel = channel(&id, &format!("{endpoint}-{:08x}", self.next));
        self.channels.insert(id, channel.clone());
        AriReply::ok(channel)
    }

    fn application(&mut self, request: &AriRequest, name: &str, rest: &[&str]) -> AriReply {
        let Some(known) = self.applications.get_mut(name) else {
            return AriReply::error(404, "Application not found");
        };
        let sources = match request.param("eventSource") {
            Some(Value::Array(all)) => {
                all.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            Some(Value::String(all)) => all.split(',').map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        match (request.method.as_str(), rest) {
            ("GET", []) => {}
            ("PUT", ["eventFilter"]) => known.filter = request.body.clone(),
            ("POST", ["subscription"]) => {
                known.sources.retain(|source| !sources.contains(source));
                known.sources.extend(sources);
            }
            ("DELETE", ["subscription"]) => {
                known.sources.retain(|source| !sources.contains(source));
            }
            _ => return AriReply::error(404, "Resource not found"),
        }
        AriReply::ok(self.show(name))
    }

    fn show(&self, name: &str) -> Value {
        let sources = self.sources(name);
        let of = |kind: &str| -> Value {
            sources.iter().filter_map(|source| source.strip_prefix(kind)).collect()
        };
        let filter = self.filter(name);
        let types = |list: &str| filter.get(list).cloned().unwrap_or_else(|| json!([]));
        json!({
            "name": name,
            "channel_ids": of("channel:"),
            "bridge_ids": of("bridge:"),
            "endpoint_ids": of("endpoint:"),
            "device_names": of("deviceState:"),
            "events_allowed": types("allowed"),
            "events_disallowed": types("disallowed"),
        })
    }
}

/// A channel that nothing has happened to yet.
pub(super) fn channel(id: &str, name: &str) -> Value {
    json!({
        "id": id,
        "name": name,
        "state": "Down",
        "protocol_id": "",
        "caller": { "name": "", "number": "" },
        "connected": { "name": "", "number": "" },
        "accountcode": "",
        "dialplan": {
            "context": "default", "exten": "s", "priority": 1, "app_name": "", "app_data": "",
        },
        "creationtime": "2026-03-01T12:00:00.000+0000",
        "language": "en",
    })
}

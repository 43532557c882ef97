//! The server itself: what it is, its modules, its log, its global variables, its configuration.

use serde_json::{Value, json};

use crate::Result;
use crate::ari::AriClient;
use crate::ari::model::{AsteriskInfo, AsteriskPing, ConfigTuple, LogChannel, Module, Variable};
use crate::ari::rest::{Method, Request};
use crate::types::InfoSection;

/// What the server is, how it was built, is set up and fares; `only` some of it, or all.
///
/// `GET /asterisk/info`
pub fn info(
    client: &AriClient,
    only: impl IntoIterator<Item = InfoSection>,
) -> Result<AsteriskInfo> {
    let only: Vec<String> = only.into_iter().map(|section| section.to_string()).collect();
    let only = (!only.is_empty()).then_some(only);
    client.fetch(Request::get(["asterisk", "info"]).maybe("only", only))
}

/// Asks whether the server is there.
///
/// `GET /asterisk/ping`
pub fn ping(client: &AriClient) -> Result<AsteriskPing> {
    client.fetch(Request::get(["asterisk", "ping"]))
}

/// All modules that are loaded.
///
/// `GET /asterisk/modules`
pub fn list_modules(client: &AriClient) -> Result<Vec<Module>> {
    client.fetch(Request::get(["asterisk", "modules"]))
}

fn module(method: Method, name: &str) -> Request {
    Request::new(method, ["asterisk", "modules", name])
}

/// One module, by its name with the ending: `res_pjsip.so`.
///
/// `GET /asterisk/modules/{moduleName}`
pub fn get_module(client: &AriClient, name: &str) -> Result<Module> {
    client.fetch(module(Method::Get, name))
}

/// Loads a module. One that is loaded, and one that cannot be, is
/// [`is_conflict`](crate::Error::is_conflict).
///
/// `POST /asterisk/modules/{moduleName}`
pub fn load_module(client: &AriClient, name: &str) -> Result<()> {
    client.send(module(Method::Post, name))
}

/// Unloads a module. That it is not loaded is a success; one that is in use is [`is_conflict`](crate::Error::is_conflict).
///
/// `DELETE /asterisk/modules/{moduleName}`
pub fn unload_module(client: &AriClient, name: &str) -> Result<()> {
    super::gone_is_fine(client.send(module(Method::Delete, name)))
}

/// Has a module read its configuration again. It may be at it when this returns.
///
/// `PUT /asterisk/modules/{moduleName}`
pub fn reload_module(client: &AriClient, name: &str) -> Result<()> {
    client.send(module(Method::Put, name))
}

/// Where the server writes its log to.
///
/// `GET /asterisk/logging`
pub fn list_log_channels(client: &AriClient) -> Result<Vec<LogChannel>> {
    client.fetch(Request::get(["asterisk", "logging"]))
}

/// Has the log written to one more file, at these levels: `notice,warning,error`. A file that is
/// written to already is [`is_conflict`](crate::Error::is_conflict).
///
/// `POST /asterisk/logging/{logChannelName}`
pub fn add_log_channel(client: &AriClient, name: &str, levels: &str) -> Result<()> {
    let request = Request::post(["asterisk", "logging", name]);
    client.send(request.param("configuration", levels))
}

/// Has the log not written to a file any more. That it is not is a success.
///
/// `DELETE /asterisk/logging/{logChannelName}`
pub fn remove_log_channel(client: &AriClient, name: &str) -> Result<()> {
    super::gone_is_fine(client.send(Request::delete(["asterisk", "logging", name])))
}

/// Begins a log file anew and keeps the old one. Files that were [added](add_log_channel) are not
/// written to any more then.
///
/// `PUT /asterisk/logging/{logChannelName}/rotate`
pub fn rotate_log_channel(client: &AriClient, name: &str) -> Result<()> {
    client.send(Request::put(["asterisk", "logging", name, "rotate"]))
}

/// A global variable, or what a function returns. One that is not set is empty.
///
/// `GET /asterisk/variable`
pub fn get_variable(client: &AriClient, name: &str) -> Result<String> {
    let request = Request::get(["asterisk", "variable"]).param("variable", name);
    client.fetch(request.unrepeatable()).map(|Variable { value, .. }| value)
}

/// Sets a global variable, or calls a function with the value. One that is set to nothing is still
/// there; [`unset_variable`] removes it.
///
/// `POST /asterisk/variable`
pub fn set_variable(client: &AriClient, name: &str, value: &str) -> Result<()> {
    let request = Request::post(["asterisk", "variable"]);
    client.send(request.param("variable", name).param("value", value))
}

/// Removes a global variable. Not having been there, it is removed too. A function is
/// [`Error::Invalid`](crate::Error::Invalid), and nothing is sent.
///
/// `POST /asterisk/variable` without `value`
pub fn unset_variable(client: &AriClient, name: &str) -> Result<()> {
    super::no_function(name)?;
    client.send(Request::post(["asterisk", "variable"]).param("variable", name).repeatable())
}

/// One object of the configuration that can be changed while the server runs: of a class such as
/// `res_pjsip`, of a type such as `endpoint`, by its id.
///
/// `GET /asterisk/config/dynamic/{configClass}/{objectType}/{id}`
pub fn get_config(
    client: &AriClient,
    class: &str,
    object_type: &str,
    id: &str,
) -> Result<Vec<ConfigTuple>> {
    client.fetch(Request::get(["asterisk", "config", "dynamic", class, object_type, id]))
}

/// Sets fields of an object of the configuration, and makes it if there is none. Returns all of its
/// fields. Where objects of this type are only read, as from a file, that is
/// [`is_forbidden`](crate::Error::is_forbidden).
///
/// `PUT /asterisk/config/dynamic/{configClass}/{objectType}/{id}`
pub fn update_config<K: AsRef<str>, V: AsRef<str>>(
    client: &AriClient,
    class: &str,
    object_type: &str,
    id: &str,
    fields: impl IntoIterator<Item = (K, V)>,
) -> Result<Vec<ConfigTuple>> {
    let fields: Value = fields
        .into_iter()
        .map(|(name, value)| json!({ "attribute": name.as_ref(), "value": value.as_ref() }))
        .collect();
    let request = Request::put(["asterisk", "config", "dynamic", class, object_type, id]);
    client.fetch(request.param("fields", fields).repeatable())
}

/// Removes an object of the configuration. That it is not there is a success. Where objects of this type are only read, that is
/// [`is_forbidden`](crate::Error::is_forbidden).
///
/// `DELETE /asterisk/config/dynamic/{configClass}/{objectType}/{id}`
pub fn delete_config(client: &AriClient, class: &str, object_type: &str, id: &str) -> Result<()> {
    let request = Request::delete(["asterisk", "config", "dynamic", class, object_type, id]);
    super::gone_is_fine(client.send(request))
}

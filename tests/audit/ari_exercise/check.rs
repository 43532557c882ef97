//! What the server sent against what it documents, and against what the library has read of it.

use std::collections::BTreeSet;

use asterisk_sync::ari::model::{
    Application, AsteriskInfo, AsteriskPing, Bridge, Channel, ConfigTuple, DeviceState, Endpoint,
    LiveRecording, LogChannel, Mailbox, Module, Playback, RtpStat, Sound, StoredRecording,
    Timestamp, Variable, Variables,
};
use asterisk_sync::ari::{AriEvent, AriMessage};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::account::{RESPELLED, UNDOCUMENTED, UNKNOWN};
use super::wiretap::Exchange;
use crate::ari_docs::{Operation, models};

/// Things that are wrong, each told once.
pub(super) type Faults = BTreeSet<String>;

/// What is wrong with an answer.
pub(super) fn answer(operation: &Operation, exchange: &Exchange, faults: &mut Faults) {
    let at = format!("{} {}", operation.method, operation.path);
    if exchange.status == 101 || operation.answer == "binary" && exchange.status == 200 {
        return;
    }
    if operation.answer == "void" && exchange.status < 300 {
        if !exchange.body.is_empty() {
            let body = String::from_utf8_lossy(&exchange.body);
            faults.insert(format!("{at}: there is something in the answer: {body}"));
        }
        return;
    }
    let Ok(value) = serde_json::from_slice::<Value>(&exchange.body) else {
        faults.insert(format!("{at}: {} is answered with what is no JSON", exchange.status));
        return;
    };
    if exchange.status >= 300 {
        if !value["message"].is_string() {
            faults.insert(format!("{at}: {} without a reason: {value}", exchange.status));
        }
        return;
    }
    documented(&operation.answer, &value, &at, faults);
    read(&operation.answer, &value, &at, faults);
}

/// What is wrong with an event.
pub(super) fn event(message: &AriMessage, faults: &mut Faults) {
    let name = message.event.event_name();
    match &message.event {
        AriEvent::Unknown(_) => drop(faults.insert(format!("{name} has no type"))),
        AriEvent::Gap(gap) => drop(faults.insert(format!("events were lost: {gap:?}"))),
        _ => {
            let raw: Value = serde_json::from_str(message.json()).expect("an event is JSON");
            documented(name, &raw, name, faults);
            let mut typed = serde_json::to_value(&message.event).expect("an event is written");
            let fields = typed.as_object_mut().expect("an event is an object");
            envelope(message, &raw, fields);
            compare(&raw, &typed, name, faults);
            unknown_words(&format!("{:?}", message.event), name, faults);
        }
    }
}

/// Adds what every event has to what it has of its own. The server's id may be missing.
fn envelope(message: &AriMessage, raw: &Value, fields: &mut Map<String, Value>) {
    fields.insert("type".into(), message.event.event_name().into());
    fields.insert("application".into(), message.application.as_str().into());
    fields.insert("timestamp".into(), message.timestamp.as_str().into());
    if raw.get("asterisk_id").is_some() || !message.asterisk_id.is_empty() {
        fields.insert("asterisk_id".into(), message.asterisk_id.as_str().into());
    }
}

/// Whether a value is what it is documented to be.
fn documented(kind: &str, value: &Value, at: &str, faults: &mut Faults) {
    if let Some(kind) = kind.strip_prefix("List[").and_then(|it| it.strip_suffix(']')) {
        match value.as_array() {
            Some(items) => {
                for item in items {
                    documented(kind, item, at, faults);
                }
            }
            None => drop(faults.insert(format!("{at} is no list of {kind}: {value}"))),
        }
        return;
    }
    let is_so = match kind {
        "string" => value.is_string(),
        "int" | "long" => value.is_i64() || value.is_u64(),
        "double" => value.is_number(),
        "boolean" => value.is_boolean(),
        "Date" => value.as_str().is_some_and(|text| Timestamp::from(text).time().is_some()),
        "object" | "containers" => value.is_object(),
        model => {
            match value.as_object() {
                Some(fields) => documented_model(model, fields, at, faults),
                None => drop(faults.insert(format!("{at} is no {model}: {value}"))),
            }
            return;
        }
    };
    if !is_so {
        faults.insert(format!("{at} is documented as {kind}, and is {value}"));
    }
}

fn documented_model(model: &str, fields: &Map<String, Value>, at: &str, faults: &mut Faults) {
    let is_event = models()["Event"].kinds.iter().any(|kind| kind == model);
    let mut known: Vec<_> = models()[model].fields.iter().collect();
    if is_event {
        known.extend(["Event", "Message"].iter().flat_map(|base| &models()[*base].fields));
    }
    for (name, field) in &known {
        let place = format!("{at}.{name}");
        match fields.get(*name) {
            Some(value) => {
                documented(&field.kind, value, &place, faults);
                let word = value.as_str().unwrap_or_default();
                if !field.values.is_empty() && !field.values.iter().any(|it| it == word) {
                    faults.insert(format!("{place} is {value}, which is not documented"));
                }
            }
            None if field.required => {
                faults.insert(format!("{place} is missing"));
            }
            None => {}
        }
    }
    for name in fields.keys() {
        let is_known = known.iter().any(|(known, _)| *known == name);
        let is_excused = UNDOCUMENTED
            .iter()
            .any(|(of, names, _)| *of == model && names.contains(&name.as_str()));
        if !is_known && !is_excused {
            faults.insert(format!("{at}: {model} has a {name}, which is not documented"));
        }
    }
}

/// Whether an answer is read as what it is.
fn read(kind: &str, value: &Value, at: &str, faults: &mut Faults) {
    if let Some(kind) = kind.strip_prefix("List[").and_then(|it| it.strip_suffix(']')) {
        for item in value.as_array().into_iter().flatten() {
            read(kind, item, at, faults);
        }
        return;
    }
    macro_rules! models {
        ($( $name:literal: $model:ty, )+) => {
            match kind {
                $( $name => read_as::<$model>(value, at, faults), )+
                _ => drop(faults.insert(format!("{at} answers with a {kind}, which nobody reads"))),
            }
        };
    }
    models! {
        "Application": Application,
        "AsteriskInfo": AsteriskInfo,
        "AsteriskPing": AsteriskPing,
        "Bridge": Bridge,
        "Channel": Channel,
        "ConfigTuple": ConfigTuple,
        "DeviceState": DeviceState,
        "Endpoint": Endpoint,
        "LiveRecording": LiveRecording,
        "LogChannel": LogChannel,
        "Mailbox": Mailbox,
        "Module": Module,
        "Playback": Playback,
        "RTPstat": RtpStat,
        "Sound": Sound,
        "StoredRecording": StoredRecording,
        "Variable": Variable,
        "Variables": Variables,
    }
}

fn read_as<T>(value: &Value, at: &str, faults: &mut Faults)
where
    T: DeserializeOwned + Serialize + std::fmt::Debug,
{
    match serde_json::from_value::<T>(value.clone()) {
        Ok(typed) => {
            let again = serde_json::to_value(&typed).expect("a model is written");
            compare(value, &again, at, faults);
            unknown_words(&format!("{typed:?}"), at, faults);
        }
        Err(e) => drop(faults.insert(format!("{at} cannot be read: {e}"))),
    }
}

/// Whether what was read is what was sent: no field more, and none less.
fn compare(raw: &Value, typed: &Value, at: &str, faults: &mut Faults) {
    match (raw, typed) {
        (Value::Object(raw), Value::Object(typed)) => {
            for name in raw.keys().chain(typed.keys()) {
                let place = format!("{at}.{name}");
                match (raw.get(name), typed.get(name)) {
                    (Some(raw), Some(typed)) => compare(raw, typed, &place, faults),
                    (Some(Value::Null), None) => {}
                    (Some(_), None) => drop(faults.insert(format!("nothing reads {place}"))),
                    // That it is missing is told where it is documented.
                    (None, _) => {}
                }
            }
        }
        (Value::Array(raw), Value::Array(typed)) if raw.len() == typed.len() => {
            for (raw, typed) in raw.iter().zip(typed) {
                compare(raw, typed, at, faults);
            }
        }
        _ if is_same(raw, typed) || RESPELLED.iter().any(|(of, _)| *of == at) => {}
        _ => drop(faults.insert(format!("{at} is {raw}, and read as {typed}"))),
    }
}

/// Whether two single values are the same; a number may come as a text.
fn is_same(raw: &Value, typed: &Value) -> bool {
    match (raw, typed) {
        (Value::Number(raw), Value::Number(typed)) => raw.as_f64() == typed.as_f64(),
        (Value::String(raw), Value::Number(typed)) => *raw == typed.to_string(),
        _ => raw == typed,
    }
}

/// An enum that keeps any word has not understood it.
fn unknown_words(debug: &str, at: &str, faults: &mut Faults) {
    for (begin, opening) in debug.match_indices("Other(\"") {
        let word = debug[begin + opening.len()..].split('"').next().unwrap_or_default();
        if !UNKNOWN.iter().any(|(of, excused, _)| *of == at && *excused == word) {
            faults.insert(format!("{at}: {word:?} is none of those that are known"));
        }
    }
}

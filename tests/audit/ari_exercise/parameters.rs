//! What was sent with a request against what the server documents of its parameters.

use serde_json::Value;

use super::account::UNSENT;
use super::check::Faults;
use super::wiretap::{Exchange, Said};
use crate::ari_docs::{Operation, Parameter};

/// What is wrong with the parameters of a request: one that is none, one that has to be there and is
/// not, one that is not what it has to be.
pub(super) fn check(operation: &Operation, exchange: &Exchange, faults: &mut Faults) {
    let at = format!("{} {}", operation.method, operation.path);
    // The fields of a body that is no list of parameters.
    let is_whole = UNSENT.iter().any(|(of, ..)| *of == at);
    for (name, said) in &exchange.parameters {
        match operation.parameters.iter().find(|it| it.name == *name) {
            Some(parameter) => {
                if let Some(what) = flaw(parameter, said) {
                    faults.insert(format!("{at}: {name} {what}: {said:?}"));
                }
            }
            None if is_whole => {}
            None => drop(faults.insert(format!("{at}: the parameter {name} is none"))),
        }
    }
    for parameter in operation.parameters.iter().filter(|it| it.required) {
        if !exchange.parameters.contains_key(&parameter.name) {
            faults.insert(format!("{at}: {} has to be there", parameter.name));
        }
    }
}

/// Why a parameter cannot be this.
fn flaw(parameter: &Parameter, said: &Said) -> Option<String> {
    match said {
        Said::Query(_) if parameter.in_body => Some("belongs into the body".into()),
        Said::Query(text) if parameter.multiple => {
            text.split(',').find_map(|text| in_query(parameter, text))
        }
        Said::Query(text) => in_query(parameter, text),
        Said::Body(Value::Array(items)) if parameter.multiple => {
            items.iter().find_map(|item| in_body(parameter, item))
        }
        Said::Body(value) => in_body(parameter, value),
    }
}

fn in_query(parameter: &Parameter, text: &str) -> Option<String> {
    match &*parameter.kind {
        "string" => word(parameter, text),
        "int" | "long" => match text.parse() {
            Ok(n) => number(parameter, n),
            Err(_) => Some("is no number".into()),
        },
        "boolean" => (!["true", "false"].contains(&text)).then(|| "is no boolean".into()),
        kind => Some(format!("is no {kind}")),
    }
}

fn in_body(parameter: &Parameter, value: &Value) -> Option<String> {
    match (&*parameter.kind, value) {
        ("string", Value::String(text)) => word(parameter, text),
        ("int" | "long", Value::Number(n)) => match n.as_i64() {
            Some(n) => number(parameter, n),
            None => Some("is no whole number".into()),
        },
        ("boolean", Value::Bool(_)) | ("object", Value::Object(_)) => None,
        // Names with their values, or a list of such.
        ("containers", Value::Object(_) | Value::Array(_)) => None,
        (kind, _) => Some(format!("is no {kind}")),
    }
}

fn word(parameter: &Parameter, text: &str) -> Option<String> {
    let percent = text.replace("%23", "#").replace("%2A", "*");
    let is_known = parameter.values.is_empty() || parameter.values.contains(&percent);
    (!is_known).then(|| format!("is none of {:?}", parameter.values))
}

fn number(parameter: &Parameter, n: i64) -> Option<String> {
    parameter.least.filter(|least| n < *least).map(|least| format!("is less than {least}"))
}

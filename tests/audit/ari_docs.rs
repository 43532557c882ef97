//! What the running server documents of ARI: its operations, and its models with their fields, as it
//! gives them itself under `/api-docs`.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::OnceLock;

use serde_json::Value;

use crate::support::{PATIENCE, setting};

/// A model, or an event.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) fields: BTreeMap<String, Field>,
    /// What is a kind of this.
    pub(crate) kinds: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Field {
    /// As it is documented: `string`, `int`, `List[Channel]`.
    pub(crate) kind: String,
    pub(crate) required: bool,
    pub(crate) values: Vec<String>,
}

/// Something that can be asked for.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) method: String,
    /// Without a slash before it: `channels/{channelId}`.
    pub(crate) path: String,
    /// What it answers: `List[Channel]`, or `void`.
    pub(crate) answer: String,
    /// Its parameters, without those that stand in the path.
    pub(crate) parameters: Vec<Parameter>,
}

/// Something that is said with a request.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    /// As it is documented: `string`, `int`, `containers`.
    pub(crate) kind: String,
    pub(crate) required: bool,
    /// Whether it may be several.
    pub(crate) multiple: bool,
    /// Whether it can stand in the body only.
    pub(crate) in_body: bool,
    /// The words that are allowed, where there are such.
    pub(crate) values: Vec<String>,
    /// The least number that is allowed.
    pub(crate) least: Option<i64>,
}

/// All operations.
pub(crate) fn operations() -> Vec<Operation> {
    let mut operations = Vec::new();
    for resource in list(&get("/api-docs/resources.json")["apis"]) {
        for place in list(&get(&place_of(resource))["apis"]) {
            let path = place["path"].as_str().unwrap().trim_start_matches('/');
            operations.extend(list(&place["operations"]).map(|operation| {
                let parameters = list(&operation["parameters"]);
                let named = parameters.filter(|parameter| parameter["paramType"] != "path");
                Operation {
                    method: operation["httpMethod"].as_str().unwrap().to_owned(),
                    path: path.to_owned(),
                    answer: operation["responseClass"].as_str().unwrap().to_owned(),
                    parameters: named.map(read_parameter).collect(),
                }
            }));
        }
    }
    assert!(operations.len() > 80, "{operations:?}");
    operations
}

/// The operation that a request is for, its path without a slash before it: of several that fit, the
/// one that says most about the path.
pub(crate) fn operation_of<'a>(
    method: &str,
    path: &str,
    operations: &'a [Operation],
) -> Option<&'a Operation> {
    let is_variable = |part: &str| part.starts_with('{');
    let fits = |operation: &&Operation| {
        let (mut ours, mut documented) = (path.split('/'), operation.path.split('/'));
        operation.method == method
            && documented.by_ref().all(|part| {
                ours.next()
                    .is_some_and(|ours| ours == part || is_variable(part) && !ours.is_empty())
            })
            && ours.next().is_none()
    };
    let fitting = operations.iter().filter(fits);
    fitting.min_by_key(|operation| operation.path.split('/').filter(|it| is_variable(it)).count())
}

fn read_parameter(parameter: &Value) -> Parameter {
    let text = |name: &str| parameter[name].as_str().unwrap().to_owned();
    let allowed = &parameter["allowableValues"];
    let least = &allowed["min"];
    Parameter {
        name: text("name"),
        kind: text("dataType"),
        required: parameter["required"] == true,
        multiple: parameter["allowMultiple"] == true,
        in_body: parameter["paramType"] == "body",
        values: texts(&allowed["values"]),
        least: least.as_i64().or_else(|| least.as_str()?.parse().ok()),
    }
}

fn place_of(resource: &Value) -> String {
    resource["path"].as_str().unwrap().replace("{format}", "json")
}

/// All models, by their names.
pub(crate) fn models() -> &'static BTreeMap<String, Model> {
    static MODELS: OnceLock<BTreeMap<String, Model>> = OnceLock::new();
    MODELS.get_or_init(read)
}

fn read() -> BTreeMap<String, Model> {
    let mut models = BTreeMap::new();
    for resource in list(&get("/api-docs/resources.json")["apis"]) {
        for (name, model) in get(&place_of(resource))["models"].as_object().into_iter().flatten() {
            assert!(
                models.insert(name.clone(), read_model(model)).is_none(),
                "{name} is there once"
            );
        }
    }
    assert!(models.len() > 50, "{:?}", models.keys());
    models
}

fn read_model(model: &Value) -> Model {
    let fields = model["properties"].as_object().into_iter().flatten();
    let fields = fields.map(|(name, field)| {
        let field = Field {
            kind: field["type"].as_str().unwrap().to_owned(),
            required: field["required"] == true,
            values: texts(&field["allowableValues"]["values"]),
        };
        (name.clone(), field)
    });
    Model { fields: fields.collect(), kinds: texts(&model["subTypes"]) }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn texts(value: &Value) -> Vec<String> {
    list(value).map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// Asks the server, with nothing of the library in between.
fn get(path: &str) -> Value {
    let url = setting("ASTERISK_ARI_URL");
    let (host, prefix) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let key = format!("{}:{}", setting("ASTERISK_ARI_USER"), setting("ASTERISK_ARI_PASSWORD"));
    let key: String = key.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let mut stream = TcpStream::connect(host).unwrap_or_else(|e| panic!("{host}: {e}"));
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let request = format!(
        "GET /{prefix}{path}?api_key={key} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
    serde_json::from_str(body).unwrap_or_else(|e| panic!("{path}: {e}"))
}

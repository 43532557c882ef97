//! What may know of what, read from the sources themselves.
//!
//! ```text
//!     pbx            testing          compositions, fakes
//!     ami  agi  ari                   protocols: each its own world
//!     serving                         a port, and the threads behind it
//!     net  sync                       know nothing of Asterisk
//!     error credentials base64 percent reconnect types
//! ```

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const PROTOCOLS: &[&str] = &["ami", "agi", "ari"];
const PLUMBING: &[&str] = &["net", "sync"];
/// What is made of both, and knows as little of Asterisk.
const SERVING: &str = "serving";
const LEAVES: &[&str] = &["error", "credentials", "base64", "percent", "reconnect", "types"];

/// A file longer than this is several.
const LONGEST: usize = 700;

/// One source file, without what only its tests see.
struct Source {
    /// Below `src/`.
    path: PathBuf,
    /// `ami`, `event`, `pjsip` for `src/ami/event/pjsip.rs`.
    module: Vec<String>,
    text: String,
}

/// A path that a source names: the modules from the crate's root down, and the line it stands in.
struct Import {
    path: Vec<String>,
    line: usize,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("a source");
                let path = path.strip_prefix(&root).expect("below src").to_owned();
                sources.push(Source { module: module_of(&path), path, text });
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(sources.len() > 50, "the sources are where this looks for them");
    sources
}

fn module_of(path: &Path) -> Vec<String> {
    let mut module: Vec<_> =
        path.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if module.last().is_some_and(|last| last == "mod" || last == "lib") {
        module.pop();
    }
    module
}

impl Source {
    fn top(&self) -> &str {
        self.module.first().map_or("", String::as_str)
    }

    /// Whether the whole file is tests, or what only they use.
    fn is_test(&self) -> bool {
        self.module.iter().any(|part| part == "tests" || part == "fixtures")
    }

    /// The lines of the program: no comments, and nothing from the first module of tests on, which
    /// stands last in its file.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines: Vec<&str> = self.text.lines().collect();
        let is_module = |line: &str| line.starts_with("mod ") && line.ends_with('{');
        let tests = lines.windows(2).position(|two| {
            two[0].starts_with("#[cfg(") && two[0].contains("test") && is_module(two[1])
        });
        let end = tests.unwrap_or(lines.len());
        lines.into_iter().take(end).enumerate().filter_map(|(i, line)| {
            let code = line.split("//").next().unwrap_or_default();
            (!code.trim().is_empty()).then_some((i + 1, code))
        })
    }

    /// Every `crate::`, `$crate::` and `super::` path, relative ones made absolute.
    fn imports(&self) -> Vec<Import> {
        let mut imports = Vec::new();
        let mut statement = String::new();
        let mut begun = 0;
        for (line, code) in self.code() {
            // A `use` of several lines is read as one.
            if statement.is_empty() {
                begun = line;
            }
            statement.push_str(code);
            if is_unfinished_use(&statement) {
                continue;
            }
            for path in paths(&std::mem::take(&mut statement), &self.module) {
                imports.push(Import { path, line: begun });
            }
        }
        assert!(statement.is_empty(), "{}: a `use` without an end", self.path.display());
        imports
    }
}

fn is_unfinished_use(statement: &str) -> bool {
    let words = statement.trim_start();
    let words = words.strip_prefix("pub").map_or(words, |rest| {
        let rest = rest.trim_start();
        rest.strip_prefix('(').and_then(|rest| rest.split_once(')')).map_or(rest, |(_, rest)| rest)
    });
    words.trim_start().starts_with("use ") && !statement.contains(';')
}

/// The paths in a piece of code from the crate's root down. `pub(in …)` imports nothing.
fn paths(code: &str, module: &[String]) -> Vec<Vec<String>> {
    let code = code.replace("pub(in ", "pub(");
    let mut found = Vec::new();
    for root in ["crate::", "super::"] {
        for (at, _) in code.match_indices(root) {
            let before = &code[..at];
            let is_inside = before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
            if is_inside || before.ends_with("pub(") {
                continue;
            }
            let mut rest = &code[at..];
            let mut base = Vec::new();
            if let Some(after) = rest.strip_prefix("crate::") {
                rest = after;
            } else {
                base = module.to_vec();
                while let Some(after) = rest.strip_prefix("super::") {
                    base.pop();
                    rest = after;
                }
            }
            expand(rest, &mut base, &mut found);
        }
    }
    found
}

/// `a::{b, c::d}` is `a::b` and `a::c::d`.
fn expand(text: &str, base: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let depth = base.len();
    let mut rest = text.trim_start();
    loop {
        if let Some(group) = rest.strip_prefix('{') {
            for item in items(group) {
                expand(item, base, found);
            }
            break;
        }
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        if end > 0 {
            base.push(rest[..end].to_owned());
        }
        match rest[end..].strip_prefix("::") {
            Some(after) if end > 0 => rest = after,
            _ => {
                found.push(base.clone());
                break;
            }
        }
    }
    base.truncate(depth);
}

/// The items of a group, up to its closing brace.
fn items(group: &str) -> Vec<&str> {
    let (mut depth, mut from, mut items) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                items.push(&group[from..at]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                items.push(&group[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    items.retain(|item| !item.trim().is_empty());
    items
}

/// Fails with every line that `is_forbidden` finds fault with.
fn nothing_imports(rule: &str, is_forbidden: impl Fn(&Source, &[String]) -> bool) {
    let mut offences = String::new();
    for source in sources().iter().filter(|source| !source.is_test()) {
        for import in source.imports() {
            if is_forbidden(source, &import.path) {
                let line = source.text.lines().nth(import.line - 1).unwrap_or_default().trim();
                let _ = write!(offences, "\n  src/{}:{}", source.path.display(), import.line);
                let _ = write!(offences, ": {line}  ({})", import.path.join("::"));
            }
        }
    }
    assert!(offences.is_empty(), "{rule}:{offences}");
}

fn is_one_of(part: Option<&String>, names: &[&str]) -> bool {
    part.is_some_and(|part| names.contains(&part.as_str()))
}

#[test]
fn protocols_do_not_know_each_other() {
    nothing_imports("a protocol imports another, or what is made of it", |source, path| {
        PROTOCOLS.contains(&source.top())
            && (is_one_of(path.first(), PROTOCOLS) || is_one_of(path.first(), &["pbx"]))
            && path[0] != source.top()
    });
}

#[test]
fn sockets_and_threads_know_no_protocol() {
    nothing_imports("net, sync or serving imports what is above it", |source, path| {
        (PLUMBING.contains(&source.top()) || source.top() == SERVING)
            && (is_one_of(path.first(), PROTOCOLS) || is_one_of(path.first(), &["pbx", "testing"]))
    });
    nothing_imports("net or sync imports what serves", |source, path| {
        PLUMBING.contains(&source.top()) && is_one_of(path.first(), &[SERVING])
    });
}

#[test]
fn sockets_and_queues_do_not_know_each_other() {
    nothing_imports("net and sync import one another", |source, path| {
        PLUMBING.contains(&source.top())
            && is_one_of(path.first(), PLUMBING)
            && path[0] != source.top()
    });
}

#[test]
fn leaves_know_nothing_above_them() {
    nothing_imports("a leaf imports a layer", |source, path| {
        let above = [PROTOCOLS, PLUMBING, &[SERVING, "pbx", "testing"]].concat();
        LEAVES.contains(&source.top()) && is_one_of(path.first(), &above)
    });
}

#[test]
fn only_fakes_and_tests_know_the_fakes() {
    nothing_imports("what is not a fake imports one", |source, path| {
        source.top() != "testing" && is_one_of(path.first(), &["testing"])
    });
}

/// Those who make a client, its module and its builder, and those who work with one.
#[test]
fn nobody_below_a_client_knows_it() {
    nothing_imports("something below a client imports it", |source, path| {
        let makes_it = [
            "mod.rs",
            "builder.rs",
            "client.rs",
            "follow.rs",
            "tracker.rs",
            "picture.rs",
            "save.rs",
            "watch.rs",
        ];
        let file = source.path.file_name().map(|name| name.to_string_lossy().into_owned());
        // Handles and what else is made of a client stand above it.
        let above = ["client", "resources", "pending", "server", "stasis"];
        let is_below = PROTOCOLS.contains(&source.top())
            && !is_one_of(source.module.get(1), &above)
            && !is_one_of(file.as_ref(), &makes_it);
        let names_it = path.get(1).is_some_and(|part| {
            part == "client" || (part.ends_with("Client") && part.len() > "Client".len())
        });
        is_below && is_one_of(path.first(), PROTOCOLS) && names_it
    });
}

#[test]
fn a_codec_has_no_socket_and_a_socket_no_codec() {
    nothing_imports("a codec imports a socket, a thread or a handle", |source, path| {
        let pure = ["codec", "message", "marks", "value", "event", "response", "action", "track"];
        PROTOCOLS.contains(&source.top())
            && is_one_of(source.module.get(1), &pure)
            && (is_one_of(path.first(), &["net"])
                || (is_one_of(path.first(), PLUMBING) && !is_one_of(path.get(1), &["bus"])))
    });
    for source in sources() {
        for (line, code) in source.code() {
            let is_socket = code.contains("std::net") || code.contains("TcpStream");
            let is_allowed = ["net", "testing"].contains(&source.top()) || source.is_test();
            assert!(
                !is_socket || is_allowed,
                "src/{}:{line}: a socket outside of net: {code}",
                source.path.display()
            );
        }
    }
}

#[test]
fn no_file_is_longer_than_one_can_read() {
    for source in sources() {
        let lines = source.text.lines().count();
        assert!(lines <= LONGEST, "src/{} has {lines} lines", source.path.display());
    }
}

#[test]
fn this_test_reads_paths_as_the_compiler_does() {
    let module: Vec<String> = ["ami", "event", "dial"].map(str::to_owned).to_vec();
    let read = |code: &str| -> Vec<String> {
        paths(code, &module).into_iter().map(|path| path.join("::")).collect()
    };
    assert_eq!(
        read("use crate::net::{Closer, outbox::{self, Send}};"),
        ["net::Closer", "net::outbox::self", "net::outbox::Send"]
    );
    assert_eq!(read("use super::super::client::AmiClient;"), ["ami::client::AmiClient"]);
    assert_eq!(read("pub(in crate::ami) use super::view;"), ["ami::event::view"]);
    assert_eq!(read("-> $crate::Result<$crate::ami::Message>"), ["Result", "ami::Message"]);
    assert_eq!(read("let subcrate::x = 1; pub(super) fn f() {}"), Vec::<String>::new());
    assert!(is_unfinished_use("pub(crate) use crate::net::{"));
    assert!(!is_unfinished_use("use crate::net;"));
}

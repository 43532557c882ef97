//! Which handler answers which script.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::request::Params;
use super::script::decode;
use super::{AgiChannel, AgiHandler, AgiRequest};
use crate::error::{Error, Result};

/// Hands each call to the handler of its script: what stands behind the host in
/// `AGI(agi://host/script)`.
///
/// A pattern is a path. A part in braces takes any one part and gives it a name, for
/// [`AgiRequest::param`]; `{*name}` at the end takes all that is left, one part at least. Slashes at
/// both ends do not matter, and neither does the query, which handlers read from the request. Parts
/// are compared with regard to case, and after both have been percent-decoded: `a%20b` is the pattern
/// for a script that is asked for as `a%20b`, and so is `a b`.
///
/// Where several patterns match, the one that says most about the earliest part wins: a word, then
/// `{name}`, then `{*name}`. The order in which they were added does not matter.
///
/// ```
/// use asterisk_sync::agi::{AgiChannel, AgiRequest, Router};
///
/// # fn main() -> asterisk_sync::Result<()> {
/// let router = Router::builder()
///     .route("hello", |_: &AgiRequest, agi: &mut AgiChannel| agi.verbose("hello", 1))
///     .route("ivr/{menu}", |request: &AgiRequest, agi: &mut AgiChannel| {
///         agi.verbose(&format!("menu {}", request.param("menu").unwrap_or_default()), 1)
///     })
///     .fallback(|request: &AgiRequest, agi: &mut AgiChannel| {
///         agi.verbose(&format!("nobody knows {}", request.script()), 1)
///     })
///     .build()?;
/// # let _ = router;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Router {
    /// The one to prefer first.
    routes: Arc<[Route]>,
    fallback: Option<Arc<dyn AgiHandler>>,
}

/// Collects the routes of a [`Router`], from [`Router::builder`].
#[must_use = "it routes nothing before build()"]
#[derive(Default)]
pub struct RouterBuilder {
    routes: Vec<(String, Arc<dyn AgiHandler>)>,
    fallback: Option<Arc<dyn AgiHandler>>,
}

struct Route {
    pattern: String,
    parts: Vec<Part>,
    handler: Arc<dyn AgiHandler>,
}

/// In the order of preference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Word(String),
    One(String),
    Rest(String),
}

impl Router {
    /// No routes yet.
    pub fn builder() -> RouterBuilder {
        RouterBuilder::default()
    }

    /// The pattern a path would be handled by, for tests and for looking things up; `None` where it
    /// is the fallback's.
    pub fn pattern_for(&self, path: &str) -> Option<&str> {
        self.find(path).map(|(route, _)| route.pattern.as_str())
    }

    fn find(&self, path: &str) -> Option<(&Route, Params)> {
        let path = path.split('?').next().unwrap_or_default().trim_matches('/');
        // Before decoding, so that a slash in a value separates nothing.
        let parts: Vec<Cow<'_, str>> = path.split('/').map(decode).collect();
        self.routes.iter().find_map(|route| Some((route, route.matches(&parts)?)))
    }
}

impl RouterBuilder {
    /// A handler for the scripts of a pattern: see [`Router`].
    pub fn route(mut self, pattern: impl Into<String>, handler: impl AgiHandler) -> Self {
        self.routes.push((pattern.into(), Arc::new(handler)));
        self
    }

    /// A handler for all other scripts. Without one such a call fails, and `AGISTATUS` is `FAILURE`.
    pub fn fallback(mut self, handler: impl AgiHandler) -> Self {
        self.fallback = Some(Arc::new(handler));
        self
    }

    /// The router.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a pattern that cannot be read, and for two that match the same
    /// scripts.
    pub fn build(self) -> Result<Router> {
        let mut routes = Vec::with_capacity(self.routes.len());
        for (pattern, handler) in self.routes {
            let parts = parse(&pattern)?;
            routes.push(Route { pattern, parts, handler });
        }
        routes.sort_by(|a, b| a.shape().cmp(b.shape()));
        if let Some(two) = routes.windows(2).find(|two| two[0].shape().eq(two[1].shape())) {
            return Err(Error::invalid(format!(
                "the patterns {:?} and {:?} match the same scripts",
                two[0].pattern, two[1].pattern
            )));
        }
        Ok(Router { routes: routes.into(), fallback: self.fallback })
    }
}

impl AgiHandler for Router {
    fn handle(&self, request: &AgiRequest, channel: &mut AgiChannel) -> Result<()> {
        match (self.find(request.path()), &self.fallback) {
            (Some((route, params)), _) if params.is_empty() => {
                route.handler.handle(request, channel)
            }
            (Some((route, params)), _) => {
                route.handler.handle(&request.with_params(params), channel)
            }
            (None, Some(fallback)) => fallback.handle(request, channel),
            (None, None) => {
                Err(Error::invalid(format!("no route for the script {:?}", request.script())))
            }
        }
    }
}

impl Route {
    /// What the names of a pattern stand for, if it matches.
    fn matches(&self, path: &[Cow<'_, str>]) -> Option<Params> {
        let mut params = Params::new();
        for (at, part) in self.parts.iter().enumerate() {
            let given = path.get(at)?;
            match part {
                Part::Word(word) if word == given => {}
                Part::One(name) if !given.is_empty() => {
                    params.push((name.as_str().into(), given.as_ref().into()));
                }
                Part::Rest(name) if !given.is_empty() => {
                    params.push((name.as_str().into(), path[at..].join("/").into()));
                    return Some(params);
                }
                _ => return None,
            }
        }
        (path.len() == self.parts.len()).then_some(params)
    }

    /// What decides which pattern goes first, and whether two are the same: all but the names.
    fn shape(&self) -> impl Iterator<Item = (u8, &str)> {
        self.parts.iter().map(|part| match part {
            Part::Word(word) => (0, word.as_str()),
            Part::One(_) => (1, ""),
            Part::Rest(_) => (2, ""),
        })
    }
}

/// Reads a pattern.
fn parse(pattern: &str) -> Result<Vec<Part>> {
    let wrong = |why: &str| Error::invalid(format!("the pattern {pattern:?}: {why}"));
    let path = pattern.trim_matches('/');
    let mut parts = Vec::new();
    let mut names = Vec::new();
    for part in path.split('/') {
        if matches!(parts.last(), Some(Part::Rest(_))) {
            return Err(wrong("nothing can follow what takes all that is left"));
        }
        if part.is_empty() && !path.is_empty() {
            return Err(wrong("a part is empty"));
        }
        let Some(name) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) else {
            if part.contains(['{', '}']) {
                return Err(wrong("a name takes a whole part: ivr/{menu}"));
            }
            if part.contains('?') {
                return Err(wrong("a query is not part of it"));
            }
            parts.push(Part::Word(decode(part).into_owned()));
            continue;
        };
        let (rest, name) = name.strip_prefix('*').map_or((false, name), |name| (true, name));
        if name.is_empty() || name.contains(['{', '}', '*']) {
            return Err(wrong("a name is missing"));
        }
        if names.contains(&name) {
            return Err(wrong("a name stands there twice"));
        }
        names.push(name);
        parts.push(if rest { Part::Rest(name.to_owned()) } else { Part::One(name.to_owned()) });
    }
    Ok(parts)
}

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let patterns: Vec<_> = self.routes.iter().map(|route| &route.pattern).collect();
        let fallback = &self.fallback.is_some();
        f.debug_struct("Router").field("routes", &patterns).field("fallback", fallback).finish()
    }
}

impl fmt::Debug for RouterBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let patterns: Vec<_> = self.routes.iter().map(|(pattern, _)| pattern).collect();
        f.debug_struct("RouterBuilder").field("routes", &patterns).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn router(patterns: &[&str]) -> Result<Router> {
        let add = |builder: RouterBuilder, pattern: &&str| {
            builder.route(*pattern, |_: &AgiRequest, _: &mut AgiChannel| Ok(()))
        };
        patterns.iter().fold(Router::builder(), add).build()
    }

    fn found(router: &Router, path: &str) -> Option<(String, Vec<(String, String)>)> {
        let (route, params) = router.find(path)?;
        let params = params.into_iter().map(|(name, value)| (name.into(), value.into()));
        Some((route.pattern.clone(), params.collect()))
    }

    #[test]
    fn a_word_is_preferred_to_a_name_and_a_name_to_the_rest() {
        let patterns = ["{*all}", "ivr/{menu}", "ivr/main", "{tenant}/main", "ivr/{menu}/{step}"];
        let mut order = patterns;
        for _ in 0..patterns.len() {
            order.rotate_left(1);
            let router = router(&order).unwrap();
            let chosen = |path| router.pattern_for(path).unwrap();
            assert_eq!(chosen("ivr/main"), "ivr/main");
            assert_eq!(chosen("ivr/other"), "ivr/{menu}");
            assert_eq!(chosen("acme/main"), "{tenant}/main");
            assert_eq!(chosen("ivr/a/b"), "ivr/{menu}/{step}");
            assert_eq!(chosen("ivr/a/b/c"), "{*all}");
            assert_eq!(chosen("ivr"), "{*all}");
        }
    }

    #[test]
    fn names_get_their_parts_decoded_and_whole() {
        let router = router(&["ivr/{menu}/{*rest}"]).unwrap();
        let (_, params) = found(&router, "/ivr/a%2Fb%20c/d/e/?x=/y").unwrap();
        let expected = [("menu", "a/b c"), ("rest", "d/e")];
        assert_eq!(params, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
        assert!(found(&router, "ivr/a").is_none());
        assert!(found(&router, "ivr//d").is_none());
        assert!(found(&router, "").is_none());
    }

    #[test]
    fn a_pattern_may_be_encoded_as_the_script_is() {
        let routes = router(&["a%20b/{menu}", "100%25"]).unwrap();
        for path in ["a%20b/x", "a b/x", "%61%20%62/x"] {
            assert_eq!(routes.pattern_for(path), Some("a%20b/{menu}"), "{path}");
        }
        assert_eq!(routes.pattern_for("100%25"), Some("100%25"));
        assert_eq!(routes.pattern_for("a%2520b/x"), None);
        let e = router(&["a%20b", "a b"]).unwrap_err();
        assert!(e.to_string().contains("the same scripts"), "{e}");
    }

    #[test]
    fn the_empty_script_has_a_pattern_of_its_own() {
        let router = router(&["/", "{name}"]).unwrap();
        assert_eq!(router.pattern_for(""), Some("/"));
        assert_eq!(router.pattern_for("/?a=b"), Some("/"));
        assert_eq!(router.pattern_for("x"), Some("{name}"));
    }

    #[test]
    fn what_cannot_be_a_pattern_is_refused_by_name() {
        let wrong = ["a//b", "a{b}", "{}", "{*}", "{a}/{a}", "{*a}/b", "a?b=c", "{a", "{{a}}"];
        for pattern in wrong {
            let e = router(&[pattern]).unwrap_err();
            assert!(matches!(&e, Error::Invalid(why) if why.contains(pattern)), "{pattern}: {e}");
        }
    }

    #[test]
    fn two_patterns_for_the_same_scripts_are_refused() {
        for two in [["ivr/{a}", "/ivr/{b}/"], ["x", "x"], ["{*a}", "{*b}"]] {
            let e = router(&two).unwrap_err();
            assert!(e.to_string().contains("the same scripts"), "{e}");
        }
    }
}

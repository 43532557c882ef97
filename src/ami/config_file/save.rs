//! Having the steps carried out.

use super::ConfigFile;
use crate::ami::AmiClient;
use crate::ami::action::UpdateConfigAction;
use crate::{Error, Result};

/// The headers of a request that are not its steps': its name and number, two files, two options.
const FRAME: usize = 6;

/// What a request may have in all.
const HEADERS: usize = 128;

/// How a [`ConfigFile`] is saved.
///
/// ```
/// use asterisk_sync::ami::config_file::Save;
/// let how = Save::new().reload_module("app_queue.so");
/// # let _ = how;
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Save {
    reload: Option<String>,
    preserve: Option<bool>,
    filename: Option<String>,
}

impl Save {
    /// To the file itself, and nobody is told to read it again.
    pub fn new() -> Self {
        Self::default()
    }

    /// Has this module read its configuration again, after the last step. The answer does not wait
    /// for that. Header `Reload`.
    pub fn reload_module(mut self, module: impl Into<String>) -> Self {
        self.reload = Some(module.into());
        self
    }

    /// Has every module read its configuration again.
    pub fn reload_all(self) -> Self {
        self.reload_module("yes")
    }

    /// Whether categories keep, as their own, the lines that a template of theirs loses. They do
    /// unless this is `false`. Header `PreserveEffectiveContext`.
    pub fn preserve_effective_context(mut self, preserve: bool) -> Self {
        self.preserve = Some(preserve);
        self
    }

    /// Writes to another file, which has to be there
    /// ([`CreateConfigAction`](crate::ami::action::CreateConfigAction)); what is in it is lost. From
    /// then on the [`ConfigFile`] is that file. Header `DstFilename`.
    pub fn to(mut self, filename: impl Into<String>) -> Self {
        self.filename = Some(filename.into());
        self
    }
}

/// One request: so many steps.
struct Part {
    action: UpdateConfigAction,
    steps: usize,
}

impl ConfigFile {
    /// Has the changes carried out, and reads the file again. Returns how many steps it took; with
    /// none, and no other file to write, nothing is sent.
    ///
    /// Each request, and the reading before and after it, waits at most the client's timeout. What
    /// fails before a step was carried out is that failure: [`Error::Invalid`] if the file is no
    /// longer what was read, [`Error::Refused`] if the server cannot do it or may not write the
    /// file. After that it is [`Error::Unfinished`], which says how many steps were. Those that are
    /// known not to have been carried out still wait ([`unsaved`](Self::unsaved)); where the answer
    /// to a request was lost, saving again finds out by reading, and refuses if it was carried out.
    /// Needs `config`.
    pub fn save(&mut self, ami: &AmiClient, how: &Save) -> Result<usize> {
        let target = how.filename.clone().unwrap_or_else(|| self.filename.clone());
        if self.steps.is_empty() && target == self.filename {
            return Ok(0);
        }
        let parts = self.parts(&target, how)?;
        let all = self.steps.len();
        let mut done = 0;
        for part in parts {
            self.check(ami)
                .and_then(|()| ami.send_action(&part.action))
                .map_err(|e| Error::unfinished(e, done, all))?;
            for step in self.steps.drain(..part.steps) {
                step.apply(&mut self.base);
            }
            self.filename.clone_from(&target);
            done += part.steps;
        }
        self.base = Self::fetch(ami, &target).map_err(|e| Error::unfinished(e, done, all))?;
        self.categories.clone_from(&self.base);
        Ok(done)
    }

    /// Whether the file is what the steps are meant for.
    fn check(&self, ami: &AmiClient) -> Result<()> {
        if Self::fetch(ami, &self.filename)? == self.base {
            return Ok(());
        }
        Err(Error::invalid(format!("{} is not what it was; read it again", self.filename)))
    }

    /// As few requests as can be.
    fn parts(&self, target: &str, how: &Save) -> Result<Vec<Part>> {
        let begin = |source: &str| {
            let action = UpdateConfigAction::new(source, target);
            match how.preserve {
                Some(preserve) => action.preserve_effective_context(preserve),
                None => action,
            }
        };
        let mut state = self.base.clone();
        let mut shared = false;
        let mut parts = vec![Part { action: begin(&self.filename), steps: 0 }];
        let mut headers = FRAME;
        for step in &self.steps {
            let change = step.change(&state)?;
            if headers + change.headers() > HEADERS {
                parts.push(Part { action: begin(target), steps: 0 });
                headers = FRAME;
            }
            headers += change.headers();
            shared |= step.lines_of().is_some_and(|at| Self::has_heirs(&state, at));
            if let Some(part) = parts.last_mut() {
                part.action = part.action.clone().change(change);
                part.steps += 1;
            }
            step.apply(&mut state);
        }
        if shared && parts.len() > 1 {
            return Err(Error::invalid(
                "a change of a template that others are made of moves their lines, so that it has \
                 to fit into one request with all that is saved with it; save it alone",
            ));
        }
        if let (Some(module), Some(last)) = (&how.reload, parts.last_mut()) {
            last.action = last.action.clone().reload_module(module);
        }
        Ok(parts)
    }

    /// The steps' requests, to be looked at in tests.
    #[cfg(test)]
    pub(super) fn requests(&self, how: &Save) -> Result<Vec<UpdateConfigAction>> {
        let target = how.filename.clone().unwrap_or_else(|| self.filename.clone());
        Ok(self.parts(&target, how)?.into_iter().map(|part| part.action).collect())
    }

    #[cfg(test)]
    pub(super) fn of(filename: &str, base: Vec<super::Category>) -> Self {
        Self { filename: filename.into(), categories: base.clone(), base, steps: Vec::new() }
    }
}

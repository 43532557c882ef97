//! Speech recognition, by a module that brings an engine.

use std::time::Duration;

use serde::Serialize;

use crate::agi::AgiChannel;
use crate::agi::channel::refused;
use crate::agi::command::{Command, spec};
use crate::agi::reply::Reply;
use crate::error::Result;

const NO_SPEECH: &str = "there is no recogniser, or it refused";

/// What came of listening: [`AgiChannel::speech_recognize`].
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Recognition {
    /// What ended it.
    pub kind: RecognitionKind,
    /// The key that was pressed.
    pub digit: Option<char>,
    /// What was understood, the best first.
    pub results: Vec<SpeechResult>,
    /// Where the prompt stopped, in samples.
    pub end_position: Option<u64>,
}

/// What ended listening.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum RecognitionKind {
    /// Something was understood. `speech`.
    Speech,
    /// A key was pressed. `digit`.
    Digit,
    /// Nobody spoke. `timeout`.
    Timeout,
    /// The caller hung up. `hangup`.
    Hangup,
    /// Something else, in Asterisk's word for it.
    Other(Box<str>),
}

/// One thing that may have been said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SpeechResult {
    /// How sure the engine is, from 0 to 1,000.
    pub score: i64,
    /// What was said.
    pub text: String,
    /// The grammar that knows it.
    pub grammar: String,
}

impl AgiChannel {
    /// Gets a recogniser of this engine, or of the first there is: `""`. `SPEECH CREATE`.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`](crate::Error::Refused) if there is none, here and in the others.
    pub fn speech_create(&mut self, engine: &str) -> Result<()> {
        self.begin(&spec::SPEECH_CREATE).text(engine);
        self.speech(&spec::SPEECH_CREATE)
    }

    /// Sets something of the engine. `SPEECH SET`.
    pub fn speech_set(&mut self, name: &str, value: &str) -> Result<()> {
        self.begin(&spec::SPEECH_SET).text(name).text(value);
        self.speech(&spec::SPEECH_SET)
    }

    /// Gives the recogniser back. Works after the hangup too. `SPEECH DESTROY`.
    pub fn speech_destroy(&mut self) -> Result<()> {
        self.begin(&spec::SPEECH_DESTROY);
        self.speech(&spec::SPEECH_DESTROY)
    }

    /// Loads a grammar from a file, under a name. `SPEECH LOAD GRAMMAR`.
    pub fn speech_load_grammar(&mut self, grammar: &str, path: &str) -> Result<()> {
        self.begin(&spec::SPEECH_LOAD_GRAMMAR).text(grammar).text(path);
        self.speech(&spec::SPEECH_LOAD_GRAMMAR)
    }

    /// Unloads a grammar. Works after the hangup too. `SPEECH UNLOAD GRAMMAR`.
    pub fn speech_unload_grammar(&mut self, grammar: &str) -> Result<()> {
        self.begin(&spec::SPEECH_UNLOAD_GRAMMAR).text(grammar);
        self.speech(&spec::SPEECH_UNLOAD_GRAMMAR)
    }

    /// Listens for what a grammar knows. `SPEECH ACTIVATE GRAMMAR`.
    pub fn speech_activate_grammar(&mut self, grammar: &str) -> Result<()> {
        self.begin(&spec::SPEECH_ACTIVATE_GRAMMAR).text(grammar);
        self.speech(&spec::SPEECH_ACTIVATE_GRAMMAR)
    }

    /// No longer listens for what a grammar knows. `SPEECH DEACTIVATE GRAMMAR`.
    pub fn speech_deactivate_grammar(&mut self, grammar: &str) -> Result<()> {
        self.begin(&spec::SPEECH_DEACTIVATE_GRAMMAR).text(grammar);
        self.speech(&spec::SPEECH_DEACTIVATE_GRAMMAR)
    }

    /// Plays a sound, from a place in samples if there is one, and listens: for words, and for a
    /// key; so long after its end, in whole seconds, zero being for ever. `SPEECH RECOGNIZE`.
    pub fn speech_recognize(
        &mut self,
        prompt: &str,
        timeout: Duration,
        offset: impl Into<Option<u64>>,
    ) -> Result<Recognition> {
        let line = self.begin(&spec::SPEECH_RECOGNIZE).text(prompt).seconds(timeout);
        if let Some(samples) = offset.into() {
            line.count(samples);
        }
        let reply = self.succeed(&spec::SPEECH_RECOGNIZE, NO_SPEECH)?;
        if reply.code() != Some(1) {
            return Err(refused(&spec::SPEECH_RECOGNIZE, NO_SPEECH));
        }
        let recognition = recognition(reply);
        if recognition.kind == RecognitionKind::Hangup {
            self.note_hangup();
        }
        Ok(recognition)
    }

    fn speech(&mut self, command: &'static Command) -> Result<()> {
        match self.run(command)?.code() {
            Some(1) => Ok(()),
            _ => Err(refused(command, NO_SPEECH)),
        }
    }
}

/// Reads `200 result=1 (speech) endpos=0 results=1 score0=900 text0="yes" grammar0=bool`.
fn recognition(reply: Reply<'_>) -> Recognition {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let kind = match reply.value_word().unwrap_or_default() {
        b"speech" => RecognitionKind::Speech,
        b"digit" => RecognitionKind::Digit,
        b"timeout" => RecognitionKind::Timeout,
        b"hangup" => RecognitionKind::Hangup,
        other => RecognitionKind::Other(text(other).into()),
    };
    let digit = reply.field("digit").and_then(|bytes| text(bytes).chars().next());
    let mut results = Vec::new();
    for (name, value) in reply.fields() {
        // The score is the first of each.
        if name.starts_with(b"score") {
            let score = text(value).parse().unwrap_or_default();
            results.push(SpeechResult { score, text: String::new(), grammar: String::new() });
        } else if let Some(last) = results.last_mut() {
            if name.starts_with(b"text") {
                last.text = text(value);
            } else if name.starts_with(b"grammar") {
                last.grammar = text(value);
            }
        }
    }
    Recognition { kind, digit, results, end_position: reply.end_position() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_result_has_its_score_text_and_grammar() {
        let reply = Reply(
            b"200 result=1 (speech) endpos=1600 results=2 score0=900 text0=\"yes (please)\" \
              grammar0=bool score1=40 text1=\"yet\" grammar1=words",
        );
        let heard = recognition(reply);
        assert_eq!(heard.kind, RecognitionKind::Speech);
        assert_eq!((heard.end_position, heard.digit), (Some(1600), None));
        let seen: Vec<_> = heard.results.iter().map(|r| (r.score, &*r.text, &*r.grammar)).collect();
        assert_eq!(seen, [(900, "yes (please)", "bool"), (40, "yet", "words")]);
    }

    #[test]
    fn a_key_and_silence_are_told_apart() {
        let heard = recognition(Reply(b"200 result=1 (digit) digit=* endpos=8"));
        assert_eq!((heard.kind, heard.digit), (RecognitionKind::Digit, Some('*')));
        assert_eq!(heard.end_position, Some(8));
        let heard = recognition(Reply(b"200 result=1 (timeout) endpos=0"));
        assert_eq!((heard.kind, heard.results.len()), (RecognitionKind::Timeout, 0));
    }
}

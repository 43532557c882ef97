//! What the caller says, as sound: `EAGI`.

use std::convert::Infallible;
use std::fmt;
use std::io::{self, Read};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded, never, select};

use super::AgiChannel;
use crate::error::{Error, Result};

/// How many pieces wait to be taken, of at most 4 KiB each: what a script does not take in time
/// stays in the pipe, and Asterisk throws away what does not fit there.
const AHEAD: usize = 16;

const STACK: usize = 64 * 1024;

/// How long reading waits where no hangup is told. A call that is under way has fifty frames a second.
const UNHEARD: Duration = Duration::from_secs(5);

/// The descriptor Asterisk has the sound on.
const PATH: &str = "/dev/fd/3";

/// The sound of the call, from the caller to Asterisk, for a script started with `EAGI()`.
///
/// Signed 16-bit samples of one channel, in the machine's own byte order. It [reads](Read) as
/// bytes, and as [frames](Self::frames) of samples. It ends with the session, and at the hangup.
///
/// With the variable `AGISIGHUP` at `no`, Asterisk tells nothing of the hangup, and leaves the sound
/// open until the script ends: there is only silence. Reading has a [timeout](Self::set_timeout) of
/// 5 seconds then, and whoever meets it learns from the next command whether the call is over.
///
/// Asterisk passes sound on while it waits for the next command, and not while most commands run;
/// what is not read in time it throws away. A thread `agi-audio` reads the descriptor, so that
/// waiting for sound ends at the hangup too; it ends when Asterisk closes the other end, or with
/// the program.
///
/// The sample rate is 8,000 a second, unless the channel's variable `EAGI_AUDIO_FORMAT` names
/// another format, such as `slin16`; set it before `EAGI()`.
///
/// ```no_run
/// use asterisk_sync::agi::{self, AgiChannel, AgiRequest, AudioReader};
/// use std::time::Duration;
///
/// fn main() -> asterisk_sync::Result<()> {
///     agi::run_stdio(|_: &AgiRequest, agi: &mut AgiChannel| {
///         let mut audio = AudioReader::open(agi)?;
///         for frame in audio.frames(Duration::from_millis(20)).take(500) {
///             let loudest = frame?.iter().map(|sample| sample.unsigned_abs()).max();
///             eprintln!("{loudest:?}");
///         }
///         Ok(())
///     })
/// }
/// ```
pub struct AudioReader {
    pieces: Receiver<io::Result<Box<[u8]>>>,
    hangup: Receiver<Infallible>,
    pending: Box<[u8]>,
    at: usize,
    rate: u32,
    timeout: Option<Duration>,
}

impl AudioReader {
    /// The sound of this call.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if the format is not one of samples, such as `ulaw`: nothing here decodes
    /// it. [`Error::Io`] if there is no sound: the script was not started with `EAGI()`. What
    /// [`get_variable`](AgiChannel::get_variable) returns.
    pub fn open(agi: &mut AgiChannel) -> Result<Self> {
        let format = agi.get_variable("EAGI_AUDIO_FORMAT")?.unwrap_or_default();
        let sighup = agi.get_variable("AGISIGHUP")?.unwrap_or_default();
        let rate = sample_rate(&format).ok_or_else(|| {
            Error::invalid(format!("EAGI_AUDIO_FORMAT is {format:?}, which is not slin"))
        })?;
        // Opening the name of a pipe opens the pipe once more, which needs nobody's trust.
        let pipe = std::fs::File::open(PATH)?;
        #[cfg(unix)]
        if !std::os::unix::fs::FileTypeExt::is_fifo(&pipe.metadata()?.file_type()) {
            let why = "descriptor 3 is no pipe: the script was not started with EAGI()";
            return Err(Error::Io(io::Error::new(io::ErrorKind::NotFound, why)));
        }
        let mut audio = Self::start(pipe, rate, agi.hangup_signal().unwrap_or_else(never))?;
        audio.timeout = is_off(&sighup).then_some(UNHEARD);
        Ok(audio)
    }

    /// Sound from elsewhere, at so many samples a second: for tests, and for sound that was kept.
    pub fn from_reader(source: impl Read + Send + 'static, rate: u32) -> Result<Self> {
        if rate == 0 {
            return Err(Error::invalid("a sample rate of 0"));
        }
        Self::start(source, rate, never())
    }

    fn start(
        source: impl Read + Send + 'static,
        rate: u32,
        hangup: Receiver<Infallible>,
    ) -> Result<Self> {
        let (out, pieces) = bounded(AHEAD);
        std::thread::Builder::new()
            .name("agi-audio".to_owned())
            .stack_size(STACK)
            .spawn(move || copy(source, &out))?;
        Ok(Self { pieces, hangup, pending: Box::default(), at: 0, rate, timeout: None })
    }

    /// How many samples there are in a second.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// How long reading waits for sound; `None` is until the hangup, and so it is at first unless
    /// `AGISIGHUP` is `no`. When it passes, reading fails with [`io::ErrorKind::TimedOut`] and can go on.
    pub fn set_timeout(&mut self, timeout: impl Into<Option<Duration>>) {
        self.timeout = timeout.into();
    }

    /// The samples, so much time at once; the last frame may be shorter. Ends with the sound.
    pub fn frames(&mut self, time: Duration) -> AudioFrames<'_> {
        let samples = u128::from(self.rate) * time.as_micros() / 1_000_000;
        let samples = usize::try_from(samples).unwrap_or(usize::MAX).clamp(1, 1 << 24);
        AudioFrames { reader: self, bytes: Vec::new(), size: samples * 2 }
    }

    /// The next piece; `false` if there is none any more.
    fn fill(&mut self) -> io::Result<bool> {
        while self.at == self.pending.len() {
            // What is there comes before the hangup.
            let piece = self.pieces.try_recv().ok();
            let piece = match (piece, self.timeout) {
                (Some(piece), _) => Some(piece),
                (None, None) => select! {
                    recv(self.pieces) -> piece => piece.ok(),
                    recv(self.hangup) -> _ => None,
                },
                (None, Some(timeout)) => select! {
                    recv(self.pieces) -> piece => piece.ok(),
                    recv(self.hangup) -> _ => None,
                    default(timeout) => return Err(io::ErrorKind::TimedOut.into()),
                },
            };
            let Some(piece) = piece else { return Ok(false) };
            self.pending = piece?;
            self.at = 0;
        }
        Ok(true)
    }
}

impl Read for AudioReader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() || !self.fill()? {
            return Ok(0);
        }
        let n = buf.len().min(self.pending.len() - self.at);
        buf[..n].copy_from_slice(&self.pending[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}

impl fmt::Debug for AudioReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AudioReader")
            .field("rate", &self.rate)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

fn copy(mut source: impl Read, out: &Sender<io::Result<Box<[u8]>>>) {
    let mut buf = [0; 4096];
    loop {
        let piece = match source.read(&mut buf) {
            Ok(0) => return,
            Ok(n) => Ok(buf[..n].into()),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => Err(e),
        };
        let is_last = piece.is_err();
        if out.send(piece).is_err() || is_last {
            return;
        }
    }
}

/// The samples a second of a format, if it is one of samples.
fn sample_rate(format: &str) -> Option<u32> {
    match format.trim() {
        "" | "slin" => Some(8000),
        "slin44" => Some(44_100),
        other => {
            let kilohertz: u32 = other.strip_prefix("slin")?.parse().ok()?;
            [12, 16, 24, 32, 48, 96, 192].contains(&kilohertz).then_some(kilohertz * 1000)
        }
    }
}

/// Whether Asterisk takes the value of a setting for a no.
fn is_off(value: &str) -> bool {
    ["no", "false", "n", "f", "0", "off"].iter().any(|no| value.eq_ignore_ascii_case(no))
}

/// Sound as samples: [`AudioReader::frames`].
#[derive(Debug)]
pub struct AudioFrames<'a> {
    reader: &'a mut AudioReader,
    bytes: Vec<u8>,
    /// Of a whole frame, in bytes.
    size: usize,
}

impl Iterator for AudioFrames<'_> {
    type Item = Result<Vec<i16>>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.bytes.len() < self.size {
            match self.reader.fill() {
                Ok(true) => {}
                Ok(false) => break,
                Err(e) => return Some(Err(e.into())),
            }
            let there = &self.reader.pending[self.reader.at..];
            let n = there.len().min(self.size - self.bytes.len());
            self.bytes.extend_from_slice(&there[..n]);
            self.reader.at += n;
        }
        // Half a sample at the very end is none.
        let samples: Vec<i16> =
            self.bytes.chunks_exact(2).map(|pair| i16::from_ne_bytes([pair[0], pair[1]])).collect();
        self.bytes.clear();
        (!samples.is_empty()).then_some(Ok(samples))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn frames_are_as_long_as_the_rate_makes_them_however_the_sound_is_cut() {
        let samples: Vec<i16> = (0..500).collect();
        let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_ne_bytes()).collect();
        // One byte at a time, then the rest.
        let source =
            io::Cursor::new(bytes[..7].to_vec()).chain(io::Cursor::new(bytes[7..].to_vec()));
        let mut audio = AudioReader::from_reader(source, 8000).unwrap();
        let frames: Vec<_> = audio.frames(Duration::from_millis(20)).map(Result::unwrap).collect();
        assert_eq!(frames.iter().map(Vec::len).collect::<Vec<_>>(), [160, 160, 160, 20]);
        assert_eq!(frames.concat(), samples);
    }

    #[test]
    fn sound_reads_as_bytes_too() {
        let mut audio = AudioReader::from_reader(io::Cursor::new(b"abcdef"), 16_000).unwrap();
        let mut text = String::new();
        audio.read_to_string(&mut text).unwrap();
        assert_eq!((&*text, audio.rate()), ("abcdef", 16_000));
    }

    #[test]
    fn waiting_for_sound_ends_at_the_hangup_but_not_before_what_was_said() {
        let (tell, hangup) = bounded(0);
        let (say, said) = UnixStream::pair().unwrap();
        std::io::Write::write_all(&mut &say, b"ab").unwrap();
        let mut audio = AudioReader::start(said, 8000, hangup).unwrap();
        let mut two = [0; 2];
        audio.read_exact(&mut two).unwrap();
        drop(tell);
        // Nobody has closed the pipe.
        assert_eq!(audio.read(&mut two).unwrap(), 0);
        drop(say);
    }

    #[test]
    fn silence_is_a_timeout_and_no_end() {
        let (say, said) = UnixStream::pair().unwrap();
        let mut audio = AudioReader::from_reader(said, 8000).unwrap();
        audio.set_timeout(Duration::from_millis(1));
        let e = audio.read(&mut [0; 2]).unwrap_err();
        assert_eq!(e.kind(), io::ErrorKind::TimedOut);
        audio.set_timeout(None);
        std::io::Write::write_all(&mut &say, b"ab").unwrap();
        assert_eq!(audio.read(&mut [0; 2]).unwrap(), 2);
    }

    #[test]
    fn the_signal_is_off_for_what_asterisk_takes_for_a_no() {
        assert!(["no", "No", "FALSE", "n", "f", "0", "off"].into_iter().all(is_off));
        assert!(!["", "yes", "nope", " no", "1"].into_iter().any(is_off));
    }

    #[test]
    fn the_format_says_the_rate() {
        let rates = ["", "slin", "slin16", "slin44", "slin192", "ulaw", "slin7"].map(sample_rate);
        let expected =
            [Some(8000), Some(8000), Some(16_000), Some(44_100), Some(192_000), None, None];
        assert_eq!(rates, expected);
    }
}

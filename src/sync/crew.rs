//! Threads that are started when there is need for one more, up to a number, and joined together.

use std::io;

use parking_lot::Mutex;

use super::worker::Worker;

/// Named threads, numbered from 1.
#[derive(Debug)]
pub(crate) struct Crew {
    name: &'static str,
    /// Of each thread, in bytes.
    stack: usize,
    most: usize,
    /// Taken alone, and never held while a thread is waited for.
    threads: Mutex<Vec<Worker>>,
}

impl Crew {
    pub(crate) fn new(name: &'static str, stack: usize, most: usize) -> Self {
        Self { name, stack, most, threads: Mutex::default() }
    }

    /// Starts one more thread; `false` if there are as many as there may be.
    pub(crate) fn grow(&self, work: impl FnOnce() + Send + 'static) -> io::Result<bool> {
        let mut threads = self.threads.lock();
        if threads.len() >= self.most {
            return Ok(false);
        }
        let name = format!("{}-{}", self.name, threads.len() + 1);
        threads.push(Worker::spawn(&name, self.stack, work)?);
        Ok(true)
    }

    pub(crate) fn len(&self) -> usize {
        self.threads.lock().len()
    }

    /// Whether the caller is one of them.
    pub(crate) fn is_own_thread(&self) -> bool {
        self.threads.lock().iter().any(Worker::is_current)
    }

    /// Waits for the end of all, those included that are started meanwhile.
    pub(crate) fn join(&self) {
        let mut joined = 0;
        loop {
            // They stay in the list, so that each still knows itself one of them.
            let threads: Vec<Worker> = self.threads.lock()[joined..].to_vec();
            if threads.is_empty() {
                return;
            }
            joined += threads.len();
            threads.iter().for_each(Worker::join);
        }
    }
}

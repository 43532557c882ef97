//! Loom in the place of the real thing, with the few methods that this folder uses.
//!
//! There is no clock: a deadline has always passed. So a wait with one gives up wherever the
//! scheduler lets it, which is every way a real one can.

/// Sharing is not what is modelled, and loom's own cannot hold a trait object.
pub(crate) use std::sync::Arc;
use std::time::Instant;

pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
pub(crate) use loom::thread::yield_now;

#[derive(Debug)]
pub(crate) struct Mutex<T>(loom::sync::Mutex<T>);

pub(crate) type MutexGuard<'a, T> = loom::sync::MutexGuard<'a, T>;

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(loom::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().expect("a model that panics ends")
    }
}

#[derive(Debug)]
pub(crate) struct Condvar(loom::sync::Condvar);

pub(crate) struct Passed;

impl Passed {
    #[expect(clippy::unused_self, reason = "the shape of the real one")]
    pub(crate) fn timed_out(&self) -> bool {
        true
    }
}

impl Condvar {
    pub(crate) fn new() -> Self {
        Self(loom::sync::Condvar::new())
    }

    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }

    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }

    #[expect(clippy::unused_self, reason = "the shape of the real one")]
    pub(crate) fn wait_until<T>(&self, _: &mut MutexGuard<'_, T>, _: Instant) -> Passed {
        Passed
    }
}

/// Waits to be woken.
pub(crate) fn wait<'a, T>(condvar: &Condvar, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    condvar.0.wait(guard).expect("a model that panics ends")
}

/// Waits until `look` finds something, as a real condition variable is waited for in a loop.
pub(crate) fn wait_for<'a, T, R>(
    condvar: &Condvar,
    mut guard: MutexGuard<'a, T>,
    mut look: impl FnMut(&mut T) -> Option<R>,
) -> R {
    loop {
        if let Some(found) = look(&mut guard) {
            return found;
        }
        guard = wait(condvar, guard);
    }
}

/// An unbounded channel with the real one's names.
pub(crate) mod channel {
    use std::collections::VecDeque;

    use super::{Arc, Condvar, Instant, Mutex, wait_for};

    #[derive(Debug)]
    struct Queue<T> {
        items: Mutex<(VecDeque<T>, usize)>,
        changed: Condvar,
    }

    #[derive(Debug)]
    pub(crate) struct Sender<T>(Arc<Queue<T>>);

    #[derive(Debug)]
    pub(crate) struct Receiver<T>(Arc<Queue<T>>);

    #[derive(Debug)]
    pub(crate) enum TryRecvError {
        Empty,
        Disconnected,
    }

    pub(crate) fn unbounded<T>() -> (Sender<T>, Receiver<T>) {
        let items = Mutex::new((VecDeque::new(), 1));
        let queue = Arc::new(Queue { items, changed: Condvar::new() });
        (Sender(Arc::clone(&queue)), Receiver(queue))
    }

    pub(crate) fn bounded<T>(_: usize) -> (Sender<T>, Receiver<T>) {
        unbounded()
    }

    impl<T> Sender<T> {
        pub(crate) fn send(&self, item: T) -> Result<(), T> {
            self.0.items.lock().0.push_back(item);
            self.0.changed.notify_one();
            Ok(())
        }

        pub(crate) fn try_send(&self, item: T) -> Result<(), T> {
            self.send(item)
        }
    }

    impl<T> Clone for Sender<T> {
        fn clone(&self) -> Self {
            self.0.items.lock().1 += 1;
            Self(Arc::clone(&self.0))
        }
    }

    impl<T> Drop for Sender<T> {
        fn drop(&mut self) {
            self.0.items.lock().1 -= 1;
            self.0.changed.notify_one();
        }
    }

    impl<T> Clone for Receiver<T> {
        fn clone(&self) -> Self {
            Self(Arc::clone(&self.0))
        }
    }

    impl<T> Receiver<T> {
        pub(crate) fn try_recv(&self) -> Result<T, TryRecvError> {
            let mut items = self.0.items.lock();
            match items.0.pop_front() {
                Some(item) => Ok(item),
                None if items.1 == 0 => Err(TryRecvError::Disconnected),
                None => Err(TryRecvError::Empty),
            }
        }

        pub(crate) fn is_empty(&self) -> bool {
            self.0.items.lock().0.is_empty()
        }

        fn wait(&self) {
            wait_for(&self.0.changed, self.0.items.lock(), |(items, senders)| {
                (!items.is_empty() || *senders == 0).then_some(())
            });
        }
    }

    /// Waits for the first receiver it was given; the models give it one.
    #[derive(Default)]
    pub(crate) struct Select<'a>(Option<Box<dyn Fn() + 'a>>);

    impl<'a> Select<'a> {
        pub(crate) fn new() -> Self {
            Self(None)
        }

        pub(crate) fn recv<T>(&mut self, receiver: &'a Receiver<T>) -> usize {
            self.0.get_or_insert_with(|| Box::new(move || receiver.wait()));
            0
        }

        pub(crate) fn ready(&mut self) -> usize {
            if let Some(wait) = &self.0 {
                wait();
            }
            0
        }

        #[expect(clippy::unused_self, reason = "the shape of the real one")]
        pub(crate) fn ready_deadline(&mut self, _: Instant) -> Result<usize, ()> {
            Err(())
        }
    }
}

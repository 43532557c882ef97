//! Who is let in.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

type Question<T> = dyn Fn(&T) -> bool + Send + Sync;

/// Whether somebody is let in, by what is known of him.
pub(crate) struct Admission<T>(Arc<Question<T>>);

impl<T: fmt::Display> Admission<T> {
    pub(crate) fn new(admits: impl Fn(&T) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(admits))
    }

    /// A question that panics has not been answered with yes.
    pub(crate) fn admits(&self, who: &T) -> bool {
        catch_unwind(AssertUnwindSafe(|| (self.0)(who))).unwrap_or_else(|_| {
            log::error!("the admission of {who} panicked");
            false
        })
    }
}

impl<T> Clone for Admission<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

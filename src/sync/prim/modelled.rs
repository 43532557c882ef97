//! Loom in the place of the real thing. Waits have no clock there: a deadline never passes, unless
//! a test says that it has.

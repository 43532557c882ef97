//! Domain enums.

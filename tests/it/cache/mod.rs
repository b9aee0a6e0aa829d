//! One load for all who ask.

//! Strategies around one call.

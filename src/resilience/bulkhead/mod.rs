//! How many calls are under way at once.

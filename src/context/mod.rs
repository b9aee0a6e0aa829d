//! What flows with a piece of work from poll to poll, and what a thread may not do meanwhile.
//!
//! | file | knows |
//! |---|---|

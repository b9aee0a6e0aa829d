//! Reports of progress: from who works to who watches.
//!
//! | file | knows |
//! |---|---|

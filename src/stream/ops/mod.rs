//! What `StreamExt` lacks of LINQ's operators.

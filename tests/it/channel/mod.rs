//! Queues between tasks.

mod hostile;
mod model;
mod told;

//! Breaker, bulkhead, pipelines.

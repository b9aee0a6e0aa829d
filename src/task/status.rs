//! The four states of a task.

/// How far a task is.
///
/// The last three are final: a task enters one of them once and stays there.
///
/// # Examples
///
/// ```
/// use taskcell::{CancellationToken, Task, TaskStatus};
///
/// assert_eq!(Task::<_>::from_result(7).status(), TaskStatus::RanToCompletion);
/// assert_eq!(Task::<u32>::from_cancelled(&CancellationToken::NONE).status(), TaskStatus::Cancelled);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TaskStatus {
    /// It has not ended.
    #[doc(alias = "WaitingToRun")]
    #[doc(alias = "Running")]
    #[doc(alias = "WaitingForChildrenToComplete")]
    #[doc(alias = "WaitingForActivation")]
    Pending,
    /// It ended with a value.
    RanToCompletion,
    /// It ended with an error or a panic, or was abandoned.
    Faulted,
    /// It was cancelled.
    #[doc(alias = "Canceled")]
    Cancelled,
}

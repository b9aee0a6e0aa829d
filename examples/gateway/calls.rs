//! The calls under way: hot tasks, which pages share, and which are cancelled with the last page that waits.

use crate::{
    call::{Caller, Content, Target},
    counts::Tally,
    executor::Executor,
};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};
use taskcell::{CancelOnDrop, CancellationToken, Task};

/// At the shutdown a call has this long to end after it was cancelled, and again after it was given up.
const GRACE: Duration = Duration::from_millis(250);

/// A page's share in a call, which runs whether it is awaited or not. With the last share the call is cancelled.
pub(crate) type Share = Arc<CancelOnDrop<Content>>;

/// The calls under way, by target.
pub(crate) struct Calls {
    shutdown: CancellationToken,
    executor: Executor,
    caller: Arc<Caller>,
    under_way: Mutex<Vec<UnderWay>>,
    tally: Tally,
    log: fn(&str),
}

/// One of them.
struct UnderWay {
    target: Target,
    task: Task<Content>,
    /// It counts the pages that wait, and is not one of them.
    shares: Weak<CancelOnDrop<Content>>,
    is_shared: bool,
}

impl Calls {
    /// None yet. All will end with `shutdown`; a call's fault is told to `log`, in a line.
    pub(crate) fn new(shutdown: CancellationToken, tally: Tally, log: fn(&str)) -> Calls {
        let caller = Arc::new(Caller::new(tally.clone()));
        Calls { shutdown, executor: Executor::default(), caller, under_way: Mutex::default(), tally, log }
    }

    /// The call that asks for this: the one that another page is waiting for, or a new one. Nothing is kept: a call that
    /// has ended is not used again.
    pub(crate) fn get(&self, target: Target) -> Share {
        let mut under_way = self.under_way();
        under_way.retain(|call| !call.task.is_completed());
        let mut same = under_way.iter_mut().filter(|call| call.target == target);
        if let Some((call, share)) = same.find_map(|call| call.shares.upgrade().map(|share| (call, share))) {
            if !call.is_shared {
                call.is_shared = true;
                self.tally.count(|counts| counts.calls_shared += 1);
            }
            return share;
        }
        let (task, share) = self.begin(target.clone());
        under_way.push(UnderWay { target, task, shares: Arc::downgrade(&share), is_shared: false });
        share
    }

    /// Begins a call under a source of its own, which is linked to the shutdown. How it ends is counted by a
    /// continuation: whether a page is there to see it or not.
    fn begin(&self, target: Target) -> (Task<Content>, Share) {
        let source = self.shutdown.child();
        self.tally.count(|counts| counts.calls_begun += 1);
        let (caller, asked, token) = (self.caller.clone(), target.clone(), source.token());
        let task = Task::run(&self.executor, async move { caller.ask(asked, token).await });
        let tally = self.tally.clone();
        task.on_completed(move |task| tally.count(|counts| counts.call(task))).detach();
        let (tally, log) = (self.tally.clone(), self.log);
        task.log_fault(move |fault| {
            tally.count(|counts| counts.faults_logged += 1);
            log(&format!("call: {target}: {fault}"));
        });
        (task.clone(), Arc::new(task.cancel_on_drop(source)))
    }

    /// Waits, after the shutdown, for the end of all calls. One that does not hear of it is given up, and its task ends
    /// as abandoned: so nobody who waits for a task hangs.
    pub(crate) async fn ended(&self) {
        let all = Task::when_all(self.under_way().iter().map(|call| call.task.clone()));
        let ended = || all.wait_async(&CancellationToken::NONE).with_timeout(GRACE);
        if ended().await.is_err() {
            self.executor.give_up();
            // If this were late, the count of the pending tasks would show it.
            _ = ended().await;
        }
    }

    fn under_way(&self) -> MutexGuard<'_, Vec<UnderWay>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

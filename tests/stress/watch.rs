//! When nothing goes on any more: whoever waits then waits for ever, so the program ends and says where.

use crate::job::Job;
use std::process::exit;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// How long nothing may be counted. A machine that has other things to do must not look like a scenario that is stuck.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs a scenario under a watch.
pub(crate) fn over(job: &Job, run: fn(&Job)) {
    let (ended, watch) = channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || until(&watch, job));
        run(job);
        drop(ended);
    });
}

fn until(watch: &Receiver<()>, job: &Job) {
    let mut pulse = job.pulse();
    while let Err(RecvTimeoutError::Timeout) = watch.recv_timeout(PATIENCE) {
        let before = std::mem::replace(&mut pulse, job.pulse());
        if before == pulse {
            println!("{}", job.row());
            println!("stuck: nothing was counted for {} s", PATIENCE.as_secs());
            println!("lost: {}", job.lost_in_all());
            exit(1);
        }
    }
}

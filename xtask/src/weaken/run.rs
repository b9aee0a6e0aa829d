//! One model, once, in a process of its own that has so much time and so much memory.

use crate::loom::model_command;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A model that asks for more has gone wrong. In blocks of 1024 bytes.
const MEMORY: &str = "ulimit -v 8000000; exec \"$0\" \"$@\"";

/// How one run of one model ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum End {
    Passed,
    Failed,
    Stuck,
    OutOfTime,
}

/// Runs a model; tells how it ended, and what it has had of the processor.
pub(crate) fn attempt(
    binary: &Path,
    model: &str,
    loads: &str,
    bound: Option<usize>,
    variables: &[(&str, &str)],
    limit: Duration,
) -> (End, Duration) {
    let plain = model_command(binary, model, loads);
    let mut command = Command::new("sh");
    command.args(["-c", MEMORY]).arg(plain.get_program()).args(plain.get_args());
    command.current_dir(plain.get_current_dir().expect("a model has a folder"));
    for (key, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(key, value),
            None => command.env_remove(key),
        };
    }
    command.stdin(Stdio::null()).stderr(Stdio::null()).stdout(Stdio::null());
    command.env("TASKCELL_MODEL_SECONDS", limit.as_secs_f64().to_string());
    if let Some(bound) = bound {
        command.env("LOOM_MAX_PREEMPTIONS", bound.to_string());
    }
    command.envs(variables.iter().copied());
    let begun = Instant::now();
    match command.spawn() {
        Ok(child) => watch(child, begun, limit),
        Err(_) => (End::OutOfTime, Duration::ZERO),
    }
}

fn watch(mut child: Child, begun: Instant, limit: Duration) -> (End, Duration) {
    let mut used = Duration::ZERO;
    loop {
        if let Some(now) = processor_time(child.id()) {
            used = now;
        }
        match child.try_wait() {
            Ok(Some(status)) => {
                let end = match status.code() {
                    Some(0) => End::Passed,
                    Some(86) => End::Stuck,
                    Some(87) => End::OutOfTime,
                    _ => End::Failed,
                };
                return (end, if used.is_zero() { begun.elapsed().min(Duration::from_millis(10)) } else { used });
            }
            // The model ends itself in time; this is for one that cannot any more.
            _ if used > limit * 2 + Duration::from_secs(5)
                || begun.elapsed() > limit * 50 + Duration::from_secs(120) =>
            {
                let _ = child.kill();
                let _ = child.wait();
                return (End::Stuck, used);
            }
            _ => std::thread::sleep(Duration::from_millis(if used.is_zero() { 2 } else { 10 })),
        }
    }
}

/// What a process has had of the processor, where the system says so: others may be busy too.
fn processor_time(process: u32) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let mut fields = stat.rsplit(')').next()?.split_whitespace().skip(11);
    let (user, system): (u64, u64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    // Hundredths of a second, on every Linux.
    Some(Duration::from_millis((user + system) * 10))
}

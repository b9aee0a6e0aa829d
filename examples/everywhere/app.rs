//! A greenhouse that asks its sensors. It knows two traits, a spawner and a clock, and neither an executor nor std.

use alloc::{format, string::String, vec, vec::Vec};
use core::{future::pending, time::Duration};
use taskcell::{
    Backoff, BoxError, CancellationToken, CancellationTokenSource, Progress, Report, Spawner, Task, TaskGroup,
    TimeProvider, channel, delay_on, retry_on, task_group, timeout_on, when_all_settled,
};

const STEP: Duration = Duration::from_millis(5);

/// What the greenhouse has seen, line by line: the same on every executor and every clock.
pub(crate) async fn run<S: Spawner, C: TimeProvider + Clone + 'static>(
    spawner: S,
    clock: C,
) -> Result<Vec<String>, BoxError> {
    let mut lines = vec![];
    let day = CancellationTokenSource::new();
    // Hot until the end of the day, beside all that follows.
    let fan = Task::run(&spawner, turn_fan(clock.clone(), day.token()));

    // All at once, in the order of input.
    let beds = (1..=4).map(|bed| Task::run(&spawner, measure(clock.clone(), bed)));
    let degrees = Task::when_all(beds).await?;
    lines.push(format!("when_all: {degrees:?} degrees"));

    // The first of three; the others are told that nobody needs them, and waited for.
    let race = day.token().child();
    let sites = ["far", "near", "lost"].map(|site| Task::run(&spawner, forecast(clock.clone(), site, race.token())));
    let (index, first) = Task::when_any(sites.clone()).await?;
    race.cancel();
    let ends = when_all_settled(sites).await;
    let cancelled = ends.iter().flat_map(|end| end.as_ref().err()).filter(|error| error.is_cancelled()).count();
    lines.push(format!("when_any: number {index} says {}, {cancelled} cancelled", first.await?));

    // A sensor that stumbles twice, and one that is dead.
    let damp = retry_on(&clock, async |attempt| if attempt.number < 2 { Err("no echo") } else { Ok(61) })
        .backoff_seeded(Backoff::exponential(STEP), 0)
        .on_retry(|event| lines.push(format!("retry: number {} again after {:?}", event.attempt.number, event.delay)))
        .await?;
    lines.push(format!("retry: {damp} % damp"));
    if let Err(late) = timeout_on(&clock, STEP, pending::<()>()).await {
        lines.push(format!("timeout: {late}"));
    }

    // Water for a while, or until the end of the day: whichever comes first.
    let valve = day.token().child();
    valve.cancel_after_on(&clock, STEP);
    valve.token().cancelled().await;
    let deadline = valve.token().reason().is_some_and(|reason| reason.is_deadline());
    lines.push(format!("valve: closed by its deadline: {deadline}; the day is over: {}", day.is_cancelled()));

    // Those who measure wait for the one who writes it down; nobody outlives the group.
    let (writer, percents) = channel::unbounded();
    let progress = Progress::inline(move |percent| drop(writer.try_write(percent)));
    let sum = task_group(|group: TaskGroup<()>| async move {
        let (writer, reader) = channel::bounded(2);
        for bed in 1..=4 {
            let (writer, clock) = (writer.clone(), clock.clone());
            group.run(async move { Ok(writer.write(measure(clock, bed).await?).await?) });
        }
        drop(writer);
        let (mut sum, mut read) = (0, 0);
        while let Ok(degrees) = reader.read().await {
            sum += degrees;
            read += 1;
            progress.report(read * 25);
        }
        Ok(sum)
    })
    .token(&day.token())
    .await?;
    lines.push(format!("task_group: {sum} degrees in all, progress {:?} %", percents.try_read_all()));

    day.cancel();
    let fan = fan.await.is_err_and(|error| error.is_cancelled());
    lines.push(format!("shutdown: the fan was cancelled: {fan}"));
    Ok(lines)
}

async fn measure(clock: impl TimeProvider, bed: u32) -> Result<i32, BoxError> {
    delay_on(clock, STEP * bed).await;
    Ok(17 + bed as i32)
}

async fn forecast(clock: impl TimeProvider, site: &str, token: CancellationToken) -> Result<&str, BoxError> {
    if site == "near" {
        delay_on(clock, STEP).await;
        return Ok("rain");
    }
    token.run_until_cancelled(pending::<()>()).await; // it never answers
    token.check()?;
    Ok("nothing")
}

async fn turn_fan(clock: impl TimeProvider, token: CancellationToken) -> Result<(), BoxError> {
    loop {
        token.check()?;
        token.run_until_cancelled(delay_on(&clock, STEP)).await;
    }
}

//! The application, a weather station. What runs it and what tells it the time it knows by the public traits alone, so that
//! it is the same on the executor made by hand, on embassy, and on a desktop.

use alloc::vec::Vec;
use core::future::pending;
use core::num::NonZeroU32;
use core::time::Duration;
use taskcell::channel::bounded;
use taskcell::time::delay_on;
use taskcell::{
    Backoff, CancellationToken, CancellationTokenSource, Spawner, Task, TaskCompletionSource, TimeProvider,
};
use taskcell::{retry_on, task_group, timeout_on, when_all, when_any};

const MS: Duration = Duration::from_millis(1);

/// Runs the whole of it; panics where a result is not as it should be.
///
/// `hand_over` gives an interrupt what it is to complete with 7, and what it is to cancel.
pub async fn run<C, S>(
    clock: C,
    spawner: S,
    hand_over: impl FnOnce(TaskCompletionSource<u32, NoAnswer>, CancellationTokenSource),
) where
    C: TimeProvider + Clone + 'static,
    S: Spawner + Clone + Send + 'static,
{
    let power = CancellationTokenSource::new();
    measure(&clock).await;
    send_somewhere(&clock).await;
    upload(&clock).await;
    session(&clock, &power).await;
    watch(&clock, &spawner, &power.token()).await;
    log(&clock, &spawner).await;
    assert_eq!(power.token().listeners(), 0);
    end(power, hand_over).await;
}

/// Three sensors at once take as long as the slowest; their values come in the order in which they were asked.
async fn measure(clock: &impl TimeProvider) {
    let start = clock.now();
    let values = when_all([(30, 21), (10, 54), (20, 1013)].map(|(time, value)| async move {
        delay_on(clock, time * MS).await;
        Ok::<u32, NoAnswer>(value)
    }));
    let values = values.await.expect("all sensors answer");
    assert_eq!(values, [21, 54, 1013]);
    assert!(clock.now().saturating_duration_since(start) >= 30 * MS);

    // One that hangs is given so much time, and then dropped.
    assert!(timeout_on(clock, 10 * MS, pending::<u32>()).await.is_err());
    crate::println!("measured {values:?}");
}

/// Of two ways out the faster one is taken; the other is dropped, and its timer with it.
async fn send_somewhere(clock: &impl TimeProvider) {
    let winner = when_any([40, 10].map(|time| delay_on(clock, time * MS))).await.expect("two ways");
    assert_eq!((winner.index, winner.rest.len()), (1, 1));
    crate::println!("sent by way {}", winner.index);
}

/// A weak link: tried again after 5 ms, and after 10 ms more.
async fn upload(clock: &impl TimeProvider) {
    let start = clock.now();
    let attempts =
        retry_on(clock, async |attempt| if attempt.number < 2 { Err(NoAnswer) } else { Ok(attempt.number + 1) })
            .backoff_seeded(Backoff::exponential(5 * MS), 0)
            .await
            .expect("the third one succeeds");
    assert_eq!(attempts, 3);
    assert!(clock.now().saturating_duration_since(start) >= 15 * MS);

    let failed = retry_on(clock, async |_| Err::<(), _>(NoAnswer)).max_attempts(NonZeroU32::MIN).await.unwrap_err();
    assert_eq!((failed.attempts(), failed.into_inner()), (1, Some(NoAnswer)));
    crate::println!("uploaded at attempt {attempts}");
}

/// A session ends with the power, with its user or in time, whichever comes first.
async fn session(clock: &impl TimeProvider, power: &CancellationTokenSource) {
    let user = CancellationTokenSource::new();
    let session = CancellationTokenSource::linked([&power.token(), &user.token()]);
    let request = session.token().child();
    assert_eq!((power.token().listeners(), user.token().listeners()), (1, 1));

    request.cancel_after_on(clock, 20 * MS);
    request.token().cancelled().await;
    let reason = request.token().reason().expect("just cancelled");
    assert!(reason.is_deadline() && !reason.is_inherited() && !session.is_cancelled());

    // Disarmed in time, it never cancels.
    let next = session.token().child();
    next.cancel_after_on(clock, 20 * MS);
    assert!(next.disarm());
    user.cancel();
    assert!(session.is_cancelled() && next.is_cancelled() && !power.is_cancelled());
    assert!(next.token().reason().is_some_and(|reason| reason.is_inherited()));
    crate::println!("a request ended in time, a session with its user");
}

/// A group of tasks on the executor, and one that belongs to the group: all end with it.
async fn watch<C, S>(clock: &C, spawner: &S, power: &CancellationToken)
where
    C: TimeProvider + Clone + 'static,
    S: Spawner + Clone + Send + 'static,
{
    let alarms = task_group(|mut group| async move {
        let over = group.token();
        group.run(async move {
            over.cancelled().await; // a light blinks, as long as somebody watches
            Ok(0)
        });
        for door in 1..=3 {
            let clock = clock.clone();
            group.run_on(spawner, async move {
                delay_on(&clock, (4 - door) * 10 * MS).await;
                Ok(door)
            });
        }
        let mut alarms = Vec::new();
        while alarms.len() < 3 {
            alarms.extend(group.next().await);
        }
        Ok::<_, NoAnswer>(alarms)
    });
    let alarms = alarms.token(power).await.expect("nobody fails");
    assert_eq!(alarms, [3, 2, 1]);
    crate::println!("doors as they opened: {alarms:?}");
}

/// A task writes what it measures; there is room for two values, so it waits for the reader.
async fn log<C, S>(clock: &C, spawner: &S)
where
    C: TimeProvider + Clone + 'static,
    S: Spawner,
{
    let (writer, reader) = bounded(2);
    let own = clock.clone();
    let sampler: Task<u32, NoAnswer> = Task::run(spawner, async move {
        for value in 1..=5 {
            delay_on(&own, MS).await;
            writer.write(value).await.map_err(|_| NoAnswer)?;
        }
        Ok(5) // and the channel ends with its writer
    });
    let mut sum = 0;
    while let Ok(value) = reader.read().await {
        delay_on(clock, 3 * MS).await;
        sum += value;
    }
    assert_eq!((sum, sampler.await.expect("it has written all")), (15, 5));
    crate::println!("logged 5 values, {sum} in all");
}

/// The button is pressed, and the power fails: an interrupt completes a task, and cancels. It has one handle of each source,
/// the other stays here; so nothing is freed there.
async fn end(
    power: CancellationTokenSource,
    hand_over: impl FnOnce(TaskCompletionSource<u32, NoAnswer>, CancellationTokenSource),
) {
    let (button, pressed) = TaskCompletionSource::pair();
    let lamp = power.token().child();
    hand_over(button.clone(), power.clone());
    assert_eq!((&pressed).await.ok(), Some(&7));
    assert_eq!(button.try_set_result(8), Err(8));
    lamp.token().cancelled().await;
    assert!(lamp.token().reason().is_some_and(|reason| reason.is_requested() && reason.is_inherited()));
    crate::println!("pressed; the power fails");
}

/// What goes wrong here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoAnswer;

impl core::fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("no answer")
    }
}

impl core::error::Error for NoAnswer {}

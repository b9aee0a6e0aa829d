//! Some tasks end while others make one future of them, poll it, and give it up; groups.

use crate::chance::Chance;
use crate::duel::{duel, ensure, wait};
use crate::give_up::Impatient;
use crate::job::Job;
use futures_util::StreamExt;
use std::pin::pin;
use taskcell::{BoxError, Task, TaskCompletionSource, task_group, when_all, when_any, when_each};

const TASKS: usize = 3;

struct Scene {
    sources: [TaskCompletionSource<usize>; TASKS],
    tasks: Vec<Task<usize>>,
}

fn make(_: &mut Chance) -> Scene {
    let sources: [TaskCompletionSource<usize>; TASKS] = Default::default();
    let tasks = sources.iter().map(TaskCompletionSource::task).collect();
    Scene { sources, tasks }
}

fn first(scene: &Scene, _: &mut Chance) {
    scene.sources[0].set_result(0);
}

fn others(scene: &Scene, chance: &mut Chance) {
    let turn = chance.below(2) as usize;
    scene.sources[1 + turn].set_result(1 + turn);
    scene.sources[2 - turn].set_result(2 - turn);
}

fn judge(scene: Scene) -> Result<(), String> {
    ensure(scene.tasks.iter().all(|task| task.listeners() == 0), "somebody is left in line")
}

/// Futures of them: polled here.
pub(crate) fn lazy(job: &Job) {
    let waits = |scene: &Scene, chance: &mut Chance| {
        let tasks = || scene.tasks.iter().cloned();
        match chance.below(6) {
            0 => assert_eq!(wait(when_all(tasks())).expect("all were set"), [0, 1, 2]),
            1 => {
                let winner = wait(when_any(tasks())).expect("there are some");
                assert!(winner.output.is_ok());
                // The rest goes on in another's hands.
                let (number, rest) = (winner.index, winner.rest.into_iter());
                let others: usize = rest.map(|(_, future)| wait(future).expect("it was set")).sum();
                assert_eq!(number + others, 3);
            }
            2 => {
                let mut seen: Vec<usize> =
                    wait(when_each(tasks()).map(|each| each.1.expect("it was set")).collect::<Vec<_>>());
                seen.sort_unstable();
                assert_eq!(seen, [0, 1, 2]);
            }
            3 => _ = Impatient::new().wait(chance, when_all(tasks())),
            4 => _ = Impatient::new().wait(chance, when_any(tasks())),
            _ => _ = Impatient::new().wait(chance, pin!(when_each(tasks())).next()),
        }
    };
    duel(job, make, &[&first, &others, &waits], judge);
}

/// Tasks of them: hot, by row.
pub(crate) fn hot(job: &Job) {
    let waits = |scene: &Scene, chance: &mut Chance| {
        let tasks = || scene.tasks.iter().cloned();
        match chance.below(5) {
            0 => assert_eq!(wait(Task::when_all(tasks())).expect("all were set"), [0, 1, 2]),
            1 => {
                let (index, task) = wait(Task::when_any(tasks())).expect("there are some");
                assert_eq!(task.try_result().expect("it has ended").expect("it was set"), &index);
            }
            2 => {
                let each = Task::when_each(tasks());
                assert_eq!(wait(each.count()), TASKS);
            }
            3 => drop((Task::when_all(tasks()), Task::when_any(tasks()))),
            _ => _ = Impatient::new().wait(chance, pin!(Task::when_each(tasks())).next()),
        }
    };
    duel(job, make, &[&first, &others, &waits], |scene| {
        ensure(scene.tasks.iter().all(Task::is_completed), "a task has not ended")
    });
}

/// A group whose children end on others' threads, one of which comes from outside.
pub(crate) fn groups(job: &Job) {
    let waits = |scene: &Scene, chance: &mut Chance| {
        let (tasks, fails) = (scene.tasks.clone(), chance.once_in(4));
        let group = task_group(|mut group| async move {
            let mut tasks = tasks.into_iter();
            let outside = tasks.next().expect("there are three");
            let handle = group.handle();
            let added = outside.then(move |number| {
                let number = *number;
                // The group may be over.
                _ = handle.run(async move { Ok(number) });
                Ok(())
            });
            for task in tasks {
                group.run(async move { task.await.map_err(BoxError::from) });
            }
            if fails {
                return Err("not today".into());
            }
            _ = added.await;
            let mut sum = 0;
            while let Some(number) = group.next().await {
                sum += number;
            }
            Ok::<usize, BoxError>(sum)
        });
        if chance.once_in(3) {
            Impatient::new().wait(chance, group);
            return;
        }
        match wait(group) {
            Ok(sum) => assert_eq!((sum, fails), (3, false)),
            Err(_) => assert!(fails),
        }
    };
    duel(job, make, &[&first, &others, &waits], judge);
}

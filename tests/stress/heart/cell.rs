//! A task ends while others wait for it, give up, continue it, end it too, and drop its last source.

use crate::chance::Chance;
use crate::duel::{duel, ensure, wait};
use crate::give_up::Impatient;
use crate::job::Job;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use taskcell::{Task, TaskCompletionSource};

type Source = TaskCompletionSource<Arc<u64>>;

/// Two rivals, one who waits, one who gives up.
pub(crate) fn end(job: &Job) {
    struct Scene {
        source: Source,
        task: Task<Arc<u64>>,
        won: AtomicUsize,
        value: Arc<u64>,
    }
    let make = |chance: &mut Chance| {
        let (source, task) = Source::pair();
        Scene { source, task, won: AtomicUsize::new(0), value: Arc::new(chance.below(100)) }
    };
    let set = |scene: &Scene, _: &mut _| {
        scene.won.fetch_add(scene.source.try_set_result(scene.value.clone()).is_ok().into(), SeqCst);
    };
    let patient = |scene: &Scene, chance: &mut Chance| {
        let value = match chance.below(3) {
            0 => wait(&scene.task).expect("it was set"),
            1 => &wait(scene.task.clone()).expect("it was set"),
            _ => scene.task.wait().expect("nothing else is polled here").expect("it was set"),
        };
        assert!(Arc::ptr_eq(value, &scene.value));
    };
    let impatient = |scene: &Scene, chance: &mut Chance| {
        for _ in 0..2 {
            _ = Impatient::new().wait(chance, scene.task.clone());
        }
    };
    duel(job, make, &[&set, &set, &patient, &impatient], |scene| {
        ensure(scene.won.into_inner() == 1, "not one of them set it")?;
        ensure(scene.task.listeners() == 0, "somebody is left in line")?;
        drop((scene.source, scene.task));
        ensure(Arc::strong_count(&scene.value) == 1, "a value is left")
    });
}

/// The last source goes while one waits and one looks.
pub(crate) fn dropped(job: &Job) {
    type Scene = (Mutex<Option<Source>>, Mutex<Option<Source>>, Task<Arc<u64>>);
    let make = |_: &mut _| {
        let (source, task) = Source::pair();
        (Mutex::new(Some(source.clone())), Mutex::new(Some(source)), task)
    };
    let first = |scene: &Scene, _: &mut _| drop(scene.0.lock().expect("nobody panics").take());
    let second = |scene: &Scene, chance: &mut Chance| {
        let source = scene.1.lock().expect("nobody panics").take();
        if chance.once_in(4) {
            source.expect("it is there").set_result(Arc::default());
        }
    };
    let waits = |scene: &Scene, _: &mut _| _ = wait(&scene.2);
    duel(job, make, &[&first, &second, &waits], |(_, _, task)| {
        ensure(task.is_completed() && task.listeners() == 0, "it has not ended, or somebody is left in line")
    });
}

/// Continuations of all kinds run once, and what they make ends.
pub(crate) fn continued(job: &Job) {
    struct Scene {
        source: Source,
        ran: Arc<AtomicUsize>,
        made: Mutex<Vec<Task<usize>>>,
    }
    let make = |_: &mut _| Scene { source: Source::new(), ran: Arc::default(), made: Mutex::default() };
    let go_on = |scene: &Scene, chance: &mut Chance| {
        let task = scene.source.task();
        let ran = scene.ran.clone();
        let count = move || ran.fetch_add(1, SeqCst);
        let made = match chance.below(3) {
            0 => task.then(move |_| Ok(count())),
            1 => task.finally(move || _ = count()).then(|_| Ok(0)),
            _ => {
                let inner = TaskCompletionSource::new();
                let (counted, last) = (task.then(move |_| Ok(count())), inner.task());
                let made = counted.then(move |_| last);
                inner.set_result(7);
                made
            }
        };
        if chance.once_in(4) {
            drop(made);
        } else {
            scene.made.lock().expect("nobody panics").push(made);
        }
    };
    let set = |scene: &Scene, _: &mut _| scene.source.set_result(Arc::default());
    duel(job, make, &[&go_on, &set, &go_on], |scene| {
        ensure(scene.ran.load(SeqCst) == 2, "a continuation did not run once")?;
        let made = scene.made.into_inner().expect("nobody panics");
        ensure(made.iter().all(Task::is_completed_successfully), "what it makes has not ended")
    });
}

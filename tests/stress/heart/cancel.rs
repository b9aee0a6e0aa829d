//! A source is cancelled while others register, wait, make children, drop them, and reset it.

use crate::duel::{duel, ensure, wait};
use crate::give_up::Impatient;
use crate::job::Job;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, OnceLock};
use taskcell::{CancellationTokenSource, Registration};

type Source = CancellationTokenSource;

/// How often a callback ran, and how often it may have.
#[derive(Default)]
struct Ran {
    times: Arc<AtomicUsize>,
    taken_back: AtomicUsize,
    kept: Mutex<Vec<Registration>>,
}

impl Ran {
    fn callback(&self) -> impl FnOnce() + Send + 'static + use<> {
        let times = self.times.clone();
        move || _ = times.fetch_add(1, SeqCst)
    }

    /// Of `all` that were registered with a source that is cancelled each ran, or was taken back.
    fn judge(&self, all: usize) -> Result<(), String> {
        let (times, taken_back) = (self.times.load(SeqCst), self.taken_back.load(SeqCst));
        ensure(times + taken_back == all, &format!("of {all} callbacks {times} ran, {taken_back} were taken back"))
    }
}

/// register / cancel / unregister, in each of its ways.
pub(crate) fn register(job: &Job) {
    let make = |_: &mut _| (Source::new(), Ran::default());
    let register = |(source, ran): &(Source, Ran), chance: &mut crate::chance::Chance| {
        let token = source.token();
        let mut registration = token.register(ran.callback());
        match chance.below(5) {
            0 => registration.detach(),
            1 => _ = ran.taken_back.fetch_add(registration.unregister().is_removed().into(), SeqCst),
            2 => {
                let removed = registration.unregister_and_wait().expect("no callback runs here").is_removed();
                ran.taken_back.fetch_add(removed.into(), SeqCst);
            }
            3 => {
                let removed = wait(registration.unregister_async()).is_removed();
                ran.taken_back.fetch_add(removed.into(), SeqCst);
            }
            _ => ran.kept.lock().expect("nobody panics").push(registration),
        }
    };
    let cancel = |(source, _): &(Source, Ran), _: &mut _| _ = source.cancel();
    duel(job, make, &[&register, &cancel, &register], |(source, ran)| {
        ran.judge(2)?;
        drop(ran);
        ensure(source.token().listeners() == 0, "somebody is left in line")
    });
}

/// wait / cancel / give up.
pub(crate) fn wait_for(job: &Job) {
    let patient = |source: &Source, chance: &mut crate::chance::Chance| {
        let token = source.token();
        match chance.below(3) {
            0 => wait(token.cancelled()),
            1 => _ = wait(token.until_cancelled(std::future::pending::<()>())),
            _ => wait(token.cancelled_owned()),
        }
    };
    let impatient = |source: &Source, chance: &mut crate::chance::Chance| {
        let token = source.token();
        _ = Impatient::new().wait(chance, token.cancelled());
    };
    let cancel = |source: &Source, chance: &mut crate::chance::Chance| match chance.below(2) {
        0 => _ = source.cancel(),
        _ => source.cancel_deferred().run(),
    };
    duel(
        job,
        |_| Source::new(),
        &[&patient, &impatient, &cancel],
        |source| ensure(source.token().listeners() == 0 && source.is_cancelled(), "somebody is left in line"),
    );
}

/// A root that is cancelled while children come, are linked to two parents, and go.
pub(crate) fn tree(job: &Job) {
    struct Scene {
        root: Source,
        other: Source,
        middle: OnceLock<Source>,
        ran: Ran,
    }
    let make =
        |_: &mut _| Scene { root: Source::new(), other: Source::new(), middle: OnceLock::new(), ran: Ran::default() };
    let grow = |scene: &Scene, chance: &mut crate::chance::Chance| {
        let middle = scene.root.token().child();
        let leaf = match chance.below(2) {
            0 => middle.token().child(),
            _ => Source::linked([&middle.token(), &scene.other.token()]),
        };
        let registration = leaf.token().register(scene.ran.callback());
        // Who is below hears of it, also through parents that are gone.
        if chance.once_in(2) {
            drop(middle);
        } else {
            _ = scene.middle.set(middle);
        }
        wait(leaf.token().cancelled());
        drop(leaf);
        registration.detach();
    };
    let from_above = |scene: &Scene, _: &mut _| _ = scene.root.cancel();
    let beside = |scene: &Scene, chance: &mut crate::chance::Chance| match chance.below(3) {
        0 => _ = scene.other.cancel(),
        1 => drop(scene.root.token().child()),
        _ => _ = scene.middle.get().map(Source::cancel),
    };
    duel(job, make, &[&grow, &from_above, &beside], |mut scene| {
        // A leaf is told while its callbacks still run, on another's thread; all of those are over now.
        scene.ran.judge(1)?;
        drop(scene.middle.take());
        let left = (scene.root.token().listeners(), scene.other.token().listeners());
        ensure(left == (0, 0), "a child that is gone is left in line")
    });
}

/// A source is reset while its old tokens are used: what was registered before belongs to nobody.
pub(crate) fn reset(job: &Job) {
    struct Scene {
        source: Mutex<Source>,
        ran: Ran,
    }
    let make = |_: &mut _| Scene { source: Mutex::new(Source::new()), ran: Ran::default() };
    let reset = |scene: &Scene, _: &mut _| {
        for _ in 0..3 {
            _ = scene.source.lock().expect("nobody panics").try_reset();
        }
    };
    let register = |scene: &Scene, chance: &mut crate::chance::Chance| {
        let token = scene.source.lock().expect("nobody panics").token();
        let mut registration = token.register(scene.ran.callback());
        let child = chance.once_in(2).then(|| token.child());
        if chance.once_in(2) {
            _ = scene.source.lock().expect("nobody panics").try_reset();
        }
        registration.unregister();
        drop(child);
    };
    duel(job, make, &[&reset, &register, &register], |scene| {
        scene.ran.judge(0)?;
        let mut source = scene.source.into_inner().expect("nobody panics");
        ensure(source.try_reset(), "it cannot be reset, though nobody cancelled it")?;
        let again = source.token().register(scene.ran.callback());
        source.cancel();
        again.detach();
        scene.ran.judge(1)
    });
}

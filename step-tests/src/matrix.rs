//! Operations, and how they are run into each other.

use std::cell::Cell;
use std::fmt::Write;
use std::sync::Once;
use std::time::Instant;
use taskcell::step::run;

/// More points than any operation needs: who has more waits for whom it interrupted.
const LIMIT: usize = 10_000;

/// How often an interrupt comes in a row. (Lock-free is not wait-free: one that comes for ever may win for ever.)
const TIMES: usize = 6;

/// An object in a defined state, and what has happened to it.
pub trait World {
    /// The states that it may begin in.
    const BEGINNINGS: &'static [&'static str];

    /// The object, in the state of that number.
    fn new(beginning: usize) -> Self;

    /// Every operation of this run has been prepared.
    fn ready(&self);

    /// Every operation has ended, and every state has settled: looks whether the object is as they say.
    fn settle(&self);

    /// Brings about what everybody waits for.
    fn end(&self);

    /// Nobody uses the object any more: looks whether it is as good as new.
    fn leave(&self) {}
}

/// What one operation has, works with, and expects.
pub trait State<W> {
    /// The operations have ended: says what it holds of the object.
    fn settle(&mut self, world: &W);

    /// Everything has happened: looks whether it got what it was promised.
    fn end(self: Box<Self>, world: &W);
}

trait Actor<W> {
    fn run(&mut self, world: &W);
    fn settle(&mut self, world: &W);
    fn end(self: Box<Self>, world: &W);
}

struct Typed<W, S> {
    state: Box<S>,
    run: fn(&W, &mut S),
}

impl<W, S: State<W>> Actor<W> for Typed<W, S> {
    fn run(&mut self, world: &W) {
        (self.run)(world, &mut self.state);
    }
    fn settle(&mut self, world: &W) {
        self.state.settle(world);
    }
    fn end(self: Box<Self>, world: &W) {
        self.state.end(world);
    }
}

/// Makes the state of one run.
type Make<W> = Box<dyn Fn(&W) -> Box<dyn Actor<W>>>;

/// An entry of the table: a name, what is prepared, what is run. What is checked is the state's to know.
pub struct Operation<W> {
    name: &'static str,
    make: Make<W>,
    repeats: bool,
}

impl<W> std::fmt::Debug for Operation<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// An operation that may be run once.
pub fn operation<W, S: State<W> + 'static>(
    name: &'static str,
    prepare: fn(&W) -> S,
    run: fn(&W, &mut S),
) -> Operation<W>
where
    W: 'static,
{
    let make = move |world: &W| Box::new(Typed { state: Box::new(prepare(world)), run }) as Box<dyn Actor<W>>;
    Operation { name, make: Box::new(make), repeats: false }
}

impl<W> Operation<W> {
    /// It may be run again and again.
    #[must_use]
    pub fn repeats(self) -> Self {
        Self { repeats: true, ..self }
    }
}

/// So many pairs or triples, and so many points, were tried at least: a table does not shrink unseen.
pub type Floor = (usize, usize);

/// A table of operations, and what was tried of it.
#[derive(Debug)]
pub struct Matrix<W> {
    name: &'static str,
    operations: Vec<Operation<W>>,
}

/// What one run looked like.
#[derive(Clone, Copy)]
struct Here {
    names: [&'static str; 3],
    beginning: &'static str,
    at: [usize; 2],
    /// Whom the third interrupts.
    then: &'static str,
}

std::thread_local! {
    static HERE: Cell<Option<Here>> = const { Cell::new(None) };
}

/// Has a panic say where it happened.
fn say_where() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if let Some(Here { names: [a, b, c], beginning, at: [k, j], then }) = HERE.get() {
                let mut text = format!("{beginning}: `{a}` interrupted at {k} by `{b}`");
                if !c.is_empty() {
                    let _ = write!(text, ", {then} at {j} by `{c}`");
                }
                eprintln!("{text}");
            }
            before(panic);
        }));
    });
}

impl<W: World + 'static> Matrix<W> {
    /// The operations of one kind of object.
    #[must_use]
    pub fn new(name: &'static str, operations: Vec<Operation<W>>) -> Self {
        say_where();
        Self { name, operations }
    }

    /// Every pair of operations, from every beginning, at every point.
    pub fn pairs(&self, floor: Floor) {
        let all = &self.operations;
        self.tally(
            "pairs",
            floor,
            &every::<W>(),
            all.iter().flat_map(|a| all.iter().map(move |b| [a, b])),
            |[a, b], beginning| {
                until_missed(|k| {
                    here([a, b], beginning, [k, 0], "");
                    play(beginning, [a, b], |world, [a, b]| {
                        let reached = at(k..k + 1, || b.run(world), || a.run(world));
                        if reached == 0 {
                            b.run(world);
                        }
                        reached
                    })
                })
            },
        );
    }

    /// Every pair whose second may be repeated: it comes at a point and at some of those after.
    pub fn repeated(&self, floor: Floor) {
        let all = &self.operations;
        let pairs = all.iter().flat_map(|a| all.iter().filter(|b| b.repeats).map(move |b| [a, b]));
        self.tally("repeated", floor, &every::<W>(), pairs, |[a, b], beginning| {
            until_missed(|k| {
                here([a, b], beginning, [k, 0], "");
                play(beginning, [a, b], |world, [a, b]| at(k..k + TIMES, || b.run(world), || a.run(world)))
            })
        });
    }

    /// Every three operations, the third in the second in the first, from those beginnings.
    pub fn nested(&self, beginnings: &[usize], floor: Floor) {
        let all = &self.operations;
        let pairs = all.iter().flat_map(|a| all.iter().map(move |b| (a, b)));
        let triples = pairs.flat_map(|(a, b)| all.iter().map(move |c| [a, b, c]));
        self.tally("nested", floor, beginnings, triples, |[a, b, c], beginning| {
            let mut points = 0;
            until_missed(|k| {
                let mut reached = 0;
                points += until_missed(|j| {
                    here([a, b, c], beginning, [k, j], "which is interrupted");
                    play(beginning, [a, b, c], |world, [a, b, c]| {
                        let mut inner = 0;
                        let mut interrupt = || inner = at(j..j + 1, || c.run(world), || b.run(world));
                        reached = at(k..k + 1, &mut interrupt, || a.run(world));
                        if reached == 0 {
                            interrupt();
                        }
                        if inner == 0 {
                            c.run(world);
                        }
                        inner
                    })
                });
                reached
            });
            points
        });
    }

    /// Every three operations, the third in the first, after the second, from those beginnings.
    pub fn in_turn(&self, beginnings: &[usize], floor: Floor) {
        let all = &self.operations;
        let pairs = all.iter().flat_map(|a| all.iter().map(move |b| (a, b)));
        let triples = pairs.flat_map(|(a, b)| all.iter().map(move |c| [a, b, c]));
        self.tally("in turn", floor, beginnings, triples, |[a, b, c], beginning| {
            let mut points = 0;
            until_missed(|k| {
                let mut reached = 0;
                points += until_missed(|j| {
                    here([a, b, c], beginning, [k, k + 1 + j], "and then");
                    play(beginning, [a, b, c], |world, [a, b, c]| {
                        let mut interrupts = [Some(b), Some(c)];
                        let mut come = |number: usize| {
                            if let Some(interrupt) = interrupts[number].take() {
                                run(LIMIT, &mut |_| (), || interrupt.run(world));
                            }
                        };
                        let mut second = 0;
                        let mut hook = |point: usize| {
                            if point == k {
                                reached = 1;
                                come(0);
                            } else if point == k + 1 + j {
                                second = 1;
                                come(1);
                            }
                        };
                        run(LIMIT, &mut hook, || a.run(world));
                        come(0);
                        come(1);
                        second
                    })
                });
                reached
            });
            points
        });
    }

    fn tally<'o, const M: usize>(
        &self,
        what: &str,
        floor: Floor,
        beginnings: &[usize],
        sets: impl Iterator<Item = [&'o Operation<W>; M]>,
        mut each: impl FnMut([&'o Operation<W>; M], usize) -> usize,
    ) {
        let begun = Instant::now();
        let (mut count, mut points) = (0, 0);
        for set in sets {
            count += 1;
            for &beginning in beginnings {
                points += each(set, beginning);
            }
        }
        HERE.set(None);
        let seconds = begun.elapsed().as_secs_f64();
        let from = beginnings.len();
        println!("step {} {what}: {count} from {from} beginnings, {points} points, {seconds:.2} s", self.name);
        assert!(count >= floor.0 && points >= floor.1, "{} {what}: less than {floor:?} was tried", self.name);
    }
}

/// The number of each beginning.
fn every<W: World>() -> Vec<usize> {
    (0..W::BEGINNINGS.len()).collect()
}

fn here<W: World, const M: usize>(
    operations: [&Operation<W>; M],
    beginning: usize,
    at: [usize; 2],
    then: &'static str,
) {
    let names = core::array::from_fn(|i| operations.get(i).map_or("", |operation| operation.name));
    HERE.set(Some(Here { names, beginning: W::BEGINNINGS[beginning], at, then }));
}

/// Prepares operations on a fresh object, has `body` run them into each other, and checks.
fn play<W: World, const M: usize>(
    beginning: usize,
    operations: [&Operation<W>; M],
    body: impl FnOnce(&W, &mut [Box<dyn Actor<W>>; M]) -> usize,
) -> usize {
    let world = W::new(beginning);
    let mut actors = operations.map(|operation| (operation.make)(&world));
    world.ready();
    let reached = body(&world, &mut actors);
    for actor in &mut actors {
        actor.settle(&world);
    }
    world.settle();
    world.end();
    for actor in actors {
        actor.end(&world);
    }
    world.leave();
    reached
}

/// Runs `body`, and `interrupt` at those of its points; how many of them there were.
fn at(points: core::ops::Range<usize>, mut interrupt: impl FnMut(), body: impl FnOnce()) -> usize {
    let mut reached = 0;
    let mut hook = |point: usize| {
        if points.contains(&point) {
            reached += 1;
            // Not interrupted, and yet it has to end.
            run(LIMIT, &mut |_| (), &mut interrupt);
        }
    };
    run(LIMIT, &mut hook, body);
    reached
}

/// Counts up until a point is missed; how many were not.
fn until_missed(mut reached: impl FnMut(usize) -> usize) -> usize {
    (0..).position(|k| reached(k) == 0).expect("an operation has an end")
}

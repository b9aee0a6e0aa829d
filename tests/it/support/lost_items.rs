//! Scenario T18: one writer, two readers whose reads are cancelled, dropped and awaited as chance has it, over as many items
//! as its caller says. What `cargo xtask stress` runs, over all kinds of channels, is `tests/stress/reads.rs`.
use super::chance::Chance;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;
use taskcell::CancellationTokenSource;
use taskcell::channel::{ReadError, Reader, Writer, bounded};

/// What became of the items.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) written: u64,
    pub(crate) read: u64,
    /// What nobody had read in the end.
    pub(crate) remaining: u64,
    pub(crate) lost: u64,
    /// Items that somebody got twice.
    pub(crate) repeated: u64,
    /// Items that came to a reader after a later one.
    pub(crate) disordered: u64,
    /// Reads that ended with their token.
    pub(crate) cancelled: u64,
    /// Reads that were dropped when they had been polled.
    pub(crate) dropped: u64,
}

impl Outcome {
    pub(crate) fn is_right(&self) -> bool {
        self.lost + self.repeated + self.disordered == 0 && self.read + self.remaining == self.written
    }
}

/// Where a reader leaves the source of its read, for the writer to cancel it.
type Place = Arc<Mutex<Option<CancellationTokenSource>>>;

/// What one reader saw.
struct Seen {
    items: Vec<u64>,
    outcome: Outcome,
}

const CAPACITY: u64 = 32;

/// Writes and reads `items` items.
pub(crate) fn lost_items(items: u64, seed: u64) -> Outcome {
    let (writer, reader) = bounded(CAPACITY as usize);
    let places = [Place::default(), Place::default()];
    let seen = thread::scope(|scope| {
        let readers = [0, 1].map(|n: usize| {
            let (reader, place, chance) = (reader.clone(), &places[n], Chance::new(seed + 1 + n as u64));
            scope.spawn(move || read_until(&reader, items.saturating_sub(CAPACITY), place, chance))
        });
        write_all(&writer, items, &places, Chance::new(seed));
        drop(writer);
        readers.map(|reader| reader.join().expect("a reader"))
    });
    let remaining = reader.try_read_all();
    let mut total = Outcome { written: items, remaining: remaining.len() as u64, ..Outcome::default() };
    let mut times = vec![0_u8; items as usize];
    for item in remaining {
        times[item as usize] += 1;
    }
    for Seen { items, outcome } in seen {
        total.read += items.len() as u64;
        total.cancelled += outcome.cancelled;
        total.dropped += outcome.dropped;
        total.disordered += items.windows(2).filter(|pair| pair[0] >= pair[1]).count() as u64;
        for item in items {
            times[item as usize] = times[item as usize].saturating_add(1);
        }
    }
    total.lost = times.iter().filter(|times| **times == 0).count() as u64;
    total.repeated = times.iter().filter(|times| **times > 1).count() as u64;
    total
}

/// Writes every item; now and then it cancels a reader just when it has told it.
fn write_all(writer: &Writer<u64>, items: u64, places: &[Place; 2], mut chance: Chance) {
    for item in 0..items {
        if let Err(error) = writer.try_write(item) {
            smol::block_on(writer.write(error.into_inner())).expect("nobody completes it before the last item");
        }
        if let Some(n) = chance.maybe(16, 2) {
            let source = places[n as usize].lock().unwrap().take();
            source.map(|source| source.cancel());
        }
    }
}

/// Reads until it has seen the item `last` or a later one: what is behind it has room in the channel.
fn read_until(reader: &Reader<u64>, last: u64, place: &Place, mut chance: Chance) -> Seen {
    let mut seen = Seen { items: Vec::new(), outcome: Outcome::default() };
    while seen.items.last().is_none_or(|item| *item < last) {
        let read = match chance.below(8) {
            // Until it is there.
            0 => Some(smol::block_on(reader.read())),
            // A look.
            1 => reader.try_read().ok().map(Ok),
            // It waits, and is dropped, perhaps just when it is told.
            2..=4 => {
                let mut read = pin!(reader.read());
                let first = poll_once(read.as_mut());
                seen.outcome.dropped += u64::from(first.is_none());
                first
            }
            // It waits, and cancels itself.
            5 | 6 => {
                let source = CancellationTokenSource::new();
                let token = source.token();
                let mut read = pin!(reader.read().with_cancellation(&token));
                poll_once(read.as_mut()).or_else(|| {
                    source.cancel();
                    Some(smol::block_on(read))
                })
            }
            // The writer may cancel it.
            _ => {
                let source = CancellationTokenSource::new();
                let token = source.token();
                *place.lock().unwrap() = Some(source);
                let read = smol::block_on(reader.read().with_cancellation(&token));
                place.lock().unwrap().take();
                Some(read)
            }
        };
        match read {
            Some(Ok(item)) => seen.items.push(item),
            Some(Err(ReadError::Cancelled(_))) => seen.outcome.cancelled += 1,
            Some(Err(_)) => break,
            None => {}
        }
    }
    seen
}

fn poll_once<F: Future>(future: std::pin::Pin<&mut F>) -> Option<F::Output> {
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

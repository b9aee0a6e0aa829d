//! The room: who is there, and what each of them has still to be told.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};
use taskcell::channel::{ChannelOptions, FullMode, Reader, Writer};

/// Lines that wait for a client that reads slowly; then it misses the oldest.
const BEHIND: usize = 256;

/// A line, which all who hear it share.
pub(crate) type Line = Arc<str>;

/// Everybody who is there.
#[derive(Default)]
pub(crate) struct Room {
    members: Mutex<BTreeMap<String, Writer<Line>>>,
    counts: Counts,
}

/// What happened in the room.
#[derive(Default)]
pub(crate) struct Counts {
    came: AtomicUsize,
    said: AtomicUsize,
    told: AtomicUsize,
    missed: Arc<AtomicUsize>,
}

/// Somebody's place in the room, until it is dropped.
pub(crate) struct Seat {
    room: Arc<Room>,
    pub(crate) name: String,
    /// What is said, by oneself, too. It ends when the room closes.
    pub(crate) lines: Reader<Line>,
    missed: Arc<AtomicUsize>,
}

impl Room {
    /// A place in the room, unless the name is taken.
    pub(crate) fn join(self: &Arc<Self>, name: &str) -> Option<Seat> {
        let missed = Arc::new(AtomicUsize::new(0));
        let (own, all) = (missed.clone(), self.counts.missed.clone());
        let options = ChannelOptions::bounded(BEHIND).full_mode(FullMode::DropOldest).on_dropped(move |_line: Line| {
            own.fetch_add(1, Relaxed);
            all.fetch_add(1, Relaxed);
        });
        let (writer, lines) = options.create();
        {
            let mut members = self.members();
            if members.contains_key(name) {
                return None;
            }
            members.insert(name.to_owned(), writer);
        }
        self.counts.came.fetch_add(1, Relaxed);
        self.tell(&format!("* {name} comes").into());
        Some(Seat { room: self.clone(), name: name.to_owned(), lines, missed })
    }

    /// Tells everybody, and waits for nobody.
    fn tell(&self, line: &Line) {
        for writer in self.members().values() {
            // Only a room that is closed takes no more.
            if writer.try_write(line.clone()).is_ok() {
                self.counts.told.fetch_add(1, Relaxed);
            }
        }
    }

    /// The last line for everybody; what was said before it is still read.
    pub(crate) fn close(&self) {
        self.tell(&"* the room closes".into());
        for writer in self.members().values() {
            writer.try_complete();
        }
    }

    pub(crate) fn counts(&self) -> &Counts {
        &self.counts
    }

    fn members(&self) -> MutexGuard<'_, BTreeMap<String, Writer<Line>>> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    pub(crate) fn say(&self, text: &str) {
        self.room.counts.said.fetch_add(1, Relaxed);
        self.room.tell(&format!("{}: {text}", self.name).into());
    }

    /// How many lines it has missed since it was asked last.
    pub(crate) fn missed(&self) -> usize {
        self.missed.swap(0, Relaxed)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        // The writer is dropped when the room can be entered again.
        let writer = self.room.members().remove(&self.name);
        drop(writer);
        self.room.tell(&format!("* {} leaves", self.name).into());
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [came, said, told, missed] =
            [&self.came, &self.said, &self.told, &*self.missed].map(|count| count.load(Relaxed));
        write!(f, "{came} clients came and said {said} lines; {told} lines for them, {missed} of them missed")
    }
}

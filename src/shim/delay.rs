//! Delays at the shim's operations (`cfg(delays)`): now and then a thread is held up there, so that others come between.
//!
//! What a thread draws follows from the seed and from how many threads drew before it. How dense the delays are changes
//! every few hundred points, from none to many: a thread that is always slow meets others in always the same way.

use core::cell::Cell;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;

static SEED: AtomicU64 = AtomicU64::new(0);
static THREADS: AtomicU64 = AtomicU64::new(0);

std::thread_local! {
    /// The state of this thread's chance; 0 before the first draw.
    static STATE: Cell<u64> = const { Cell::new(0) };
    /// How many more points there are before the density is drawn again, and the density: a delay once in so many points.
    static MOOD: Cell<(u32, u64)> = const { Cell::new((0, 1)) };
}

/// Threads that have not drawn yet draw from this.
pub fn seed(seed: u64) {
    // ORDERING: set before the threads that draw are made; nothing hangs on it.
    SEED.store(seed, Ordering::Relaxed);
    // ORDERING: as above.
    THREADS.store(0, Ordering::Relaxed);
}

/// A thread may be held up here.
pub(super) fn point() {
    let drawn = draw();
    let (left, often) = MOOD.get();
    if left == 0 {
        let often = [4, 16, 64, 512, u64::MAX][(drawn % 5) as usize];
        return MOOD.set((64 + (drawn >> 8) as u32 % 512, often));
    }
    MOOD.set((left - 1, often));
    if drawn % often != 0 {
        return;
    }
    match (drawn >> 32) % 256 {
        0 => std::thread::sleep(Duration::from_micros((drawn >> 40) % 50)),
        1..32 => std::thread::yield_now(),
        turns => (0..turns).for_each(|_| core::hint::spin_loop()),
    }
}

/// No operation is torn here, as `cfg(step)` can.
pub(super) fn is_torn() -> bool {
    false
}

/// SplitMix64.
fn draw() -> u64 {
    let state = match STATE.get() {
        0 => {
            // ORDERING: it counts only.
            let thread = THREADS.fetch_add(1, Ordering::Relaxed);
            // ORDERING: as in `seed`.
            (SEED.load(Ordering::Relaxed) ^ thread.wrapping_mul(0xff51_afd7_ed55_8ccd)) | 1
        }
        state => state,
    };
    let state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    STATE.set(state);
    let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

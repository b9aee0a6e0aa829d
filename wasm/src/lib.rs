//! The application of `examples/everywhere` in JavaScript's event loop, without std: `post` is the microtask queue,
//! `set_timeout` the timer.
//!
//! - `event_loop.rs`: the executor and its clock; all that a program without wasm-bindgen needs
//!
//! With wasm-bindgen none of that is needed. Where `since_start` asks `performance.now()`, all of it is:
//!
//! ```text
//! let clock = SleepClock::new(since_start, gloo_timers::future::sleep);
//! wasm_bindgen_futures::spawn_local(clock.run());
//! let spawner = |future: BoxFuture<'static, ()>| wasm_bindgen_futures::spawn_local(future);
//! ```

#![no_std]

extern crate alloc;

#[path = "../../examples/everywhere/app.rs"]
mod app;
mod event_loop;

use alloc::{boxed::Box, format};
use event_loop::{Clock, spawn, spawn_local};

#[global_allocator]
static HEAP: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

#[link(wasm_import_module = "host")]
unsafe extern "C" {
    /// Prints a line of UTF-8.
    safe fn print(start: *const u8, length: usize);
}

fn say(line: &str) {
    print(line.as_ptr(), line.len());
}

/// Starts the application; the host's loop does the rest.
#[unsafe(no_mangle)]
pub extern "C" fn start() {
    spawn_local(Box::pin(async {
        match app::run(spawn, Clock).await {
            Ok(lines) => lines.iter().for_each(|line| say(line)),
            Err(error) => say(&format!("it failed: {error}")),
        }
    }));
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    say(&format!("{info}"));
    core::arch::wasm32::unreachable()
}

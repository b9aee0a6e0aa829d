//! Bare metal: the library built for Cortex-M3, RISC-V and, without
//! compare-and-swap, Cortex-M0; and the firmware of `embedded/` run under QEMU.
//!
//! | file | knows |
//! |---|---|
//! | `programs.rs` | which programs there are, and for which machines |
//! | `firmware.rs` | building and running them, and what each came to |
//! | `elf.rs` | the sections and symbols of a program |

mod elf;
mod firmware;
mod programs;

use crate::tools::{Outcome, failed};

pub(crate) fn job(args: &[String]) -> Outcome {
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--build"] => firmware::libraries(),
        [] => firmware::job(),
        _ => failed("embedded knows --build and nothing else"),
    }
}

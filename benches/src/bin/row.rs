//! Runs one row in this process: what callgrind watches, and what is timed.

fn main() -> std::process::ExitCode {
    taskcell_bench::worker::row()
}

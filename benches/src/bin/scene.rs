//! Runs one point of a picture, or two threads, in this process.

fn main() -> std::process::ExitCode {
    taskcell_bench::worker::scene()
}

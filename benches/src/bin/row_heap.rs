//! Runs one row in this process with every heap allocation counted.

#[global_allocator]
static HEAP: taskcell_bench::heap::Counting = taskcell_bench::heap::Counting;

fn main() -> std::process::ExitCode {
    taskcell_bench::worker::row()
}

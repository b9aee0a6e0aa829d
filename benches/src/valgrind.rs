//! Valgrind's client requests, so that callgrind counts the measured part and nothing else, on every thread.

/// Callgrind counts from here on.
pub fn start() {
    request(4);
}

/// Callgrind stops counting.
pub fn stop() {
    request(5);
}

/// A request of the tool "CT". Outside valgrind the instructions do nothing.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn request(code: usize) {
    let arguments: [usize; 6] = [0x4354_0000 + code, 0, 0, 0, 0, 0];
    // SAFETY: valgrind's documented preamble: four rotations by 128 bits in all leave rdi as it was, and the exchange
    // of rbx with itself does nothing. Under valgrind rdx gets the answer.
    unsafe {
        std::arch::asm!(
            "rol rdi, 3", "rol rdi, 13", "rol rdi, 61", "rol rdi, 51", "xchg rbx, rbx",
            in("rax") arguments.as_ptr(), in("rdi") 0usize, inout("rdx") 0usize => _,
        );
    }
}

/// Elsewhere there is nothing to ask: the driver says that it needs x86-64.
#[cfg(not(target_arch = "x86_64"))]
fn request(_code: usize) {}

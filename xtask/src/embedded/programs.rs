//! Which programs there are, and for which machines.

/// A machine that QEMU emulates, and what is built for it.
pub(super) struct Target {
    pub(super) triple: &'static str,
    /// The firmware's features for its atomics.
    pub(super) features: &'static str,
    /// The emulator and its machine.
    pub(super) machine: &'static str,
    pub(super) is_arm: bool,
}

pub(super) const TARGETS: [Target; 3] = [
    Target { triple: "thumbv7m-none-eabi", features: "", machine: "qemu-system-arm -M lm3s6965evb", is_arm: true },
    Target { triple: "thumbv6m-none-eabi", features: "no-cas", machine: "qemu-system-arm -M microbit", is_arm: true },
    Target {
        triple: "riscv32imac-unknown-none-elf",
        features: "",
        machine: "qemu-system-riscv32 -M virt -bios none",
        is_arm: false,
    },
];

/// A file in `embedded/src/bin/`.
pub(super) struct Program {
    pub(super) name: &'static str,
    /// The firmware's features beside the target's: with `alloc` or `embassy` it has a heap.
    pub(super) features: &'static str,
    /// Whether it is for Cortex-M alone.
    pub(super) only_arm: bool,
}

impl Program {
    const fn on_all(name: &'static str, features: &'static str) -> Self {
        Self { name, features, only_arm: false }
    }

    const fn on_arm(name: &'static str, features: &'static str) -> Self {
        Self { name, features, only_arm: true }
    }

    pub(super) fn has_heap(&self) -> bool {
        !self.features.is_empty()
    }

    pub(super) fn is_for(&self, target: &Target) -> bool {
        target.is_arm || !self.only_arm
    }
}

pub(super) const PROGRAMS: &[Program] = &[
    Program::on_arm("listing", ""),
    Program::on_all("cell", ""),
    Program::on_all("static_cancel", ""),
    Program::on_all("static_channel", ""),
    Program::on_all("executor", "alloc"),
    Program::on_all("everywhere", "alloc"),
    Program::on_all("embassy", "embassy"),
    Program::on_all("no_heap", ""),
    Program::on_all("tickless", ""),
    Program::on_all("sizes", ""),
    Program::on_all("size_by_hand", ""),
    Program::on_all("size_taskcell", ""),
];

/// The same job by hand and by the library, and the most bytes of flash that the latter may cost more.
pub(super) const PAIR: (&str, &str, u32) = ("size_by_hand", "size_taskcell", 2048);

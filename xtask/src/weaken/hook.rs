//! Where a mutated copy of the library asks what to do: `cargo xtask weaken` writes this file into the copy.
//!
//! `TASKCELL_MUTANT=NUMBER:CHANGE` changes the place of that number: a condition is `true` or `false` whatever it finds,
//! a step is `skipped`, or `swapped` with the one before it.

use std::sync::OnceLock;

#[derive(Clone, Copy, PartialEq)]
enum Change {
    True,
    False,
    Skipped,
    Swapped,
}

fn change(number: u32) -> Option<Change> {
    static CHOSEN: OnceLock<Option<(u32, Change)>> = OnceLock::new();
    let chosen = CHOSEN.get_or_init(|| {
        let text = std::env::var("TASKCELL_MUTANT").ok()?;
        let (number, change) = text.split_once(':').expect("TASKCELL_MUTANT=NUMBER:CHANGE");
        let change = match change {
            "true" => Change::True,
            "false" => Change::False,
            "skipped" => Change::Skipped,
            "swapped" => Change::Swapped,
            other => panic!("TASKCELL_MUTANT names no change: {other}"),
        };
        Some((number.parse().expect("TASKCELL_MUTANT=NUMBER:CHANGE"), change))
    });
    chosen.filter(|(of, _)| *of == number).map(|(_, change)| change)
}

/// A condition that was found to hold, or not.
pub(crate) fn holds(number: u32, found: bool) -> bool {
    super::switch::seen("mutant", number, 0, if found { "true" } else { "false" });
    match change(number) {
        Some(Change::True) => true,
        Some(Change::False) => false,
        _ => found,
    }
}

/// Whether a step is done.
pub(crate) fn runs(number: u32) -> bool {
    super::switch::seen("mutant", number, 0, "reached");
    change(number) != Some(Change::Skipped)
}

/// Whether a step is done before the one above it; asked a second time where it stands.
pub(crate) fn early(number: u32) -> bool {
    super::switch::seen("mutant", number, 0, "reached");
    change(number) == Some(Change::Swapped)
}

/// A number or a truth value that can be one operand of many.
pub(crate) trait Operand {
    /// What changes nothing where it is or-ed or added.
    const NONE: Self;
    /// What changes nothing where it is and-ed.
    const ALL: Self;
    /// One more, or one less.
    fn next(self, up: bool) -> Self;
}

macro_rules! operand {
    ($($type:ty: $none:expr, $all:expr;)*) => {
        $(impl Operand for $type {
            const NONE: Self = $none;
            const ALL: Self = $all;
            fn next(self, up: bool) -> Self {
                if up { self.saturating_add(1) } else { self.saturating_sub(1) }
            }
        })*
    };
}

operand! { usize: 0, !0; u8: 0, !0; u16: 0, !0; u32: 0, !0; u64: 0, !0; isize: 0, !0; i32: 0, !0; }

impl Operand for bool {
    const NONE: Self = false;
    const ALL: Self = true;
    fn next(self, _: bool) -> Self {
        !self
    }
}

/// What is or-ed, added or taken away.
pub(crate) fn added<T: Operand>(number: u32, operand: T) -> T {
    if runs(number) { operand } else { T::NONE }
}

/// What is and-ed.
pub(crate) fn mask<T: Operand>(number: u32, operand: T) -> T {
    if runs(number) { operand } else { T::ALL }
}

/// What something is less than, or not.
pub(crate) fn up<T: Operand>(number: u32, operand: T) -> T {
    if runs(number) { operand } else { operand.next(true) }
}

/// What something is more than, or not.
pub(crate) fn down<T: Operand>(number: u32, operand: T) -> T {
    if runs(number) { operand } else { operand.next(false) }
}

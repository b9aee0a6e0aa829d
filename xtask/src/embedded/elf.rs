//! The sections and symbols of a program: an ELF file of 32 bits, little end first.

/// What a program takes, and whether it can allocate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Weight {
    /// Code, constants and the initial values of variables.
    pub(super) flash: u32,
    /// Variables; the stack is what is left.
    pub(super) ram: u32,
    /// Whether anything of an allocator is linked.
    pub(super) allocates: bool,
}

/// What the compiler calls the functions of an allocator.
const ALLOCATOR: [&str; 3] = ["__rust_alloc", "__rg_alloc", "__rdl_alloc"];
const NO_BITS: u32 = 8;
const WRITE: u32 = 1;
const ALLOC: u32 = 2;

/// None: it is no such file.
pub(super) fn weigh(file: &[u8]) -> Option<Weight> {
    if !file.starts_with(b"\x7fELF\x01\x01") {
        return None;
    }
    let (start, size, count, names) = (word(file, 32)?, half(file, 46)?, half(file, 48)?, half(file, 50)?);
    let header = |section: u32| file.get((start + section * size) as usize..);
    let names = word(header(names)?, 16)? as usize;
    let mut weight = Weight { flash: 0, ram: 0, allocates: false };
    let mut is_stripped = true;
    for section in (0..count).map(header) {
        let section = section?;
        let (name, kind, flags) = (word(section, 0)? as usize, word(section, 4)?, word(section, 8)?);
        let (offset, size) = (word(section, 16)? as usize, word(section, 20)?);
        let name = text(file, names + name)?;
        // What a linker script calls so is what remains of memory.
        if flags & ALLOC != 0 && ![".stack", ".heap"].contains(&name) {
            weight.flash += if kind == NO_BITS { 0 } else { size };
            weight.ram += if flags & WRITE == 0 { 0 } else { size };
        }
        if name == ".strtab" {
            is_stripped = false;
            let symbols = String::from_utf8_lossy(file.get(offset..offset + size as usize)?);
            weight.allocates = ALLOCATOR.iter().any(|symbol| symbols.contains(symbol));
        }
    }
    (!is_stripped).then_some(weight)
}

fn half(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?)))
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn text(bytes: &[u8], at: usize) -> Option<&str> {
    let bytes = bytes.get(at..)?;
    std::str::from_utf8(&bytes[..bytes.iter().position(|b| *b == 0)?]).ok()
}

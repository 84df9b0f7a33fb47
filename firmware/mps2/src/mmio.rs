//! Memory-mapped registers of the machine: the only place where addresses become accesses.

/// A 32-bit register.
#[derive(Clone, Copy)]
pub(crate) struct Register(usize);

impl Register {
    /// The register at an address of the machine's map, word-aligned.
    pub(crate) const fn at(address: usize) -> Self {
        assert!(address.is_multiple_of(4));
        Self(address)
    }

    #[expect(unsafe_code, reason = "a register is an address")]
    pub(crate) fn read(self) -> u32 {
        // SAFETY: callers name registers of devices that the machine has; reading them touches no memory of Rust's.
        unsafe { (self.0 as *const u32).read_volatile() }
    }

    #[expect(unsafe_code, reason = "a register is an address")]
    pub(crate) fn write(self, value: u32) {
        // SAFETY: as above; no device here writes to memory by itself.
        unsafe { (self.0 as *mut u32).write_volatile(value) }
    }
}

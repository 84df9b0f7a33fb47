//! How much of the stack was never used: the runtime paints it before `main`.

/// What the runtime paints with.
const PAINT: u32 = 0xcccc_cccc;
const WORD_BYTES: usize = 4;

/// Bytes at the stack's far end that nothing has touched.
#[expect(unsafe_code, reason = "the linker's symbols are only known to it")]
pub(crate) fn free_bytes() -> usize {
    unsafe extern "C" {
        static _stack_end: u32;
        static _stack_start: u32;
    }
    let (end, start) = (&raw const _stack_end as usize, &raw const _stack_start as usize);
    let is_painted = |&address: &usize| {
        // SAFETY: between its two ends, the stack is memory of words that were painted at the start; below the stack pointer nothing
        // lives, and what is above it is only compared.
        unsafe { (address as *const u32).read_volatile() == PAINT }
    };
    (end..start).step_by(WORD_BYTES).take_while(is_painted).count() * WORD_BYTES
}

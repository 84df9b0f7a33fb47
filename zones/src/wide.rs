//! What the processor offers beyond the least it must have: wider vectors, and memory fetched ahead of its use.
//!
//! The only module with `unsafe`. It has no arithmetic of its own: [`widest`] runs safe code that was compiled a second and
//! third time for wider vectors, with the same results bit for bit, since each operation is the one IEEE 754 defines
//! and none is joined with another. Elsewhere than on x86-64 both do the least.
#![expect(
    unsafe_code,
    reason = "runs what was compiled for the processor at hand, and tells it what to fetch"
)]

/// Work that is the same in whatever width: `run` and all it calls must be `#[inline(always)]`, or they stay narrow.
pub(crate) trait Kernel {
    /// What comes out.
    type Output;

    /// Does the work.
    fn run(self) -> Self::Output;
}

/// Does the work with the widest vectors that the processor has.
#[inline]
pub(crate) fn widest<K: Kernel>(kernel: K) -> K::Output {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    {
        if is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl")
        {
            // SAFETY: the processor has the features that the function asks for.
            return unsafe { with_avx512(kernel) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: as above.
            return unsafe { with_avx2(kernel) };
        }
    }
    kernel.run()
}

#[cfg(all(target_arch = "x86_64", not(miri)))]
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx2")]
fn with_avx512<K: Kernel>(kernel: K) -> K::Output {
    kernel.run()
}

#[cfg(all(target_arch = "x86_64", not(miri)))]
#[target_feature(enable = "avx2")]
fn with_avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run()
}

/// Begins to fetch what will be read soon.
#[inline(always)]
pub(crate) fn fetch<T>(place: &T) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: every x86-64 processor has the instruction; the address is a reference's, and nothing is read.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(place).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = place;
}

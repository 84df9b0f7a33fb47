//! Check sums: CRC-32 (IEEE 802.3, reflected 0xEDB88320), four bits at a time, from a table of 64 bytes.

const TABLE: [u32; 16] = {
    let mut table = [0; 16];
    let mut nibble = 0;
    while nibble < 16 {
        let mut value = nibble as u32;
        let mut bit = 0;
        while bit < 4 {
            value = if value & 1 == 1 { value >> 1 ^ 0xedb8_8320 } else { value >> 1 };
            bit += 1;
        }
        table[nibble] = value;
        nibble += 1;
    }
    table
};

/// A check sum under way.
#[derive(Clone, Copy)]
pub(super) struct Check(u32);

impl Check {
    pub(super) const fn new() -> Self {
        Self(u32::MAX)
    }

    pub(super) fn add(self, bytes: &[u8]) -> Self {
        let step = |value: u32, nibble: u32| value >> 4 ^ TABLE[((value ^ nibble) & 15) as usize];
        Self(bytes.iter().fold(self.0, |value, &byte| {
            let byte = u32::from(byte);
            step(step(value, byte), byte >> 4)
        }))
    }

    pub(super) const fn sum(self) -> u32 {
        !self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Check;

    #[test]
    fn the_sum_is_the_published_one() {
        assert_eq!(Check::new().add(b"123456789").sum(), 0xcbf4_3926);
        assert_eq!(Check::new().add(b"1234").add(b"56789").sum(), 0xcbf4_3926);
    }
}

//! Bytes in and out: numbers of seven bits a byte, and the checksum.

use crate::FenceError;

/// CRC-32 (ISO-HDLC, as in Ethernet and zip): finds every change within 32 bits of each other.
pub fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        let half = |crc: u32| (crc >> 4) ^ NIBBLES[(crc & 15) as usize];
        half(half(crc ^ u32::from(*byte)))
    })
}

/// What four bits add to the checksum.
const NIBBLES: [u32; 16] = {
    let mut table = [0; 16];
    let mut nibble = 0;
    while nibble < 16 {
        let mut crc = nibble as u32;
        let mut bit = 0;
        while bit < 4 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
            bit += 1;
        }
        table[nibble] = crc;
        nibble += 1;
    }
    table
};

/// Reads numbers; each number has exactly one form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) fn byte(&mut self) -> Result<u8, FenceError> {
        let (first, rest) = self.rest.split_first().ok_or(FenceError::Truncated)?;
        self.rest = rest;
        Ok(*first)
    }

    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], FenceError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(FenceError::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    /// Four bytes, the lowest first.
    pub(crate) fn word(&mut self) -> Result<i32, FenceError> {
        let bytes = self.take(4)?.try_into().map_err(|_| FenceError::Truncated)?;
        Ok(i32::from_le_bytes(bytes))
    }

    /// Seven bits a byte, the lowest first, in as few bytes as they need.
    pub(crate) fn long_number(&mut self) -> Result<u64, FenceError> {
        let (mut value, mut shift) = (0_u64, 0);
        loop {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7F);
            if (shift == 63 && bits > 1) || (shift > 0 && byte == 0) {
                return Err(FenceError::Number);
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
            shift += 7;
            if shift > 63 {
                return Err(FenceError::Number);
            }
        }
    }

    pub(crate) fn number(&mut self) -> Result<u32, FenceError> {
        self.long_number()?.try_into().map_err(|_| FenceError::Number)
    }

    /// A number whose lowest bit is its sign: 0, -1, 1, -2, ...
    pub(crate) fn signed(&mut self) -> Result<i32, FenceError> {
        let number = self.number()?;
        Ok((number >> 1) as i32 ^ -((number & 1) as i32))
    }
}

/// Writes into a buffer.
#[derive(Debug)]
pub(crate) struct Writer<'b> {
    buffer: &'b mut [u8],
    length: usize,
}

impl<'b> Writer<'b> {
    pub(crate) const fn new(buffer: &'b mut [u8]) -> Self {
        Self { buffer, length: 0 }
    }

    pub(crate) const fn length(&self) -> usize {
        self.length
    }

    /// Forgets what was written after a length.
    pub(crate) fn cut(&mut self, length: usize) {
        self.length = self.length.min(length);
    }

    pub(crate) fn written(&self) -> &[u8] {
        &self.buffer[..self.length]
    }

    pub(crate) fn into_written(self) -> &'b [u8] {
        &self.buffer[..self.length]
    }

    pub(crate) fn put(&mut self, bytes: &[u8]) -> Result<(), FenceError> {
        let end = self.length + bytes.len();
        self.buffer.get_mut(self.length..end).ok_or(FenceError::NoRoom)?.copy_from_slice(bytes);
        self.length = end;
        Ok(())
    }

    pub(crate) fn put_long_number(&mut self, mut value: u64) -> Result<(), FenceError> {
        loop {
            let bits = (value & 0x7F) as u8;
            value >>= 7;
            if value == 0 {
                return self.put(&[bits]);
            }
            self.put(&[bits | 0x80])?;
        }
    }

    pub(crate) fn put_number(&mut self, value: u32) -> Result<(), FenceError> {
        self.put_long_number(value.into())
    }

    pub(crate) fn put_signed(&mut self, value: i32) -> Result<(), FenceError> {
        self.put_number(((value << 1) ^ (value >> 31)) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_checksum_is_the_well_known_one() {
        assert_eq!(checksum(b"123456789"), 0xCBF4_3926);
        assert_eq!(checksum(b""), 0);
    }

    #[test]
    fn a_number_has_one_form() {
        for bytes in [
            &[0x80, 0x00][..],
            &[0x81, 0x80, 0x00],
            &[0xFF; 10],
            &[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2],
        ] {
            assert_eq!(Reader::new(bytes).long_number(), Err(FenceError::Number), "{bytes:?}");
        }
        assert_eq!(Reader::new(&[0x80]).long_number(), Err(FenceError::Truncated));
        assert_eq!(Reader::new(&[0]).long_number(), Ok(0));
    }

    proptest! {
        #[test]
        fn numbers_come_back(long in any::<u64>(), signed in any::<i32>()) {
            let mut buffer = [0; 20];
            let mut writer = Writer::new(&mut buffer);
            writer.put_long_number(long).unwrap();
            writer.put_signed(signed).unwrap();
            let mut reader = Reader::new(writer.into_written());
            prop_assert_eq!(reader.long_number(), Ok(long));
            prop_assert_eq!(reader.signed(), Ok(signed));
            prop_assert!(reader.rest().is_empty());
        }
    }
}

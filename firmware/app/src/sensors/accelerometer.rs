//! The accelerometer, a LIS2DW12: finds out by itself whether it is still, and tells on its second interrupt pin.
//!
//! | register | value | meaning |
//! |---|---|---|
//! | CTRL1 | 0x20 | 12.5 Hz, lowest power |
//! | CTRL5 | 0x80 | pin 2 shows the sleep state |
//! | CTRL7 | 0x20 | interrupts on |
//! | WAKE_UP_THS | 0x42 | sleep detection on; awake from 2/64 of 2 g |
//! | WAKE_UP_DUR | 0x03 | still after 3 x 512 samples: two minutes |

use embedded_hal_async::i2c::I2c;

/// Its address on the bus.
pub const ACCELEROMETER: u8 = 0x19;

const OUT_T: u8 = 0x26;
/// What `OUT_T` 0 stands for, degrees Celsius; one a digit.
const OUT_T_ZERO_C: i8 = 25;
/// Register and value.
const CONFIGURATION: [[u8; 2]; 5] = [[0x20, 0x20], [0x24, 0x80], [0x34, 0x42], [0x35, 0x03], [0x3f, 0x20]];

pub(super) async fn configure<I: I2c>(bus: &mut I) -> Result<(), I::Error> {
    for pair in CONFIGURATION {
        bus.write(ACCELEROMETER, &pair).await?;
    }
    Ok(())
}

/// Degrees Celsius.
pub(super) async fn temperature<I: I2c>(bus: &mut I) -> Result<i8, I::Error> {
    let mut value = [0];
    bus.write_read(ACCELEROMETER, &[OUT_T], &mut value).await?;
    Ok(OUT_T_ZERO_C.saturating_add(value[0].cast_signed()))
}

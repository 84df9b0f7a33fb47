//! The board's I2C bus: a fuel gauge and an accelerometer that answer with what the host set.
//!
//! | chip | registers that answer |
//! |---|---|
//! | MAX17048 | voltage, charge |
//! | LIS2DW12 | temperature; what is written is taken |

use crate::board::{BATTERY, TEMPERATURE};
use embedded_hal_async::i2c::{ErrorKind, ErrorType, I2c, NoAcknowledgeSource, Operation};
use lenke_firmware_app::sensors::{ACCELEROMETER, GAUGE};

const GAUGE_VOLTAGE: u8 = 0x02;
const GAUGE_CHARGE: u8 = 0x04;
const ACCELEROMETER_TEMPERATURE: u8 = 0x26;
/// What the accelerometer calls 0.
const ZERO_C: i8 = 25;

/// The bus. Its chips have no state of their own.
pub(crate) struct Bus;

impl ErrorType for Bus {
    type Error = ErrorKind;
}

impl I2c for Bus {
    async fn transaction(&mut self, address: u8, operations: &mut [Operation<'_>]) -> Result<(), ErrorKind> {
        let mut register = None;
        for operation in operations {
            match operation {
                Operation::Write([chosen, ..]) => register = Some(*chosen),
                Operation::Write([]) => {}
                Operation::Read(out) => {
                    let value = register.and_then(|register| read(address, register));
                    let value = value.ok_or(ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address))?;
                    out.iter_mut().zip(value).for_each(|(out, byte)| *out = byte);
                }
            }
        }
        match address {
            GAUGE | ACCELEROMETER => Ok(()),
            _ => Err(ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address)),
        }
    }
}

fn read(address: u8, register: u8) -> Option<[u8; 2]> {
    let battery = BATTERY.get();
    match (address, register) {
        (GAUGE, GAUGE_CHARGE) => Some([battery.percent, 0]),
        (GAUGE, GAUGE_VOLTAGE) => {
            // Rounded up, so that the driver's rounding down gives the millivolts back; 16 bits hold up to 5 119 mV.
            let voltage = (u32::from(battery.millivolts) * 64).div_ceil(5);
            Some(u16::try_from(voltage).unwrap_or(u16::MAX).to_be_bytes())
        }
        (ACCELEROMETER, ACCELEROMETER_TEMPERATURE) => {
            Some([TEMPERATURE.get().saturating_sub(ZERO_C).cast_unsigned(), 0])
        }
        _ => None,
    }
}

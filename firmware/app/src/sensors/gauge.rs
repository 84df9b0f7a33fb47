//! The fuel gauge, a MAX17048: charge in percent and voltage, from two registers of 16 bits, big-endian.

use embedded_hal_async::i2c::I2c;

/// Its address on the bus.
pub const GAUGE: u8 = 0x36;

/// Voltage in 78.125 microvolts.
const VCELL: u8 = 0x02;
/// Charge in 1/256 percent.
const SOC: u8 = 0x04;

/// Percent and millivolts.
pub(super) async fn read<I: I2c>(bus: &mut I) -> Result<(u8, u16), I::Error> {
    let [percent, _] = register(bus, SOC).await?;
    let voltage = u32::from(u16::from_be_bytes(register(bus, VCELL).await?));
    // At most 5 120 mV.
    Ok((percent.min(100), (voltage * 5 / 64) as u16))
}

async fn register<I: I2c>(bus: &mut I, register: u8) -> Result<[u8; 2], I::Error> {
    let mut value = [0; 2];
    bus.write_read(GAUGE, &[register], &mut value).await?;
    Ok(value)
}
